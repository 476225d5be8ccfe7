"""One piece of work: its transaction, its moment, and what becomes of the webhooks it causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.sandbox.store import Rows


@dataclass(frozen=True)
class Fate:
    """What becomes of a webhook: how many copies are sent (none: it is lost), and how much later."""

    copies: int = 1
    delay_seconds: float = 0


SEND = Fate()
TWICE = Fate(copies=2)
LATE = Fate(delay_seconds=30)
LOST = Fate(copies=0)


@dataclass(frozen=True)
class Call:
    """What a change needs to know.

    `fate` is None when there is nowhere to send webhooks to: events are kept, and nothing is delivered.
    """

    rows: Rows
    now: int
    public_url: str
    fate: Fate | None
    request_id: str | None = None
    idempotency_key: str | None = None
