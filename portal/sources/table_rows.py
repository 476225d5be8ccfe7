"""One claim of a table to one invoice; whatever cannot be read names file, row, column and value."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from portal.receivables.invoice import Customer, DocumentKind, DuePart, Invoice, StatedPayment
from portal.receivables.line_items import LineItems
from portal.receivables.money import Money, zero
from portal.sources.checks import look_over
from portal.sources.claim_reader import ClaimReader
from portal.sources.findings import Findings, Place
from portal.sources.headings import heading
from portal.sources.profiles import Adding
from portal.sources.table_words import PAID, RowKind, is_business
from portal.sources.texts import customer_reference, email_of, line_of_text, name_of, number_of, prose

if TYPE_CHECKING:
    from datetime import date

    from portal.receivables.line_items import PackedLine
    from portal.sources.claims import Claim
    from portal.sources.columns import Header
    from portal.sources.notation import Notation


_MOST_DAYS = 3660
_DIGITS_OF_DAYS = 4


def read_claim(claim: Claim, header: Header, notation: Notation, findings: Findings) -> Invoice | None:
    """The invoice of one claim, or None with its problems noted."""
    reader = ClaimReader(claim, header, notation, findings)
    number = number_of(*_with(reader, "number"))
    name = name_of(*_with(reader, "customer"))
    email = email_of(*_with(reader, "email"))
    issued_on = reader.day("issued_on")
    due_on = reader.day("due_on") or _after_days(reader, issued_on)
    _check_length(reader)
    currency = reader.currency()
    if currency is None or not reader.is_in_own_currency(currency):
        return None
    lines = reader.lines(currency)
    if header.sums_lines and len({row.cells for row in claim.rows}) < len(claim.rows):
        findings.warn("Some of its rows are the same; each is counted.", "Remove those that repeat.", _start(claim))
    money = _money_of(reader, currency, lines)
    if number is None or name is None or money is None:
        return None
    total, due, paid = money
    parts = _parts(reader, due, paid, due_on)
    is_credit = claim.kind is RowKind.CREDIT_NOTE or total.minor < 0
    invoice = Invoice(
        key=number,
        number=number,
        customer=_customer(reader, name, email),
        total=total,
        stated_due=due,
        issued_on=issued_on,
        due_on=due_on,
        source=f"{findings.file}:{claim.rows[0].line}",
        kind=DocumentKind.CREDIT_NOTE if is_credit else DocumentKind.INVOICE,
        lines=LineItems.packing(lines),
        payments=(StatedPayment(paid),) if paid else (),
        subject=line_of_text(reader.text("subject")),
        terms_text=prose(reader.text("terms")),
        payment_reference=line_of_text(reader.text("reference")),
        order_reference=line_of_text(reader.text("yours")),
        parts=parts,
    )
    look_over(invoice, findings, lambda field: reader.place("paid" if field == "payments" else field))
    return invoice


def _after_days(reader: ClaimReader, issued_on: date | None) -> date | None:
    """The due date by the days that the invoice gives, where the table holds those instead."""
    text = reader.text("due_days")
    if not text or issued_on is None or reader.text("due_on"):
        return None
    if text.isdecimal() and int(text[:_DIGITS_OF_DAYS]) <= _MOST_DAYS and len(text) <= _DIGITS_OF_DAYS:
        return issued_on + timedelta(int(text))
    place = reader.place("due_days")
    reader.findings.warn(f"{text[:40]!r} is not a number of days.", "The page names no due date.", place)
    return None


def _parts(reader: ClaimReader, due: Money, paid: Money, due_on: date | None) -> tuple[DuePart, ...]:
    """A deposit that is asked for first, and the rest; none where the table asks for all at once.

    Programs state what is asked for next: what was paid before is not part of it.
    """
    deposit, first_due = reader.amount("deposit", due.currency), reader.day("deposit_due_on")
    if not deposit or first_due is None or due_on is None or not 0 < deposit.minor < due.minor or first_due >= due_on:
        return ()
    return DuePart(first_due, deposit + paid), DuePart(due_on, due - deposit)


def _customer(reader: ClaimReader, name: str, email: str | None) -> Customer:
    text = reader.text("business")
    answer = is_business(text) if text else None
    # A column headed "Company" may hold names of companies, which is no mistake.
    if text and answer is None and heading(reader.header.title("business")) != "company":
        reader.findings.warn(
            f"{text[:40]!r} does not say whether the customer is a business.",
            "Write yes or no.",
            reader.place("business"),
        )
    reference = customer_reference(reader.text("customer_number"))
    return Customer(name, email, is_business=answer, reference=reference)


def _start(claim: Claim) -> Place:
    return Place(claim.rows[0].line)


def _with(reader: ClaimReader, field: str) -> tuple[str, Findings, Place]:
    text, place = reader.cell(field)
    return text, reader.findings, place


def _check_length(reader: ClaimReader) -> None:
    """A row with more cells than the header has its columns shifted: nothing in it can be trusted."""
    width = len(reader.header.row.cells)
    for row in reader.claim.rows if reader.width > width else ():
        if len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
            reader.findings.problem(
                f"The row has {len(row.cells)} cells, the header {width}.",
                "Put a cell that holds the delimiter in quotation marks.",
                Place(row.line),
            )


def _money_of(reader: ClaimReader, currency: str, lines: list[PackedLine]) -> tuple[Money, Money, Money] | None:
    """Total, amount due, and what was paid. A balance that is stated is trusted (it may hold credits or fees)."""
    if reader.header.adding is Adding.SIGNS:
        return _money_by_sign(reader, currency)
    total, paid, balance = (reader.amount(field, currency) for field in ("total", "paid", "balance"))
    if reader.header.sums_lines and lines:
        total = Money(sum(minor for _, minor, *_rest in lines), currency)
    if total is None and balance is not None:
        total = balance + (paid or zero(currency))
    if reader.findings.problems:
        return None
    if total is None:
        place = reader.place("line_amount" if reader.header.sums_lines else "total")
        reader.findings.problem("The amount is missing.", "Write what the invoice comes to.", place)
        return None
    return total, *_due_and_paid(reader, total, paid, balance)


def _money_by_sign(reader: ClaimReader, currency: str) -> tuple[Money, Money, Money] | None:
    """Total, amount due and paid of postings to one account: what is above zero was asked for, what is below paid."""
    asked = paid = zero(currency)
    for row in reader.claim.rows:
        minor = reader.minor(reader.header.cell(row, "total"), "total", currency, row)
        if minor is None:
            return None
        if minor > 0:
            asked += Money(minor, currency)
        else:
            paid -= Money(minor, currency)
    return asked, asked - paid, paid


def _due_and_paid(reader: ClaimReader, total: Money, paid: Money | None, balance: Money | None) -> tuple[Money, Money]:
    nothing = zero(total.currency)
    if balance is None:
        settled = paid is None and heading(reader.text("status")) in PAID
        paid = total if settled else paid or nothing
        return total - paid, paid
    if paid is None:
        gone = total - balance
        return balance, gone if (gone.minor > 0) == (total.minor > 0) else nothing
    left = total - paid
    if left == balance:
        return left, paid
    reader.findings.warn(
        f"The balance is {balance}, but {total} less {paid} paid is {left}; the balance is taken.",
        "Check credits, fees and payments of this invoice.",
        reader.place("balance"),
    )
    return balance, paid
