"""Invoices as Markdown files: TOML front matter, and notes to the customer below it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.errors import ContentError
from portal.receivables.currencies import DECIMALS
from portal.receivables.invoice import Customer, DocumentKind, Invoice, StatedDiscount, StatedPayment, Tax
from portal.receivables.line_items import LineItem, LineItems
from portal.receivables.money import zero
from portal.sources.checks import look_over
from portal.sources.due_parts import read_parts
from portal.sources.findings import Findings
from portal.sources.front_matter import FIRST_LINE, split_front_matter
from portal.sources.reading import Reading, read_document, refused
from portal.sources.texts import (
    customer_reference,
    email_of,
    language_tag,
    line_of_text,
    name_of,
    number_of,
    prose,
    time_zone,
)
from portal.sources.toml_fields import Fields, with_lines
from portal.sources.understanding import Understanding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from portal.receivables.money import Money

FIELDS = (
    "number",
    "customer",
    "email",
    "issued_on",
    "due_on",
    "currency",
    "total",
    "subject",
    "language",
    "status",
    "cancelled_on",
    "replaces",
    "reference",
    "yours",
    "terms",
    "lines",
    "taxes",
    "payments",
    "parts",
    "discounts",
)
"""The fields of an invoice, each in its one spelling."""
CUSTOMER_FIELDS = ("name", "email", "language", "business", "reference", "timezone")
LINE_FIELDS = ("description", "amount", "quantity", "unit")
TAX_FIELDS = ("label", "amount")
PAYMENT_FIELDS = ("amount", "paid_on", "method")
DISCOUNT_FIELDS = ("days", "percent", "base")
STATUSES = ("open", "draft", "cancelled")
"""What an owner can say of an invoice; whether it is paid follows from its payments."""

_LARGEST_INTEGER = 10**18
_MOST_DAYS = 3660
_WHOLE = 100


def read_markdown(raw: bytes, *, file: str, currency: str | None) -> Reading:
    """The invoice in one Markdown file, taken whole or not at all; a draft is passed over with a warning.

    Args:
        raw: the file as it is, UTF-8.
        file: its path relative to the content folder, the invoice's source.
        currency: that of an invoice that names none.
    """
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        front = split_front_matter(text, file=file)
    except UnicodeDecodeError as error:
        return refused(file, f"The file is not UTF-8 (byte {error.start + 1}).", "Save it as UTF-8.")
    except ContentError as error:
        return Reading(problems=error.problems, rejected=1)
    findings = Findings(file)
    fields = Fields(front.tables, findings)
    invoice = _invoice(fields, front.body, currency)
    findings.problems = with_lines(findings.problems, front.text, FIRST_LINE)
    if invoice and not findings.problems and fields.values.get("status") == "draft":
        findings.warnings.clear()
        findings.warn(
            "It is a draft and was passed over.", 'Write status = "open" to publish it.', fields.place("status")
        )
        return Reading(warnings=tuple(with_lines(findings.warnings, front.text, FIRST_LINE)))
    findings.warnings = with_lines(findings.warnings, front.text, FIRST_LINE)
    return replace(read_document(findings, invoice), understood=Understanding("Markdown"))


def _invoice(fields: Fields, body: str, default_currency: str | None) -> Invoice | None:
    fields.allow(FIELDS)
    number = _number(fields)
    customer = _customer(fields)
    issued_on, due_on, cancelled_on = (fields.day(name) for name in ("issued_on", "due_on", "cancelled_on"))
    _check_status(fields, cancelled_on)
    subject, reference, yours, terms = (fields.text(name) for name in ("subject", "reference", "yours", "terms"))
    currency = _currency(fields, default_currency)
    if currency is None:
        return None
    lines = tuple(_lines(fields, currency))
    taxes = tuple(_taxes(fields, currency))
    payments = tuple(_payments(fields, currency))
    discounts = tuple(_discounts(fields, currency))
    total = _total(fields, currency, lines, taxes)
    parts = read_parts(fields, total, due_on, above=FIELDS)
    if fields.findings.problems or number is None or customer is None or total is None:
        return None
    invoice = Invoice(
        key=number,
        number=number,
        customer=customer,
        total=total,
        stated_due=total - sum((payment.amount for payment in payments), zero(currency)),
        issued_on=issued_on,
        due_on=parts[-1].due_on if parts else due_on,
        source=fields.findings.file,
        kind=DocumentKind.CREDIT_NOTE if total.minor < 0 else DocumentKind.INVOICE,
        lines=LineItems.of(lines),
        taxes=taxes,
        payments=payments,
        subject=line_of_text(subject),
        notes=prose(body),
        terms_text=prose(terms),
        payment_reference=line_of_text(reference),
        order_reference=line_of_text(yours),
        written_in=language_tag(fields.text("language"), fields.findings, fields.place("language")),
        cancelled_on=cancelled_on,
        replaces=(replaces,) if (replaces := line_of_text(fields.text("replaces"))) else (),
        parts=parts,
        discounts=discounts,
    )
    look_over(invoice, fields.findings, fields.place)
    return invoice


def _number(fields: Fields) -> str | None:
    value = fields.values.get("number", "")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_INTEGER:
        value = str(value)
    if isinstance(value, str):
        return number_of(value, fields.findings, fields.place("number"))
    fields.refuse("number", "This is not an invoice number.", 'Put it in quotes: number = "1042".')
    return None


def _customer(fields: Fields) -> Customer | None:
    value = fields.values.get("customer", "")
    email = fields.text("email")
    place = fields.place("email")
    language, is_business, reference, zone = None, None, None, None
    if isinstance(value, dict):
        table = Fields(value, fields.findings, "customer.")
        table.allow(CUSTOMER_FIELDS, above=FIELDS)
        own_email = table.text("email")
        if email is not None and own_email is not None and email != own_email:
            fields.refuse("email", "The customer has another e-mail address above.", "Keep one of the two.")
        if email is None:
            email, place = own_email, table.place("email")
        language = language_tag(table.text("language"), fields.findings, table.place("language"))
        is_business = table.flag("business")
        reference = customer_reference(table.text("reference"))
        zone = time_zone(table.text("timezone"), fields.findings, table.place("timezone"))
        value, name_place = table.text("name") or "", table.place("name")
    else:
        name_place = fields.place("customer")
    if not isinstance(value, str):
        fields.refuse("customer", "This is not a name.", 'Put it in quotes: customer = "Rivera Landscaping".')
        return None
    name = name_of(value, fields.findings, name_place)
    email = email_of(email, fields.findings, place)
    return Customer(name, email, language, is_business, reference, zone) if name else None


def _check_status(fields: Fields, cancelled_on: date | None) -> None:
    status = fields.text("status")
    if status == "paid":
        fields.refuse("status", "Whether it is paid follows from its payments.", "Write each payment as [[payments]].")
    elif status is not None and status not in STATUSES:
        fields.refuse("status", f"{status[:40]!r} is not a status.", f"Write one of {', '.join(STATUSES)}.")
    elif status == "cancelled" and cancelled_on is None:
        fields.refuse("cancelled_on", "The day of the cancellation is missing.", "Add cancelled_on = 2026-10-31.")
    elif cancelled_on is not None and status in {"open", "draft"}:
        fields.refuse("status", f"It is {status}, but was cancelled on {cancelled_on}.", "Remove one of the two.")


def _currency(fields: Fields, default: str | None) -> str | None:
    stated = fields.text("currency")
    if stated is None and "currency" in fields.values:
        return None
    code = default if stated is None else stated
    if code in DECIMALS:
        return code
    if code is None:
        fields.refuse("currency", "The currency is missing.", 'Add it: currency = "GBP".')
    else:
        remedy = "Write its ISO 4217 code in capitals, such as EUR, GBP or USD."
        fields.refuse("currency", f"{code[:20]!r} is not a currency.", remedy)
    return None


def _needed(fields: Fields, name: str, currency: str) -> Money | None:
    if name not in fields.values:
        fields.refuse(name, "The amount is missing.", f'Add it: {name} = "840.00".')
    return fields.amount(name, currency)


def _lines(fields: Fields, currency: str) -> Iterator[LineItem]:
    for line in fields.tables("lines"):
        line.allow(LINE_FIELDS, above=FIELDS)
        description = line_of_text(line.text("description"))
        if description is None:
            line.refuse("description", "The description is missing.", "Write what was delivered.")
        amount, quantity, unit = _needed(line, "amount", currency), line.number("quantity"), line.text("unit")
        if description and amount is not None:
            yield LineItem(description, amount, quantity, line_of_text(unit))


def _taxes(fields: Fields, currency: str) -> Iterator[Tax]:
    for tax in fields.tables("taxes"):
        tax.allow(TAX_FIELDS, above=FIELDS)
        label = line_of_text(tax.text("label"))
        if label is None:
            tax.refuse("label", "The label is missing.", 'Name the tax: label = "VAT at 20%".')
        amount = _needed(tax, "amount", currency)
        if label and amount is not None:
            yield Tax(label, amount)


def _payments(fields: Fields, currency: str) -> Iterator[StatedPayment]:
    for payment in fields.tables("payments"):
        payment.allow(PAYMENT_FIELDS, above=FIELDS)
        amount, paid_on = _needed(payment, "amount", currency), payment.day("paid_on")
        method = line_of_text(payment.text("method"))
        if amount is not None and amount.minor <= 0:
            payment.refuse("amount", f"A payment of {amount} is none.", "Write what was paid, above zero.")
        elif amount is not None:
            yield StatedPayment(amount, paid_on, method)


def _discounts(fields: Fields, currency: str) -> Iterator[StatedDiscount]:
    for discount in fields.tables("discounts"):
        discount.allow(DISCOUNT_FIELDS, above=FIELDS)
        days, percent, base = discount.number("days"), discount.number("percent"), discount.amount("base", currency)
        if days is None or days != int(days) or not 0 <= days <= _MOST_DAYS:
            discount.refuse("days", "This is not a number of days.", "Count from the day of the invoice: days = 10.")
        elif percent is None or not 0 < percent < _WHOLE:
            discount.refuse("percent", "This is not a percentage.", 'Write it in quotes: percent = "2".')
        else:
            yield StatedDiscount(int(days), percent, base)


def _total(fields: Fields, currency: str, lines: tuple[LineItem, ...], taxes: tuple[Tax, ...]) -> Money | None:
    """The total as written; else, or where both are there to compare, lines and taxes added up."""
    written = fields.amount("total", currency)
    if not lines:
        if "total" not in fields.values and "lines" not in fields.values:
            fields.refuse("total", "The total is missing.", 'Add it: total = "840.00", or write [[lines]].')
        return written
    worked_out = sum([*(line.amount for line in lines), *(tax.amount for tax in taxes)], zero(currency))
    if written is not None and written != worked_out and not fields.findings.problems:
        fields.refuse(
            "total", f"The total is {written}, but lines and taxes add up to {worked_out}.", "Correct one of them."
        )
    return worked_out if written is None else written
