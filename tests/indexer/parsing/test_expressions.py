"""Expressions and types of several languages, as paths of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.expressions import BUILT_IN, UNKNOWN, path_of, type_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a", "a"),
        ("self.app.connection(x, (1, 2)).channel", "self.app.connection().channel"),
        ("a\n    .b(')')\n    .c()", "a.b().c()"),
        ("await fetch(url)", "fetch()"),
        ("new shop.Cart<Item>(1)", "shop.Cart()"),
        ("&Cart{store: s}", "Cart()"),
        ("(*p)->next", "p.next"),
        ("shop::Cart::new()", "shop.Cart.new()"),
        ("a?.b!.c", "a.b.c"),
        ("(x as Cart)", "x"),
        ("'text'", BUILT_IN),
        ("[1, 2]", BUILT_IN),
        ("12", BUILT_IN),
        ("a[0].b", UNKNOWN),
        ("a + b", UNKNOWN),
        ("lambda: 1", UNKNOWN),
        ("f(", UNKNOWN),
        ("x" * 1000, UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_expressions(text: str, wanted: str) -> None:
    """Arguments go, calls stay; what is no path of names is unknown."""
    assert path_of(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Cart", ":Cart"),
        ('"shop.Cart"', ":shop.Cart"),
        ("Optional[Cart]", ":Cart"),
        ("Cart | None", ":Cart"),
        ("Promise<Cart>", ":Cart"),
        ("*Cart", ":Cart"),
        ("&'a mut Cart", ":Cart"),
        ("Arc<Mutex<Cart>>", ":Cart"),
        ("std::unique_ptr<Cart>", ":Cart"),
        ("const Cart&", ":Cart"),
        ("Cart<Item>", ":Cart"),
        ("[]Cart", BUILT_IN),
        ("Cart[]", BUILT_IN),
        ("Cart | Order", UNKNOWN),
        ("(a: string) => void", UNKNOWN),
        ("func(int) error", UNKNOWN),
    ],
)
def test_types(text: str, wanted: str) -> None:
    """Pointers and what only wraps a value go; a list has none of its elements' methods."""
    assert type_of(text) == wanted


@given(st.text("ab.:()[]{}<>\"'`\\ ,&*|?!\n", max_size=60))
def test_any_text(text: str) -> None:
    """Nothing fails, and nothing takes long."""
    assert isinstance(path_of(text), str)
    assert isinstance(type_of(text), str)
