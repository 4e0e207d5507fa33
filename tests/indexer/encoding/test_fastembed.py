"""Models that fastembed loads: from a folder, by name without a network, and without fastembed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from indexer.encoding import load
from indexer.encoding.types import Encoder
from indexer.errors import ModelError
from tests.support.waiting import processor_time_below

from . import onnx_model

pytest.importorskip("fastembed")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever tries to connect fails at once; nothing is found in the user's cache."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("FASTEMBED_CACHE_PATH", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return onnx_model.write(tmp_path_factory.mktemp("model") / "toy")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return load(str(folder))


def test_a_folder_is_a_model(encoder: Encoder) -> None:
    """The mean of the words' vectors, of length one, by hand."""
    assert encoder.dim == 3
    assert not encoder.parallel
    assert encoder.query("red") == pytest.approx([1, 0, 0], abs=1e-6)
    assert encoder.query("red GREEN") == pytest.approx([2**-0.5, 2**-0.5, 0], abs=1e-6)
    assert encoder.query("red unheard") == pytest.approx([2**-0.5, 0, 2**-0.5], abs=1e-6)


def test_documents_have_their_titles_in_front(encoder: Encoder) -> None:
    """One row each, whatever their lengths; padding does not count."""
    vectors = encoder.documents(["green", "", "blue blue blue"], ["red", "green", ""])
    assert vectors.dtype == np.float32
    assert vectors == pytest.approx(np.array([[0.5**0.5, 0.5**0.5, 0], [0, 1, 0], [0, 0, -1]]), abs=1e-6)
    assert encoder.documents([], []).shape == (0, 3)


def test_without_words_there_are_zeros(encoder: Encoder) -> None:
    """No text, or words whose vector is zero: never NaN."""
    assert not encoder.query("").any()
    assert not encoder.query(" \n").any()
    assert not encoder.query("nothing").any()
    assert not encoder.documents(["", "nothing"], ["", ""]).any()


def test_long_and_odd_texts(encoder: Encoder) -> None:
    """Megabytes are cut, surrogates and NULs survived."""
    assert np.isfinite(encoder.query("red " * 500_000)).all()
    assert np.isfinite(encoder.documents(["\0 red 日本 \ud800"], ["é"])).all()


def test_the_same_every_time(folder: Path, encoder: Encoder) -> None:
    """A second encoder, and one for a copy of the folder elsewhere, give the same vectors and fingerprint."""
    copy = shutil.copytree(folder, folder.parent / "copy")
    for other in (load(str(folder)), load(str(copy))):
        assert other.fingerprint == encoder.fingerprint
        assert (other.query("red green blue") == encoder.query("red green blue")).all()


def test_another_model_has_another_fingerprint(tmp_path: Path, encoder: Encoder) -> None:
    """Other weights, and another tokenizer, make other vectors."""
    changed = onnx_model.write(tmp_path / "weights", onnx_model.VECTORS[:, ::-1].copy())
    assert load(str(changed)).fingerprint != encoder.fingerprint
    assert load(str(changed)).query("red") == pytest.approx([0, 0, 1], abs=1e-6)
    tokens = onnx_model.write(tmp_path / "tokens")
    vocabulary = (tokens / "tokenizer.json").read_text().replace('"red"', '"rouge"')
    (tokens / "tokenizer.json").write_text(vocabulary)
    assert load(str(tokens)).fingerprint != encoder.fingerprint


def test_pooling_is_as_the_folder_says(tmp_path: Path) -> None:
    """A sentence-transformers folder may ask for the first token's vector."""
    folder = onnx_model.write(tmp_path / "cls")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert load(str(folder)).query("red green") == pytest.approx([1, 0, 0], abs=1e-6)


def test_numbers_that_are_none_become_zeros(tmp_path: Path) -> None:
    """A model that overflows must not make a store unreadable."""
    vectors = onnx_model.VECTORS.copy()
    vectors[onnx_model.VOCABULARY["blue"]] = np.nan
    encoder = load(str(onnx_model.write(tmp_path / "nan", vectors)))
    assert not encoder.query("blue").any()
    assert encoder.documents(["blue", "red"], ["", ""])[1] == pytest.approx([1, 0, 0], abs=1e-6)


def test_a_wrong_hidden_size_does_not_matter(tmp_path: Path) -> None:
    """The dimension is what the model gives, not what config.json says."""
    folder = onnx_model.write(tmp_path / "toy")
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 1}))
    assert load(str(folder)).dim == 3


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_incomplete_folders_are_explained(tmp_path: Path, name: str, content: str | None) -> None:
    """A file that is missing or broken: one line with the folder."""
    folder = onnx_model.write(tmp_path / "toy")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content)
    with pytest.raises(ModelError) as caught:
        load(str(folder))
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_model_is_explained(tmp_path: Path) -> None:
    """Bytes that are no ONNX model."""
    folder = onnx_model.write(tmp_path / "toy")
    (folder / "onnx" / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(str(folder))


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    """Any other folder says what it lacks."""
    with pytest.raises(ModelError, match=r"no \.onnx file.*export the model"):
        load(str(tmp_path))


@pytest.mark.parametrize("name", ["no/such-model", "BAAI/bge-small-en-v1.5", "/no/such/folder", "a\0b", "\n"])
def test_unknown_names_fail_fast_and_offline(name: str) -> None:
    """Not downloaded, so not there: said at once, without a packet, with the way out."""
    with (
        processor_time_below(10.0),
        pytest.raises(ModelError, match=r"name a local folder, or set .*download = true"),
    ):
        load(name)


def test_without_fastembed() -> None:
    """An ordinary installation lacks it: the error has the command to run; the bundled model works."""
    code = (
        "import sys; sys.modules['fastembed'] = None\n"
        "from indexer.encoding import load; from indexer.errors import Unsupported\n"
        "assert load().query('x').any()\n"
        "try: load('BAAI/bge-small-en-v1.5')\n"
        "except Unsupported as error: print(error)\n"
        "assert 'onnxruntime' not in sys.modules and 'huggingface_hub' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=dict(os.environ), capture_output=True, text=True
    )
    assert done.stderr == ""
    assert "fastembed, which is not installed; run: " in done.stdout
    assert "'fastembed<1,>=0.7'" in done.stdout
