"""How good is search? nDCG@10 by profile and category on repositories with annotated questions.

    python benchmarks/quality.py DATA --trees TREES [--json]

DATA holds `repos.json` (name, benchmark_root) and `annotations/NAME.json` (query, category, relevant and secondary
targets: a path, or a path with start_line and end_line); TREES holds one checked-out tree a name. A target is found at the
first result whose path matches and whose lines overlap its own, where it has any; the ideal ranking finds all of them first.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROFILES = ("bm25", "dense", "hybrid", "rerank")
DEPTH = 10


@dataclass(frozen=True)
class Target:
    """What should be found: a path (relative to the repository), and lines if only they will do."""

    path: str
    start: int = 0
    end: int = 0

    @staticmethod
    def read(data: Any) -> Target:
        if isinstance(data, str):
            return Target(data)
        return Target(data["path"], data.get("start_line", 0), data.get("end_line", 0))

    def matches(self, result: Mapping[str, Any]) -> bool:
        path = result["path"]
        same = self.path == path or self.path.endswith("/" + path) or path.endswith("/" + self.path)
        return same and (not self.end or (result["start_line"] <= self.end and result["end_line"] >= self.start))


def ndcg(results: Sequence[Mapping[str, Any]], targets: Sequence[Target]) -> float:
    """nDCG at DEPTH with binary gains (Järvelin & Kekäläinen, 2002)."""
    gained = 0.0
    for target in targets:
        rank = next((i for i, result in enumerate(results[:DEPTH]) if target.matches(result)), None)
        gained += 0.0 if rank is None else 1 / math.log2(rank + 2)
    return gained / sum(1 / math.log2(i + 2) for i in range(min(DEPTH, len(targets))))


def ask(tree: Path, questions: Sequence[str], profile: str, home: Path) -> Iterator[list[dict[str, Any]]]:
    """The real command's answers, from one process."""
    lines = "".join(json.dumps({"id": i, "query": q}) + "\n" for i, q in enumerate(questions))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cornea", "-C", str(tree), "search", "--batch", "-", "--json"]
        + ["-n", str(DEPTH), "--profile", profile],
        input=lines,
        capture_output=True,
        text=True,
        env={**os.environ, "CORNEA_HOME": str(home)},
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{tree}: {done.stderr}")
    for line in done.stdout.splitlines():
        yield json.loads(line)["results"]


def measure(data: Path, trees: Path, home: Path) -> dict[str, dict[str, list[float]]]:
    """Scores by profile and category ("all" among them)."""
    scores: dict[str, dict[str, list[float]]] = {p: defaultdict(list) for p in PROFILES}
    for repo in json.loads((data / "repos.json").read_text("utf-8")):
        tree = trees / repo["name"] / (repo["benchmark_root"] or "")
        if not tree.is_dir():
            print(f"{repo['name']}: no tree, left out", file=sys.stderr)
            continue
        subprocess.run(
            [sys.executable, "-P", "-m", "cornea", "index", str(tree), "--yes"],
            env={**os.environ, "CORNEA_HOME": str(home)},
            check=True,
        )
        items = json.loads((data / "annotations" / f"{repo['name']}.json").read_text("utf-8"))
        for profile in PROFILES:
            answers = ask(tree, [item["query"] for item in items], profile, home)
            for item, results in zip(items, answers, strict=True):
                targets = [Target.read(t) for t in item["relevant"] + item["secondary"]]
                value = ndcg(results, targets)
                for group in ("all", item["category"]):
                    scores[profile][group].append(value)
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cornea-quality-") as home:
        scores = measure(arguments.data, arguments.trees, Path(home))
    means = {p: {g: sum(v) / len(v) for g, v in groups.items()} for p, groups in scores.items()}
    counts = {g: len(v) for g, v in scores[PROFILES[0]].items()}
    if arguments.json:
        print(json.dumps({"counts": counts, "ndcg@10": means}, indent=1))
        return
    print(f"{'nDCG@10':10}" + "".join(f"{g:>20}" for g in (f"{g} ({n})" for g, n in counts.items())))
    for profile, groups in means.items():
        print(f"{profile:10}" + "".join(f"{groups[g]:20.4f}" for g in counts))


if __name__ == "__main__":
    main()
