"""Money that went back to the customer: refunds, and what a bank took back; dated, and without reproach."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.pages.pieces import Row
from portal.receivables.entries import EntryKind, in_force
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.entries import Entry
    from portal.receivables.invoice_balance import InvoiceBalance

_ARRIVALS = frozenset({EntryKind.PAYMENT, EntryKind.PAYMENT_STARTED, EntryKind.PAYMENT_FAILED})
_MOVED = {EntryKind.DISPUTE_WITHDRAWN: 1, EntryKind.DISPUTE_REINSTATED: -1}


def went_back_rows(
    entries: Iterable[Entry], balance: InvoiceBalance, settings: Settings, formats: Formats, *, taken_off: bool = False
) -> tuple[Row, ...]:
    """A row for each amount that went back and stayed there; together they are what is no longer paid.

    A refund that came back, and what a bank took and returned, is not told: nothing is left of it.

    Args:
        entries: the invoice's facts.
        balance: with them.
        settings: the owner's.
        formats: of the page.
        taken_off: for a sum of payments, from which they are taken off, instead of a sum of what is left.
    """
    rows = []
    for entry in _stayed(entries, balance):
        added = (_MOVED.get(entry.kind, 1) > 0) is not taken_off
        amount = entry.amount if added else -entry.amount
        rows.append(Row(_label(entry, _day(entry, settings, formats)), formats.money(amount)))
    return tuple(rows)


def went_back_words(
    entries: Iterable[Entry], balance: InvoiceBalance, settings: Settings, formats: Formats
) -> tuple[str, ...]:
    """What a customer should know first where money went back or did not arrive: it may be a misunderstanding."""
    stayed = _stayed(entries, balance)
    taken = [one for one in stayed if one.kind is EntryKind.DISPUTE_WITHDRAWN]
    if taken:
        on, amount = _day(taken[-1], settings, formats), formats.money(balance.amount_disputed)
        return (
            _("Your bank took back %(amount)s on %(date)s.", amount=amount, date=on),
            _("If you did not mean that to happen, please tell us, and we will sort it out together."),
        )
    refunds = [one for one in stayed if one.kind is EntryKind.REFUND]
    if refunds and balance.amount_offerable:
        on, amount = _day(refunds[-1], settings, formats), formats.money(refunds[-1].amount)
        return (
            _("We refunded %(amount)s on %(date)s.", amount=amount, date=on),
            _("If you did not expect to be asked again, please tell us."),
        )
    return _did_not_arrive(entries, balance, settings, formats)


def _did_not_arrive(
    entries: Iterable[Entry], balance: InvoiceBalance, settings: Settings, formats: Formats
) -> tuple[str, ...]:
    """A bank payment that failed, unless something came or is on its way since; of its failing no time is known."""
    last = next((one for one in reversed(in_force(entries)) if one.kind in _ARRIVALS), None)
    if last is None or last.kind is not EntryKind.PAYMENT_FAILED or not balance.amount_offerable:
        return ()
    on, amount = _day(last, settings, formats), formats.money(last.amount)
    return (
        _("Your bank payment of %(amount)s, begun on %(date)s, did not go through.", amount=amount, date=on),
        _("No money has been taken. Your bank can say why."),
    )


def _stayed(entries: Iterable[Entry], balance: InvoiceBalance) -> list[Entry]:
    facts = in_force(entries)
    came_back = {one.external_id for one in facts if one.kind is EntryKind.REFUND_FAILED}
    kept = [one for one in facts if one.kind is EntryKind.REFUND and one.external_id not in came_back]
    kept += [one for one in facts if one.kind is EntryKind.CREDIT_USED]
    if balance.amount_disputed:
        kept += [one for one in facts if one.kind in _MOVED]
    return sorted(kept, key=lambda one: (one.occurred_at, one.external_id))


def _label(entry: Entry, on: str) -> str:
    match entry.kind:
        case EntryKind.REFUND:
            return _("Refunded on %(date)s", date=on)
        case EntryKind.CREDIT_USED:
            return _("Set off against another invoice on %(date)s", date=on)
        case EntryKind.DISPUTE_WITHDRAWN:
            return _("Taken back by your bank on %(date)s", date=on)
        case _:
            return _("Returned by your bank on %(date)s", date=on)


def _day(entry: Entry, settings: Settings, formats: Formats) -> str:
    zone = ZoneInfo(settings.portal.timezone)
    return formats.date(entry.value_on or entry.occurred_at.astimezone(zone).date())
