"""Notes what a portal asks of the sandbox, so that tests can hold it against Stripe's specification."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class Recorder:
    """Notes the requests that reach the sandbox's API: method, path, and body or query."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.requests: list[tuple[str, str, str]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if path.startswith("/v1/"):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            self.requests.append((environ["REQUEST_METHOD"], path, body.decode() or query))
        return self._app(environ, start_response)

    def about_links(self) -> list[tuple[str, str, str]]:
        """Those that are about links and prices, or about the checkouts of a link."""
        return [
            r for r in self.requests if r[1].startswith(("/v1/payment_links", "/v1/prices")) or "payment_link=" in r[2]
        ]
