"""Finds the search in a shell command: grep, ripgrep, git grep, ag, ack, find or fd."""

from __future__ import annotations

import os
import re
import shlex

_MAX_COMMAND = 20_000
_ENDS = {"&&", "||", ";", "|", "&", "|&", "\n"}
_GREP = {"grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack"}
_FIND = {"find", "fd", "fdfind"}
_WRAPPERS = {"sudo", "command", "time", "nice", "env", "timeout"}
_ASSIGNMENT = re.compile(r"\w+=")
_WITH_VALUE = set("ABCmefdDtTgjMrE")
"""Letters of options of grep and of ripgrep that take a value."""
_NOT_WITH_VALUE = {"grep": set("tTgjMrE"), "rg": set("dD")}
_LONG_WITH_VALUE = {
    "--after-context", "--before-context", "--context", "--max-count", "--regexp", "--file", "--glob",
    "--iglob", "--type", "--type-not", "--include", "--exclude", "--exclude-dir", "--max-depth", "--threads",
    "--color", "--colour", "--sort", "--max-filesize", "--encoding", "--engine", "--replace",
}  # fmt: skip


class Command:
    """A search in a shell command. The fields are those of `tool_calls.Search`."""

    __slots__ = ("file", "files", "fixed", "folder", "pattern")

    def __init__(self, folder: str, pattern: str, fixed: bool, files: bool, file: str) -> None:
        self.folder, self.pattern, self.fixed, self.files, self.file = folder, pattern, fixed, files, file


def command_of(text: str, folder: str) -> Command | None:
    """The last search in a shell command that starts in `folder`. Returns None if there is none."""
    try:
        words = _words(text[:_MAX_COMMAND])
    except ValueError:  # a quote is not closed
        return None
    found = None
    piped = False
    for ended_by_pipe, simple in _simple_commands(words):
        if simple[:1] == ["cd"] and len(simple) > 1:
            folder = os.path.join(folder, os.path.expanduser(simple[1]))
        elif not piped:  # what reads a pipe filters another command's output
            found = _search(simple, folder) or found
        piped = ended_by_pipe
    return found


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars="|&;\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def _simple_commands(words: list[str]) -> list[tuple[bool, list[str]]]:
    """The simple commands of a list, each with whether its output goes to the next one."""
    found: list[tuple[bool, list[str]]] = []
    simple: list[str] = []
    for word in words:
        if word in _ENDS:
            found.append((word in ("|", "|&"), simple))
            simple = []
        else:
            simple.append(word)
    return [*found, (False, simple)]


def _search(words: list[str], folder: str) -> Command | None:
    while words and (words[0] in _WRAPPERS or _ASSIGNMENT.match(words[0])):
        words = words[2:] if words[0] == "timeout" else words[1:]
    if not words:
        return None
    program = os.path.basename(words[0])
    arguments = words[1:]
    if program == "git":
        while arguments[:1] in (["-C"], ["-c"], ["--no-pager"]):
            if arguments[0] == "-C" and len(arguments) > 1:
                folder = os.path.join(folder, arguments[1])
            arguments = arguments[1:] if arguments[0] == "--no-pager" else arguments[2:]
        if arguments[:1] == ["ls-files"]:
            return Command(folder, "", False, True, "")
        if arguments[:1] != ["grep"]:
            return None
        program, arguments = "grep", arguments[1:]
    if program in _FIND:
        return Command(folder, "", False, True, "")
    return _grep(program, arguments, folder) if program in _GREP else None


def _grep(program: str, arguments: list[str], folder: str) -> Command | None:
    kind = "rg" if program == "rg" else "grep"
    patterns: list[str] = []
    rest: list[str] = []
    fixed = program == "fgrep"
    files = False
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += words
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            if name in _LONG_WITH_VALUE and not equals:
                value = next(words, "")
            if name == "--regexp":
                patterns.append(value)
            fixed = fixed or name == "--fixed-strings"
            files = files or name in ("--files-with-matches", "--files", "--count", "--name-only")
            if name == "--files":
                patterns.append("")
        elif word.startswith("-") and len(word) > 1:
            for place, letter in enumerate(word[1:], 1):
                fixed = fixed or letter == "F"
                files = files or letter in "lc"
                if letter in _WITH_VALUE and letter not in _NOT_WITH_VALUE[kind]:
                    value = word[place + 1 :] or next(words, "")
                    if letter == "e":
                        patterns.append(value)
                    break
        elif not word.startswith((">", "2>")):
            rest.append(word)
    if not patterns:
        if not rest:
            return None
        patterns, rest = rest[:1], rest[1:]
    one = os.path.join(folder, rest[0]) if len(rest) == 1 else ""
    file = rest[0] if one and os.path.isfile(one) else ""
    return Command(folder, "|".join(filter(None, patterns)), fixed, files, file)
