"""`cornea completion`: print a shell's completion script."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ..options import common
from ..presentation import output

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@common
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for a shell. It completes commands, options and their values.

    \b
    Examples:
      eval "$(cornea completion bash)"                               in ~/.bashrc
      eval "$(cornea completion zsh)"                                in ~/.zshrc
      cornea completion fish > ~/.config/fish/completions/cornea.fish
    """
    completion = get_completion_class(shell)
    assert completion is not None
    root = ctx.find_root().command
    output.write(completion(root, {}, "cornea", "_CORNEA_COMPLETE").source().rstrip("\n"))
    return 0
