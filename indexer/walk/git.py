"""The few git commands that are safe in an untrusted folder.

Nothing that a repository's configuration names is ever run: no hooks, file system monitors, pagers, filters,
signature checks or fetches. git may be missing, be too slow, or refuse a folder of another user. Then the
functions return None or an empty value, or a `Refusal` if the caller should report the reason, and the caller
works without git.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..paths import show

Folder = Path | str | bytes

TIMEOUT = 60.0
"""Seconds that a command may take. Listing the largest public repositories takes one or two seconds."""

_ATTRIBUTES = Path(__file__).parent / "diff.attributes"
"""An attributes file that maps file names to git's built-in patterns for the function around a change."""
_SAFE = (
    *("--no-pager", "--no-optional-locks"),
    *("-c", "core.fsmonitor=false"),  # would name a program that lists changes
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false"),  # would run gpg.program
    *("-c", "protocol.allow=never"),  # forbids all transports, so that a partial clone fetches nothing
    *("-c", "safe.bareRepository=explicit"),  # ignores a folder that only looks like a repository
    *("-c", "core.quotePath=false"),
    *("-c", f"core.attributesFile={_ATTRIBUTES}"),
)
# These commands only read objects, the index and the configuration. Commands that compare with the work tree
# (diff, status) would run the filters that .gitattributes names, and no option prevents that.
_ALLOWED = frozenset({
    *("cat-file", "check-ignore", "config", "diff-tree", "for-each-ref", "ls-files", "ls-tree"),
    *("merge-base", "remote", "rev-list", "rev-parse", "show-ref", "version"),
})  # fmt: skip
_OF_WORK_TREES = frozenset({"ls-files", "check-ignore"})
"""Commands that never take the folder itself for the git directory. Files of a repository can look like a
bare repository with a configuration of its own."""
# These options fix the format of patches for `git_patches`: the user's configuration could change the format.
_DIFF = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--no-relative"),
    *("--submodule=short", "--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/"),
)

# git's variables that are passed on. Others, such as GIT_DIR, are set in hooks and would point git elsewhere.
_INHERITED = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"}
)

MIN_VERSION = "2.25"
"""The oldest supported version of git."""
_USAGE = 129
"""git's exit status for an unknown option."""
_ADVICE = re.compile(r"^\s*git config --global --add safe\.directory (.+?)\s*$", re.MULTILINE)
ID = rb"[0-9a-f]{40}(?:[0-9a-f]{24})?"
"""A pattern of a full object id."""
_ID = re.compile(ID)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"a": b"\a"}

_UNREADABLE = re.compile(rb"^warning: could not open directory '(.*)': (.*)$", re.MULTILINE)
_ENTRY = re.compile(rb"[A-Zh-z] (?P<mode>\d{6}) [0-9a-f]{40,64} [0-3]\t(?P<path>.+)", re.DOTALL)
_GITLINK = b"160000"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why git cannot be used in a folder. `repository` tells whether the folder is in a repository.

    `advice` is what the user can do about it, if a command is known.
    """

    what: str
    repository: bool
    advice: str = ""

    @property
    def reason(self) -> str:
        """What is wrong and how to allow it, in one line."""
        return f"{self.what}; to allow it: {self.advice}" if self.advice else self.what


MISSING = Refusal("git is not installed", False)
INVALID_OUTPUT = Refusal("git gave an unexpected answer (is the git on the PATH really git?)", True)


@dataclass(frozen=True, slots=True)
class GitListing:
    """The files of a folder according to git. All paths are bytes, relative to the folder.

    `submodules` and `nested` (other repositories) are folders, without a trailing slash. `unreadable` are
    folders that git could not open, each with the system's reason.
    """

    tracked: tuple[bytes, ...]
    untracked: tuple[bytes, ...]
    submodules: tuple[bytes, ...]
    nested: tuple[bytes, ...]
    unreadable: tuple[tuple[bytes, str], ...] = ()


def run(
    folder: Folder,
    command: str,
    *args: str | bytes,
    stdin: bytes | None = None,
    timeout: float = TIMEOUT,
) -> subprocess.CompletedProcess[bytes] | Refusal:
    """Run `git COMMAND ARGS` in `folder`, but no program that the repository's configuration names."""
    words = _command_line(folder, command, args)
    if words is None:
        return MISSING
    try:  # `input` is always passed, so that git never reads from a terminal
        return subprocess.run(
            words,
            input=stdin or b"",
            env=_environment(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Refusal(f"git did not answer within {timeout:g} s", True)
    except (OSError, ValueError) as error:
        return Refusal(f"git cannot be run: {error}", False)


def answer(
    folder: Folder,
    command: str,
    *args: str | bytes,
    stdin: bytes | None = None,
) -> bytes | Refusal:
    """The output of `git COMMAND ARGS`, or the reason why the command failed."""
    done = run(folder, command, *args, stdin=stdin)
    if isinstance(done, Refusal):
        return done
    return done.stdout if done.returncode == 0 else why(done, folder)


def ancestors(folder: Folder, revision: str, *, most: int) -> tuple[list[str], Refusal | None]:
    """The ids of a revision and its ancestors, newest first, and the reason why git stopped early.

    The reason is None if git listed all of them, up to `most`. Merges are left out.
    """
    flags = (f"--max-count={most}", "--no-merges", "--end-of-options")
    done = run(folder, "rev-list", *flags, revision, "--")
    if isinstance(done, Refusal):
        return [], done
    lines = done.stdout.split(b"\n")
    ids = [line.decode("ascii") for line in lines if _ID.fullmatch(line)]
    if done.returncode == 0 and (not ids or len(ids) != len(lines) - 1):
        return ids, INVALID_OUTPUT
    return ids, None if done.returncode == 0 else why(done, folder)


def is_id(text: bytes) -> bool:
    """Whether `text` is a full object id."""
    return _ID.fullmatch(text) is not None


def start(folder: Folder, command: str, *args: str) -> subprocess.Popen[bytes]:
    """Start `git COMMAND ARGS` with pipes, as safely as `run` does. Raises OSError if git is missing."""
    words = _command_line(folder, command, args)
    if words is None:
        raise FileNotFoundError("git is not installed")
    return subprocess.Popen(
        words,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that `start` has started, and close its pipes."""
    process.kill()
    with suppress(OSError), process:  # closing fails if the process has not read everything
        pass


def unescaped(text: bytes) -> bytes:
    """The text between the quotes of a name that git has quoted, without its escapes."""
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPES.get(code, code)


def is_bare(folder: Folder) -> bool:
    """Whether the folder itself is a git directory: a bare clone or a `.git` folder."""
    place = Path(os.fsdecode(folder))
    parts = (place / "HEAD").is_file() and (place / "objects").is_dir() and (place / "refs").is_dir()
    return parts and not (place / ".git").exists()


def _command_line(folder: Folder, command: str, args: Iterable[str | bytes]) -> list[str | bytes] | None:
    """The words of a git command. Returns None if git is missing.

    Raises ValueError for a command that is not known to be safe.
    """
    if command not in _ALLOWED:
        raise ValueError(f"git {command} is not known to be safe")
    binary = _binary()
    if binary is None:
        return None
    flags = _DIFF if command == "diff-tree" else ()
    literal = () if command == "check-ignore" else ("--literal-pathspecs",)  # check-ignore takes no patterns
    where = ("--git-dir=.",) if command not in _OF_WORK_TREES and is_bare(folder) else ()
    return [binary, "-C", os.fspath(folder), *where, *_SAFE, *literal, command, *flags, *args]


def _binary() -> str | None:
    """The path of git, found on the PATH. Relative entries are ignored: they could lead into a repository."""
    path = os.environ.get("PATH", os.defpath)
    return shutil.which("git", path=os.pathsep.join(p for p in path.split(os.pathsep) if p.startswith("/")))


def _environment() -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _INHERITED
    }
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    return kept | quiet | {"GIT_ASKPASS": "", "SSH_ASKPASS": "", "GIT_PAGER": "cat", "LC_ALL": "C"}


def why(done: subprocess.CompletedProcess[bytes], folder: Folder) -> Refusal:
    """Why a git command failed, in one line. The line has a remedy if one is known."""
    text = done.stderr.decode("utf-8", "backslashreplace").strip()
    if "dubious ownership" in text or "unsafe repository" in text:
        told = _ADVICE.search(text)
        where = told[1] if told else shlex.quote(show(os.fsencode(folder)))
        advice = f"git config --global --add safe.directory {where}"
        return Refusal("git distrusts this folder: another user owns it", True, advice)
    if "not a git repository" in text or "must be run in a work tree" in text or "bareRepository" in text:
        return Refusal("no git work tree", False)
    if done.returncode == _USAGE:
        return Refusal(f"git is too old ({MIN_VERSION} or newer is needed)", True)
    if done.returncode < 0:
        return Refusal(f"git was killed by signal {-done.returncode}", True)
    first = next((line for line in text.splitlines() if line.startswith("fatal: ")), text.partition("\n")[0])
    return Refusal(f"git failed: {first.removeprefix('fatal: ').strip() or 'no message'}", True)


def refusal(folder: Folder) -> Refusal | None:
    """Why git cannot be used in a folder. Returns None if git can be used."""
    done = answer(folder, "rev-parse", "--is-inside-git-dir")
    if isinstance(done, Refusal):
        return done
    return None if done in (b"true\n", b"false\n") else INVALID_OUTPUT


def list_files(root: Folder) -> GitListing | Refusal:
    """The tracked files below `root`, and the untracked files that are not ignored."""
    done = run(root, "ls-files", "-z", "-s", "-t", "--cached", "--others", "--exclude-standard")
    if isinstance(done, Refusal):
        return done
    if done.returncode != 0:
        return why(done, root)
    *records, end = done.stdout.split(b"\0")
    tracked: dict[bytes, None] = {}  # an unmerged file is listed for each side
    submodules: dict[bytes, None] = {}
    untracked, nested = [], []
    for record in records:
        if record.startswith(b"? "):
            if record.endswith(b"/"):
                nested.append(record[2:-1])
            else:
                untracked.append(record[2:])
        elif entry := _ENTRY.fullmatch(record):
            (submodules if entry["mode"] == _GITLINK else tracked)[entry["path"]] = None
        else:
            return INVALID_OUTPUT
    if end:
        return INVALID_OUTPUT
    if not records and (trouble := refusal(root)) is not None:
        return trouble  # an empty listing may also come from a failure
    warnings = _UNREADABLE.findall(done.stderr)
    unreadable = {name.rstrip(b"/"): reason.decode("utf-8", "replace") for name, reason in warnings}
    return GitListing(
        tuple(tracked), tuple(untracked), tuple(submodules), tuple(nested), tuple(unreadable.items())
    )


def list_ignored(root: Folder) -> tuple[bytes, ...]:
    """The untracked paths that git ignores. A folder that is ignored as a whole is one path with a slash."""
    done = answer(root, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    return () if isinstance(done, Refusal) else tuple(done.split(b"\0")[:-1])


def check_ignore(root: Folder, paths: Iterable[bytes]) -> dict[bytes, str]:
    """The rules that decide about `paths`, which are relative to `root`.

    Each rule is a text, FILE:LINE: PATTERN. A PATTERN with `!` re-includes the path. Tracked paths, and paths
    that no rule matches, are not in the result.
    """
    done = run(root, "check-ignore", "-z", "-v", "--stdin", stdin=b"".join(path + b"\0" for path in paths))
    if isinstance(done, Refusal) or done.returncode not in (0, 1):
        return {}
    fields = done.stdout.split(b"\0")[:-1]
    rows = zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4], strict=False)
    return {
        path: f"{show(source)}:{int(line)}: {show(pattern)}"
        for source, line, pattern, path in rows
        if line.isdigit()
    }


def excludes_file() -> Path | None:
    """The path of the user's ignore file: core.excludesFile, else git's default."""
    done = answer(Path("/"), "config", "--global", "--path", "--get", "core.excludesFile")
    if not isinstance(done, Refusal) and done and b"\0" not in done:
        return Path(os.fsdecode(done.removesuffix(b"\n")))
    home = os.environ.get("XDG_CONFIG_HOME") or (
        os.environ["HOME"] + "/.config" if "HOME" in os.environ else ""
    )
    return Path(home, "git", "ignore") if home else None
