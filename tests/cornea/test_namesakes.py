"""An older install, and a stranger's package of our name, are named with what removes them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cornea_code
from cornea import namesakes
from tests.support.waiting import LIMIT

from ..repositories import write

OLD_WHEEL = "cornea/__init__.py,sha256=x,1\nindexer/__init__.py,sha256=y,2\n"
OLD_EDITABLE = "../../../bin/cornea,sha256=x,1\n_editable_impl_cornea.pth,sha256=y,2\n"
STRANGER = "cornea/__init__.py,sha256=x,1\ncornea/image.py,sha256=z,3\n"


def _libraries(folder: Path, records: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    place = write(folder, {f"{name}.dist-info/RECORD": text for name, text in records.items()})
    monkeypatch.setattr(sys, "path", [str(folder.parent), str(place), str(folder / "gone-packages")])
    return place


@pytest.mark.parametrize("record", [OLD_WHEEL, OLD_EDITABLE])
def test_an_older_install_beside(record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = _libraries(tmp_path / "site-packages", {"cornea-0.1.0": record}, monkeypatch)
    (line,) = namesakes.remarks()
    assert line == (
        f"{place} also has an older install of Cornea (cornea 0.1.0); run: {sys.executable} -m pip uninstall "
        f"cornea, then install cornea-code again"
    )


@pytest.mark.parametrize("record", [STRANGER, ""])
def test_a_strangers_package(record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _libraries(tmp_path / "site-packages", {"cornea-3.2": record}, monkeypatch)
    (line,) = namesakes.remarks()
    assert "an unrelated package of the same name (cornea 3.2); run: " in line
    assert "pip uninstall cornea, then install cornea-code again" in line


def test_nothing_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ourselves, and names that only begin alike."""
    records = {"cornea_code-0.2.0": OLD_WHEEL, "cornea_tools-1.0": STRANGER, "corneal-1.0": STRANGER}
    _libraries(tmp_path / "site-packages", records, monkeypatch)
    assert list(namesakes.remarks()) == []


@pytest.mark.parametrize(
    ("mark", "command"), [("pipx_metadata.json", "pipx uninstall"), ("uv-receipt.toml", "uv tool uninstall")]
)
def test_an_older_environment_of_pipx_or_uv(
    mark: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a command `cornea` of its own, which may be the one that is run."""
    ours = write(tmp_path / "venvs" / "cornea-code", {mark: ""})
    monkeypatch.setattr(sys, "prefix", str(ours))
    monkeypatch.setattr(sys, "path", [])
    assert list(namesakes.remarks()) == []
    older = tmp_path / "venvs" / "cornea"
    record = older / "lib" / "python3.11" / "site-packages" / "cornea-0.1.0.dist-info"
    write(record, {"RECORD": STRANGER})
    assert list(namesakes.remarks()) == []
    write(record, {"RECORD": OLD_WHEEL})
    assert list(namesakes.remarks()) == [f"{older} is an older install of Cornea; run: {command} cornea"]


@pytest.mark.parametrize("content", ['"""Images."""\n', None], ids=["replaced", "removed"])
def test_our_package_was_replaced(content: str | None, tmp_path: Path) -> None:
    """A stranger's package was installed over ours, or took our files along when it was removed: one line."""
    shutil.copy(cornea_code.__file__, tmp_path / "cornea_code.py")
    if content is not None:
        write(tmp_path, {"cornea/__init__.py": content})
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; from cornea_code import main; main()"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, "--version"],
        capture_output=True, text=True, timeout=LIMIT, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"cornea: error: {tmp_path}/cornea is not the package of this program: ")
    assert "pip uninstall cornea, then install cornea-code again" in done.stderr
    assert done.stderr.count("\n") == 1


def test_our_package_is_known() -> None:
    """The words that it is known by are those that it begins with."""
    assert cornea_code._is_whole()
