"""Groups of commands.

A group imports a command only when it runs, so that `--help` and each command start fast.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click

Table = Mapping[str, tuple[str, str]]
"""Maps the name of a command to its location (`module:attribute`) and its line of help."""


class LazyGroup(click.Group):
    """A group whose commands are listed in `table`, which subclasses set."""

    table: Table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.table and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], self.table, 1)
            raise click.UsageError(f"no command {args[0]!r}; {self.hint(args[0], close)}", ctx)
        return super().resolve_command(ctx, args)

    def hint(self, word: str, close: list[str]) -> str:
        """The end of the error message for an unknown command, which says what `word` may have meant."""
        return f"did you mean {close[0]!r}?" if close else f"one of: {', '.join(self.table)}"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])
