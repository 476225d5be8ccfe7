"""When an e-invoice is due: one date, or parts that each have a date and a sum of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.receivables.invoice import DuePart
from portal.receivables.money import Money, zero
from portal.sources.einvoice_fields import amount_of, date_of, element_of
from portal.sources.findings import Place

if TYPE_CHECKING:
    from datetime import date

    from portal.sources.findings import Findings
    from portal.sources.layout import Layout
    from portal.sources.xml_tree import Element

_FEWEST = 2
_REMEDY = "Correct the payment terms in the file, or tell the customer of the earlier dates."


def due_of(
    root: Element, layout: Layout, whole: tuple[Money, Money] | None, findings: Findings
) -> tuple[date | None, tuple[DuePart, ...]]:
    """The day on which all of it is due, and the parts before that; no parts where they are not all there is.

    Args:
        root: the document.
        layout: where its fields stand.
        whole: what is left to pay (BT-115), and what was paid before (BT-113); None where nothing is to be paid.
        findings: where problems and warnings go.
    """
    stated = [found for path in layout.due_on for found in root.all(path) if found.text]
    days = {day for found in stated if (day := date_of(found, findings))}
    parts = _parts(root, layout, *whole, findings) if whole else None
    if parts:
        _warn_of_another_day(max(days, default=None), parts, stated, findings)
        return parts[-1].due_on, parts
    if len(days) > 1 and parts is None:
        findings.warn(
            f"There are {len(days)} due dates; the last, {max(days)}, is shown.",
            "Tell the customer of the earlier dates, or write one due date.",
            Place(stated[0].line, element_of(layout.due_on)),
        )
    return max(days, default=None), ()


def _parts(root: Element, layout: Layout, left: Money, paid: Money, findings: Findings) -> tuple[DuePart, ...] | None:
    """The parts, the earliest first; none with a warning where they are wrong; None where none are stated.

    Some files state parts of what is left, others of all. What was paid before belongs to the first part.
    """
    stated = _stated(root, layout, left.currency, findings)
    if len(stated) < _FEWEST:
        return None
    first = root.first(layout.parts.root)
    place = Place(first.line if first else None, element_of((layout.parts.root,)))
    total = sum(stated.values(), zero(left.currency))
    if any(amount.minor <= 0 for amount in stated.values()):
        findings.warn("A part that is due is less than nothing; the last due date is shown for all.", _REMEDY, place)
        return ()
    if total not in {left, left + paid}:
        findings.warn(
            f"Its parts come to {total}, and {left} is to be paid; the last due date is shown for all.", _REMEDY, place
        )
        return ()
    parts = [DuePart(day, stated[day]) for day in sorted(stated)]
    beside = left + paid - total
    return (DuePart(parts[0].due_on, parts[0].amount + beside), *parts[1:])


def _stated(root: Element, layout: Layout, currency: str, findings: Findings) -> dict[date, Money]:
    """What is due on which day, by the terms that say both; those for one day are one part."""
    sums: dict[date, Money] = {}
    for terms in root.all(layout.parts.root):
        amount = amount_of(terms, layout.parts.amount, currency, findings)
        day = date_of(terms.first(*layout.parts.due_on), findings) if amount is not None else None
        if amount is not None and day is not None:
            sums[day] = sums.get(day, zero(currency)) + amount
    return sums


def _warn_of_another_day(
    last: date | None, parts: tuple[DuePart, ...], stated: list[Element], findings: Findings
) -> None:
    """A due date for the whole (BT-9) that is none of the parts' days, and comes after them."""
    if last is not None and last > parts[-1].due_on:
        findings.warn(
            f"It is due on {last}, and its last part on {parts[-1].due_on}; the parts are what counts.",
            _REMEDY,
            Place(stated[0].line, stated[0].name),
        )
