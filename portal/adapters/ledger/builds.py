"""What builds leave behind: when each was, and what invoices asked for before their amounts were changed."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, Index, Integer, Table, Text, func, select

from portal.adapters.ledger.engine import reading, repeated, writing
from portal.adapters.ledger.invoice_json import invoice_from_json
from portal.adapters.ledger.invoices import by_key, compared, replace_invoice_rows, replace_links
from portal.adapters.ledger.links import AS_LAST_BUILT
from portal.adapters.ledger.seen_alarms import metadata
from portal.adapters.ledger.tables import Moment, entries, invoices
from portal.ports.builds import BuildRecord, EarlierClaim

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.engine import Connection, Engine

    from portal.ports.builds import InvoiceComparison
    from portal.ports.links import Link
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

_LAST_ENTRY = select(func.max(entries.c.seq))
_LAST_BUILD = select(builds).order_by(builds.c.build.desc()).limit(1)
_NOTHING: Mapping[str, bytes] = MappingProxyType({})
_LISTED = select(invoices.c.key, invoices.c.record).execution_options(yield_per=500)


class BuildsOfLedger:
    """The part of the ledger that knows builds; see ``portal.ports.builds.BuildLedger``."""

    _engine: Engine

    def compare_invoices(self, invoices: Sequence[Invoice]) -> InvoiceComparison:
        """What differs from the invoices as last built; writes nothing."""
        with reading(self._engine) as connection:
            return compared(map(tuple, connection.execute(_LISTED)), by_key(invoices))

    def replace_invoices(
        self,
        invoices: Sequence[Invoice],
        links: Sequence[Link],
        *,
        keep: Iterable[str] = (),
        same: Mapping[str, bytes] = _NOTHING,
    ) -> None:
        """Make these the invoices as last built, all at once; those in ``keep`` stay although they are not listed.

        Links that are not listed go, unless their invoice was kept; a link that is listed holds again, unless the owner
        ended it. ``same`` is what ``compare_invoices`` found to be as it was, which is not written again.
        """
        listed = by_key(invoices)
        kept = frozenset(keep) - listed.keys()

        def replace() -> None:
            with writing(self._engine, AS_LAST_BUILT) as connection:
                keep_earlier_claims(connection, replace_invoice_rows(connection, listed, same, kept))
                replace_links(connection, links, kept)

        repeated(replace)

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

    def last_entry(self) -> int:
        """The place of the ledger's newest entry; 0 before the first."""
        with reading(self._engine) as connection:
            return connection.execute(_LAST_ENTRY).scalar_one() or 0

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
