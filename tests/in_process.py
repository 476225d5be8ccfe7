"""The real Stripe client against the sandbox without a socket, for tests that make many thousands of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stripe
from werkzeug.test import Client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication


class InProcess(stripe.HTTPClient):
    """Hands the client's requests to an app in this process."""

    name = "in-process"

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._client = Client(app)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # noqa: ANN401  as Stripe has it
        **_usage: Any,  # noqa: ANN401  the same
    ) -> tuple[str, int, Mapping[str, str]]:
        """Answer a request of the client."""
        parts = urlsplit(url)
        answer = self._client.open(
            parts.path, method=method.upper(), query_string=parts.query, headers=dict(headers or {}), data=post_data
        )
        return answer.get_data(as_text=True), answer.status_code, dict(answer.headers)

    def close(self) -> None:
        """Nothing is open."""
