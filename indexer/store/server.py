"""A store on a Qdrant server or cluster, through qdrant-client.

The URL `:memory:` selects the client's in-process stand-in for a server, for tests. Only this module imports
the client. `open_store` imports this module only for a server, because the import takes half a second.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from ..errors import StoreDamaged, StoreError, Unsupported, first_line
from .batches import batches
from .types import (
    DENSE,
    EVERYTHING,
    INDEXED_FIELDS,
    SPARSE,
    TENANT,
    Condition,
    Filter,
    HasId,
    HasPrefix,
    Leg,
    Point,
    Record,
    Scored,
    SparseVector,
    StoreConfig,
    Value,
    ranked,
    selected,
)
from .validate import (
    by_type,
    check_delete,
    check_facet,
    check_filter,
    check_ids,
    check_leg,
    check_points,
    is_empty_query,
)

MEMORY = ":memory:"
MIN_VERSION = (1, 19)
"""The first version of the server that can restrict IDF to a corpus."""

TIMEOUT_SECONDS = 30
SCROLL_PAGE = 1000
AMEND_BATCH = 500
"""Payload changes per request."""
FACET_LIMIT = 1_000_000


class ServerStore:
    """A `Store` in one collection of a server. A write returns when the server has applied it."""

    def __init__(self, client: QdrantClient, config: StoreConfig) -> None:
        self._client = client
        self._config = config
        self._closed = False

    @classmethod
    def open(cls, config: StoreConfig) -> ServerStore:
        """Connect, and create the collection and its payload indexes if they are missing.

        Raises Unsupported if the server is too old, StoreDamaged if the collection has another schema, and
        StoreError for other failures.
        """
        with _translated("open", config):
            client = _connect(config)
        try:
            with _translated("open", config):
                _check_version(client, config)
                if not client.collection_exists(config.collection):
                    _create(client, config)
                _check_schema(client, config)
                _index_fields(client, config)
        except BaseException:
            client.close()
            raise
        return cls(client, config)

    def upsert(self, points: Sequence[Point]) -> None:
        check_points(points, self._config.dim)
        for batch in list(batches(points)):
            with self._server("write points to") as client:
                client.upsert(self._config.collection, [_point(point) for point in batch], wait=True)

    def amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        check_ids([id for id, _ in changes])
        for start in range(0, len(changes), AMEND_BATCH):
            part = changes[start : start + AMEND_BATCH]
            setters = [models.SetPayload(payload=dict(fields), points=[id]) for id, fields in part]
            operations = [models.SetPayloadOperation(set_payload=setter) for setter in setters]
            with self._server("change points in") as client:
                client.batch_update_points(self._config.collection, operations, wait=True)

    def delete(self, where: Filter) -> None:
        check_delete(where)
        with self._server("delete points from") as client:
            client.delete(self._config.collection, models.FilterSelector(filter=_filter(where)), wait=True)

    def query(self, legs: Sequence[Leg]) -> list[list[Scored]]:
        for leg in legs:
            check_leg(leg, self._config.dim)
        asked = [leg for leg in legs if not is_empty_query(leg)]
        if not asked:
            return [[] for _ in legs]
        with self._server("search") as client:
            requests = [_request(leg, in_memory=self._config.url == MEMORY) for leg in asked]
            answers = iter(client.query_batch_points(self._config.collection, requests))
        return [[] if is_empty_query(leg) else ranked(map(_scored, next(answers).points)) for leg in legs]

    def fetch(self, ids: Sequence[str], fields: Sequence[str] | None = None) -> list[Record]:
        check_ids(ids)
        with self._server("read points from") as client:
            found = client.retrieve(
                self._config.collection, list(dict.fromkeys(ids)), with_payload=selected(fields)
            )
        records = {record.id: record for record in map(_record, found)}
        return [records[id] for id in ids if id in records]

    def scroll(self, where: Filter, fields: Sequence[str] | None = None) -> Iterator[Record]:
        check_filter(where)
        return self._pages(where, fields)

    def _pages(self, where: Filter, fields: Sequence[str] | None) -> Iterator[Record]:
        offset: Any = None
        while True:
            with self._server("read points from") as client:
                page, offset = client.scroll(
                    self._config.collection,
                    scroll_filter=_filter(where),
                    limit=SCROLL_PAGE,
                    offset=offset,
                    with_payload=selected(fields),
                )
            yield from map(_record, page)
            if offset is None:
                return

    def count(self, where: Filter = EVERYTHING) -> int:
        check_filter(where)
        with self._server("count points in") as client:
            return client.count(self._config.collection, count_filter=_filter(where), exact=True).count

    def facet(self, field: str, where: Filter = EVERYTHING) -> dict[str, int]:
        check_facet(field)
        check_filter(where)
        with self._server("count values in") as client:
            answer = client.facet(
                self._config.collection, field, facet_filter=_filter(where), limit=FACET_LIMIT, exact=True
            )
        return {str(hit.value): hit.count for hit in answer.hits}

    def flush(self, wait_for_idle: Callable[[], None] | None = None) -> None:
        """Check that the store is open. Nothing is left to flush: the server has acknowledged every write."""
        with self._server("flush"):
            pass

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            with _translated("close", self._config):
                self._client.close()

    @contextmanager
    def _server(self, doing: str) -> Iterator[QdrantClient]:
        """The context of every request: refuses a closed store and translates errors."""
        if self._closed:
            raise StoreError(
                f"cannot {doing} the collection {self._config.collection}: it was closed; open it again"
            )
        with _translated(doing, self._config):
            yield self._client


def _connect(config: StoreConfig) -> QdrantClient:
    if config.url == MEMORY:
        return QdrantClient(MEMORY)
    with warnings.catch_warnings():
        if urlsplit(config.url).hostname in ("localhost", "127.0.0.1", "::1"):
            # Without a warning, because the key does not leave this machine.
            warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return QdrantClient(
            url=config.url,
            api_key=config.api_key or None,
            timeout=TIMEOUT_SECONDS,
            # The client's own check of the version only warns. `_check_version` raises an error.
            check_compatibility=False,
        )


@contextmanager
def _translated(doing: str, config: StoreConfig) -> Iterator[None]:
    """Translate the client's exceptions into a StoreError that says what the user should check."""
    try:
        yield
    except (StoreError, Unsupported):
        raise
    except Exception as error:
        place = f"the collection {config.collection} on {config.url}"
        raise StoreError(f"cannot {doing} {place}: {_advice(error)}") from error


def _advice(error: Exception) -> str:
    """What went wrong and what the user can do."""
    if isinstance(error, UnexpectedResponse):
        if error.status_code in (401, 403):
            return f"the server refused the API key (HTTP {error.status_code}); check the key and its rights"
        body = " ".join(error.content.decode("utf-8", "replace").split())[:300]
        return f"the server answered HTTP {error.status_code}: {body}"
    if isinstance(error, ResponseHandlingException):
        cause = error.source
        if "Timeout" in type(cause).__name__:
            return f"no answer within {TIMEOUT_SECONDS} s; check the server's load and the URL"
        return f"no connection ({cause}); start the server or check the URL"
    return first_line(error, 300)


def _check_version(client: QdrantClient, config: StoreConfig) -> None:
    """Refuse a server that is so old that it would silently ignore a leg's corpus."""
    if config.url == MEMORY:
        return
    version = client.info().version
    number = re.match(r"(\d+)\.(\d+)", version)
    if number is None or (int(number[1]), int(number[2])) < MIN_VERSION:
        raise Unsupported(
            f"the Qdrant server on {config.url} is version {version}: "
            f"run version {'.'.join(map(str, MIN_VERSION))} or later"
        )


def _create(client: QdrantClient, config: StoreConfig) -> None:
    # float16, as in the embedded store, so that both stores give the same scores.
    dense = models.VectorParams(
        size=config.dim, distance=models.Distance.COSINE, datatype=models.Datatype.FLOAT16
    )
    client.create_collection(
        config.collection,
        vectors_config={DENSE: dense},
        sparse_vectors_config={
            name: models.SparseVectorParams(modifier=models.Modifier.IDF) for name in SPARSE
        },
    )


def _check_schema(client: QdrantClient, config: StoreConfig) -> None:
    """Refuse a collection whose vectors differ from the schema, for example because of another model."""
    params = client.get_collection(config.collection).config.params
    dense = params.vectors.get(DENSE) if isinstance(params.vectors, dict) else None
    sparse = params.sparse_vectors or {}
    found = (
        dense and (dense.size, dense.distance.lower()),
        *(_modifier(sparse.get(name)) for name in SPARSE),
    )
    if found != ((config.dim, "cosine"), *("idf" for _ in SPARSE)):
        raise StoreDamaged(
            f"the collection {config.collection} on {config.url} has other vectors than this version writes "
            f"(dense of {config.dim} numbers, cosine; sparse {' and '.join(SPARSE)} with IDF): "
            f"choose another collection name, or delete that collection"
        )


def _modifier(params: models.SparseVectorParams | None) -> str:
    return (params.modifier or "") if params else ""


def _index_fields(client: QdrantClient, config: StoreConfig) -> None:
    """Create the payload indexes that are missing. The in-process stand-in has none and would only warn."""
    if config.url == MEMORY:
        return
    present = client.get_collection(config.collection).payload_schema
    for field in (TENANT, *INDEXED_FIELDS):
        if field not in present:
            schema = models.KeywordIndexParams(
                type=models.KeywordIndexType.KEYWORD, is_tenant=field == TENANT or None
            )
            client.create_payload_index(config.collection, field, schema, wait=True)


def _point(point: Point) -> models.PointStruct:
    vectors: dict[str, Any] = {name: _sparse(vector) for name, vector in point.sparse.items() if len(vector)}
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    return models.PointStruct(id=point.id, vector=vectors, payload=dict(point.payload))


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())


def _request(leg: Leg, *, in_memory: bool) -> models.QueryRequest:
    """The request of a leg.

    A filtered dense leg is searched exactly, but not `in_memory`: the in-process stand-in would only warn.
    """
    vector = _sparse(leg.vector) if isinstance(leg.vector, SparseVector) else leg.vector.tolist()
    exact = leg.using == DENSE and leg.where != EVERYTHING and not in_memory
    params = models.SearchParams(exact=True) if exact else None
    if leg.corpus is not None:
        params = models.SearchParams(idf=models.IdfCorpusParams(corpus=_filter(leg.corpus)))
    return models.QueryRequest(
        query=models.NearestQuery(nearest=vector),
        using=leg.using,
        filter=None if leg.where == EVERYTHING else _filter(leg.where),
        limit=leg.limit,
        params=params,
    )


def _filter(where: Filter) -> models.Filter:
    return models.Filter(
        must=[_condition(condition) for condition in where.must],
        must_not=[_condition(condition) for condition in where.must_not],
    )


def _condition(condition: Condition) -> Any:
    if isinstance(condition, HasId):
        return models.HasIdCondition(has_id=list(condition.ids))
    if isinstance(condition, HasPrefix):
        return models.FieldCondition(key=condition.field, match=models.MatchPrefix(prefix=condition.prefix))
    matches = [match for group in by_type(condition.values) for match in _matches(group)]
    conditions: list[Any] = [models.FieldCondition(key=condition.field, match=match) for match in matches]
    if len(conditions) == 1:
        return conditions[0]
    return models.Filter(should=conditions) if conditions else models.HasIdCondition(has_id=[])


def _matches(values: Sequence[Value]) -> list[Any]:
    """The client's matches for any of these values, which have one type."""
    if len(values) == 1 or isinstance(values[0], bool):
        return [models.MatchValue(value=value) for value in values]
    return [models.MatchAny(any=cast(list[str], list(values)))]


def _scored(point: models.ScoredPoint) -> Scored:
    return Scored(str(point.id), point.score)


def _record(record: models.Record) -> Record:
    return Record(str(record.id), dict(record.payload or {}))
