"""The types of what the benchmarks and the training of rankers print as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from research.benchmarks import figures
from research.benchmarks.agent_runs import AgentRun, AgentTask
from research.benchmarks.agents import AgentFigures
from research.benchmarks.calls import CallFigures
from research.benchmarks.exact import ExactFigures
from research.benchmarks.faults import FaultFigures
from research.benchmarks.grep import GrepFigures
from research.benchmarks.secrets import SecretsFigures
from research.benchmarks.tokens import TokenFigures
from research.encoder.ablation import AblationFigures
from research.rankers.localization import IssueRankerFigures
from research.rankers.validation import RankerFigures

__all__ = ["OUTPUTS", "AgentRun", "AgentTask"]

OUTPUTS: Mapping[str, tuple[Any, ...]] = {
    "bench-beir": (figures.BeirFigures,),
    "bench-search": (figures.SearchFigures,),
    "bench-continue": (figures.CursorFigures,),
    "bench-locate": (figures.LocateFigures,),
    "bench-definitions": (figures.DefinitionFigures,),
    "bench-calls": (CallFigures,),
    "bench-faults": (FaultFigures,),
    "bench-grep": (GrepFigures,),
    "bench-repo": (figures.OwnFigures,),
    "bench-secrets": (SecretsFigures,),
    "bench-speed": (figures.SpeedFigures, figures.GrowthFigures),
    "bench-lsp": (figures.ServerFigures,),
    "bench-agents": (AgentFigures,),
    "bench-exact": (ExactFigures,),
    "bench-tokens": (TokenFigures,),
    "train-reranker": (RankerFigures, IssueRankerFigures),
    "train-ablations": (AblationFigures,),
}
