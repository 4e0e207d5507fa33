"""The features of files for the learned reranker of search. Each function computes the feature of its name;
the weights store the names."""

from __future__ import annotations

from . import files, names, scores

FEATURES = {**scores.FEATURES, **names.FEATURES, **files.FEATURES}
"""By name, in the order of the columns."""
