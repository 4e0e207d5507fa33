"""The features of locate. Each module has one or two groups of features. The weights contain the features'
names, each with the name of its group."""

from __future__ import annotations

from ...ranking.features import FeatureRegistry
from . import graph, lexical, mentions, past, priors, similarity
from .function_candidates import FunctionCandidates

FEATURES: FeatureRegistry[FunctionCandidates] = FeatureRegistry(
    {
        "lexical": lexical.FEATURES,
        "dense": similarity.DENSE,
        "likeness": similarity.FEATURES,
        "mentions": mentions.FEATURES,
        "traces": mentions.TRACES,
        "history": past.FEATURES,
        "graph": graph.FEATURES,
        "files": graph.FILES,
        "within": graph.WITHIN,
        "priors": priors.FEATURES,
    },
    qualified=True,
)
