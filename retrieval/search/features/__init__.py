"""The features of files for the learned reranker of search. Each function computes the feature with the
function's name. The weights contain the names of the features."""

from __future__ import annotations

from ...ranking.features import FeatureRegistry
from ..evidence import FileEvidence
from . import files, names, scores

FEATURES: FeatureRegistry[FileEvidence] = FeatureRegistry(
    {"scores": scores.FEATURES, "names": names.FEATURES, "files": files.FEATURES}
)
