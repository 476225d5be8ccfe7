"""An invoice that is due in parts, in words: each part with its day, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.pages.pieces import Row
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.formats import Formats
    from portal.receivables.due_parts import PartStanding
    from portal.receivables.invoice_balance import InvoiceBalance


def part_rows(balance: InvoiceBalance, formats: Formats, as_of: date) -> tuple[Row, ...]:
    """One row for each part: "1 October 2026", "£400.00", and below it whether it is paid, was due or is to come."""
    rows = []
    for part in balance.parts:
        if part.amount:
            state = _state(part, formats, as_of)
            rows.append(Row(formats.date(part.due_on), formats.money(part.amount), small=state))
    return tuple(rows)


def part_sentences(balance: InvoiceBalance, formats: Formats, as_of: date) -> list[str]:
    """What was due when and is not paid; or, in good standing, what is due next."""
    unpaid = [part for part in balance.parts if part.rest]
    overdue = [part for part in unpaid if part.due_on < as_of]
    if overdue:
        return [
            _("%(amount)s was due on %(date)s.", amount=formats.money(part.rest), date=formats.date(part.due_on))
            for part in overdue
        ]
    return [
        _("Please pay %(amount)s by %(date)s.", amount=formats.money(part.rest), date=formats.date(part.due_on))
        for part in unpaid[:1]
    ]


def _state(part: PartStanding, formats: Formats, as_of: date) -> str:
    if not part.rest:
        return _("Paid")
    state = _("Was due on this day") if part.due_on < as_of else _("To come")
    if part.rest == part.amount:
        return state
    paid = _("%(amount)s of it is paid", amount=formats.money(part.amount - part.rest))
    return f"{state}, {paid}"
