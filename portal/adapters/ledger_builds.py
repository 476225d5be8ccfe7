"""What builds leave behind: when each was, and what invoices asked for before their amounts were changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, Index, Integer, Table, Text, select

from portal.adapters.invoice_json import invoice_from_json
from portal.adapters.ledger_engine import reading, repeated, writing
from portal.adapters.ledger_invoices import invoice_rows
from portal.adapters.ledger_seen_alarms import metadata
from portal.adapters.ledger_tables import Moment, invoices
from portal.build_ports import BuildRecord, EarlierClaim, InvoiceComparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine import Connection, Engine

    from portal.receivables.invoice import Invoice

builds = Table(
    "builds",
    metadata,
    Column("build", Integer, primary_key=True),
    Column("finished_at", Moment, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("seq", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""Finished builds, each with the ledger's last entry then."""

earlier_claims = Table(
    "earlier_claims",
    metadata,
    Column("claim", Integer, primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Index("earlier_claims_of_invoice", "invoice_key"),
    sqlite_autoincrement=True,
)
"""Invoices as they were before another amount was found under their number; ``record`` is JSON."""

__all__ = ["BuildsOfLedger", "builds", "earlier_claims", "keep_earlier_claims", "metadata"]

_LAST_BUILD = select(builds).order_by(builds.c.build.desc()).limit(1)
_LISTED = select(invoices.c.key, invoices.c.record)


class BuildsOfLedger:
    """The part of the ledger that knows builds; see ``portal.build_ports.BuildLedger``."""

    _engine: Engine

    def compare_invoices(self, invoices: Sequence[Invoice]) -> InvoiceComparison:
        """What differs from the invoices as last built; writes nothing."""
        rows = {key: row["record"] for key, row in invoice_rows(invoices).items()}
        changed, gone, known = {}, {}, set()
        with reading(self._engine) as connection:
            for stored in connection.execute(_LISTED):
                known.add(stored.key)
                if stored.key not in rows:
                    gone[stored.key] = invoice_from_json(stored.record)
                elif rows[stored.key] != stored.record:
                    changed[stored.key] = invoice_from_json(stored.record)
        return InvoiceComparison(tuple(key for key in rows if key not in known), changed, gone)

    def earlier_claims(self, key: str) -> tuple[EarlierClaim, ...]:
        """What an invoice asked for before, oldest first."""
        question = select(earlier_claims).where(earlier_claims.c.invoice_key == key).order_by(earlier_claims.c.claim)
        with reading(self._engine) as connection:
            found = connection.execute(question).all()
        return tuple(EarlierClaim(invoice_from_json(row.record), row.until) for row in found)

    def last_build(self) -> BuildRecord | None:
        """The newest build that was finished; None before the first."""
        with reading(self._engine) as connection:
            row = connection.execute(_LAST_BUILD).one_or_none()
        return None if row is None else BuildRecord(row.finished_at, row.as_of, row.seq)

    def record_build(self, build: BuildRecord) -> None:
        """Note that a build was finished."""
        values = {"finished_at": build.finished_at, "as_of": build.as_of, "seq": build.seq}

        def record() -> None:
            with writing(self._engine, "builds") as connection:
                connection.execute(builds.insert(), values)

        repeated(record)


def keep_earlier_claims(connection: Connection, replaced: Iterable[tuple[str, str]]) -> None:
    """Keep invoices that ask for another amount now, of those replaced: as they were, and as they are, in JSON."""
    now = datetime.now(UTC)
    kept = []
    for before, after in replaced:
        old = invoice_from_json(before)
        if old.claim != invoice_from_json(after).claim:
            kept.append({"invoice_key": old.key, "record": before, "until": now})
    if kept:
        connection.execute(earlier_claims.insert(), kept)
