"""Which calls lead to which definitions, in each language whose imports and classes are followed."""

from __future__ import annotations

import pytest

from .graphs import callers, graph_of

PYTHON = {
    "shop/__init__.py": "from .cart import Cart\n",
    "shop/cart.py": """
        from shop import prices as p
        from .base import Basket as Base

        def total(cart): return cart.sum()

        class Cart(Base):
            def __init__(self, rates: "p.Rates"):
                self.rates = rates
                self.log = open_log()

            def sum(self):
                self.check()
                return p.price(self) + self.rates.get("x")

            @property
            def owner(self) -> "Owner": ...

        class Owner:
            def name(self): ...
        """,
    "shop/base.py": """
        class Basket:
            def check(self): ...
            @classmethod
            def make(cls): return cls()
        """,
    "shop/prices.py": """
        class Rates:
            def get(self, key): ...
        def price(cart): ...
        price_of = price
        """,
    "app.py": """
        import json
        import shop.prices
        from shop import Cart
        from shop.prices import price as cost, price_of

        def run():
            cart = Cart(None)
            cart.sum()
            Cart.make().check()
            shop.prices.price(cart)
            cost(cart)
            cart.owner.name()
            json.get("x")
            "".sum()

        def unknown(thing):
            thing.sum()
            price_of(thing)
            sum(thing)
        """,
}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Cart.sum", ["app.py run", "app.py unknown?", "shop/cart.py total?"]),
        ("Basket.check", ["app.py run", "shop/cart.py Cart.sum"]),
        ("make", ["app.py run"]),
        ("price", ["app.py run", "app.py unknown", "shop/cart.py Cart.sum"]),
        ("Rates.get", ["shop/cart.py Cart.sum"]),
        ("Owner.name", ["app.py run"]),
        ("Cart", ["app.py run"]),
        ("Cart.__init__", ["app.py run"]),
    ],
)
def test_python(name: str, wanted: list[str]) -> None:
    """Imports, packages, base classes, attributes, annotations, properties, other names."""
    assert callers(graph_of(PYTHON), name) == wanted


TYPESCRIPT = {
    "package.json": '{"name": "@shop/root"}',
    "tsconfig.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["src/lib/*"]}}, /* c */ }',
    "src/lib/log.ts": """
        export interface Logger { warn(text: string): void; level: () => number }
        export function createLogger(): Logger {
          const logger: Logger = { warn(text) {}, level: () => 1 }
          return logger
        }
        export default function main() {}
        """,
    "src/lib/index.ts": "export { createLogger as make } from './log'\nexport * from './shop'\n",
    "src/lib/shop.ts": """
        export class Base { constructor(name: string) {} open() {} }
        export class Shop extends Base {
          private items = new Items()
          constructor(private log: import('./log').Logger) { super('x') }
          sell() { this.open(); this.items.take(); super.open() }
        }
        class Items { take() {} }
        """,
    "src/app.ts": """
        import start from './lib/log'
        import { make, Shop } from '@lib/index'
        import type { Logger } from './lib/log.js'
        import fs from 'node:fs'

        const shop = new Shop(make())
        export function run(log: Logger) {
          start()
          shop.sell()
          log.warn('a')
          fs.open('x')
        }
        const late = async () => { const { createLogger } = await import('./lib/log'); createLogger() }
        """,
}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("createLogger", ["src/app.ts", "src/app.ts late"]),
        ("main", ["src/app.ts run"]),
        ("Shop.sell", ["src/app.ts run"]),
        ("Base.open", ["src/lib/shop.ts Shop.sell"]),
        ("Base.constructor", ["src/lib/shop.ts Shop.constructor"]),
        ("Items.take", ["src/lib/shop.ts Shop.sell"]),
        ("createLogger.logger.warn", ["src/app.ts run?"]),
        ("Shop", ["src/app.ts"]),
    ],
)
def test_typescript(name: str, wanted: list[str]) -> None:
    """Imports with other names, aliases of paths, default exports, what an index passes on, fields,
    interfaces."""
    assert callers(graph_of(TYPESCRIPT), name) == wanted


GO = {
    "go.mod": "module example.com/shop\n\ngo 1.22\n",
    "cart/cart.go": """
        package cart

        type Base struct{}
        func (b *Base) Check() {}

        type Cart struct {
        \tBase
        \tstore *Store
        }
        func New() *Cart { return &Cart{} }
        func (c *Cart) Sum() int { c.Check(); return c.store.Get() + helper() }
        """,
    "cart/store.go": """
        package cart

        type Store struct{}
        func (s *Store) Get() int { return 1 }
        func helper() int { return 2 }
        """,
    "main.go": """
        package main

        import (
        \t"fmt"
        \tc "example.com/shop/cart"
        )

        func main() {
        \tcart := c.New()
        \tcart.Sum()
        \tfmt.Get()
        }
        """,
}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("New", ["main.go main"]),
        ("Cart.Sum", ["main.go main"]),
        ("Base.Check", ["cart/cart.go Cart.Sum"]),
        ("Store.Get", ["cart/cart.go Cart.Sum"]),
        ("helper", ["cart/cart.go Cart.Sum"]),
    ],
)
def test_go(name: str, wanted: list[str]) -> None:
    """Packages of several files, receivers, embedded types, fields, returned types."""
    assert callers(graph_of(GO), name) == wanted


RUST = {
    "Cargo.toml": '[package]\nname = "my-shop"\n',
    "src/lib.rs": "pub mod cart;\nmod util;\npub use cart::Cart;\n",
    "src/util.rs": "pub fn price() -> u32 { 1 }\n#[macro_export]\nmacro_rules! log { () => {} }\n",
    "src/cart.rs": """
        use crate::util::{self, price as cost};
        pub struct Cart { store: Store }
        pub struct Store;
        impl Store { pub fn get(&self) -> u32 { cost() } }
        impl Cart {
            pub fn new() -> Self { Self { store: Store } }
            pub fn sum(&self) -> u32 { log!(); self.store.get() + util::price() }
        }
        """,
    "src/main.rs": """
        use my_shop::Cart;
        fn main() {
            let cart = Cart::new();
            cart.sum();
        }
        """,
}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("price", ["src/cart.rs Cart.sum", "src/cart.rs Store.get"]),
        ("Store.get", ["src/cart.rs Cart.sum"]),
        ("Cart.new", ["src/main.rs main"]),
        ("Cart.sum", ["src/main.rs main"]),
    ],
)
def test_rust(name: str, wanted: list[str]) -> None:
    """Trees of `use`, modules, crates, associated functions, fields, what `Self` is."""
    assert callers(graph_of(RUST), name) == wanted


JAVA = {
    "src/main/java/shop/Cart.java": """
        package shop;
        import shop.store.Store;
        public class Cart extends Base {
            private final Store store = new Store();
            public int sum() { check(); return store.get() + this.one(); }
            private int one() { return 1; }
        }
        """,
    "src/main/java/shop/Base.java": "package shop;\nclass Base { void check() {} }\n",
    "src/main/java/shop/store/Store.java": """
        package shop.store;
        public class Store { public int get() { return 1; } public static Store of() { return new Store(); } }
        """,
    "src/main/java/App.java": """
        import shop.Cart;
        import java.util.List;
        import shop.store.*;
        class App {
            void run(List<String> rest) { Cart cart = new Cart(); cart.sum(); rest.get(0); Store.of().get(); }
        }
        """,
}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Cart.sum", ["src/main/java/App.java App.run"]),
        ("Store.get", ["src/main/java/App.java App.run", "src/main/java/shop/Cart.java Cart.sum"]),
        ("Base.check", ["src/main/java/shop/Cart.java Cart.sum"]),
        ("Cart.one", ["src/main/java/shop/Cart.java Cart.sum"]),
    ],
)
def test_java(name: str, wanted: list[str]) -> None:
    """Imports, packages, base classes, fields, calls without a receiver."""
    assert callers(graph_of(JAVA), name) == wanted


CPP = {
    "cart.h": """
        #include <vector>
        namespace shop {
        class Store { public: int get(); };
        class Cart { public: int sum(); private: int one(); Store* store_; };
        int price(int x);
        }
        """,
    "cart.cc": """
        #include "cart.h"
        namespace shop {
        static int hidden() { return 1; }
        int Store::get() { return hidden(); }
        int Cart::one() { return price(2); }
        int Cart::sum() { return one() + store_->get(); }
        int price(int x) { return x; }
        }
        """,
    "other.cc": """
        static int hidden() { return 2; }
        int main() { shop::Cart* c = new shop::Cart(); return c->sum() + hidden(); }
        """,
}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Store.get", ["cart.cc Cart.sum"]),
        ("Cart.one", ["cart.cc Cart.sum"]),
        ("price", ["cart.cc Cart.one"]),
        ("Cart.sum", ["other.cc main"]),
        ("hidden", ["cart.cc Store.get", "other.cc main"]),
    ],
)
def test_cpp(name: str, wanted: list[str]) -> None:
    """Members that are defined outside of their class, names of the whole program, the nearest of equal
    names."""
    assert callers(graph_of(CPP), name) == wanted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.rb", "def price(x)\n  x\nend\n\ndef run\n  price 1\nend\n"),
        ("a.php", "<?php\nfunction price($x) { return $x; }\nfunction run() { price(1); }\n"),
        ("a.cs", "class A { int price(int x) { return x; } void run() { price(1); } }\n"),
        ("a.kt", "fun price(x: Int) = x\nfun run() { price(1) }\n"),
        ("a.swift", "func price(_ x: Int) -> Int { return x }\nfunc run() { price(1) }\n"),
        ("a.scala", "object A { def price(x: Int) = x\n  def run() = { price(1) } }\n"),
        ("a.sh", "price() { echo 1; }\nrun() {\n  price 2\n}\n"),
        ("a.lua", "function price(x) return x end\nfunction run() price(1) end\n"),
        ("a.dart", "int price(int x) { return x; }\nvoid run() { price(1); }\n"),
        ("a.ex", "defmodule A do\n  def price(x), do: x\n  def run() do\n    price(1)\n  end\nend\n"),
        ("a.zig", "fn price(x: u8) u8 { return x; }\nfn run() void { _ = price(1); }\n"),
        ("a.jl", "function price(x)\n  x\nend\nfunction run()\n  price(1)\nend\n"),
        ("a.vue", "<script>\nfunction price() {}\nfunction run() { price() }\n</script>\n"),
    ],
)
def test_other_languages(path: str, text: str) -> None:
    """Each language has callers, at least by name."""
    graph = graph_of({path: text})
    assert [one.rstrip("?").rpartition(".")[2].split()[-1] for one in callers(graph, "price")] == ["run"]
