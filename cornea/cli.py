"""The `cornea` command: its global options, its subcommands, and its exit codes."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from indexer.errors import CorneaError
from indexer.limits import remedy

from . import namesakes
from .codes import ERROR, INTERRUPTED, OK, TERMINATED
from .lazy import LazyGroup
from .options import Invocation, color_option, verbose_option
from .presentation import output
from .signals import Terminated
from .version import __version__

COMMANDS = {
    "index": ("cornea.commands.index:command", "Index a folder, or bring its index up to date."),
    "search": ("cornea.commands.search:command", "Find code by a description or by a name."),
    "grep": ("cornea.commands.grep:command", "Find all lines that match a pattern, definitions first."),
    "similar": ("cornea.commands.similar:command", "Find code similar to the code at a line."),
    "continue": (
        "cornea.commands.continue_:command",
        "Suggest the next lines of code, taken from your own code.",
    ),
    "callers": ("cornea.commands.callers:command", "Find the callers of a function, method or class."),
    "callees": ("cornea.commands.callees:command", "Find what a function, method or class calls."),
    "impact": (
        "cornea.commands.impact:command",
        "Find everything that depends on a function, method or class.",
    ),
    "outline": ("cornea.commands.outline:command", "Show the definitions and fragments of files."),
    "lsp": ("cornea.commands.lsp:command", "Run the language server (LSP) for an editor."),
    "locate": (
        "cornea.commands.locate:command",
        "Find the functions that must change for an issue.",
    ),
    "status": (
        "cornea.commands.status:command",
        "Show what is indexed, what is skipped and why, and the settings.",
    ),
    "watch": ("cornea.commands.watch:command", "Keep the index of this root up to date while you work."),
    "host": ("cornea.commands.host:command", "Show or stop the process that serves this root's index."),
    "hook": ("cornea.commands.hook:command", "Tell an agent more about what its own search has found."),
    "doctor": (
        "cornea.commands.doctor:command",
        "Check the installation and the index, and repair problems.",
    ),
    "clear": ("cornea.commands.clear:command", "Remove indexes; your files are not touched."),
    "mcp": ("cornea.commands.mcp:command", "Run the MCP server for a coding agent."),
    "install": ("cornea.commands.install:install", "Make coding agents use Cornea."),
    "uninstall": ("cornea.commands.install:uninstall", "Remove Cornea from coding agents."),
    "bench": ("cornea.commands.bench:command", "Measure quality and speed."),
    "train": ("cornea.commands.train:command", "Train weights on local repositories."),
    "completion": ("cornea.commands.completion:command", "Print the completion script for your shell."),
}

_COMPLETION = "_CORNEA_COMPLETE"


class Commands(LazyGroup):
    """The commands of Cornea. An unknown command is probably meant as a query."""

    table = COMMANDS

    def hint(self, word: str, close: list[str]) -> str:
        return super().hint(word, close) if close else f"to search for it: cornea search {word}"


def _change_folder(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
    state = ctx.find_object(Invocation)
    if value and state is not None:
        state.started = _working_folder()
    for folder in value:
        if not folder:
            raise click.UsageError("-C '': empty folder name; leave -C out to stay in this folder", ctx)
        try:
            os.chdir(folder)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "not a valid path"
            raise click.UsageError(f"-C {folder}: {why.lower()}", ctx) from error


def _working_folder() -> str:
    """The working directory. Returns "" if it was deleted."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        output.write(f"cornea {__version__}")
        ctx.exit()


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-C", "folder", metavar="DIR", multiple=True, is_eager=True, expose_value=False,
              callback=_change_folder, help="Run as if started in DIR; may be repeated.")  # fmt: skip
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
              help="Print the version.")  # fmt: skip
@verbose_option
@color_option
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Cornea finds code: offline, on your own machine, in the repositories that you work on.

    \b
    Examples:
      cornea search "where are passwords hashed"
      cornea search parse_config
      cornea similar src/server.py:120
      cornea -C ~/src/other-project search retry with backoff
    """
    if ctx.invoked_subcommand is None:
        output.write(ctx.get_help())
    if ctx.invoked_subcommand != "train":
        # Otherwise numpy would start a thread for each core, which takes longer than most commands run.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return OK


def run(args: list[str]) -> int:
    """Run one command and return its exit code. Every error is caught here and printed in one line."""
    state = Invocation()
    try:
        output.prepare()
        _keep_home()
        for remark in namesakes.remarks():
            output.say(remark)
        code = _invoke(args, state)
        output.flush()
    except BrokenPipeError:
        output.discard_stdout()
        return OK
    except Terminated:
        output.say("terminated; run the same command again to continue")
        return TERMINATED
    except (KeyboardInterrupt, click.Abort):
        output.say("interrupted; run the same command again to continue")
        return INTERRUPTED
    except (CorneaError, click.ClickException) as error:
        return _fail(_message(error, args), state)
    except OSError as error:
        if error.errno == errno.EPIPE:
            output.discard_stdout()
            return OK
        return _fail(_os_error_message(error), state)
    except MemoryError:
        return _fail("out of memory; free some, or raise the limit (ulimit -v)", state)
    except Exception as error:  # noqa: BLE001 - users never see a bare traceback
        return _fail(_bug_message(error), state)
    return code


def _keep_home() -> None:
    """Make CORNEA_HOME absolute, so that neither -C nor a child's working directory changes its meaning."""
    home = os.environ.get("CORNEA_HOME", "")
    if home and not home.startswith(("/", "~")):
        with suppress(OSError):  # the working directory is gone; later code that needs it reports that
            os.environ["CORNEA_HOME"] = str(Path.cwd() / home)


def _invoke(args: list[str], state: Invocation) -> int:
    if _COMPLETION in os.environ:
        cli.main(args, prog_name="cornea", complete_var=_COMPLETION)
    try:
        with cli.make_context("cornea", args, obj=state) as ctx:
            result: Any = cli.invoke(ctx)
    except click.exceptions.Exit as done:
        return done.exit_code
    return result if isinstance(result, int) else OK


def _fail(message: str, state: Invocation) -> int:
    if state.verbose:
        import traceback

        output.trace(traceback.format_exc())
    # Print the part of the answer that was written before the error, unless the reader of stdout is gone.
    try:
        output.flush()
    except OSError:
        output.discard_stdout()
    output.error(message)
    return ERROR


def _message(error: CorneaError | click.ClickException, args: list[str]) -> str:
    if not isinstance(error, click.ClickException):
        return str(error)
    if isinstance(error, click.NoSuchOption) and error.option_name == "-C" and error.ctx is not None:
        return f"-C goes before the command: cornea -C DIR {error.ctx.info_name} ..."
    message = error.format_message().rstrip(".")
    if isinstance(error, click.NoSuchOption) and (file := _dashed_file(args)):
        return f"no such option; for the file of that name write ./{file}"
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "cornea"
    return f"{message[:1].lower()}{message[1:]}; see `{where} --help`"


def _dashed_file(args: list[str]) -> str:
    """The first argument that starts with a dash and names an existing FILE or FILE:LINE.

    Returns "" if there is no such argument.
    """
    return next((arg for arg in args if arg[:1] == "-" and os.path.lexists(arg.partition(":")[0])), "")


def _os_error_message(error: OSError) -> str:
    name = "standard output" if _is_from_help(error) else error.filename
    what = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    advice = remedy(error.errno) or "correct that and run the command again"
    return f"{what}{error.strerror or error}; {advice}"


def _is_from_help(error: OSError) -> bool:
    """Whether click failed to write a help text. Such an error does not name the stream."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code is click.echo.__code__


def _bug_message(error: Exception) -> str:
    return (
        f"this is a bug in cornea ({type(error).__name__}: {error}); please report it with what "
        f"`cornea -v ...` prints for the same command"
    )
