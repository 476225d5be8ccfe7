"""Invoices and links as last built: only what changed since is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from portal.adapters.invoice_json import invoice_to_json
from portal.adapters.ledger_engine import insert_or
from portal.adapters.ledger_links import PUT_LINK
from portal.adapters.ledger_rows import link_of_row, link_row
from portal.adapters.ledger_tables import invoices, links
from portal.link_ports import LinkEnd
from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy.engine import Connection

    from portal.link_ports import Link
    from portal.receivables.invoice import Invoice

Rows = list[dict[str, Any]]

_new_invoice = insert_or(invoices)
_PUT_INVOICE = _new_invoice.on_conflict_do_update(
    index_elements=[invoices.c.key],
    set_={name: _new_invoice.excluded[name] for name in ("source", "record", "statement_key")},
)
_REMOVE_INVOICE = invoices.delete().where(invoices.c.key == bindparam("gone"))
_LINK_GOES = (
    links.update()
    .where(links.c.token == bindparam("gone"))
    .values(revoked_at=bindparam("now"), ended=LinkEnd.GONE.value)
)


def invoice_rows(listed: Sequence[Invoice]) -> dict[str, dict[str, str | None]]:
    """The rows of invoices by key; made before the ledger is locked, since that takes longest.

    Raises:
        ValueError: two invoices have the same key, so one would be lost.
    """
    rows = {invoice.key: _row(invoice) for invoice in listed}
    if len(rows) != len(listed):
        raise ValueError("two invoices have the same key")
    return rows


def _row(invoice: Invoice) -> dict[str, str | None]:
    return {
        "key": invoice.key,
        "source": invoice.source,
        "record": invoice_to_json(invoice),
        "statement_key": statement_key(invoice),
    }


def replace_invoice_rows(
    connection: Connection, rows: Mapping[str, dict[str, str | None]], keep: AbstractSet[str]
) -> list[tuple[str, str]]:
    """Make these the invoices; those that are neither here nor in ``keep`` go.

    Returns the records of those that were otherwise, each as it was and as it is now.
    """
    same, gone, replaced = set(), [], []
    for stored in connection.execute(select(invoices)):
        row = rows.get(stored.key)
        if row is None:
            if stored.key not in keep:
                gone.append({"gone": stored.key})
        elif row == stored._asdict():
            same.add(stored.key)
        else:
            replaced.append((stored.record, str(row["record"])))
    _write_many(connection, _PUT_INVOICE, [row for key, row in rows.items() if key not in same])
    _write_many(connection, _REMOVE_INVOICE, gone)
    return replaced


def replace_links(connection: Connection, listed: Sequence[Link], kept: AbstractSet[str]) -> None:
    """Make these the links that hold; others go, but for those of the invoices in ``kept``.

    What the owner did to a link stays: one that was revoked or replaced never holds again, one that has a last day
    keeps it, and a version that the owner made while this build was reading is left alone.
    """
    now = datetime.now(UTC)
    wanted = {link.token: link for link in listed}
    version = {(link.kind.value, link.subject): link.version for link in listed}
    known, gone, back = set(), [], []
    for row in connection.execute(select(links)):
        known.add(row.token)
        if row.token in wanted:
            if row.ended == LinkEnd.GONE.value:
                back.append(link_row(link_of_row(row).again()))
        elif row.revoked_at is None and row.subject not in kept:
            newer = row.version > version.get((row.kind, row.subject), row.version)
            gone += [] if newer else [{"gone": row.token, "now": now}]
    new = [link_row(link) for token, link in wanted.items() if token not in known]
    _write_many(connection, PUT_LINK, [*new, *back])
    _write_many(connection, _LINK_GOES, gone)


def _write_many(connection: Connection, statement: Any, rows: Rows) -> None:  # noqa: ANN401  any executable
    if rows:
        connection.execute(statement, rows)
