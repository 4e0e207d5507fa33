"""JSON Schemas of all that Cornea reads and prints as JSON, made from the types that the code uses.

`python -m cornea.schemas` writes them to docs/schemas.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from lsp import command_types as lsp
from retrieval.host import answers as host
from retrieval.host.requests import REQUESTS

from .commands.bench import outputs as bench
from .presentation import json_answers, json_matches, json_reports

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).parents[1] / "docs" / "schemas"

_OUTPUTS: Mapping[str, tuple[Any, ...]] = {
    "search": (json_answers.SearchOutput,),
    "search-jsonl": (json_answers.Result,),
    "search-batch": (json_answers.BatchAnswer[json_answers.Result], json_answers.BatchError),
    "grep": json_matches.GrepOutput,
    "continue": (json_answers.ContinueOutput,),
    "continue-batch": (
        json_answers.BatchAnswer[json_answers.SuggestionResult],
        json_answers.BatchError,
    ),
    "locate": (json_answers.LocateOutput,),
    "locate-jsonl": (host.Location,),
    "locate-batch": (json_answers.BatchAnswer[host.Location], json_answers.BatchError),
    "outline": (json_reports.OutlineOutput,),
    "callers": (json_answers.CallsOutput,),
    "index": (json_reports.IndexOutput,),
    "status": (json_reports.StatusOutput,),
    "status-skipped": (json_reports.SkippedOutput,),
    "status-why": (json_reports.WhyOutput,),
    "watch": (
        json_reports.WatchingEvent,
        json_reports.UpdatedEvent,
        json_reports.ProgressEvent,
        json_reports.TroubleEvent,
        json_reports.LeavingEvent,
    ),
    "host-status": (host.HostStatus, json_reports.NoHost),
    "host-stop": (json_reports.StoppedHost,),
    "doctor": (json_reports.DoctorOutput,),
    "clear": (json_reports.ClearOutput,),
    "install": (json_reports.InstallOutput,),
    **bench.OUTPUTS,
}
"""The types of what each command prints as JSON. Similar prints what search does."""

_INPUTS: Mapping[str, Any] = {
    "search-batch-line": json_answers.SearchLine,
    "continue-batch-line": json_answers.ContinueLine,
    "locate-batch-line": json_answers.LocateLine,
    "bench-agents-task": bench.AgentTask,
    "bench-agents-run": bench.AgentRun,
}

_EVENTS: Mapping[str, Any] = {
    "progress": host.ProgressCounts,
    "updated": host.UpdateReport,
    "trouble": host.Trouble,
    "leaving": host.Leaving,
}

_LSP: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    "search": (lsp.SearchArguments, (lsp.FoundPlace,)),
    "similar": (lsp.SimilarArguments, (lsp.FoundPlace,)),
    "locate": (lsp.LocateArguments, (lsp.FoundPlace,)),
    "reindex": (lsp.ReindexArguments, (lsp.RootReport, lsp.FailedUpdate)),
    "status": (lsp.StatusArguments, (lsp.ServerStatus,)),
}
"""The types of each command's arguments, and of its result, or of the items of its result if it is a list."""


def schemas() -> dict[str, dict[str, Any]]:
    """All schemas, by their path below docs/schemas without the ending."""
    found = {f"commands/{name}": _schema(*types, closed=True) for name, types in _OUTPUTS.items()}
    found |= {f"commands/{name}": _schema(kind) for name, kind in _INPUTS.items()}
    for name, request in REQUESTS.items():
        found[f"host/{name}-params"] = _schema(request.params)
        found[f"host/{name}-answer"] = _schema(request.answer, closed=True)
    found["host/error"] = _schema(host.ErrorBody, closed=True)
    found |= {f"host/{name}-event": _schema(kind, closed=True) for name, kind in _EVENTS.items()}
    for name, (arguments, result) in _LSP.items():
        found[f"lsp/{name}-arguments"] = _schema(arguments)
        found[f"lsp/{name}-result"] = _schema(*result, closed=True, many=name != "status")
    return found


def text_of(schema: Mapping[str, Any]) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema, indent=2) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write all schemas, and remove the files of schemas that no longer exist."""
    wanted = {folder / f"{name}.json": text_of(schema) for name, schema in schemas().items()}
    for path in set(folder.glob("*/*.json")) - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _schema(*types: Any, closed: bool = False, many: bool = False) -> dict[str, Any]:
    """The schema of a value of one of the types, or of a list of `many` such values.

    If it is `closed`, objects have only the declared fields.
    """
    more = (host.HostStatus, lsp.FailedStatus) if lsp.ServerStatus in types else ()
    roots, components = msgspec.json.schema_components((*types, *more), ref_template="#/$defs/{name}")
    if closed:
        for component in components.values():
            if "properties" in component:
                component["additionalProperties"] = False
    own = list(roots[: len(types)])
    one = own[0] if len(own) == 1 else {"anyOf": own}
    return {
        "$schema": DIALECT,
        **({"type": "array", "items": one} if many else one),
        "$defs": dict(sorted(components.items())),
    }


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:2]))
