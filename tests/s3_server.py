"""The part of Amazon S3's protocol that publishing needs, on loopback: a stand-in, not a real bucket.

It keeps objects with their headers, lists them, counts requests, and refuses as it is told. Signatures are not checked,
only that requests carry one. Source: Amazon S3 API reference, PutObject, DeleteObject, DeleteObjects, ListObjectsV2.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, unescape

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

_PAGE = 3
"""Few objects in one answer, so that lists are really paged."""


class Bucket:
    """Objects by key, each with its body and headers."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.calls: list[tuple[str, str]] = []
        self.refuse: Callable[[str, str], bool] = lambda _method, _key: False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:  # noqa: ANN401  WSGI's
        request = Request(environ)
        key = request.path.removeprefix("/pages").removeprefix("/")
        self.calls.append((request.method, key))
        signed = request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        if not signed or self.refuse(request.method, key):
            return Response("<Error><Code>AccessDenied</Code></Error>", 403)(environ, start_response)
        return self._answer(request, key)(environ, start_response)

    def _answer(self, request: Request, key: str) -> Response:
        if request.method == "PUT":
            kept = {name: request.headers[name] for name in ("Content-Type", "Cache-Control")}
            self.objects[key] = (request.get_data(), kept)
            return Response(headers={"ETag": '"x"'})
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return Response(status=204)
        if request.method == "POST" and "delete" in request.args:
            return Response("<DeleteResult>" + "".join(map(self._deleted, _keys(request))) + "</DeleteResult>", 200)
        return Response(self._listed(request.args["prefix"], request.args.get("continuation-token", "")), 200)

    def _deleted(self, key: str) -> str:
        """One of several: S3 answers 200 also where it refuses some, and says which."""
        self.calls.append(("DELETE", key))
        if self.refuse("DELETE", key):
            words = "<Code>AccessDenied</Code><Message>Access Denied</Message>"
            return f"<Error><Key>{escape(key)}</Key>{words}</Error>"
        self.objects.pop(key, None)
        return f"<Deleted><Key>{escape(key)}</Key></Deleted>"

    def _listed(self, prefix: str, after: str) -> str:
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key][0])}</Size><ETag>x</ETag>"
            "<LastModified>2026-11-21T00:00:00.000Z</LastModified></Contents>"
            for key in keys[:_PAGE]
        )
        more = f"<NextContinuationToken>{escape(keys[_PAGE - 1])}</NextContinuationToken>" if keys[_PAGE:] else ""
        return f"<ListBucketResult><IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}{found}</ListBucketResult>"


def _keys(request: Request) -> list[str]:
    return [unescape(key) for key in re.findall(r"<Key>([^<]+)</Key>", request.get_data(as_text=True))]


@contextmanager
def serving(bucket: Bucket) -> Iterator[str]:
    """The bucket at an address, as long as the block runs."""
    server = make_server("127.0.0.1", 0, bucket, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
