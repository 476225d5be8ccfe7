"""``[[parts]]`` of an invoice in Markdown: what is due when, split exactly."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from portal.errors import MoneyError
from portal.receivables.invoice import DuePart
from portal.receivables.splits import Share, ShareKind, split_by_shares

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.receivables.money import Money
    from portal.sources.toml_fields import Fields

PART_FIELDS = ("percent", "amount", "due_on")
_FEWEST = 2


def read_parts(
    fields: Fields, whole: Money | None, due_on: date | None, *, above: Iterable[str]
) -> tuple[DuePart, ...]:
    """The parts an invoice is due in, which sum exactly to ``whole``; none where it names none, or on a problem.

    Args:
        fields: of the invoice.
        whole: all that is to be paid; None where that is not known.
        due_on: the invoice's own due date, where it states one.
        above: the fields of the invoice, which are often written below a part by mistake.
    """
    tables = list(fields.tables("parts"))
    read = [_read(table, whole, tuple(above)) for table in tables]
    found = [one for one in read if one is not None]
    if whole is None or not tables or len(found) < len(tables):
        return ()
    days = [day for _share, day in found]
    if len(found) < _FEWEST:
        fields.refuse("parts", "One part is none.", "Write two [[parts]] at least, or due_on alone.")
    elif any(after <= before for before, after in pairwise(days)):
        fields.refuse("parts", "The due dates are not in order.", "Write the part that is due first above the others.")
    elif due_on is not None and due_on != days[-1]:
        fields.refuse("due_on", f"The last part is due on {days[-1]}.", "Remove due_on, or make them the same.")
    else:
        return _split(fields, whole, found)
    return ()


def _read(table: Fields, whole: Money | None, above: tuple[str, ...]) -> tuple[Share, date] | None:
    table.allow(PART_FIELDS, above=above)
    percent, due_on = table.number("percent"), table.day("due_on")
    amount = table.amount("amount", whole.currency) if whole else None
    if due_on is None:
        if "due_on" not in table.values:
            table.refuse("due_on", "The due date is missing.", "Add it: due_on = 2026-10-01.")
        return None
    if percent is not None and "amount" in table.values:
        table.refuse("percent", "A part is a percentage or an amount, not both.", "Remove one of the two.")
    elif percent is not None:
        return Share(ShareKind.PERCENT, percent), due_on
    elif amount is not None:
        return Share(ShareKind.FIXED, amount.decimal), due_on
    elif not {"percent", "amount"} & table.values.keys():
        return Share(ShareKind.REST), due_on
    return None


def _split(fields: Fields, whole: Money, found: list[tuple[Share, date]]) -> tuple[DuePart, ...]:
    try:
        amounts = split_by_shares(whole, [share for share, _day in found])
    except MoneyError as error:
        fields.findings.refuse(error, fields.place("parts"))
        return ()
    return tuple(DuePart(day, amount) for (_share, day), amount in zip(found, amounts, strict=True))
