"""A store on a Qdrant server or cluster, through qdrant-client.

The URL `:memory:` selects the client's in-process stand-in for a server, for tests. Only this module imports
the client. `open_store` imports this module only for a server, because the import takes half a second.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from ..errors import StoreDamaged, StoreError, Unsupported, first_line
from . import DENSE, EVERYTHING, INDEXED_FIELDS, SPARSE, TENANT, Filter, Leg, Point, StoreConfig
from .checked_store import SCROLL_PAGE, CheckedStore, batches, translated
from .translation import Translator

MEMORY = ":memory:"
MIN_VERSION = (1, 19)
"""The first version of the server that can restrict IDF to a corpus."""

TIMEOUT_SECONDS = 30
UPSERT_POINTS = 128
UPSERT_BYTES = 8 * 1024 * 1024
"""Largest number of points, and of estimated bytes, of a request. The server refuses more than 32 MB."""

FLOAT_BYTES = 12
"""Estimated bytes of a float32 as JSON text."""

AMEND_BATCH = 500
"""Payload changes per request."""
FACET_LIMIT = 1_000_000


class ServerStore(CheckedStore):
    """A `Store` in one collection of a server. A write returns when the server has applied it."""

    def __init__(self, client: QdrantClient, config: StoreConfig) -> None:
        super().__init__(config, partial(_store_error, config))
        self._client, self._collection = client, config.collection

    @classmethod
    def open(cls, config: StoreConfig) -> ServerStore:
        """Connect, and create what is missing of the collection and its indexes. Raises as `open_store`."""
        with translated(partial(_store_error, config, "open")):
            client = _connect(config)
            try:
                _check_version(client, config)
                if not client.collection_exists(config.collection):
                    _create(client, config)
                found = client.get_collection(config.collection)
                _check_schema(found.config.params, config)
                _index_fields(client, config, found.payload_schema)
            except BaseException:
                client.close()
                raise
        return cls(client, config)

    def flush(self) -> None:
        """Check that the store is open. Nothing is left to flush: the server has acknowledged every write."""
        with self._call("flush"):
            pass

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            with translated(partial(self._error_for, "close")):
                self._client.close()

    def _batches(self, points: Sequence[Point]) -> Iterator[Sequence[Point]]:
        return batches(points, UPSERT_POINTS, _weight, UPSERT_BYTES)

    def _upsert(self, points: Sequence[Point]) -> None:
        made = [
            models.PointStruct(id=one.id, vector=_translate.vectors(one), payload=dict(one.payload))
            for one in points
        ]
        self._client.upsert(self._collection, made, wait=True)

    def _amend(self, changes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for part in batches(changes, AMEND_BATCH):
            setters = [models.SetPayload(payload=dict(fields), points=[id]) for id, fields in part]
            operations = [models.SetPayloadOperation(set_payload=setter) for setter in setters]
            self._client.batch_update_points(self._collection, operations, wait=True)

    def _delete(self, where: Filter) -> None:
        self._client.delete(
            self._collection, models.FilterSelector(filter=_translate.filter(where)), wait=True
        )

    def _query(self, legs: Sequence[Leg]) -> Iterable[Iterable[models.ScoredPoint]]:
        answers = self._client.query_batch_points(self._collection, list(map(_request, legs)))
        return [answer.points for answer in answers]

    def _fetch(self, ids: list[str], fields: bool | list[str]) -> Iterable[models.Record]:
        return self._client.retrieve(self._collection, ids, with_payload=fields)

    def _scroll(
        self, where: Filter, fields: bool | list[str], offset: Any
    ) -> tuple[Iterable[models.Record], Any]:
        return self._client.scroll(
            self._collection,
            scroll_filter=_translate.filter(where),
            limit=SCROLL_PAGE,
            offset=offset,
            with_payload=fields,
        )

    def _count(self, where: Filter) -> int:
        return self._client.count(self._collection, count_filter=_translate.filter(where), exact=True).count

    def _facet(self, field: str, where: Filter) -> Any:
        return self._client.facet(
            self._collection, field, facet_filter=_translate.filter(where), limit=FACET_LIMIT, exact=True
        )


def _weight(point: Point) -> int:
    """The estimated size of a point in bytes of JSON. Raises StoreError if JSON cannot hold its payload."""
    numbers = sum(2 * len(vector) for vector in point.sparse.values())
    numbers += 0 if point.dense is None else 2 * len(point.dense)
    try:
        text = json.dumps(dict(point.payload), ensure_ascii=False, allow_nan=False)
        return numbers * FLOAT_BYTES + len(text.encode())
    except (TypeError, ValueError) as error:
        raise StoreError(f"point {point.id}: its payload cannot be stored as JSON ({error})") from error


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


def _place(config: StoreConfig) -> str:
    return f"the collection {config.collection} on {config.url}"


def _store_error(config: StoreConfig, doing: str, error: BaseException) -> StoreError:
    """The error to raise for an error of the client. It says what the user should check."""
    return StoreError(f"cannot {doing} {_place(config)}: {_advice(error)}")


def _advice(error: BaseException) -> str:
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


def _check_schema(params: models.CollectionParams, config: StoreConfig) -> None:
    """Refuse a collection whose vectors differ from the schema, for example because of another model."""
    dense = params.vectors.get(DENSE) if isinstance(params.vectors, dict) else None
    sparse = params.sparse_vectors or {}
    weighted = (one.modifier == models.Modifier.IDF for name in SPARSE if (one := sparse.get(name)))
    is_same = dense and dense.size == config.dim and dense.distance == models.Distance.COSINE
    if not is_same or sum(weighted) != len(SPARSE):
        raise StoreDamaged(
            f"{_place(config)} has other vectors than this version writes "
            f"(dense of {config.dim} numbers, cosine; sparse {' and '.join(SPARSE)} with IDF)",
            "choose another collection name, or delete that collection",
        )


def _index_fields(client: QdrantClient, config: StoreConfig, present: Container[str]) -> None:
    """Create the payload indexes that are missing."""
    for field in (TENANT, *INDEXED_FIELDS):
        if field not in present:
            schema = models.KeywordIndexParams(
                type=models.KeywordIndexType.KEYWORD, is_tenant=field == TENANT or None
            )
            client.create_payload_index(config.collection, field, schema, wait=True)


def _request(leg: Leg) -> models.QueryRequest:
    filtered = leg.where != EVERYTHING
    params = models.SearchParams(exact=True) if leg.using == DENSE and filtered else None
    if leg.corpus is not None:
        params = models.SearchParams(idf=models.IdfCorpusParams(corpus=_translate.filter(leg.corpus)))
    return models.QueryRequest(
        query=models.NearestQuery(nearest=_translate.vector(leg)),
        using=leg.using,
        filter=_translate.filter(leg.where) if filtered else None,
        limit=leg.limit,
        params=params,
    )


_translate = Translator(models, has_id=lambda ids: models.HasIdCondition(has_id=list(ids)))
