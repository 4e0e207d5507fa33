"""A Qdrant server in miniature, on the loopback interface.

Requests are parsed with the client's own models and executed on the client's in-process double, so that what
goes over the wire is checked for its shape. It knows the routes that `ServerStore` uses, API keys, the size
limit of a request, and that values can be counted only of an indexed field.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from pydantic import BaseModel, ValidationError
from qdrant_client import QdrantClient, models

MAX_BODY = 32 * 1024 * 1024
Route = Callable[[str, Any], Any]


class Refused(Exception):
    """An answer with an HTTP status other than 200."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Double:
    """The server: its `url`, the `requests` that arrived as (method, path, body), the `api_key` it wants."""

    def __init__(self, api_key: str = "") -> None:
        self.api_key = api_key
        self.requests: list[tuple[str, str, Any]] = []
        self.fail: tuple[int, str] | None = None
        self.version = "1.19.0"
        self._client = QdrantClient(":memory:")
        self._indexed: dict[str, dict[str, Any]] = {}
        self._turn = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._routes: list[tuple[str, str, Route]] = [
            ("GET", "/exists", self._exists),
            ("GET", "", self._info),
            ("PUT", "", self._create),
            ("PUT", "/index", self._index),
            ("PUT", "/points", self._upsert),
            ("POST", "/points/batch", self._batch),
            ("POST", "/points/delete", self._delete),
            ("POST", "/points/query/batch", self._query),
            ("POST", "/points", self._retrieve),
            ("POST", "/points/scroll", self._scroll),
            ("POST", "/points/count", self._count),
            ("POST", "/facet", self._facet),
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Double:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._client.close()

    def stop(self) -> None:
        """Answer no more; may be called twice."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
            self._http.server_close()

    def adopt(self, client: QdrantClient) -> None:
        """Serve the collections of `client`."""
        self._client.close()
        self._client = client
        self._indexed = {collection.name: {} for collection in client.get_collections().collections}

    def answer(self, method: str, path: str, key: str, raw: bytes) -> Any:
        """Execute one request. Raises Refused."""
        if self.api_key and key != self.api_key:
            raise Refused(401, "Must provide an API key or an Authorization bearer token")
        if self.fail:
            raise Refused(*self.fail)
        if len(raw) > MAX_BODY:
            raise Refused(
                413, f"JSON payload ({len(raw)} bytes) is larger than allowed (limit: {MAX_BODY} bytes)"
            )
        if (method, path) == ("GET", "/"):
            return models.VersionInfo(title="double", version=self.version)
        found = re.fullmatch(r"/collections/([^/?]+)([^?]*)(\?.*)?", path)
        for verb, rest, route in self._routes:
            if found and (method, found[2]) == (verb, rest):
                body = json.loads(raw) if raw else None
                with self._turn:
                    self.requests.append((method, path, body))
                    return route(found[1], body)
        raise Refused(404, f"no route {method} {path}")

    def _exists(self, name: str, body: Any) -> Any:
        return {"exists": self._client.collection_exists(name)}

    def _info(self, name: str, body: Any) -> Any:
        if not self._client.collection_exists(name):
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        info = self._client.get_collection(name)
        info.payload_schema = {
            field: models.PayloadIndexInfo(data_type=models.PayloadSchemaType.KEYWORD, points=0)
            for field in self._indexed[name]
        }
        return info

    def _create(self, name: str, body: Any) -> Any:
        wanted = models.CreateCollection.model_validate(body)
        self._indexed[name] = {}
        return self._client.create_collection(
            name, vectors_config=wanted.vectors, sparse_vectors_config=wanted.sparse_vectors
        )

    def _index(self, name: str, body: Any) -> Any:
        wanted = models.CreateFieldIndex.model_validate(body)
        self._indexed[name][wanted.field_name] = wanted.field_schema
        return models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)

    def _upsert(self, name: str, body: Any) -> Any:
        return self._client.upsert(name, models.PointsList.model_validate(body).points)

    def _batch(self, name: str, body: Any) -> Any:
        return self._client.batch_update_points(name, models.UpdateOperations.model_validate(body).operations)

    def _delete(self, name: str, body: Any) -> Any:
        return self._client.delete(name, models.FilterSelector.model_validate(body))

    def _query(self, name: str, body: Any) -> Any:
        batch = models.QueryRequestBatch.model_validate(body)
        for search in batch.searches:
            if search.params is not None:
                # The in-process double is always exact, and would warn that it cannot be more so.
                search.params.exact = None
        return self._client.query_batch_points(name, batch.searches)

    def _retrieve(self, name: str, body: Any) -> Any:
        wanted = models.PointRequest.model_validate(body)
        return self._client.retrieve(name, wanted.ids, with_payload=wanted.with_payload)

    def _scroll(self, name: str, body: Any) -> Any:
        wanted = models.ScrollRequest.model_validate(body)
        points, offset = self._client.scroll(
            name,
            scroll_filter=wanted.filter,
            limit=wanted.limit,
            offset=wanted.offset,
            with_payload=wanted.with_payload,
        )
        return models.ScrollResult(points=points, next_page_offset=offset)

    def _count(self, name: str, body: Any) -> Any:
        return self._client.count(name, count_filter=models.CountRequest.model_validate(body).filter)

    def _facet(self, name: str, body: Any) -> Any:
        wanted = models.FacetRequest.model_validate(body)
        if wanted.key not in self._indexed[name]:
            raise Refused(400, f"No appropriate index for faceting: `{wanted.key}`")
        return self._client.facet(name, wanted.key, facet_filter=wanted.filter, limit=wanted.limit)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, reply = _reply(
                    double, self.command, self.path, self.headers.get("api-key") or "", raw
                )
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_PUT = do_POST = _serve

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _reply(double: Double, method: str, path: str, key: str, raw: bytes) -> tuple[int, bytes]:
    try:
        result = _plain(double.answer(method, path, key, raw))
        whole = result if path == "/" else {"result": result, "status": "ok", "time": 0.0}
        return 200, json.dumps(whole).encode()
    except Refused as error:
        return error.status, json.dumps({"status": {"error": str(error)}, "time": 0.0}).encode()
    except (ValidationError, ValueError) as error:
        return 400, json.dumps({"status": {"error": str(error)}, "time": 0.0}).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    return [_plain(item) for item in value] if isinstance(value, list) else value
