"""Loads embedding models and cross-encoders with fastembed, by name or from a folder with an ONNX file."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .. import extras
from ..errors import ModelError, first_line
from .types import Vectors, model_folder, normalise

_MODEL_FILE = re.compile(r"\.(onnx|onnx_data|onnx\.data|json|txt|model)$")
_MAX_CHARS = 4_000
"""Length in characters to which texts are cut. Most models read at most 512 tokens."""
_BATCH_PAIRS = 16
"""Pairs of question and text per batch. Larger batches take more memory and are hardly faster."""


class FastembedEncoder:
    """An embedding model of fastembed.

    The model loads and runs slowly, so only the parent process loads it.
    """

    parallel = False

    def __init__(self, model: str, *, download: bool = False) -> None:
        self._model = _load_model("embedding model", model, download)
        with _explained(f"embedding model {model!r} does not run"):
            self.dim = int(next(iter(self._model.embed(["dim"]))).shape[0])
        self.fingerprint = f"fastembed-{_digest(model)}-{self.dim}"

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        joined = [_tokenizable(f"{title}\n{text}") for text, title in zip(texts, titles, strict=True)]
        return self._vectors(self._model.embed, joined)

    def query(self, text: str) -> Vectors:
        vector: Vectors = self._vectors(self._model.query_embed, [_tokenizable(text)])[0]
        return vector

    def _vectors(self, embed: Callable[[list[str]], Iterable[Any]], texts: list[str]) -> Vectors:
        with _explained("the embedding model failed"):
            rows = list(embed(texts))
        vectors = np.asarray(rows, np.float32).reshape(len(texts), self.dim)
        vectors[~np.isfinite(vectors).all(axis=1)] = 0
        vectors[[not text.strip() for text in texts]] = 0
        return normalise(vectors)


class FastembedCrossEncoder:
    """A cross-encoder: a model that reads a question and a text together and scores the text."""

    def __init__(self, model: str, *, download: bool = False) -> None:
        """Load the model and score one text.

        Raises ModelError if either fails, Unsupported without fastembed.
        """
        self._name = model
        self._model = _load_model("cross-encoder", model, download)
        self.scores("question", ["text"])

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score per text; a higher score is better. A score that is not finite becomes -inf."""
        pairs = [_tokenizable(text) for text in texts]
        with _explained(f"cross-encoder {self._name!r} does not run"):
            scores = self._model.rerank(_tokenizable(question), pairs, batch_size=_BATCH_PAIRS)
            found = [float(score) for score in scores]
        return [score if math.isfinite(score) else -math.inf for score in found]


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """A context in which any error, from the tokenizer or from onnxruntime, becomes a ModelError."""
    try:
        yield
    except Exception as error:
        raise ModelError(f"{what}: {first_line(error)}; name another model") from error


def _tokenizable(text: str) -> str:
    """The text in a form that tokenizers accept: at most _MAX_CHARS long, without lone surrogates."""
    return text[:_MAX_CHARS].encode("utf-8", "replace").decode("utf-8")


def _load_model(kind: Literal["embedding model", "cross-encoder"], model: str, download: bool) -> Any:
    """Load a model from a folder, or by its name in fastembed.

    Raises ModelError if it cannot be loaded, Unsupported without fastembed.
    """
    if not download:
        # Without this variable, fastembed looks for a missing model on the network for nearly a minute.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from fastembed import TextEmbedding
        from fastembed.rerank.cross_encoder import TextCrossEncoder
    except ImportError as error:
        raise extras.missing(
            f"{kind} {model!r} needs fastembed, which is not installed", "fastembed"
        ) from error
    embeds, folder = kind == "embedding model", model_folder(model)
    factory: Any = TextEmbedding if embeds else TextCrossEncoder
    try:
        if folder.is_dir():
            return _from_folder(factory, folder, embeds=embeds)
        return factory(model, threads=1, local_files_only=not download)
    except ModelError:
        raise
    except Exception as error:  # fastembed and its hub client raise dozens of unrelated types
        section = "embedding" if embeds else "rerank"
        hint = "" if download else f", or set [{section}] download = true"
        raise ModelError(
            f"{kind} {model!r} cannot be loaded ({first_line(error)}); name a local folder{hint}"
        ) from error


def _from_folder(factory: Any, folder: Path, *, embeds: bool) -> Any:
    from fastembed.common.model_description import ModelSource, PoolingType

    file, name = _onnx_file(folder), f"local/{_digest(str(folder))}"
    if not any(known["model"] == name for known in factory.list_supported_models()):
        form: dict[str, Any] = {}
        if embeds:
            meta = json.loads((folder / "config.json").read_text("utf-8"))
            form = {
                "pooling": _pooling(folder, PoolingType),
                "normalization": True,
                "dim": int(meta.get("hidden_size", 0)),
            }
        factory.add_custom_model(model=name, sources=ModelSource(hf="local/none"), model_file=file, **form)
    return factory(name, specific_model_path=str(folder), threads=1)


def _onnx_file(folder: Path) -> str:
    files = sorted(folder.rglob("*.onnx"))
    if not files:
        raise ModelError(
            f"{folder}: no .onnx file in this folder; export the model to ONNX or name another folder"
        )
    return files[0].relative_to(folder).as_posix()


def _pooling(folder: Path, kinds: Any) -> Any:
    """CLS pooling if a sentence-transformers folder configures it, else mean pooling."""
    try:
        modes = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return kinds.MEAN
    return kinds.CLS if modes.get("pooling_mode_cls_token") else kinds.MEAN


def _digest(model: str) -> str:
    """A hash that identifies a model on any machine.

    For a folder, it is a hash of the model's files; for a name, it is a hash of the name.
    """
    folder = model_folder(model)
    if not folder.is_dir():
        return hashlib.blake2b(model.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(f for f in folder.rglob("*") if f.is_file() and _MODEL_FILE.search(f.name)):
        digest.update(file.relative_to(folder).as_posix().encode("utf-8", "surrogatepass"))
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.hexdigest()
