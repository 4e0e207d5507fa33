"""Models that fastembed loads, by name or from a folder with an ONNX file: embeddings and cross-encoders."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .. import extras
from ..errors import ModelError, Unsupported
from .types import Vectors, folder_of, normalise

if TYPE_CHECKING:
    from fastembed import TextEmbedding
    from fastembed.rerank.cross_encoder import TextCrossEncoder

T = TypeVar("T")

_MODEL_FILE = re.compile(r"\.(onnx|onnx_data|onnx\.data|json|txt|model)$")
_MAX_CHARS = 4_000
"""Longer texts are cut: transformers read 512 tokens at most."""
_PAIRS = 16
"""Pairs at a time: memory grows with them, and speed hardly."""


class FastembedEncoder:
    """Any model of fastembed's. They are slow to start and to run, so the indexing workers share one."""

    parallel = False

    def __init__(self, model: str, *, download: bool = False) -> None:
        self._model = _open(model, download)
        try:
            self.dim = int(next(iter(self._model.embed(["dim"]))).shape[0])
        except Exception as error:  # whatever onnxruntime makes of a broken file
            raise ModelError(
                f"embedding model {model!r} does not run: {_line(error)}; name another model"
            ) from error
        self.fingerprint = f"fastembed-{_digest(model)}-{self.dim}"

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        joined = [_readable(f"{title}\n{text}") for text, title in zip(texts, titles, strict=True)]
        return self._vectors(self._model.embed, joined)

    def query(self, text: str) -> Vectors:
        vector: Vectors = self._vectors(self._model.query_embed, [_readable(text)])[0]
        return vector

    def _vectors(self, embed: Callable[[list[str]], Iterable[Any]], texts: list[str]) -> Vectors:
        try:
            rows = list(embed(texts))
        except Exception as error:  # from the tokenizer or from onnxruntime
            raise ModelError(f"the embedding model failed: {_line(error)}; name another model") from error
        vectors = np.asarray(rows, np.float32).reshape(len(texts), self.dim)
        vectors[~np.isfinite(vectors).all(axis=1)] = 0
        vectors[[not text.strip() for text in texts]] = 0
        return normalise(vectors)


class FastembedCrossEncoder:
    """A model that reads a question and a text together."""

    def __init__(self, model: str, *, download: bool = False) -> None:
        """Raises ModelError for a model that cannot be loaded or run, Unsupported without fastembed."""
        self._name = model
        self._model = _open_cross_encoder(model, download)
        self.scores("question", ["text"])

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score a text, higher is better; what the model makes no number of comes last."""
        pairs = [_readable(text) for text in texts]
        try:
            found = [
                float(score) for score in self._model.rerank(_readable(question), pairs, batch_size=_PAIRS)
            ]
        except Exception as error:  # from the tokenizer or from onnxruntime
            raise ModelError(
                f"cross-encoder {self._name!r} does not run: {_line(error)}; name another model"
            ) from error
        return [score if math.isfinite(score) else -math.inf for score in found]


def _readable(text: str) -> str:
    """What a tokenizer accepts: not endless, and without lone surrogates."""
    return text[:_MAX_CHARS].encode("utf-8", "replace").decode("utf-8")


def _open(model: str, download: bool) -> TextEmbedding:
    def factory() -> type[TextEmbedding]:
        from fastembed import TextEmbedding

        return TextEmbedding

    return _opened(f"embedding model {model!r}", "embedding", model, download, factory, _from_folder)


def _open_cross_encoder(model: str, download: bool) -> TextCrossEncoder:
    def factory() -> type[TextCrossEncoder]:
        from fastembed.rerank.cross_encoder import TextCrossEncoder

        return TextCrossEncoder

    what = f"cross-encoder {model!r}"
    return _opened(what, "rerank", model, download, factory, _cross_encoder_from_folder)


def _opened(
    what: str,
    section: str,
    model: str,
    download: bool,
    factory: Callable[[], Callable[..., T]],
    from_folder: Callable[[Any, Path], T],
) -> T:
    """A model of a folder or of fastembed's, by name; `section` is where its settings are."""
    _stay_offline(download)
    try:
        make = factory()
    except ImportError as error:
        raise _missing(what) from error
    folder = folder_of(model)
    hint = "" if download else f", or set [{section}] download = true"
    if folder.is_dir():
        return _loaded(what, lambda: from_folder(make, folder), hint)
    return _loaded(what, lambda: make(model, threads=1, local_files_only=not download), hint)


def _stay_offline(download: bool) -> None:
    if not download:
        # Without this a name that is not cached is looked up on the network, for the better part of a minute.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def _missing(what: str) -> Unsupported:
    return extras.missing(f"{what} needs fastembed, which is not installed", "fastembed")


def _loaded(what: str, load: Callable[[], T], hint: str) -> T:
    try:
        return load()
    except ModelError:
        raise
    except Exception as error:  # fastembed and its hub client raise dozens of unrelated types
        raise ModelError(f"{what} cannot be loaded ({_line(error)}); name a local folder{hint}") from error


def _from_folder(factory: type[TextEmbedding], folder: Path) -> TextEmbedding:
    from fastembed.common.model_description import ModelSource, PoolingType

    file = _onnx_file(folder)
    name = f"local/{_digest(str(folder))}"
    if not any(known["model"] == name for known in factory.list_supported_models()):
        factory.add_custom_model(
            model=name,
            pooling=_pooling(folder, PoolingType),
            normalization=True,
            sources=ModelSource(hf="local/none"),
            dim=int(json.loads((folder / "config.json").read_text("utf-8")).get("hidden_size", 0)),
            model_file=file,
        )
    return factory(name, specific_model_path=str(folder), threads=1)


def _cross_encoder_from_folder(factory: type[TextCrossEncoder], folder: Path) -> TextCrossEncoder:
    from fastembed.common.model_description import ModelSource

    file, name = _onnx_file(folder), f"local/{_digest(str(folder))}"
    if not any(known["model"] == name for known in factory.list_supported_models()):
        factory.add_custom_model(model=name, sources=ModelSource(hf="local/none"), model_file=file)
    return factory(name, specific_model_path=str(folder), threads=1)


def _onnx_file(folder: Path) -> str:
    files = sorted(folder.rglob("*.onnx"))
    if not files:
        raise ModelError(
            f"{folder}: no .onnx file in this folder; export the model to ONNX or name another folder"
        )
    return files[0].relative_to(folder).as_posix()


def _pooling(folder: Path, kinds: Any) -> Any:
    """CLS where a sentence-transformers folder says so, else the mean."""
    try:
        modes = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return kinds.MEAN
    return kinds.CLS if modes.get("pooling_mode_cls_token") else kinds.MEAN


def _digest(model: str) -> str:
    """What identifies a model, on any machine: its name, or the content of a folder's files."""
    folder = folder_of(model)
    if not folder.is_dir():
        return hashlib.blake2b(model.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(f for f in folder.rglob("*") if f.is_file() and _MODEL_FILE.search(f.name)):
        digest.update(file.relative_to(folder).as_posix().encode("utf-8", "surrogatepass"))
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.hexdigest()


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
