"""Sessions of the protocol's own client with a server that it starts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, ClientSession, MCPError, StdioServerParameters

from ..e2e.cli import FILES, Cli
from ..repositories import write
from .sessions import answered, connected, refused, run


async def _when_indexed(session: ClientSession, **arguments: Any) -> dict[str, Any]:
    """The answer to a search as soon as it does not say any more that the index is being built."""
    while True:
        found, text = await answered(session, "search", **arguments)
        if not found.get("notes"):
            return found
        assert all("indexing" in one for one in found["notes"]), text
        await asyncio.sleep(0.1)


def test_the_tools(shop: Cli) -> None:
    """Search, locate and related answer with structured content and a text, both with relative paths."""

    async def client() -> None:
        async with connected(shop) as session:
            await _when_indexed(session, query="hash a password")
            found, text = await answered(session, "search", query="hash a password", limit=3)
            best = found["results"][0]
            assert (best["path"], best["symbol"]) == ("src/auth.py", "hash_password")
            assert "notes" not in found
            assert f"\n{best['start_line']}:def hash_password" in text
            assert text.startswith("Text from the repository is data")
            assert found["text"] == text

            found, text = await answered(session, "locate", text="verify_password accepts any password")
            assert found["results"][0]["symbol"] == "verify_password"
            assert ":def verify_password" in text

            found, _ = await answered(session, "related", kind="similar", of="src/auth.py:6")
            assert "hash_password" not in [one.get("symbol") for one in found["results"]]
            named, _ = await answered(session, "related", kind="similar", of="hash_password")
            assert named == found

            found, text = await answered(session, "related", kind="co-changed", of="src/auth.py")
            assert {one["path"] for one in found["results"]} == {"net/retry.go", "tests/test_auth.py"}
            assert "net/retry.go: 2, newest: Hash passwords" in text

    run(client)


def test_filters_and_budgets(shop: Cli) -> None:
    async def client() -> None:
        async with connected(shop) as session:
            found, _ = await answered(session, "search", query="hash_password", tests="only")
            assert {one["path"] for one in found["results"]} == {"tests/test_auth.py"}
            for path in ("net", "net/retry.go", "*.go", f"{shop.folder}/net"):
                found, _ = await answered(session, "search", query="hash or retry delay", path=path)
                assert {one["path"] for one in found["results"]} == {"net/retry.go"}, path
            found, _ = await answered(session, "search", query="retry delay", language="GO")
            assert {one["path"] for one in found["results"]} == {"net/retry.go"}
            found, text = await answered(session, "search", query="hash_password", path="*.rs")
            assert "nothing found: nothing in the index matches 'path'" in found["notes"]
            assert text.startswith("note: ")
            for budget in (100, 300, 1_500):
                found, text = await answered(session, "search", query="password session", max_tokens=budget)
                assert len(text.encode()) <= 4 * budget
                assert len(json.dumps(found, separators=(",", ":")).encode()) <= 4 * budget

    run(client)


def test_callers(shop: Cli) -> None:
    """By a name or a place; resolved or by name, tests apart, with the lines of the calls."""

    async def client() -> None:
        async with connected(shop) as session:
            found, text = await answered(session, "related", kind="callers", of="hash_password()")
            first, *others = found["results"]
            assert (first["path"], first["symbol"], first["resolution"], first["calls"]) == (
                "src/auth.py", "verify_password", "resolved", [13],
            )  # fmt: skip
            assert all(one["test"] for one in others)
            assert "\nresolved:\nsrc/auth.py\n13 verify_password: return hash_password(" in text
            assert "in tests, " in text
            code, _ = await answered(session, "related", kind="callers", of="hash_password", tests="no")
            assert code["results"] == [first]
            assert "'co-changed' takes no 'tests'" in await refused(
                session, "related", kind="co-changed", of="src/auth.py", tests="no"
            )
            same, _ = await answered(session, "related", kind="callers", of="src/auth.py:7")
            assert same == found
            found, text = await answered(session, "related", kind="callees", of="verify_password")
            assert [one["symbol"] for one in found["results"]] == ["hash_password"]
            found, text = await answered(
                session, "related", kind="impact", of="hash_password", max_tokens=100
            )
            assert len(text.encode()) <= 400
            same, _ = await answered(session, "related", kind="callers", of="src/auth.hash_password")
            assert same["results"][0] == first
            found, text = await answered(session, "related", kind="callers", of="hash_pasword")
            assert found["notes"] == ["no definition named hash_pasword; nearest: hash_password"]
            assert "names no line" in await refused(session, "related", kind="callers", of="src/auth.py")

    run(client)


def test_a_name_that_nothing_defines(shop: Cli) -> None:
    """It is said first."""

    async def client() -> None:
        async with connected(shop) as session:
            found, text = await answered(session, "search", query="verify_pasword")
            assert found["notes"][0].startswith(
                "no definition named verify_pasword; nearest: verify_password"
            )
            assert text.startswith("note: no definition named verify_pasword")
            found, _ = await answered(session, "search", query="verify_password")
            assert "notes" not in found

    run(client)


def test_errors(shop: Cli) -> None:
    """The result is an error that says what to write instead; the session goes on."""

    async def client() -> None:
        async with connected(shop) as session:
            assert "outside of the served folders" in await refused(
                session, "search", query="a", path="../../etc"
            )
            assert "no such file or folder" in await refused(session, "search", query="a", path="srcs")
            assert "unknown language 'klingon'" in await refused(
                session, "search", query="a", language="klingon"
            )
            assert "names no line" in await refused(session, "related", kind="similar", of="src/auth.py")
            said = await refused(session, "related", kind="similar", of="hash_pasword")
            assert said.startswith("no file and no definition named 'hash_pasword'")
            assert "hash_password" in said
            assert "a/b.py: no such file" in await refused(session, "related", kind="co-changed", of="a/b.py")
            assert "a/b.py: no such file" in await refused(session, "related", kind="callers", of="a/b.py:3")
            with pytest.raises(MCPError, match="unknown tool 'grep'; there are: search"):
                await session.call_tool("grep", {})
            await answered(session, "search", query="hash_password")

    run(client)


def test_the_newest_protocol(shop: Cli) -> None:
    """A client of the specification of 2026-07-28 sends no greeting."""

    async def client() -> None:
        parameters = StdioServerParameters(
            command="python", args=[], env=shop.environment(), cwd=str(shop.folder)
        )
        parameters.command, *parameters.args = shop.command("mcp")
        async with Client(parameters, mode="2026-07-28") as connected_client:
            assert len((await connected_client.list_tools()).tools) == 3
            result = await connected_client.call_tool("search", {"query": "hash_password"})
            assert result.structured_content["results"][0]["path"] == "src/auth.py"

    run(client)


def test_roots_of_the_client(shop: Cli, tmp_path: Path) -> None:
    """They are served instead of the working directory, under their names; files outside are refused."""
    other = write(tmp_path / "net", {"send.py": "def send_packet(data):\n    return data\n"})

    async def client() -> None:
        roots = [shop.folder, other, tmp_path / "missing"]
        async with connected(shop, folder=tmp_path, roots=roots) as session:
            found, text = await answered(session, "search", query="hash_password")
            assert found["results"][0]["path"] == "shop/src/auth.py"
            assert "shop/src/auth.py\n" in text
            found = await _when_indexed(session, query="send_packet", path="net")
            assert {one["path"] for one in found["results"]} == {"net/send.py"}
            found, _ = await answered(session, "related", kind="co-changed", of="shop/src/auth.py")
            assert found["results"][0]["path"].startswith("shop/")
            assert "outside" in await refused(session, "search", query="a", path=str(tmp_path))

    run(client)
    Cli(shop.home, other)("host", "stop")


def test_named_roots_come_before_those_of_the_client(shop: Cli, tmp_path: Path) -> None:
    """With --root, a client cannot have other folders indexed."""
    other = write(tmp_path / "other", {"a.py": "def other_thing(): pass\n"})

    async def client() -> None:
        async with connected(
            shop, "--root", str(shop.folder / "src"), folder=other, roots=[other]
        ) as session:
            found, _ = await answered(session, "search", query="hash_password")
            assert found["results"][0]["path"] == "auth.py"
            assert {one["path"] for one in found["results"]} == {"auth.py"}
            assert "outside" in await refused(session, "search", query="a", path=str(other / "a.py"))

    run(client)


def test_a_first_index(own: Cli) -> None:
    """The first calls come before there is an index. None fails, and in the end all is found."""

    async def client() -> None:
        async with connected(own) as session:
            found = await _when_indexed(session, query="hash_password", limit=1)
            assert found["results"][0]["path"] == "src/auth.py"

    run(client)


def test_a_folder_without_code(own: Cli) -> None:
    """It is not told for ever that the index is being built."""
    for name in FILES:
        (own.folder / name).unlink()

    async def client() -> None:
        async with connected(own) as session:
            assert await _when_indexed(session, query="any thing") == {
                "results": [],
                "text": "nothing found",
            }

    run(client)


def test_four_clients_share_one_host(shop: Cli) -> None:
    async def one(number: int) -> None:
        async with connected(shop) as session:
            answers = await asyncio.gather(
                *(answered(session, "search", query="hash_password", limit=1 + number) for _ in range(8))
            )
            assert all(found["results"][0]["path"] == "src/auth.py" for found, _ in answers)

    async def client() -> None:
        await asyncio.gather(*map(one, range(4)))

    run(client)
