"""Main path of continue: from a cursor to suggestions.

parse_prefix -> gather (legs in one batch) -> cut -> rank (features, parsed joins) -> suggest -> confidence
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from indexer.fragment import language_of
from indexer.parsing.secrets import is_doubtful
from indexer.store import Store

from . import adaptation, code, confidence, line_ends, suggestion
from .alignment import START, Aligner
from .buffer import Buffer
from .features import Option, Pool
from .gathering import DATA_DEPTH, DEPTH, Found, gather, going_on
from .indentation import Indentation
from .joining import Joiner
from .profiles import DEFAULT, PROFILES
from .query import Prefix, parse_prefix
from .ranker import Ranked, explained, rank

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

__all__ = ["Buffer", "Continuer", "Suggestion"]

LIMIT = 5
_LOOKED_AT = 4
"""So many candidates for one suggestion: duplicates and what says nothing are left out."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text to insert at the cursor, and where it comes from: path and lines of the suggested code itself.

    `text` has the line ends of the buffer.
    `confidence` in [0, 1] is the estimated chance that its first line has the names of the right one.
    `names` are the replaced names, `why` is what the features added to the score.
    """

    text: str
    path: str
    start_line: int
    end_line: int
    symbol: str
    language: str
    confidence: float
    score: float
    names: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, float] = field(default_factory=dict)

    def as_json(self, explain: bool = False) -> dict[str, Any]:
        """The documented JSON form."""
        data: dict[str, Any] = {
            "path": self.path,
            "start_line": self.start_line,
            "end_line": self.end_line,
            "symbol": self.symbol,
            "suggestion": self.text,
            "confidence": round(self.confidence, 4),
            "score": round(self.score, 6),
        }
        if explain:
            data["adapted"] = dict(self.names)
            data["why"] = {name: round(value, 4) for name, value in self.why.items()}
        return data


class Continuer:
    """Suggests what comes next from one repository's store; keeps no state between questions.

    `repo` names the repository in a store that holds several; "" takes all there is.
    """

    def __init__(self, store: Store, encoder: Encoder, repo: str) -> None:
        self._store, self._encoder, self._repo = store, encoder, repo

    def suggest(
        self,
        buffer: Buffer,
        line: int,
        column: int | None = None,
        *,
        limit: int = LIMIT,
        until: str = "block",
        everything: bool = False,
        profile: str = DEFAULT,
        adapt: bool = True,
        explain: bool = False,
    ) -> list[Suggestion]:
        """The best suggestions at a place (from 1; without a column the line's end), best first.

        Those below the confidence that is shown come only with `everything`, reasons with `explain`. Raises
        UsageError for a place that is not there, and for an unknown `until` or `profile`.
        """
        _check(until, profile, limit)
        prefix = parse_prefix(buffer, line, column)
        if not prefix.code.lexemes or prefix.place == "comment":
            return []
        pool = self.pool(prefix)
        ranked = rank(pool, profile)

        def why(number: int) -> Mapping[str, float]:
            return explained(ranked, number, profile) if explain else {}

        found = list(_suggestions(pool, ranked, self._upto(until), why, limit, adapt=adapt))
        enough = confidence.bundled().threshold
        shown = [one for one in found if everything or one.confidence >= enough]
        end = line_ends.of(buffer.text)
        return shown if end == "\n" else [replace(one, text=one.text.replace("\n", end)) for one in shown]

    def _upto(self, until: str) -> Callable[[Prefix, Option], suggestion.Rest]:
        """What an option suggests. Where it ends with a piece of a long function, the next pieces go on."""

        def part(prefix: Prefix, option: Option) -> suggestion.Rest:
            assert option.rest is not None
            found = suggestion.upto(option.rest, until, prefix.language)
            if len(found.lines) < len(option.rest.lines) or option.found.payload["kind"] == "block":
                return found
            whole = going_on(self._store, option.found)
            if len(whole) <= len(option.found.text):
                return found
            rest = suggestion.rest(prefix, whole, option.cut, Indentation.of(option.found.text))
            return suggestion.upto(rest, until, prefix.language)

        return part

    def pool(self, prefix: Prefix, depth: int = 0, *, languages: Sequence[str] | None = None) -> Pool:
        """The candidates, cut; of each leg the best `depth`, by default as many as the place deserves.

        They are in `languages` (() for all), by default in those whose code fits where the cursor is.
        """
        depth = depth or (DEPTH if prefix.typed else DATA_DEPTH)
        found = gather(self._store, self._encoder, self._repo, prefix, depth=depth, languages=languages)
        return Pool(prefix, options(prefix, [one for one in found if not is_own(prefix, one)]))


def options(prefix: Prefix, found: Sequence[Found]) -> list[Option]:
    """Fragments cut where they may follow the cursor; of a data set's prefix, from their start."""
    if not prefix.typed:
        return [Option(one, START, code.read(one.text, prefix.language)) for one in found]
    aligner = Aligner(prefix)
    return [option for one in found if (option := _option(prefix, aligner, one)) is not None]


def _option(prefix: Prefix, aligner: Aligner, one: Found) -> Option | None:
    start = one.payload["kind"] == "block" or int(one.payload["ordinal"]) > 0
    cut = aligner.cut(one.text, start=start)
    if cut is None:
        return None
    rest = suggestion.rest(prefix, one.text, cut, Indentation.of(one.text))
    return Option(one, cut, code.read(rest.text, prefix.language), rest)


def is_own(prefix: Prefix, found: Found) -> bool:
    """Whether a fragment is the old text of the function that is being edited."""
    if not prefix.path or found.payload["path"] != prefix.path:
        return False
    if prefix.name and str(found.payload["symbol"]).rsplit(".", 1)[-1] == prefix.name:
        return True
    first, last = int(found.payload["start_line"]), int(found.payload["end_line"])
    return first <= prefix.last_line <= last or (not prefix.name and first <= prefix.last_line + 1 <= last)


def _suggestions(
    pool: Pool,
    ranked: Ranked,
    upto: Callable[[Prefix, Option], suggestion.Rest],
    why: Callable[[int], Mapping[str, float]],
    limit: int,
    *,
    adapt: bool,
) -> Iterator[Suggestion]:
    prefix = pool.prefix
    following = prefix.rest + "\n" + prefix.after
    seen: set[str] = set()
    chances = confidence.chances(pool, ranked)
    joiner = Joiner(prefix)
    given = 0
    for number, row in enumerate(ranked.order[: _LOOKED_AT * limit + 20]):
        option = pool.options[int(row)]
        part = suggestion.trimmed(_without_secrets(upto(prefix, option)), prefix.after)
        fits = suggestion.leading_to(part, prefix.rest)
        if fits is None:
            continue
        part = fits
        if not suggestion.says_something(part.lines) or suggestion.is_there(part, following):
            continue
        if not option.cut.inside and suggestion.repeats(part, prefix.text):
            continue
        names: dict[str, str] = {}
        if adapt:
            part, names = adaptation.adapt(joiner, prefix, option.found.text, option.cut, part)
        bare = "".join("".join(part.lines).split())
        if bare in seen:
            continue
        seen.add(bare)
        score = float(ranked.scores[number])
        yield _suggestion(option, part, names, chances[number], score, why(number))
        given += 1
        if given == limit:
            return


def _without_secrets(part: suggestion.Rest) -> suggestion.Rest:
    """The part up to the first line that had a secret in it, or may have one."""
    count = next((n for n, line in enumerate(part.lines) if is_doubtful(line)), len(part.lines))
    return replace(part, lines=part.lines[:count], numbers=part.numbers[:count])


def _suggestion(
    option: Option,
    part: suggestion.Rest,
    names: Mapping[str, str],
    chance: float,
    score: float,
    why: Mapping[str, float],
) -> Suggestion:
    payload = option.found.payload
    start = int(payload["start_line"])
    return Suggestion(
        text=part.lead + part.text,
        path=str(payload["path"]),
        start_line=start + part.numbers[0],
        end_line=start + part.numbers[-1],
        symbol=str(payload["symbol"]),
        language=language_of(payload),
        confidence=chance,
        score=score,
        names=names,
        why=why,
    )


def _check(until: str, profile: str, limit: int) -> None:
    for what, value, known in (("until", until, suggestion.UNTIL), ("profile", profile, PROFILES)):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}; one of: {', '.join(known)}")
    if limit < 1:
        raise UsageError(f"limit is at least 1, not {limit}")
