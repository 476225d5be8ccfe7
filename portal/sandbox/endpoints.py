"""Webhook endpoints: the one that the sandbox sends to is there as if somebody had made it in the Dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.events import API_VERSION
from portal.sandbox.ids import new_id

if TYPE_CHECKING:
    from portal.sandbox.books import Books
    from portal.sandbox.errors import Json


def register(books: Books, url: str) -> Json:
    """The endpoint at this address; made where there is none. Its secret is shown at creation only, so not here."""
    with books.change() as call:
        known = call.rows.where("webhook_endpoint", "json_extract(body, '$.url') = ?", (url,))
        if known:
            return known[0]
        return call.rows.add(
            {
                "id": new_id("we_"),
                "object": "webhook_endpoint",
                "api_version": API_VERSION,
                "application": None,
                "created": call.now,
                "description": None,
                "enabled_events": ["*"],
                "livemode": False,
                "metadata": {},
                "status": "enabled",
                "url": url,
            }
        )
