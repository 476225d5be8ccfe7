"""What was asked for by somebody without a link that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, Table, Text, bindparam, select

from portal.adapters.ledger.builds import metadata
from portal.adapters.ledger.engine import reading
from portal.adapters.ledger.tables import Moment
from portal.ports.links import LinkRequest

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection, Engine

__all__ = ["LinkRequestsInTransaction", "LinkRequestsOfLedger", "link_requests", "metadata"]

link_requests = Table(
    "link_requests",
    metadata,
    Column("request", Integer, primary_key=True),
    Column("asked_at", Moment, nullable=False),
    Column("email", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("ended_at", Moment),
    sqlite_autoincrement=True,
)
"""Requests for a link, until the owner has dealt with them; then the words go and the number stays."""

_WAITING = select(link_requests).where(link_requests.c.ended_at.is_(None)).order_by(link_requests.c.request)
_END = (
    link_requests.update()
    .where(link_requests.c.request == bindparam("number"))
    .values(ended_at=bindparam("now"), email="", words="")
)


class LinkRequestsInTransaction:
    """The part of a ledger transaction that is about requests; see ``portal.ports.links.LinkTransaction``."""

    _connection: Connection

    def add_link_request(self, email: str, words: str, asked_at: datetime) -> LinkRequest:
        """Keep a request."""
        row = {"asked_at": asked_at, "email": email, "words": words}
        insert = link_requests.insert().returning(link_requests.c.request)
        return LinkRequest(self._connection.execute(insert, row).scalar_one(), asked_at, email, words)

    def end_link_request(self, number: int, now: datetime) -> None:
        """Strike a request, and what somebody said in it, for it has served its purpose."""
        self._connection.execute(_END, {"number": number, "now": now})


class LinkRequestsOfLedger:
    """The part of the ledger that has requests; see ``portal.ports.links.LinkLedger``."""

    _engine: Engine

    def link_requests(self) -> tuple[LinkRequest, ...]:
        """The requests that wait for the owner, oldest first."""
        with reading(self._engine) as connection:
            found = connection.execute(_WAITING)
            return tuple(LinkRequest(row.request, row.asked_at, row.email, row.words) for row in found)
