"""OFX and QFX: the older text form (SGML, where most elements are never closed) and the XML of OFX 2.

Only ``STMTTRN`` is read, with the account and the currency that stand before it. ``CORRECTFITID`` names an earlier one
that it deletes or takes the place of, by ``CORRECTACTION``. Source: OFX 2, the aggregate STMTTRN.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from portal.bank_statements.reading import Movement, Sheet, said
from portal.errors import MoneyError
from portal.receivables.currencies import DECIMALS
from portal.receivables.money import money_from_decimal
from portal.sources.amounts import DecimalMark, decimal_of, mark_of, take_apart, votes_of
from portal.sources.csv_text import decode
from portal.sources.findings import Findings, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from portal.bank_statements.reading import StatementReading
    from portal.receivables.money import Money

_TAG = re.compile(r"<(/?)([A-Za-z0-9.]{1,40})\s*/?>([^<]*)")
_DELETE = "DELETE"
_ACTIONS = frozenset({_DELETE, "REPLACE"})
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def is_ofx(raw: bytes) -> bool:
    """Whether this is OFX, by its head."""
    return b"OFXHEADER" in raw[:2000].upper() or b"<OFX>" in raw[:2000].upper()


def read_ofx(raw: bytes, file: str) -> StatementReading:
    """The bookings of one file."""
    sheet = Sheet(Findings(file))
    text = _decoded(raw, sheet.findings)
    if text is not None and "<!DOCTYPE" in text[:2000].upper():
        sheet.findings.problem(
            "It has a DOCTYPE, which no bank statement has.", "Export the statement again.", Place(1)
        )
    elif text is not None:
        records = list(_records(text))
        mark = mark_of(votes_of([record.get("TRNAMT") for record in records]))
        for record in records:
            _note(record, mark or DecimalMark.POINT, sheet)
    return sheet.reading()


def _decoded(raw: bytes, findings: Findings) -> str | None:
    """The head of the older form names Windows text where it is any; UTF-8 is tried first all the same."""
    quiet = Findings(findings.file)
    decoded = decode(raw, None, quiet if b"1252" in raw[:2000] else findings)
    findings.problems += [one for one in quiet.problems if one not in findings.problems]
    return decoded.text if decoded else None


@dataclass(frozen=True, slots=True)
class _Record:
    """One ``STMTTRN`` with what stood before it."""

    fields: dict[str, str]
    line: int
    account: str | None
    currency: str | None

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


def _records(text: str) -> Iterator[_Record]:
    account = currency = None
    fields: dict[str, str] | None = None
    line, place = 1, 0
    begun = 1
    for found in _TAG.finditer(text):
        line += text.count("\n", place, found.start())
        place = found.start()
        closing, name, value = found[1], found[2].upper(), " ".join(html.unescape(found[3]).split())
        if name == "STMTTRN":
            if fields:
                yield _Record(fields, begun, account, currency)
            fields, begun = (None if closing else {}), line
        elif closing:
            if name == "BANKTRANLIST" and fields:
                yield _Record(fields, begun, account, currency)
                fields = None
        elif fields is not None and value:
            fields.setdefault(name, value)
        elif name == "ACCTID" and value:
            account = value
        elif name == "CURDEF" and value:
            currency = value.upper()
    if fields:
        yield _Record(fields, begun, account, currency)


def _note(record: _Record, mark: DecimalMark, sheet: Sheet) -> None:
    corrects = said(record.get("CORRECTFITID"))
    action = record.get("CORRECTACTION").upper()
    if corrects and action not in _ACTIONS:
        what = f"The bank corrects its entry {corrects[:40]}, and does not say how: {action[:20] or 'nothing'}."
        _problem(sheet, record, what, "CORRECTACTION")
        return
    written = take_apart(record.get("TRNAMT"))
    number = decimal_of(written, mark) if written else None
    if number is None:
        _problem(sheet, record, f"{record.get('TRNAMT')[:40]!r} is not an amount.", "TRNAMT")
        return
    if number <= 0 and not corrects:
        sheet.pass_over("outgoing")
        return
    # What takes the place of money that came in, and is none itself, leaves nothing of it, as if it were deleted.
    deletes = corrects is not None and (action == _DELETE or number <= 0)
    amount, value_on = _amount(record, abs(number), sheet), _day(record, "DTAVAIL") or _day(record, "DTPOSTED")
    if amount is None:
        return
    if not amount and not deletes:
        sheet.pass_over("without an amount")
        return
    if value_on is None:
        _problem(sheet, record, f"{record.get('DTPOSTED')[:40]!r} is not a day.", "DTPOSTED")
        return
    sheet.movements.append(
        Movement(
            amount=amount,
            value_on=value_on,
            booked_on=_day(record, "DTPOSTED") or value_on,
            text=" ".join(part for name in ("MEMO", "REFNUM", "CHECKNUM") if (part := record.get(name))),
            line=record.line,
            payer=record.get("NAME") or None,
            account=record.account,
            bank_reference=said(record.get("FITID")),
            is_return=deletes,
            corrects=corrects,
        )
    )


def _amount(record: _Record, number: Decimal, sheet: Sheet) -> Money | None:
    currency = (record.get("CURSYM") or record.currency or "").upper()
    if currency not in DECIMALS:
        _problem(sheet, record, f"{currency[:10] or 'Nothing'} is not a currency of these days.", "CURDEF")
        return None
    try:
        return money_from_decimal(number, currency)
    except MoneyError as error:
        sheet.findings.refuse(error, Place(record.line, "TRNAMT"))
        return None


def _day(record: _Record, name: str) -> date | None:
    found = _DAY.match(record.get(name))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _problem(sheet: Sheet, record: _Record, problem: str, field: str) -> None:
    sheet.findings.problem(problem, "Export the statement again, or assign it by hand.", Place(record.line, field))
