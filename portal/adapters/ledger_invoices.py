"""Invoices and links as last built: only what changed since is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from portal.adapters.invoice_json import invoice_to_json
from portal.adapters.ledger_engine import insert_or
from portal.adapters.ledger_rows import link_of_row, link_row
from portal.adapters.ledger_tables import invoices, links
from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy.engine import Connection

    from portal.ports import Link
    from portal.receivables.invoice import Invoice

Rows = list[dict[str, Any]]

_new_invoice = insert_or(invoices)
_PUT_INVOICE = _new_invoice.on_conflict_do_update(
    index_elements=[invoices.c.key],
    set_={name: _new_invoice.excluded[name] for name in ("source", "record", "statement_key")},
)
_REMOVE_INVOICE = invoices.delete().where(invoices.c.key == bindparam("gone"))
_new_link = insert_or(links)
_PUT_LINK = _new_link.on_conflict_do_update(
    index_elements=[links.c.token],
    set_={column.name: column for column in _new_link.excluded if column.name != "token"},
)
_REVOKE_LINK = links.update().where(links.c.token == bindparam("gone")).values(revoked_at=bindparam("now"))


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
    """Make these the links that hold; others are revoked, but for those of the invoices in ``kept``."""
    now = datetime.now(UTC)
    wanted = {link.token: link for link in listed}
    same, gone = set(), []
    for row in connection.execute(select(links)):
        link = wanted.get(row.token)
        if link is None:
            if row.revoked_at is None and row.subject not in kept:
                gone.append({"gone": row.token, "now": now})
        elif link == link_of_row(row):
            same.add(row.token)
    _write_many(connection, _PUT_LINK, [link_row(link) for token, link in wanted.items() if token not in same])
    _write_many(connection, _REVOKE_LINK, gone)


def _write_many(connection: Connection, statement: Any, rows: Rows) -> None:  # noqa: ANN401  any executable
    if rows:
        connection.execute(statement, rows)
