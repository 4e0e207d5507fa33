"""What `search` and `similar` share: their options, and how their answers are shown."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from retrieval.config import MAX_LIMIT, PROFILES

from .codes import NOTHING, OK
from .options import Kinds, Languages, Number, Text, all_option, invocation, joined, yes_option
from .presentation import output

if TYPE_CHECKING:
    from retrieval.query import Filters
    from retrieval.result import Excerpt, Hit

    from .context import Context
    from .scope import Scope

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("text", "json", "jsonl", "vimgrep")

_COUNT = Number(1, MAX_LIMIT)

_OPTIONS = (
    click.option("-n", "--limit", type=_COUNT, metavar="N", help="How many answers (default: 10)."),
    click.option("--per-file", type=_COUNT, metavar="N", help="How many of one file (default: 1)."),
    click.option("--profile", type=click.Choice(PROFILES), help="How to rank."),
    click.option("-t", "--language", type=Languages(), multiple=True, metavar="NAME",
                 help="Only these languages, by name or extension: python,ts."),
    click.option("-g", "--glob", "globs", type=Text(), multiple=True, metavar="GLOB",
                 help="Only paths that match, as in a .gitignore of the folder searched; ! leaves out."),
    click.option("--kind", "kinds", type=Kinds(), multiple=True, metavar="KIND",
                 help="Only function, method, class or block."),
    click.option("--tests/--no-tests", "tests", default=None, help="Only tests, or none."),
    all_option,
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object; short for --format json."),
    click.option("--format", "form", type=click.Choice(FORMATS), help="How to print (default: text)."),
    click.option("--explain", is_flag=True, help="Show what each score is made of."),
    click.option("--context", "around", type=Number(0, 1000), metavar="N",
                 help="Show whole fragments, with N lines around."),
    click.option("--refresh/--no-refresh", "refresh", default=True,
                 help="Bring the index up to date first (the default), or take it as it is."),
    yes_option,
)  # fmt: skip


def answer_options(command: F) -> F:
    """The options of commands that answer with code."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options ask for; None where a setting or the command decides."""

    flags: Mapping[str, Any]
    languages: tuple[str, ...]
    globs: tuple[str, ...]
    kinds: tuple[str, ...]
    tests: bool | None
    whole: bool
    form: str
    explain: bool
    around: int | None
    refresh: bool
    yes: bool

    def filters(self) -> Filters:
        """The filters, checked. Raises UsageError for a bad glob."""
        from retrieval import filtering
        from retrieval.query import Filters

        if self.globs:
            filtering.match(self.globs, ())
        return Filters(self.languages, self.globs, self.kinds, self.tests)

    def named(self) -> dict[str, str]:
        """The filters as one writes them, by their names in `retrieval.query.Filters`."""
        return {
            "languages": f"-t {','.join(self.languages)}",
            "globs": " ".join(f"-g {shlex.quote(glob)}" for glob in self.globs),
            "kinds": " ".join(f"--kind {kind}" for kind in self.kinds),
            "tests": "--tests" if self.tests else "--no-tests",
        }


def wanted(options: Mapping[str, Any], default_form: str = "text") -> Wanted:
    """The options as a value. Raises click.UsageError for those that contradict each other."""
    form = options["form"] or ("json" if options["as_json"] else default_form)
    if options["as_json"] and form != "json":
        raise _conflict(f"--json contradicts --format {form}; give one of them")
    if options["around"] is not None and form != "text":
        raise _conflict(f"--context is for text, not for {form}; leave one of them out")
    if options["explain"] and form == "vimgrep":
        raise _conflict("--explain has no place in vimgrep; use text, json or jsonl")
    named = {"limit": options["limit"], "per_file": options["per_file"], "profile": options["profile"]}
    return Wanted(
        flags={f"search.{key}": value for key, value in named.items() if value is not None},
        languages=joined(options["language"]),
        globs=options["globs"],
        kinds=joined(options["kinds"]),
        tests=options["tests"],
        whole=options["whole"],
        form=form,
        explain=options["explain"],
        around=options["around"],
        refresh=options["refresh"],
        yes=options["yes"],
    )


def _conflict(message: str) -> click.UsageError:
    return click.UsageError(message, click.get_current_context())


def params(asked: Wanted, context: Context, profile: str, scope: Scope) -> dict[str, Any]:
    """What the options ask for, as `retrieval.host.methods` takes it. Raises UsageError for a bad glob."""
    filters = asked.filters()
    return {
        "limit": context.search.limit,
        "per_file": context.search.per_file,
        "profile": profile,
        "languages": filters.languages,
        "globs": filters.globs,
        "kinds": filters.kinds,
        "tests": filters.tests,
        "folder": scope.folder,
        "explain": asked.explain,
        "around": asked.around,
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits and all that showing them needs: the index is let go of before somebody reads slowly."""

    question: str
    hits: Sequence[Hit]
    words: bool
    """The question is words, to be seen in the answers; not code."""
    excerpts: Sequence[Excerpt] | None
    scope: Scope
    indexing: Mapping[str, Any] = field(default_factory=dict)
    """How far the index is, for JSON; empty where it is whole."""
    emptied: Sequence[str] = ()
    """The filters that leave nothing, by name."""


def answered(question: str, found: dict[str, Any], scope: Scope, *, words: bool) -> Answer:
    """What there is to show of an answer to `search` or `similar`."""
    from retrieval.host import incomplete
    from retrieval.host.answers import hits
    from retrieval.result import Excerpt

    from .scope import emptied_in

    excerpts = [Excerpt(*row) for row in found["excerpts"]] if "excerpts" in found else None
    emptied = emptied_in(found)
    return Answer(question, hits(found), words, excerpts, scope, incomplete.counts(found), emptied)


def show(answer: Answer, asked: Wanted, context: Context) -> int:
    """Print an answer; the exit code."""
    from .presentation import render
    from .scope import say_nothing, why_empty

    if asked.form == "json":
        more = {**answer.scope.as_json, **answer.indexing}
        output.write(render.document(answer.question, answer.hits, more, explain=asked.explain))
    elif asked.form == "jsonl":
        for hit in answer.hits:
            output.write(render.dumps(hit.as_json(asked.explain)))
    elif asked.form == "vimgrep":
        for line in render.vimgrep(_as_seen(answer.hits, context)):
            output.write(line)
    else:
        _show_text(answer, asked, context)
    if not answer.hits:
        why = why_empty(answer.scope, answer.emptied, context)
        say_nothing(answer.scope, answer.emptied, asked.named(), why)
    return OK if answer.hits else NOTHING


def _as_seen(hits: Sequence[Hit], context: Context) -> Sequence[Hit]:
    """For people and editors paths are relative to the working directory, for programs to the root."""
    from .places import as_seen

    seen = as_seen(context)
    return [replace(hit, path=seen(hit.path)) for hit in hits]


def _show_text(answer: Answer, asked: Wanted, context: Context) -> None:
    from .presentation import highlight, render

    terminal = output.is_terminal(sys.stdout)
    style = render.Style(
        color=output.wants_color(invocation().color, sys.stdout),
        width=shutil.get_terminal_size().columns if terminal else None,
        lines=context.search.lines if terminal else 0,
        explain=asked.explain,
    )
    matching = highlight.of_question(answer.question) if style.color and answer.words else highlight.nothing
    for line in render.text(_as_seen(answer.hits, context), style, matching, answer.excerpts):
        output.write(line)
