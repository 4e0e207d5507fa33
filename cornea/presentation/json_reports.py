"""What all other commands print with `--json`, as types.

`cornea.schemas` makes JSON Schemas of them. Fields may be added; those that exist stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import UNSET, Struct, UnsetType, structs

from indexer.fragment import DeclarationKind, Kind
from retrieval.host.answers import Count, Leaving, Line, ProgressCounts, Trouble, UpdateReport

from ..agents.installation import AgentOutcome
from .json_answers import IndexedFiles

if TYPE_CHECKING:
    from indexer.pipeline import Report


class DefinitionRow(Struct):
    """A definition or declaration of a file. `symbol` is qualified, as Class.method."""

    symbol: str
    kind: Kind | DeclarationKind
    start_line: Line
    end_line: Line


class FragmentRow(Struct):
    """A fragment of a file.

    `symbol` is empty for code outside functions and classes. `defines` are the names of the constants,
    variables and the like that are declared in it.
    """

    symbol: str
    kind: Kind
    start_line: Line
    end_line: Line
    text: str
    defines: list[str] | UnsetType = UNSET


class FileOutline(Struct):
    """The definitions and fragments of a file, in file order; outer definitions come before inner ones.

    `path` is relative to the working directory; bytes that are not UTF-8 appear as \\xNN. Together, the
    fragments hold every line that is not blank. `unparsed` says why the file, or a script in it, was not
    parsed; the file is then also in `failed`.
    """

    path: str
    language: str
    definitions: list[DefinitionRow]
    fragments: list[FragmentRow]
    unparsed: str | UnsetType = UNSET


class FailedFile(Struct):
    """A file without an outline."""

    path: str
    error: str


class OutlineOutput(Struct):
    """The answer of `outline --json`."""

    results: list[FileOutline]
    failed: list[FailedFile] | UnsetType = UNSET


class IndexOutput(Struct, kw_only=True):
    """What `index --json` did, mostly as numbers of files. `renamed` files are also added and removed.

    `repo` is the name under which the repository is stored. `fragments` and `functions` were written.
    """

    root: str
    repo: str
    added: Count
    changed: Count
    renamed: Count
    removed: Count
    unchanged: Count
    fragments: Count
    functions: Count
    seconds: float

    @classmethod
    def of(cls, report: Report, root: str, repo: str) -> IndexOutput:
        counts = structs.asdict(UpdateReport.of(report))
        del counts["remarks"]
        return cls(root=root, repo=repo, **counts | {"seconds": round(report.seconds, 3)})


class LanguageCounts(Struct):
    """What is indexed of a language."""

    files: Count
    fragments: Count
    functions: Count


class SettingValue(Struct, rename={"origin": "from"}):
    """The value of a setting, and where it comes from."""

    value: bool | int | float | str | list[str]
    origin: str


class StatusOutput(Struct, kw_only=True):
    """The answer of `status --json`.

    `repo` is the name under which the repository is stored, and `index` the folder of the index. `store`
    is "embedded", or a server's URL. `busy` is the process that holds the index, `indexing` the progress
    of the running update, `interrupted` the number of new files that the last update had to index if it was
    interrupted, and `trouble` why the index cannot be read; each is null if there is none.
    `updated` is a Unix time, or null. `bytes` are those on disk. `skipped` has the number of paths by
    reason. `git` says why git did not list the files, with a line for each repository that it refused. Both
    are empty without an index.
    """

    root: str
    repo: str
    index: str
    store: str
    indexed: bool
    busy: str | None
    indexing: IndexedFiles | None
    interrupted: Count | None
    trouble: str | None
    updated: float | None
    bytes: Count
    languages: dict[str, LanguageCounts]
    skipped: dict[str, int]
    settings: dict[str, SettingValue]
    git: list[str]


class SkippedPath(Struct):
    """A file or folder that is left out."""

    path: str
    reason: str


class RedactedFile(Struct):
    """The lines of redacted secrets in a file, by kind."""

    path: str
    lines: dict[str, list[int]]


class SkippedOutput(Struct):
    """The answer of `status --skipped --json`.

    `trouble` says why the index cannot be read; files left out because of their content are then missing.
    """

    root: str
    skipped: list[SkippedPath]
    redacted: list[RedactedFile]
    trouble: str | UnsetType = UNSET


class WhyOutput(Struct):
    """The answer of `status --why FILE --json`."""

    path: str
    why: str


class WatchingEvent(UpdateReport, tag_field="event", tag="watching"):
    """Watching has begun, or began again after the host was lost."""


class UpdatedEvent(UpdateReport, tag_field="event", tag="updated"):
    """The index has changed."""


class ProgressEvent(ProgressCounts, tag_field="event", tag="progress"):
    """The progress of a running update."""


class TroubleEvent(Trouble, tag_field="event", tag="trouble"):
    """An update failed."""


class LeavingEvent(Leaving, tag_field="event", tag="leaving"):
    """The host ends."""


class NoHost(Struct):
    """The answer of `host status --json` if no host runs."""

    root: str
    pid: None = None


class StoppedHost(Struct):
    """The answer of `host stop --json`. `stopped` is the process, or null if there was no host."""

    root: str
    stopped: int | None


CheckName = Literal[
    "settings", "grammars", "weights", "git", "repository", "watches", "disk", "leftovers", "host", "folder",
    "manifest", "store", "files", "cache", "orphans",
]  # fmt: skip


class FindingRow(Struct):
    """A problem that `doctor` found.

    `where` is a path, or the subject of the finding; `what` is wrong there, and `remedy` is what to do.
    `fixable` says whether --fix can repair it, and `fixed` whether this run did.
    """

    check: CheckName
    where: str
    what: str
    remedy: str
    fixable: bool
    fixed: bool


class DoctorOutput(Struct):
    """The answer of `doctor --json`. `checks` are the names of the checks that ran."""

    root: str
    checks: list[str]
    findings: list[FindingRow]


class FailedRemoval(Struct):
    """An index that was not removed. `where` is a root, or an index folder that does not say whose it is."""

    where: str
    error: str


class ClearOutput(Struct):
    """The answer of `clear --json`. `removed` are the roots whose indexes were removed."""

    removed: list[str]
    failed: list[FailedRemoval] | UnsetType = UNSET


class InstallOutput(Struct):
    """The answer of `install --json` and `uninstall --json`."""

    agents: list[AgentOutcome]
