"""A whole portal on loopback: content, pages, live app and sandbox under one real HTTP server."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server
from world import World

from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from portal.serving import Parts


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A built portal that is being served."""
    relay: list[Parts] = []
    server = make_server("127.0.0.1", 0, lambda environ, start: relay[0].app(environ, start), threaded=True)  # noqa: PLW0108  filled below
    here = World(tmp_path, port=server.server_port)
    here.build()
    relay.append(here.assemble())
    relay[0].start()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield here
    relay[0].stop()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def make_invoice() -> Callable[..., Invoice]:
    """An invoice as a value: ``make_invoice(total=Money(...), due_on=date(...))``."""

    def make(**fields: object) -> Invoice:
        total = fields.pop("total", Money(84000, "GBP"))
        plain: dict[str, object] = {
            "key": "1042",
            "number": "1042",
            "customer": Customer("Sample Customer Ltd"),
            "total": total,
            "stated_due": total,
            "issued_on": date(2026, 10, 1),
            "due_on": date(2026, 10, 31),
            "source": "invoices/1042.md",
        }
        return Invoice(**(plain | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    """A fact as a value: ``make_entry(30000, kind=EntryKind.PAYMENT)``."""

    def make(
        minor: int,
        currency: str = "GBP",
        *,
        kind: EntryKind = EntryKind.PAYMENT,
        external_id: str = "pi_1",
        key: str = "1042",
    ) -> Entry:
        happened = datetime(2026, 11, 20, 12, tzinfo=UTC)
        return Entry(kind, key, Money(minor, currency), happened, external_id, "Visa ending 4242")

    return make
