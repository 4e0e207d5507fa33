"""The options that several commands share, and the types of options' values."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from indexer.errors import UsageError
from indexer.fragment import KINDS
from retrieval.agent_text.tokens import MAX_TOKENS

from .presentation import output

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Invocation:
    """The global options of this run of the program.

    `started` is None unless -C names a folder. Then `started` is the folder in which the program was started,
    or "" if that folder was deleted.
    """

    verbose: int = 0
    color: str = "auto"
    started: str | None = None


def invocation() -> Invocation:
    """The Invocation of the current command."""
    state = click.get_current_context().find_object(Invocation)
    assert state is not None
    return state


def _set_verbose(ctx: click.Context, param: click.Parameter, value: int) -> None:
    state = ctx.find_object(Invocation)
    if state is not None:
        state.verbose += value
        output.set_verbosity(state.verbose)


def _set_color(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    state = ctx.find_object(Invocation)
    if state is not None and value:
        state.color = value


verbose_option = click.option(
    "-v",
    "--verbose",
    count=True,
    is_eager=True,
    expose_value=False,
    callback=_set_verbose,
    help="Print each step, and tracebacks.",
)
color_option = click.option(
    "--color",
    type=click.Choice(output.COLORS),
    expose_value=False,
    callback=_set_color,
    help="When to use colour (default: auto, which respects NO_COLOR).",
)
"""`--verbose` and `--color` may be given before or after the command's name."""

yes_option = click.option(
    "-y",
    "--yes",
    is_flag=True,
    help="Index without asking, even a very large folder, / or the home folder.",
)
all_option = click.option(
    "--all",
    "whole",
    is_flag=True,
    help="In a subfolder: search the whole repository, not only that folder.",
)
refresh_option = click.option(
    "--refresh/--no-refresh",
    "refresh",
    default=True,
    help="Update the index first (the default), or use it as it is.",
)


def common(command: F) -> F:
    """Add the options that every command has."""
    return color_option(verbose_option(command))


def with_options(options: Sequence[Callable[[F], F]]) -> Callable[[F], F]:
    """A decorator that adds `options`, which may include arguments, to a command in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class Text(click.ParamType[str]):
    """Text that is not a path. It is read as UTF-8 in every locale. Invalid bytes become U+FFFD."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:  # Python represents bytes that the locale cannot decode by surrogates
            return os.fsencode(text).decode("utf-8", "replace")
        return text


class Number(click.ParamType[int]):
    """A whole number in a range. The error for another value names the range."""

    name = "number"

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest, self._highest = lowest, highest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            number = self._lowest - 1
        if not self._lowest <= number <= self._highest:
            self.fail(f"{value!r} is not a whole number from {self._lowest} to {self._highest}", param, ctx)
        return number


class NameList(click.ParamType[tuple[str, ...]]):
    """Names from a fixed set, separated by commas."""

    name = "names"

    def known(self) -> tuple[str, ...]:
        """All names, sorted."""
        raise NotImplementedError

    def canonical(self, word: str) -> str | None:
        """The known name for a word. Returns None if there is none."""
        return word if word in self.known() else None

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        return tuple(self.checked(part) for part in str(value).split(","))

    def checked(self, text: str) -> str:
        """The known name for a text. Raises UsageError if there is none."""
        word = text.strip().lower()
        name = self.canonical(word)
        if name is None:
            import difflib

            known = self.known()
            close = difflib.get_close_matches(word, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"one of: {', '.join(known)}"
            raise UsageError(f"unknown {self.name} {word!r}; {hint}")
        return name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        done, _, last = incomplete.rpartition(",")
        before = f"{done}," if done else ""
        return [CompletionItem(before + name) for name in self.known() if name.startswith(last.lower())]


class Kinds(NameList):
    """A list of kinds of fragments."""

    name = "kind"

    def known(self) -> tuple[str, ...]:
        return KINDS


class Languages(NameList):
    """A list of languages, each given by its name, a file extension or a common alias."""

    name = "language"

    def known(self) -> tuple[str, ...]:
        from indexer.parsing.languages import known_names

        return tuple(sorted(known_names()))

    def canonical(self, word: str) -> str | None:
        from indexer.parsing.languages import named

        return named(word)


def joined(values: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The names from all uses of an option, without duplicates."""
    return tuple(dict.fromkeys(name for names in values for name in names))


language_option = click.option(
    "-t",
    "--language",
    type=Languages(),
    multiple=True,
    metavar="NAME",
    help="Only these languages, by name or extension: python,ts.",
)
glob_option = click.option(
    "-g",
    "--glob",
    "globs",
    type=Text(),
    multiple=True,
    metavar="GLOB",
    help="Only paths that match, with the syntax of .gitignore; a leading ! excludes.",
)
tests_option = click.option("--tests/--no-tests", "tests", default=None, help="Only tests, or no tests.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; same as --format json."
)

max_tokens_option = click.option(
    "--max-tokens",
    "max_tokens",
    type=Number(1, MAX_TOKENS),
    metavar="N",
    help="Print at most N tokens for an agent; implies --format agent (default: 1500).",
)
AGENT = "agent"
"""The format for agents, whose answers are limited in tokens."""


def chosen_format(output_format: str | None, *, as_json: bool, max_tokens: int | None, default: str) -> str:
    """The name of the output format that the options name or imply.

    Raises click.UsageError if two of them contradict each other.
    """
    context = click.get_current_context()
    if as_json and output_format not in (None, "json"):
        raise click.UsageError(f"--json contradicts --format {output_format}; use one of them", context)
    named = "json" if as_json else output_format
    if max_tokens is not None and named not in (None, AGENT):
        typed = "--json" if as_json else f"--format {named}"
        raise click.UsageError(
            f"--max-tokens works only with --format agent, not {typed}; leave one of them out", context
        )
    return AGENT if max_tokens is not None else named or default
