"""The `cornea` command: global options, commands imported by name, and every way of ending."""

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
    "search": ("cornea.commands.search:command", "Find code by a question in words or by a name."),
    "similar": ("cornea.commands.similar:command", "Find code that resembles the code at a line."),
    "continue": (
        "cornea.commands.continue_:command",
        "Suggest the code that comes next, out of your own code.",
    ),
    "outline": ("cornea.commands.outline:command", "Show what files define, and how they are cut."),
    "lsp": ("cornea.commands.lsp:command", "Serve an editor (the Language Server Protocol)."),
    "locate": (
        "cornea.commands.locate:command",
        "Find the functions that must change for an issue.",
    ),
    "status": (
        "cornea.commands.status:command",
        "Show what is indexed, what is not and why, and the settings.",
    ),
    "watch": ("cornea.commands.watch:command", "Keep the index of this root up to date while you work."),
    "host": ("cornea.commands.host:command", "Show or stop the process that holds this root's index."),
    "doctor": ("cornea.commands.doctor:command", "Check everything, and repair what can be repaired."),
    "clear": ("cornea.commands.clear:command", "Remove indexes; your files stay as they are."),
    "bench": ("cornea.commands.bench:command", "Measure quality and speed."),
    "train": ("cornea.commands.train:command", "Learn weights from local repositories."),
    "completion": ("cornea.commands.completion:command", "Print the completion script of your shell."),
}

_COMPLETION = "_CORNEA_COMPLETE"


class Commands(LazyGroup):
    """The commands of Cornea. Whoever leaves one out most likely wants to search."""

    table = COMMANDS

    def hint(self, word: str, close: list[str]) -> str:
        return super().hint(word, close) if close else f"to search for it: cornea search {word}"


def _change_folder(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
    state = ctx.find_object(Invocation)
    if value and state is not None:
        state.started = _working_folder()
    for folder in value:
        if not folder:
            raise click.UsageError("-C '': no folder's name; leave it out to stay in this one", ctx)
        try:
            os.chdir(folder)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "no folder's name"
            raise click.UsageError(f"-C {folder}: {why.lower()}", ctx) from error


def _working_folder() -> str:
    """The working directory, "" if it was deleted."""
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
              callback=_change_folder, help="Work as if started in DIR; may be repeated.")  # fmt: skip
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
        # numpy starts a thread a core for products of large matrices, which takes longer than a command has.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return OK


def run(args: list[str]) -> int:
    """Run one command; the exit code. Everything that can go wrong ends here, in one line."""
    state = Invocation()
    try:
        output.prepare()
        _keep_home()
        for remark in namesakes.remarks():
            output.say(remark)
        code = _invoke(args, state)
        output.flush()
    except BrokenPipeError:
        output.abandon()
        return OK
    except Terminated:
        output.say("terminated; run the same command again to go on")
        return TERMINATED
    except (KeyboardInterrupt, click.Abort):
        output.say("interrupted; run the same command again to go on")
        return INTERRUPTED
    except (CorneaError, click.ClickException) as error:
        return _fail(_message(error, args), state)
    except OSError as error:
        if error.errno == errno.EPIPE:
            output.abandon()
            return OK
        return _fail(_system(error), state)
    except MemoryError:
        return _fail("there is not enough memory; free some, or raise the limit (ulimit -v)", state)
    except Exception as error:  # noqa: BLE001 - a person must never be left with a bare traceback
        return _fail(_bug(error), state)
    return code


def _keep_home() -> None:
    """A relative CORNEA_HOME is the caller's: neither -C nor the folder of a child process changes it."""
    home = os.environ.get("CORNEA_HOME", "")
    if home and not home.startswith(("/", "~")):
        with suppress(OSError):  # the working folder is gone, which is said where it is needed
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
    # What was answered before stays; a reader that is gone does not matter any more.
    try:
        output.flush()
    except OSError:
        output.abandon()
    output.error(message)
    return ERROR


def _message(error: CorneaError | click.ClickException, args: list[str]) -> str:
    if not isinstance(error, click.ClickException):
        return str(error)
    if isinstance(error, click.NoSuchOption) and error.option_name == "-C" and error.ctx is not None:
        return f"-C goes before the command: cornea -C DIR {error.ctx.info_name} ..."
    message = error.format_message().rstrip(".")
    if isinstance(error, click.NoSuchOption) and (file := _dashed(args)):
        return f"no option begins like that; for the file of that name write ./{file}"
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "cornea"
    return f"{message[:1].lower()}{message[1:]}; see `{where} --help`"


def _dashed(args: list[str]) -> str:
    """The argument that begins like an option and is a file's name, or a line in it; "" without one."""
    return next((arg for arg in args if arg[:1] == "-" and os.path.lexists(arg.partition(":")[0])), "")


def _system(error: OSError) -> str:
    name = "standard output" if _is_of_help(error) else error.filename
    what = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    advice = remedy(error.errno) or "correct that and run the command again"
    return f"{what}{error.strerror or error}; {advice}"


def _is_of_help(error: OSError) -> bool:
    """Whether it was a help text that could not be written: click does that, and does not say where to."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code is click.echo.__code__


def _bug(error: Exception) -> str:
    return (
        f"this is a bug in cornea ({type(error).__name__}: {error}); please report it with what "
        f"`cornea -v ...` prints for the same command"
    )
