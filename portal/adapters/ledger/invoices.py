"""Invoices and links as last built: only what changed since is written."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from portal.adapters.ledger.engine import insert_or
from portal.adapters.ledger.invoice_json import digest_of_record, invoice_from_json, invoice_to_json
from portal.adapters.ledger.links import PUT_LINK
from portal.adapters.ledger.rows import link_of_row, link_row
from portal.adapters.ledger.tables import invoices, links
from portal.ports.builds import InvoiceComparison
from portal.ports.links import LinkEnd
from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy.engine import Connection

    from portal.ports.links import Link
    from portal.receivables.invoice import Invoice

Row = dict[str, str | None]
_AT_ONCE = 500

_new_invoice = insert_or(invoices)
_PUT_INVOICE = _new_invoice.on_conflict_do_update(
    index_elements=[invoices.c.key],
    set_={name: _new_invoice.excluded[name] for name in ("source", "record", "statement_key")},
)
_STORED = select(invoices.c.key, invoices.c.source, invoices.c.record, invoices.c.statement_key).execution_options(
    yield_per=_AT_ONCE
)
_REMOVE_INVOICE = invoices.delete().where(invoices.c.key == bindparam("gone"))
_LINK_GOES = (
    links.update()
    .where(links.c.token == bindparam("gone"))
    .values(revoked_at=bindparam("now"), ended=LinkEnd.GONE.value)
)


def by_key(listed: Sequence[Invoice]) -> dict[str, Invoice]:
    """Invoices by key.

    Raises:
        ValueError: two invoices have the same key, so one would be lost.
    """
    found = {invoice.key: invoice for invoice in listed}
    if len(found) != len(listed):
        raise ValueError("two invoices have the same key")
    return found


def compared(stored: Iterable[tuple[str, str]], listed: Mapping[str, Invoice]) -> InvoiceComparison:
    """Invoices beside the records of the last build, of which one at a time is at hand.

    Args:
        stored: key and record of each.
        listed: the invoices by key.
    """
    same, changed, gone = {}, {}, {}
    for key, record in stored:
        invoice = listed.get(key)
        if invoice is None:
            gone[key] = invoice_from_json(record)
        elif (text := invoice_to_json(invoice)) == record:
            same[key] = digest_of_record(text, invoice.source)
        else:
            changed[key] = invoice_from_json(record)
    known = same.keys() | changed.keys()
    return InvoiceComparison(tuple(key for key in listed if key not in known), changed, gone, same)


def _row(invoice: Invoice) -> Row:
    return _as_row(invoice.key, invoice.source, invoice_to_json(invoice), statement_key(invoice))


def _as_row(key: str, source: str, record: str, statement: str | None) -> Row:
    return {"key": key, "source": source, "record": record, "statement_key": statement}


def replace_invoice_rows(
    connection: Connection,
    listed: Mapping[str, Invoice],
    same: Mapping[str, bytes],
    keep: AbstractSet[str],
) -> list[tuple[str, str]]:
    """Make these the invoices; those that are neither here nor in ``keep`` go.

    Args:
        connection: within a transaction.
        listed: the invoices by key.
        same: what stood in the ledger as it is, by key, when it was compared; it is looked at again.
        keep: keys of those that stay although they are not listed.

    Returns:
        The records of those that were otherwise, each as it was and as it is now.
    """
    stands, gone, replaced = set(), [], []
    for key, source, record, statement in map(tuple, connection.execute(_STORED)):
        invoice = listed.get(key)
        if invoice is None:
            gone += [] if key in keep else [{"gone": key}]
        elif (source, statement) == (invoice.source, statement_key(invoice)) and (
            same.get(key) == digest_of_record(record, source)
        ):
            stands.add(key)
        else:
            row = _row(invoice)
            is_otherwise = row != _as_row(key, source, record, statement)
            replaced += [(record, str(row["record"]))] if is_otherwise else []
            stands.update(() if is_otherwise else (key,))
    _write_many(connection, _PUT_INVOICE, (_row(invoice) for key, invoice in listed.items() if key not in stands))
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
    new = (link_row(link) for token, link in wanted.items() if token not in known)
    _write_many(connection, PUT_LINK, chain(new, back))
    _write_many(connection, _LINK_GOES, gone)


def _write_many(connection: Connection, statement: Any, rows: Iterable[Row | dict[str, Any]]) -> None:  # noqa: ANN401  any executable
    """Some at a time, for at a first build there are as many rows as invoices."""
    remaining = iter(rows)
    while batch := list(islice(remaining, _AT_ONCE)):
        connection.execute(statement, batch)
