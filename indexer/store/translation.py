"""Translates filters and vectors into the classes of an engine, whose names are the same for both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

from . import DENSE, Condition, Filter, HasId, HasPrefix, Leg, Point, SparseVector, Value


class Translator:
    """Makes objects of the classes in the module `api`.

    `has_id` makes the condition that a point has one of some ids, and `literal` the value for an equality.
    """

    def __init__(
        self,
        api: ModuleType,
        has_id: Callable[[Sequence[str]], Any],
        literal: Callable[[Value], Any] = lambda value: value,
    ) -> None:
        self._api, self._has_id, self._literal = api, has_id, literal

    def filter(self, where: Filter) -> Any:
        """The filter with the same conditions."""
        must, must_not = (list(map(self._condition, part)) for part in (where.must, where.must_not))
        return self._api.Filter(must=must, must_not=must_not)

    def _condition(self, condition: Condition) -> Any:
        if isinstance(condition, HasId):
            return self._has_id(condition.ids)
        field, api = condition.field, self._api
        if isinstance(condition, HasPrefix):
            return api.FieldCondition(key=field, match=api.MatchPrefix(prefix=condition.prefix))
        # Return a plain condition if possible: in the embedded engine, a nested filter takes four times as
        # long, and a list of one value takes twice as long.
        conditions = [api.FieldCondition(key=field, match=match) for match in self._matches(condition.values)]
        if len(conditions) == 1:
            return conditions[0]
        return api.Filter(should=conditions) if conditions else self._has_id(())

    def _matches(self, values: Sequence[Value]) -> Iterator[Any]:
        """The matches that together accept any of `values`. No engine accepts several types in one list."""
        for kind in (str, int, bool):
            group = [value for value in values if type(value) is kind]
            if len(group) > 1 and kind is not bool:
                yield self._api.MatchAny(any=group)
            else:
                yield from (self._api.MatchValue(value=self._literal(value)) for value in group)

    def sparse(self, vector: SparseVector) -> Any:
        # The embedded engine reads lists twice as fast as arrays.
        return self._api.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())

    def vectors(self, point: Point) -> dict[str, Any]:
        """The point's vectors by name. Empty sparse vectors are left out."""
        vectors = {name: self.sparse(vector) for name, vector in point.sparse.items() if len(vector)}
        return vectors if point.dense is None else vectors | {DENSE: point.dense.tolist()}

    def vector(self, leg: Leg) -> Any:
        """The leg's vector."""
        return self.sparse(leg.vector) if isinstance(leg.vector, SparseVector) else leg.vector.tolist()
