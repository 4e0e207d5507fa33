"""The loss: InfoNCE with in-batch and mined negatives (van den Oord et al., 2018), and its gradients.

PyTorch computes the loss if it is installed and can use an accelerator. Otherwise numpy computes the loss.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_NEVER = np.float32(-1e4)


def loss(query: Floats, document: Floats, hard: Floats | None, same: NDArray[np.bool_], scale: float) -> Any:
    """Symmetric InfoNCE. Rows are unit vectors, and document[i] is the answer to query[i].

    `hard` [b, d] holds a negative for the query of the same row, or is None. If `same`[i, j] is true,
    document[j] belongs to another query but is not a negative of query[i]. Returns the mean loss and the
    gradients with respect to `query`, `document` and `hard`. Without `hard`, the last gradient is None.
    """
    device = accelerator()
    return (_torch if device else _numpy)(query, document, hard, same, np.float32(scale))


@functools.cache
def accelerator() -> str:
    """The name of the accelerator that PyTorch can use. Returns "" if there is none."""
    try:
        import torch
    except ImportError:
        return ""
    return "cuda" if torch.cuda.is_available() else ""


def _numpy(
    query: Floats, document: Floats, hard: Floats | None, same: NDArray[np.bool_], scale: np.float32
) -> tuple[float, Floats, Floats, Floats | None]:
    batch = len(query)
    scores = query @ document.T
    scores *= scale
    scores[same] = _NEVER
    own = np.arange(batch)
    truth = scores[own, own].copy()
    extra = None if hard is None else scale * np.einsum("ij,ij->i", query, hard)

    # Each query against all documents and its hard negative.
    top = scores.max(axis=1)
    if extra is not None:
        top = np.maximum(top, extra)
    forward = np.exp(scores - top[:, None])
    total = forward.sum(axis=1)
    aside = None
    if extra is not None:
        aside = np.exp(extra - top)
        total += aside
        aside /= total
    value = float((np.log(total) + top - truth).sum())
    forward /= total[:, None]

    # Each document against all queries.
    top = scores.max(axis=0)
    scores -= top
    np.exp(scores, out=scores)
    total = scores.sum(axis=0)
    value += float((np.log(total) + top - truth).sum())
    scores /= total

    scores += forward
    scores[own, own] -= 2
    scores *= scale / (2 * batch)
    to_query, to_document = scores @ document, scores.T @ query
    to_hard = None
    if hard is not None and aside is not None:
        aside *= scale / (2 * batch)
        to_query += aside[:, None] * hard
        to_hard = aside[:, None] * query
    return value / (2 * batch), _single(to_query), _single(to_document), to_hard


def _single(array: NDArray[Any]) -> Floats:
    return array.astype(np.float32, copy=False)


def _torch(
    query: Floats, document: Floats, hard: Floats | None, same: NDArray[np.bool_], scale: np.float32
) -> tuple[float, Floats, Floats, Floats | None]:
    import torch

    device = torch.device(accelerator() or "cpu")
    given = [query, document] if hard is None else [query, document, hard]
    leaves = [torch.from_numpy(array).to(device).requires_grad_() for array in given]
    scores = float(scale) * leaves[0] @ leaves[1].T
    scores = scores.masked_fill(torch.from_numpy(same).to(device), float(_NEVER))
    target = torch.arange(len(query), device=device)
    wide = scores
    if hard is not None:
        extra = float(scale) * (leaves[0] * leaves[2]).sum(dim=1, keepdim=True)
        wide = torch.cat([scores, extra], dim=1)
    entropy = torch.nn.functional.cross_entropy
    value = (entropy(wide, target) + entropy(scores.T, target)) / 2
    value.backward()
    found = [leaf.grad.cpu().numpy() for leaf in leaves if leaf.grad is not None]
    return value.item(), found[0], found[1], found[2] if hard is not None else None
