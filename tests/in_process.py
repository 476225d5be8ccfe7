"""The real Stripe client against the sandbox without a socket, for tests that make many thousands of calls."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stripe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication, WSGIEnvironment


class InProcess(stripe.HTTPClient):
    """Hands the client's requests to an app in this process, with no more ceremony than WSGI itself asks for."""

    name = "in-process"

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # noqa: ANN401  as Stripe has it
        **_usage: Any,  # noqa: ANN401  the same
    ) -> tuple[str, int, Mapping[str, str]]:
        """Answer a request of the client."""
        answered: dict[str, Any] = {}

        def start_response(status: str, fields: list[tuple[str, str]], _error: object = None) -> Any:  # noqa: ANN401  WSGI's
            answered["status"], answered["headers"] = int(status[:3]), dict(fields)

        parts = self._app(_environ(method, url, headers or {}, str(post_data or "").encode()), start_response)
        body = b"".join(parts).decode()
        if close := getattr(parts, "close", None):
            close()
        return body, answered["status"], answered["headers"]

    def close(self) -> None:
        """Nothing is open."""


def _environ(method: str, url: str, headers: Mapping[str, str], body: bytes) -> WSGIEnvironment:
    place = urlsplit(url)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method.upper(),
        "SCRIPT_NAME": "",
        "PATH_INFO": place.path,
        "QUERY_STRING": place.query,
        "SERVER_NAME": place.hostname or "",
        "SERVER_PORT": str(place.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": place.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        field = name.upper().replace("-", "_")
        environ[field if field == "CONTENT_TYPE" else f"HTTP_{field}"] = value
    return environ
