"""`cornea search` and `similar` from outside: what is printed, in which form, and how they end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.schemas import validate
from tests.support.waiting import LIMIT

from ..repositories import write
from .cli import FILES, Cli


def test_first_search_indexes_and_the_next_is_silent(cli: Cli) -> None:
    """Without an index one is built, with one quiet line; a fresh index says nothing on stderr."""
    first = cli("search", "hash", "password")
    assert (first.code, len(first.err.splitlines())) == (0, 1)
    assert re.fullmatch(r"cornea: indexed 3 files, \d+ fragments in \d+\.\d s\n", first.err)
    assert first.out.startswith("src/auth.py:6-8  hash_password  (function, ")
    second = cli("search", "hash", "password")
    assert (second.code, second.out, second.err) == (0, first.out, "")


def test_changes_are_seen_unless_told_otherwise(cli: Cli) -> None:
    """A stale index is refreshed; --no-refresh answers from it as it is."""
    assert cli("index").code == 0
    (cli.folder / "src/late.py").write_text("def zymurgy():\n    return 1\n")
    assert "late.py" not in cli("search", "zymurgy", "--no-refresh").out
    done = cli("search", "zymurgy", "--json")
    assert json.loads(done.out)["results"][0]["symbol"] == "zymurgy"
    assert done.err.startswith("cornea: indexed 1 file, ")


def test_no_refresh_needs_an_index(cli: Cli) -> None:
    """There is nothing to take as it is."""
    done = cli("search", "x", "--no-refresh")
    assert (done.code, done.out) == (2, "")
    assert "cornea index" in done.err
    assert not list(cli.home.glob("indexes/*/index.json"))


def test_json(shop: Cli) -> None:
    """One object; lines slice the file."""
    done = shop("search", "verify", "password", "--json", "--explain")
    answer = json.loads(done.out)
    assert answer["query"] == "verify password"
    for result in answer["results"]:
        lines = (shop.folder / result["path"]).read_text().splitlines()
        wanted = lines[result["start_line"] - 1 : result["end_line"]]
        assert result["text"].rstrip("\n").splitlines() == wanted
    assert answer["results"][0]["symbol"] == "verify_password"
    assert set(answer["results"][0]["why"])
    lines = shop("search", "verify password", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["path"] for line in lines] == [r["path"] for r in answer["results"]]


def test_vimgrep_can_be_parsed(shop: Cli) -> None:
    """Each line is path:line:column:text of the file itself."""
    done = shop("search", "password", "--format", "vimgrep", "--per-file", "5")
    assert done.code == 0
    for line in done.out.splitlines():
        path, number, column, text = line.split(":", 3)
        assert (shop.folder / path).read_text().splitlines()[int(number) - 1] == text
        assert text[int(column) - 1].strip()


def test_paths_can_be_opened_from_where_one_is(shop: Cli) -> None:
    """Text and vimgrep name files from the working directory, as -C sets it; JSON from the root."""
    inside = Cli(shop.home, shop.folder / "src")
    assert inside("search", "hash password").out.startswith("auth.py:6-8  ")
    assert inside("search", "RetryDelay", "--all", "--format", "vimgrep").out.startswith("../net/retry.go:")
    found = json.loads(inside("search", "RetryDelay", "--all", "--json").out)["results"]
    assert found[0]["path"] == "net/retry.go"
    assert inside("-C", "..", "search", "hash password").out.startswith("src/auth.py:")
    around = inside("search", "--all", "RetryDelay", "-n", "1", "--context", "2", "-g", "net/")
    assert around.out.startswith("../net/retry.go:3-6  ")
    assert "  1 package net" in around.out.splitlines()
    assert inside("similar", "--all", "auth.py:12").out.startswith(("auth.py:", "../tests/test_auth.py:"))


def test_filters(shop: Cli) -> None:
    """Languages by extension, globs, kinds and tests narrow the answer; together they can leave nothing."""

    def paths(*options: str) -> set[str]:
        done = shop("search", "password retry delay", "--format", "vimgrep", "--per-file", "9", *options)
        assert done.code in (0, 1), done.err
        assert (done.code == 1) == (done.out == "")
        return {line.split(":")[0] for line in done.out.splitlines()}

    assert paths() == set(FILES)
    assert paths("-t", "golang") == {"net/retry.go"}
    assert paths("-t", "py", "-g", "!tests/") == {"src/auth.py"}
    assert paths("--tests") == {"tests/test_auth.py"}
    assert paths("--no-tests", "-t", "py,go") == {"src/auth.py", "net/retry.go"}
    assert paths("--kind", "class") == {"src/auth.py"}
    assert paths("-g", "net/**", "-t", "python") == set()


def test_phrase_must_occur_literally(shop: Cli) -> None:
    """What stands in double quotes is not a bag of words."""
    assert "hash_password" in shop("search", '"stored digest"').out
    assert shop("search", '"digest stored"').code == 1


@pytest.mark.parametrize("form", ["text", "json", "vimgrep"])
def test_nothing_found_is_said(shop: Cli, form: str) -> None:
    """On stderr, whoever reads it: a program has the exit code."""
    done = shop("search", '"digest stored"', "--format", form)
    assert (done.code, done.err) == (1, "cornea: nothing found\n")


def test_text_is_utf_8_whatever_the_locale(cli: Cli) -> None:
    """Where Python knows ASCII alone, words and globs still find what the files have in UTF-8."""
    write(cli.folder, {"src/größe.py": "def größe(x):\n    return x\n"})
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8"}
    for query in ("größe", '"größe"'):
        done = cli("search", query, "-g", "größe.py", "--json", env=plain)
        assert done.code == 0, done.err
        assert json.loads(done.out)["query"] == query
    assert "indexed (python" in cli("status", "--why", "src/größe.py", env=plain).out


def test_text_shows_surroundings_and_reasons(shop: Cli) -> None:
    """--context adds lines of the file, --explain the parts of the score, largest first."""
    done = shop("search", "RetryDelay", "-n", "1", "--context", "2", "--explain", "-t", "go")
    lines = done.out.splitlines()
    assert lines[0].startswith("net/retry.go:3-6  RetryDelay  (function, ")
    assert lines[1].startswith("  scores  dense ")
    shares = [abs(float(line.split()[1])) for line in lines if re.match(r"  \w+ +[+-]\d", line)]
    assert shares == sorted(shares, reverse=True)
    assert shares
    assert "  1 package net" in lines
    assert "  6 }" in lines


def test_similar(shop: Cli) -> None:
    """The code at a line finds its like, never its own pieces; a column is accepted."""
    done = shop("similar", "src/auth.py:12:5", "--json", "--per-file", "5")
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["query"] == "src/auth.py:12"
    symbols = [result["symbol"] for result in answer["results"]]
    assert "verify_password" not in symbols
    assert symbols[0] in ("hash_password", "test_hash_password")
    several = json.loads(shop("similar", "src/auth.py:12-14", "--json", "--per-file", "5").out)
    assert several["results"] == answer["results"]
    far = shop("similar", f"src/auth.py:{10**30}")
    assert "the file has only 24 lines" in far.err
    inside = Cli(shop.home, shop.folder / "src")
    assert json.loads(inside("-C", "..", "similar", "src/auth.py:12", "--json").out)["results"]


def test_batch_answers_each_line_and_goes_on_after_bad_ones(shop: Cli) -> None:
    """Bad lines give an error with their id; the exit code tells that there were some."""
    lines = [
        '{"id": 1, "query": "hash password"}',
        "not json",
        "",
        '{"id": "b"}',
        '{"query": "x"}',
        '{"id": "c", "query": "   "}',
        "[1]",
        '{"id": 1e999, "query": "x"}',
        '{"id": NaN, "query": "x"}',
        '{"id": "d", "query": "retry delay", "more": true}',
    ]
    done = shop("search", "--batch", "-", "--json", "-n", "2", stdin="\n".join(lines))
    answers = [json.loads(line) for line in done.out.splitlines()]
    for answer in answers:
        assert ("results" in answer) != ("error" in answer)
    assert [answer["id"] for answer in answers] == [1, None, "b", None, "c", None, None, None, "d"]
    assert [answer["id"] for answer in answers if "results" in answer] == [1, "d"]
    assert answers[-1]["results"][0]["symbol"] == "RetryDelay"
    assert (done.code, done.err) == (2, "")


def test_batch_from_a_file_tells_whether_anything_was_found(shop: Cli, tmp_path: Path) -> None:
    """0 if something, 1 if nothing; the answers equal those of single questions."""
    file = write(tmp_path, {"q.jsonl": '{"id": 0, "query": "hash password"}\n'}) / "q.jsonl"
    done = shop("search", "--batch", file)
    alone = json.loads(shop("search", "hash password", "--json").out)
    assert (done.code, json.loads(done.out)["results"]) == (0, alone["results"])
    assert shop("search", "--batch", file, "-g", "nowhere/").code == 1


def test_batch_answers_while_it_reads(shop: Cli) -> None:
    """Each answer is flushed: a program may ask, read, and ask again."""
    with subprocess.Popen(
        shop.command("search", "--batch", "-"),
        cwd=shop.folder,
        env=shop.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(b'{"id": %d, "query": "password"}\n' % number)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            validate("commands/search-batch", answer)
            assert answer["id"] == number
        process.stdin.close()
        assert process.wait(LIMIT) == 0


def test_interrupt_is_one_line(cli: Cli) -> None:
    """Ctrl-C ends with 130 and says how to go on."""
    process = subprocess.Popen(
        cli.command("search", "--batch", "-"),
        cwd=cli.folder,
        env=cli.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"id": 0, "query": "password"}\n')
        process.stdin.flush()
        process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert err.decode().splitlines()[-1].startswith("cornea: interrupted; run the same command again")
    assert b"Traceback" not in err


@pytest.mark.parametrize("form", ["text", "jsonl", "vimgrep"])
def test_closed_pipe_is_no_error(shop: Cli, form: str) -> None:
    """`| head -1` ends quietly, whatever is still to be printed."""
    command = " ".join(f"'{word}'" for word in shop.command("search", "password", "--format", form))
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; echo ${{PIPESTATUS[0]}}"],
        cwd=shop.folder,
        env=shop.environment(),
        capture_output=True,
        timeout=LIMIT,
    )
    assert (done.stdout, done.stderr) == (b"0\n", b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(shop: Cli, closed: str) -> None:
    """Whatever a caller has closed, nothing fails and nothing is written into the index."""
    command = " ".join(f"'{word}'" for word in shop.command("search", "password"))
    done = subprocess.run(
        ["bash", "-c", f"{command} {closed}"],
        cwd=shop.folder,
        env=shop.environment(),
        capture_output=True,
        timeout=LIMIT,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_full_disk_behind_stdout_is_said(shop: Cli) -> None:
    """An answer that could not be written is no answer."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            shop.command("search", "password"),
            cwd=shop.folder,
            env=shop.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
        )
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "cornea: error: standard output: No space left on device; the disk is full; free some space, "
        "then run the command again"
    ]
