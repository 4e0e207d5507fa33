"""A folder with a tiny ONNX model, laid out like an exported sentence transformer: each word has a vector."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VOCABULARY = {"[UNK]": 0, "[PAD]": 1, "red": 2, "green": 3, "blue": 4, "nothing": 5}
VECTORS = np.array([[0, 0, 1], [9, 9, 9], [1, 0, 0], [0, 1, 0], [0, 0, -2], [0, 0, 0]], np.float32)

_FLOAT, _INT64 = 1, 7


def write(folder: Path, vectors: NDArray[np.float32] = VECTORS) -> Path:
    """The model's folder, complete for fastembed."""
    return _folder(folder, _model(vectors), vectors.shape[1])


def write_cross_encoder(folder: Path, values: NDArray[np.float32]) -> Path:
    """One that scores a question and a text by the sum of their words' values."""
    return _folder(folder, _summing_model(values), 1)


def _folder(folder: Path, model: bytes, size: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "onnx").mkdir(exist_ok=True)
    (folder / "onnx" / "model.onnx").write_bytes(model)
    _json(folder / "tokenizer.json", _tokenizer())
    _json(folder / "config.json", {"hidden_size": size, "pad_token_id": 1})
    _json(folder / "tokenizer_config.json", {"model_max_length": 16, "pad_token": "[PAD]"})
    _json(folder / "special_tokens_map.json", {"unk_token": "[UNK]", "pad_token": "[PAD]"})
    return folder


def _json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def _tokenizer() -> dict[str, object]:
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": VOCABULARY[t], "content": t, **special} for t in ("[UNK]", "[PAD]")],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "[UNK]"},
    }


def _model(vectors: NDArray[np.float32]) -> bytes:
    """Gather(table, input_ids) -> last_hidden_state, in the wire format of onnx.proto."""
    node = _fields((1, b"table"), (1, b"input_ids"), (2, b"last_hidden_state"), (4, b"Gather"))
    table = _fields(*((1, n) for n in vectors.shape), (2, _FLOAT), (8, b"table"), (9, vectors.tobytes()))
    graph = _fields(
        (1, node),
        (2, b"toy"),
        (5, table),
        (11, _value("input_ids", _INT64, "batch", "length")),
        (11, _value("attention_mask", _INT64, "batch", "length")),
        (12, _value("last_hidden_state", _FLOAT, "batch", "length", vectors.shape[1])),
    )
    return _fields((1, 8), (7, graph), (8, _fields((1, b""), (2, 13))))


def _summing_model(values: NDArray[np.float32]) -> bytes:
    """ReduceSum(Gather(table, input_ids), axis 1) -> logits [batch, 1]."""
    gather = _fields((1, b"table"), (1, b"input_ids"), (2, b"words"), (4, b"Gather"))
    total = _fields((1, b"words"), (1, b"axes"), (2, b"logits"), (4, b"ReduceSum"))
    table = _fields((1, len(values)), (2, _FLOAT), (8, b"table"), (9, values.tobytes()))
    axes = _fields((1, 1), (2, _INT64), (8, b"axes"), (9, np.array([1], np.int64).tobytes()))
    graph = _fields(
        (1, gather),
        (1, total),
        (2, b"toy"),
        (5, table),
        (5, axes),
        (11, _value("input_ids", _INT64, "batch", "length")),
        (11, _value("attention_mask", _INT64, "batch", "length")),
        (12, _value("logits", _FLOAT, "batch", 1)),
    )
    return _fields((1, 8), (7, graph), (8, _fields((1, b""), (2, 13))))


def _value(name: str, kind: int, *shape: str | int) -> bytes:
    dims = [_fields((1, n) if isinstance(n, int) else (2, n.encode())) for n in shape]
    tensor = _fields((1, kind), (2, _fields(*((1, dim) for dim in dims))))
    return _fields((1, name.encode()), (2, _fields((1, tensor))))


def _fields(*fields: tuple[int, int | bytes]) -> bytes:
    """A protobuf message: numbers as varints, everything else with its length."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts += [_varint(number << 3), _varint(value)]
        else:
            parts += [_varint(number << 3 | 2), _varint(len(value)), value]
    return b"".join(parts)


def _varint(number: int) -> bytes:
    return bytes(_sevens(number))


def _sevens(number: int) -> Iterable[int]:
    while number > 127:
        yield number & 127 | 128
        number >>= 7
    yield number
