"""The features of files for the learned reranker of search. Each function computes the feature with the
function's name. The weights contain the names of the features."""

from __future__ import annotations

from . import files, names, scores

FEATURES = {**scores.FEATURES, **names.FEATURES, **files.FEATURES}
"""The features by name, in the order of the columns."""
