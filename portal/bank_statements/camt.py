"""ISO 20022 bank-to-customer messages: camt.052 (report), camt.053 (statement) and camt.054 (notification).

All versions are read alike: by local names, and by where the newer ones have put a thing (``Sts/Cd``, ``Dbtr/Pty``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from portal.bank_statements.reading import Movement, Sheet, said
from portal.errors import ContentError, MoneyError
from portal.receivables.currencies import DECIMALS
from portal.receivables.money import Money, parse_money
from portal.sources.findings import Findings, Place
from portal.sources.xml_tree import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.bank_statements.reading import StatementReading
    from portal.sources.xml_tree import Element

_MOST_ELEMENTS = 2_000_000
_NAMES = ("BkToCstmrStmt", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn")
_MESSAGES = "|".join(f"{name}{version}" for name in _NAMES for version in ("", "V01"))
"""The first versions carry theirs in the name."""
_STATEMENTS = "Stmt|Rpt|Ntfctn"
_NAME = ("RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm", "RltdPties/UltmtDbtr/Nm", "RltdPties/UltmtDbtr/Pty/Nm")
_NAME_BACK = ("RltdPties/Cdtr/Nm", "RltdPties/Cdtr/Pty/Nm", *_NAME)
"""Who a return names: the one who gets the money back."""
_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")
_REASON = "RtrInf/Rsn/Cd|Prtry"
_ISO_DAY = 10


def is_camt(raw: bytes) -> bool:
    """Whether this is one of the messages, by its beginning."""
    return b"camt.05" in raw[:2000]


def read_camt(raw: bytes, file: str) -> StatementReading:
    """The bookings of one message."""
    sheet = Sheet(Findings(file))
    try:
        root = parse_xml(raw, file=file, document="bank statement", most_elements=_MOST_ELEMENTS)
    except ContentError as error:
        sheet.findings.problems += error.problems
        return sheet.reading()
    statements = [one for message in root.all(_MESSAGES) for one in message.all(_STATEMENTS)]
    if not statements:
        sheet.findings.problem(
            "It holds no statement, report or notification.", "Export it as camt.053, camt.052 or camt.054.", Place(1)
        )
    for statement in statements:
        account = statement.value("Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id")
        for entry in statement.all("Ntry"):
            _Entry(entry, account, sheet).note()
    return sheet.reading()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a statement: a movement, or a batch of them."""

    element: Element
    account: str | None
    sheet: Sheet

    def note(self) -> None:
        """Note its movements, or pass it over."""
        status = self.element.value("Sts", "Sts/Cd")
        if status != "BOOK":
            self.sheet.pass_over("not booked yet")
            return
        details = [one for group in self.element.all("NtryDtls") for one in group.all("TxDtls")]
        if not self._is_credit and not self._is_return(details):
            self.sheet.pass_over("outgoing")
            return
        amount, days = _money(self.element, "Amt", self.sheet), self._days()
        if amount is not None and days is not None:
            self.sheet.movements += self._movements(details, amount, *days)

    @property
    def _is_credit(self) -> bool:
        return self.element.value("CdtDbtInd") == "CRDT" and self._reversal != "true"

    @property
    def _reversal(self) -> str:
        return (self.element.value("RvslInd") or "").replace("1", "true")

    def _is_return(self, details: list[Element]) -> bool:
        """A debit that undoes a credit: marked as a reversal, or with the reason of a return."""
        if self.element.value("CdtDbtInd") != "DBIT":
            return False
        return self._reversal == "true" or any(True for one in details for _ in one.all("RtrInf"))

    def _days(self) -> tuple[date, date] | None:
        """Value date and booking date; each stands for the other where the bank names one alone."""
        value, booked = (_day(self.element, name) for name in ("ValDt", "BookgDt"))
        if value is None and booked is None:
            self._problem("It has neither a booking date nor a value date.", "ValDt")
            return None
        return value or booked or date.min, booked or value or date.min

    def _movements(self, details: list[Element], amount: Money, value_on: date, booked_on: date) -> Iterator[Movement]:
        batch = said(self.element.value("AcctSvcrRef"))
        if len(details) <= 1:
            detail = details[0] if details else self.element
            count = self._batched() if not details else 1
            yield self._movement(detail, amount, value_on, booked_on, batch, None, count)
            return
        parts = [self._part(one, amount.currency) for one in details]
        if not all(parts) or sum(part.minor for part in parts if part) != amount.minor:
            self.sheet.findings.warn(
                f"The payments of this batch of {amount} cannot be told apart: their amounts do not add up to it.",
                "Look at them in your online banking, and assign them by hand.",
                Place(self.element.line, "Ntry"),
            )
            yield self._movement(self.element, amount, value_on, booked_on, batch, None, len(details))
            return
        for detail, part in zip(details, parts, strict=True):
            if part is not None and part.minor > 0:
                own = said(detail.value("Refs/AcctSvcrRef"))
                own = None if own == batch else own
                yield self._movement(detail, part, value_on, booked_on, own, batch, 1)

    def _movement(  # noqa: PLR0913, PLR0917  plain facts
        self,
        detail: Element,
        amount: Money,
        value_on: date,
        booked_on: date,
        reference: str | None,
        batch: str | None,
        payments: int,
    ) -> Movement:
        structured = detail.all("RmtInf/Strd/CdtrRefInf/Ref")
        is_return = not self._is_credit
        return Movement(
            amount=amount,
            value_on=value_on,
            booked_on=booked_on,
            text=_text(detail) or self.element.value("AddtlNtryInf") or "",
            line=detail.line,
            references=tuple(text for one in structured if (text := said(one.text))),
            payer=detail.value(*(_NAME_BACK if is_return else _NAME)),
            end_to_end=said(detail.value("Refs/EndToEndId")),
            account=self.account,
            bank_reference=reference or (said(detail.value("Refs/AcctSvcrRef")) if batch is None else None),
            batch_reference=batch,
            payments=payments,
            is_return=is_return,
        )

    def _batched(self) -> int:
        """How many payments an entry without details stands for."""
        number = self.element.value("NtryDtls/Btch/NbOfTxs") or ""
        return int(number) if number.isdecimal() and len(number) < len(str(_MOST_ELEMENTS)) else 1

    def _part(self, detail: Element, currency: str) -> Money | None:
        """What a payment of a batch adds to it, in the account's currency; less than nothing where it takes off."""
        for path in _AMOUNTS:
            found = detail.first(path)
            if found is not None and found.attributes.get("Ccy") == currency:
                amount = _money(detail, path, self.sheet)
                against = detail.value("CdtDbtInd") not in {None, self.element.value("CdtDbtInd")}
                return -amount if amount is not None and against else amount
        return None

    def _problem(self, problem: str, field: str) -> None:
        self.sheet.findings.problem(problem, "Export the statement again.", Place(self.element.line, field))


def _text(detail: Element) -> str:
    """The words of the payer, and what stands beside a structured reference; with the reason of a return."""
    paths = ("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf", "RmtInf/Strd/RfrdDocInf/Nb", _REASON, "RtrInf/AddtlInf")
    return " ".join(" ".join(one.text.split()) for path in paths for one in detail.all(path) if one.text)


def _money(element: Element, path: str, sheet: Sheet) -> Money | None:
    """An amount, which is never less than nothing here; None with a problem noted."""
    found = element.first(path)
    if found is None:
        sheet.findings.problem("It has no amount.", "Export the statement again.", Place(element.line, "Amt"))
        return None
    place, currency = Place(found.line, "Amt"), found.attributes.get("Ccy", "")
    if currency not in DECIMALS:
        sheet.findings.problem(f"{currency[:10]!r} is not a currency of these days.", "Assign it by hand.", place)
        return None
    try:
        amount = parse_money(found.text, currency)
    except MoneyError as error:
        sheet.findings.refuse(error, place)
        return None
    if amount.minor <= 0:
        sheet.pass_over("without an amount")
        return None
    return amount


def _day(element: Element, name: str) -> date | None:
    text = element.value(f"{name}/Dt", f"{name}/DtTm")
    try:
        return date.fromisoformat(text[:_ISO_DAY]) if text else None
    except ValueError:
        return None
