"""Rows of the ledger's tables and the records they hold, in both directions; and the questions asked of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from portal.adapters.ledger.invoice_json import invoice_from_json
from portal.adapters.ledger.schedules import plain_schedule, schedule_of
from portal.adapters.ledger.tables import alarms, entries, invoices, pages, syncs
from portal.ports import PageRecord
from portal.ports.alarms import Alarm, AlarmKind
from portal.ports.links import Link, LinkEnd, LinkKind
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection, Row

    from portal.receivables.invoice import Invoice

_LINK_KINDS = {kind.value: kind for kind in LinkKind}
_LINK_ENDS: dict[str | None, LinkEnd | None] = {None: None, **{end.value: end for end in LinkEnd}}
_ENTRY_KINDS = {kind.value: kind for kind in EntryKind}
_INVOICE = select(invoices.c.record).where(invoices.c.key == bindparam("key"))
_INVOICES = select(invoices.c.record).order_by(invoices.c.key)
_SOME_INVOICES = _INVOICES.where(invoices.c.key.in_(bindparam("keys", expanding=True)))
_ENTRIES = select(entries).where(entries.c.invoice_key == bindparam("key")).order_by(entries.c.seq)
_ALL_ENTRIES = select(entries).order_by(entries.c.seq)
_LAST_SEQ = select(func.max(entries.c.seq)).where(entries.c.invoice_key == bindparam("key"))
_PAID_ON = select(entries.c.invoice_key).where(
    entries.c.kind.in_([EntryKind.PAYMENT.value, EntryKind.PAYMENT_STARTED.value]),
    entries.c.external_id == bindparam("payment_id"),
)
_ALARMS = select(alarms).order_by(alarms.c.alarm)
_LAST_SYNC = select(syncs.c.started_at).order_by(syncs.c.started_at.desc()).limit(1)
_PAGES = select(pages.c.path, pages.c.fingerprint, pages.c.seq).where(pages.c.output == bindparam("output"))
_SOME_PAGES = _PAGES.where(pages.c.path.in_(bindparam("paths", expanding=True)))


def read_invoice(connection: Connection, key: str) -> Invoice | None:
    """One invoice as last built."""
    record = connection.execute(_INVOICE, {"key": key}).scalar_one_or_none()
    return None if record is None else invoice_from_json(record)


def read_invoices(connection: Connection, keys: Sequence[str] | None) -> tuple[Invoice, ...]:
    """All invoices as last built, by key; or those of these keys, few at once."""
    found = connection.execute(_INVOICES) if keys is None else connection.execute(_SOME_INVOICES, {"keys": keys})
    return tuple(map(invoice_from_json, found.scalars()))


def read_entries(connection: Connection, key: str) -> tuple[Entry, ...]:
    """The facts of one invoice, in ledger order."""
    return tuple(map(_entry, connection.execute(_ENTRIES, {"key": key})))


def read_all_entries(connection: Connection) -> dict[str, tuple[Entry, ...]]:
    """The facts of all invoices that have any, each in ledger order."""
    return entries_by_invoice(connection.execute(_ALL_ENTRIES))


def entries_by_invoice(rows: Iterable[Row[Any]]) -> dict[str, tuple[Entry, ...]]:
    """The facts of rows, each invoice's in the rows' order."""
    found: dict[str, list[Entry]] = {}
    for row in rows:
        found.setdefault(row.invoice_key, []).append(_entry(row))
    return {key: tuple(facts) for key, facts in found.items()}


def last_seq(connection: Connection, key: str) -> int:
    """The place of an invoice's last fact in the ledger; 0 where it has none."""
    return connection.execute(_LAST_SEQ, {"key": key}).scalar_one() or 0


def paid_on(connection: Connection, payment_id: str) -> frozenset[str]:
    """The invoices on which a payment is posted, or on its way."""
    return frozenset(connection.scalars(_PAID_ON, {"payment_id": payment_id}))


def read_alarms(connection: Connection) -> tuple[Alarm, ...]:
    """Every alarm, oldest first."""
    return tuple(map(alarm_of_row, connection.execute(_ALARMS)))


def last_sync(connection: Connection) -> datetime | None:
    """When the last complete sync began."""
    return connection.execute(_LAST_SYNC).scalar_one_or_none()


def read_pages(connection: Connection, output: str, paths: Iterable[str] | None) -> dict[str, PageRecord]:
    """The pages published to a folder, all or those of some paths."""
    if paths is None:
        rows = connection.execute(_PAGES, {"output": output})
    else:
        rows = connection.execute(_SOME_PAGES, {"output": output, "paths": list(paths)})
    return {path: PageRecord(path, fingerprint, seq) for path, fingerprint, seq in rows}


def entry_row(entry: Entry) -> dict[str, Any]:
    """The row of a new fact; its place is given by the database."""
    return {
        "kind": entry.kind.value,
        "invoice_key": entry.invoice_key,
        "amount_minor": entry.amount.minor,
        "currency": entry.amount.currency,
        "occurred_at": entry.occurred_at,
        "external_id": entry.external_id,
        "method": entry.method,
        "value_on": entry.value_on,
        "note": entry.note,
        "reverses": entry.reverses,
        "schedule": plain_schedule(entry.schedule) if entry.schedule else None,
    }


def alarm_row(alarm: Alarm) -> dict[str, Any]:
    """The row of an alarm."""
    return {
        "kind": alarm.kind.value,
        "external_id": alarm.external_id,
        "what": alarm.what,
        "raised_at": alarm.raised_at,
        "amount_minor": alarm.amount.minor if alarm.amount else None,
        "currency": alarm.amount.currency if alarm.amount else None,
        "invoice_key": alarm.invoice_key,
        "metadata": json.dumps(dict(alarm.metadata), ensure_ascii=False, sort_keys=True),
    }


def link_row(link: Link) -> dict[str, Any]:
    """The row of a link."""
    return {
        "token": link.token,
        "subject": link.subject,
        "kind": link.kind.value,
        "version": link.version,
        "expires_on": link.expires_on,
        "revoked_at": link.revoked_at,
        "ended": link.ended.value if link.ended else None,
    }


def link_of_row(row: Row[Any]) -> Link:
    """The link of a row; there may be as many as invoices, so that it is taken apart at once."""
    token, subject, kind, version, expires_on, revoked_at, ended = tuple(row)
    return Link(token, subject, _LINK_KINDS[kind], version, expires_on, revoked_at, _LINK_ENDS[ended])


def _entry(row: Row[Any]) -> Entry:
    seq, kind, key, minor, currency, occurred_at, external_id, method, *rest = tuple(row)
    value_on, note, reverses, schedule = rest
    agreed = schedule_of(schedule) if schedule else None
    money = Money(minor, currency)
    return Entry(
        _ENTRY_KINDS[kind], key, money, occurred_at, external_id, method, seq, value_on, note, reverses, agreed
    )


def alarm_of_row(row: Row[Any]) -> Alarm:
    """The alarm of a row."""
    return Alarm(
        kind=AlarmKind(row.kind),
        external_id=row.external_id,
        what=row.what,
        raised_at=row.raised_at,
        amount=None if row.currency is None else Money(row.amount_minor, row.currency),
        invoice_key=row.invoice_key,
        metadata=json.loads(row.metadata),
    )
