"""SWIFT MT940 statements and MT942 reports, by the ``mt-940`` library; one block of an account after the other."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import mt940

from portal.bank_statements.reading import Movement, Sheet, said
from portal.errors import MoneyError
from portal.receivables.currencies import DECIMALS
from portal.receivables.money import money_from_decimal
from portal.sources.csv_text import decode
from portal.sources.findings import Findings, Place

if TYPE_CHECKING:
    from portal.bank_statements.reading import StatementReading
    from portal.receivables.money import Money

_BEGINS = re.compile(r"^:20:", re.MULTILINE)
_AFTER_BALANCE = re.compile(r"(^:62[FM]?:[^\n]*)(.*?)^:86:.*", re.MULTILINE | re.DOTALL)
"""Words behind the closing balance are about the statement; the library takes them for the last movement's."""
_MOVEMENT = re.compile(r"^:61:", re.MULTILINE)
_RETURN_TYPES = frozenset({"NRTI", "FRTI", "SRTI"})
"""Transaction type RTI: returned item (SWIFT, field 61 subfield 6)."""
_RETURN_CODES = frozenset({"108", "109", "159", "909"})
"""German codes (GVC) of returned debits and transfers (DK, Anlage 3 des DFÜ-Abkommens, Geschäftsvorfallcodes)."""
_SLASHED = re.compile(r"/(EREF|REMI|NAME|RTRN|MARF|IBAN|BIC|BENM|ORDP|CSID|ISDT|CNTP|ADDR|PURP|TRTP|SVCL|ULTD)/")
_FULL_LINE = 65
"""Lines of field 86 have so many characters at most; a longer text is cut there, inside words."""
_WORDS = ("purpose", "additional_purpose", "transaction_details", "non_swift_text")
_OPTIONS = mt940.Options.all()


def is_swift(raw: bytes) -> bool:
    """Whether this is a SWIFT statement: fields such as ``:20:`` and ``:25:`` at the beginning of lines."""
    return bool(re.search(rb"^:(20|25|28C?|60[FM]|61|62[FM]|64|NS):", raw[:4000], re.MULTILINE))


def read_swift(raw: bytes, file: str) -> StatementReading:
    """The bookings of one file."""
    sheet = Sheet(Findings(file))
    decoded = decode(raw, None, sheet.findings)
    if decoded is None:
        return sheet.reading()
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [found.start() for found in _BEGINS.finditer(text)] or [0]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        _Block(text[start:end], text.count("\n", 0, start) + 1, sheet).note()
    return sheet.reading()


@dataclass(frozen=True, slots=True)
class _Block:
    """One statement of one account; ``line`` is the one on which it begins."""

    text: str
    line: int
    sheet: Sheet

    def note(self) -> None:
        """Note its movements."""
        try:
            # A text file, never the text itself: the library would take a text that names a file for that file.
            found = mt940.parse(io.StringIO(_AFTER_BALANCE.sub(r"\1\2", self.text)), options=_OPTIONS)
        except Exception as error:  # noqa: BLE001  the library answers bad statements with errors of every kind
            self._problem(f"This statement cannot be read: {str(error).splitlines()[0][:120]}.", self.line)
            return
        lines = [self.line + self.text.count("\n", 0, one.start()) for one in _MOVEMENT.finditer(self.text)]
        account = said(found.data.get("account_identification"))
        for number, one in enumerate(found):
            line = lines[number] if len(lines) == len(found) else self.line
            self._note(one.data, account, line)

    def _note(self, fields: dict[str, Any], account: str | None, line: int) -> None:
        mark = str(fields.get("status") or "").upper()
        if mark != "C" and not _is_return(mark, fields):
            self.sheet.pass_over("outgoing")
            return
        amount = self._amount(fields, line)
        if amount is None:
            return
        words, names = _details(fields)
        value_on, entered_on = _day(fields["date"]), fields.get("entry_date")
        self.sheet.movements.append(
            Movement(
                amount=amount,
                value_on=value_on,
                booked_on=_day(entered_on) if entered_on else value_on,
                text=words,
                line=line,
                payer=names.get("NAME"),
                end_to_end=said(names.get("EREF")),
                account=account,
                bank_reference=said(fields.get("bank_reference")),
                is_return=mark != "C",
            )
        )

    def _amount(self, fields: dict[str, Any], line: int) -> Money | None:
        found = fields.get("amount")
        currency = str(getattr(found, "currency", None) or "")
        if found is None or currency not in DECIMALS:
            self._problem(f"{currency or 'Nothing'} is not a currency of these days.", line, "Assign it by hand.")
            return None
        try:
            amount = money_from_decimal(abs(found.amount), currency)
        except MoneyError as error:
            self.sheet.findings.refuse(error, Place(line))
            return None
        if not amount:
            self.sheet.pass_over("without an amount")
            return None
        return amount

    def _problem(self, problem: str, line: int, remedy: str = "Export the statement again.") -> None:
        self.sheet.findings.problem(problem, remedy, Place(line))


def _is_return(mark: str, fields: dict[str, Any]) -> bool:
    """``RC`` undoes a credit; so does a debit that is a returned item."""
    coded = fields.get("id") in _RETURN_TYPES or fields.get("transaction_code") in _RETURN_CODES
    return mark == "RC" or (mark == "D" and coded)


def _details(fields: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The payer's words, and what is named beside them: ``NAME`` of the payer, ``EREF`` the end-to-end reference."""
    names = {
        name: " ".join(text.split())
        for name, field in (("NAME", "applicant_name"), ("EREF", "end_to_end_reference"))
        if (text := fields.get(field))
    }
    words = " ".join(text for field in _WORDS if (text := _unfolded(str(fields.get(field) or ""))))
    reference = said(fields.get("customer_reference"))
    slashed = _SLASHED.split(words)
    if len(slashed) > 1:
        pairs = zip(slashed[1::2], slashed[2::2], strict=True)
        found = {name: text.strip("/ ") for name, text in pairs if text.strip("/ ")}
        names = found | names
        words = found.get("REMI", "").removeprefix("USTD//")
    return " ".join(part for part in (words, reference) if part), names


def _unfolded(text: str) -> str:
    """Lines as one text; only a full line was cut inside a word."""
    lines = text.split("\n")
    return "".join(line if len(line) >= _FULL_LINE else f"{line.rstrip()} " for line in lines).strip()


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)
