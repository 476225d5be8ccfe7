"""Single fields of an e-invoice, read below an element: amounts, dates, notes, quantities."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from portal.errors import MoneyError
from portal.receivables.money import money_from_decimal
from portal.sources.findings import Place
from portal.sources.texts import prose

if TYPE_CHECKING:
    from portal.receivables.money import Money
    from portal.sources.findings import Findings
    from portal.sources.layout import Paths
    from portal.sources.xml_tree import Element

_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")  # xs:decimal, bounded
_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T Z+-].*)?")  # xs:date with its zone, and format 102
_SUBJECT_CODE = re.compile(r"^#[A-Z]{3}#")  # UBL packs BT-21 into BT-22
_XML_BLANKS = re.compile(r"[ \t\r\n]+")
_MARKUP = re.compile(r"[&<>|~]|[\\`*_\[\]#]|^(?:[-+]|[0-9]+[.)])(?=\s)", re.MULTILINE)


def required(root: Element, paths: Paths, what: str, findings: Findings) -> str | None:
    """The text of a field that every invoice has; a problem where it is missing."""
    value = root.value(*paths)
    if value is None:
        place = Place(root.nearest_line(paths[0]), element_of(paths))
        findings.problem(f"{what} is missing.", "Export the invoice again, complete.", place)
    return value


def one_line(text: str) -> str:
    """A text without the line breaks that XML was written with; other control characters stay, to be refused."""
    return _XML_BLANKS.sub(" ", text)


def element_of(paths: Paths) -> str:
    """The name of a field's element, as the owner finds it in the file."""
    names = [name for name in paths[0].split("/") if not name.startswith("DateTime")]
    return names[-1].replace("|", " or ")


def required_amount(root: Element, paths: Paths, what: str, currency: str, findings: Findings) -> Money | None:
    """An amount that every invoice has; a problem where it is missing or not money."""
    if required(root, paths, what, findings) is None:
        return None
    return amount_of(root, paths, currency, findings)


def amount_of(root: Element, paths: Paths, currency: str, findings: Findings) -> Money | None:
    """An amount in the invoice's currency, or None where it is missing, or not money (a problem)."""
    stated = [found for path in paths for found in root.all(path) if found.text]
    if not stated:
        return None
    own = [found for found in stated if found.attributes.get("currencyID", currency) == currency]
    place = Place(stated[0].line, stated[0].name)
    if not own:
        other = stated[0].attributes["currencyID"]
        findings.problem(
            f"The amount is in {other}, the invoice in {currency}.", "Export the invoice in one currency.", place
        )
        return None
    return _money(own[0], currency, findings)


def _money(element: Element, currency: str, findings: Findings) -> Money | None:
    place = Place(element.line, element.name)
    if not _DECIMAL.fullmatch(element.text):
        findings.problem(
            f"{element.text[:40]!r} is not an amount.",
            "An amount is digits and a decimal point, such as 840.00.",
            place,
        )
        return None
    try:
        return money_from_decimal(Decimal(element.text), currency)
    except MoneyError as error:
        findings.refuse(error, place)
        return None


def quantity_of(root: Element, paths: Paths) -> Decimal | None:
    """A quantity as stated, without trailing zeros; None where there is none to show."""
    text = root.value(*paths)
    return plain(Decimal(text)) if text and _DECIMAL.fullmatch(text) else None


def plain(number: Decimal) -> Decimal:
    """The number without trailing zeros and without an exponent: 10.00000000 is 10, and -0 is 0."""
    if not number:
        return Decimal(0)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def date_of(element: Element | None, findings: Findings) -> date | None:
    """A calendar day, ISO 8601 or YYYYMMDD; a problem where there is text that is none."""
    if element is None:
        return None
    parts = _DATE.fullmatch(element.text)
    try:
        return date.fromisoformat("-".join(parts.groups()) if parts else "")
    except ValueError:
        findings.problem(
            f"{element.text[:40]!r} is not a date.",
            "A date is year, month and day, such as 2026-10-31 or 20261031.",
            Place(element.line, element.name),
        )
        return None


def notes_of(root: Element, path: str) -> str | None:
    """All notes (BT-22) as Markdown that shows them as they stand, one paragraph each."""
    notes = (prose(_SUBJECT_CODE.sub("", found.text)) for found in root.all(path))
    return "\n\n".join(as_markdown(note) for note in notes if note) or None


def as_markdown(text: str) -> str:
    """Markdown that shows a plain text as it stands: nothing in it is markup, its lines stay lines."""
    return "  \n".join(_MARKUP.sub(_shown, line.strip()) for line in text.split("\n"))


def _shown(found: re.Match[str]) -> str:
    mark = found[0]
    if mark in "&<>|~":  # a backslash does not help these everywhere
        return f"&#{ord(mark)};"
    return f"{mark[:-1]}\\{mark[-1]}"
