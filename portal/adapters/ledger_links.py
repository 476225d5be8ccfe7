"""Links, and the invoices and facts of one statement, read at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from portal.adapters.invoice_json import invoice_from_json
from portal.adapters.ledger_engine import reading
from portal.adapters.ledger_rows import entries_by_invoice, link_of_row
from portal.adapters.ledger_tables import entries, invoices, links
from portal.link_ports import StatementRecord

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from portal.link_ports import Link, LinkKind

_LINK = select(links).where(links.c.token == bindparam("token"))
_IN_FORCE = (
    select(links).where(links.c.kind == bindparam("kind"), links.c.revoked_at.is_(None)).order_by(links.c.subject)
)
_INVOICES = select(invoices).where(invoices.c.statement_key == bindparam("statement")).order_by(invoices.c.key)
_KEYS = select(invoices.c.key).where(invoices.c.statement_key == bindparam("statement"))
_LAST = select(func.max(entries.c.seq))
_ENTRIES = select(entries).where(entries.c.invoice_key.in_(_KEYS)).order_by(entries.c.seq)


class LinksOfLedger:
    """The part of the ledger that knows links; see ``portal.link_ports``."""

    _engine: Engine

    def link(self, token: str) -> Link | None:
        """The link that was issued under a token, revoked or not."""
        with reading(self._engine) as connection:
            row = connection.execute(_LINK, {"token": token}).one_or_none()
            return None if row is None else link_of_row(row)

    def links_in_force(self, kind: LinkKind) -> tuple[Link, ...]:
        """The links of a kind that were issued and not revoked."""
        with reading(self._engine) as connection:
            return tuple(map(link_of_row, connection.execute(_IN_FORCE, {"kind": kind.value})))

    def statement(self, key: str) -> StatementRecord:
        """The invoices of a statement with their facts; no documents where no invoice is on it.

        All facts are read by one question, so that they are of one moment: a payment is on all of its invoices or none.
        """
        with reading(self._engine) as connection:
            listed = connection.execute(_INVOICES, {"statement": key}).all()
            # Read before the facts: an entry that comes between is then on the page with its own number or not at all.
            last = connection.execute(_LAST).scalar_one() or 0
            facts = entries_by_invoice(connection.execute(_ENTRIES, {"statement": key}))
        documents = tuple((invoice_from_json(row.record), facts.get(row.key, ())) for row in listed)
        return StatementRecord(documents, seq=max([last, *(found[-1].seq for found in facts.values())]))
