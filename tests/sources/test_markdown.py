from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.receivables.invoice import Customer, DocumentKind, StatedPayment, Tax
from portal.receivables.line_items import LineItem
from portal.receivables.money import Money
from portal.sources.markdown import read_markdown

if TYPE_CHECKING:
    from portal.receivables.invoice import Invoice
    from portal.sources import Reading

FULL = """+++
number = "1042"
customer = { name = "Rivera Landscaping", email = "pay@rivera.example", language = "en-US" }
issued_on = 2026-10-01
due_on = 2026-10-31
currency = "GBP"
subject = "Garden wall"
reference = "RF18 1042"
terms = "30 days, then 8 % a year."

[[lines]]
description = "Bricks"
amount = "640.00"
quantity = "1.5"
unit = "t"

[[lines]]
description = "Work"
amount = 200

[[taxes]]
label = "VAT at 20%"
amount = "168"

[[payments]]
amount = "100.00"
paid_on = 2026-10-09
method = "bank transfer"
+++

Thank you for *waiting*.
"""


def reading(text: str | bytes, currency: str | None = None) -> Reading:
    raw = text if isinstance(text, bytes) else text.encode()
    return read_markdown(raw, file="invoices/a.md", currency=currency)


def one(text: str | bytes, currency: str | None = None) -> Invoice:
    found = reading(text, currency)
    assert not found.problems
    return found.invoices[0]


def front(body: str = "", **replaced: str | None) -> str:
    fields: dict[str, str | None] = {
        "number": '"7"',
        "customer": '"Ada"',
        "issued_on": "2026-01-02",
        "currency": '"EUR"',
        "total": '"10.00"',
        **replaced,
    }
    lines = [f"{name} = {value}" for name, value in fields.items() if value is not None]
    return "\n".join(["+++", *lines, body, "+++", ""])


def test_every_field_is_read() -> None:
    invoice = one(FULL)
    assert (invoice.key, invoice.number, invoice.source) == ("1042", "1042", "invoices/a.md")
    assert invoice.customer == Customer("Rivera Landscaping", "pay@rivera.example", "en-US")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert invoice.lines == (
        LineItem("Bricks", Money(64000, "GBP"), Decimal("1.5"), "t"),
        LineItem("Work", Money(20000, "GBP")),
    )
    assert invoice.taxes == (Tax("VAT at 20%", Money(16800, "GBP")),)
    assert invoice.payments == (StatedPayment(Money(10000, "GBP"), date(2026, 10, 9), "bank transfer"),)
    assert (invoice.total, invoice.stated_due) == (Money(100800, "GBP"), Money(90800, "GBP"))
    assert (invoice.subject, invoice.payment_reference) == ("Garden wall", "RF18 1042")
    assert (invoice.terms_text, invoice.notes) == ("30 days, then 8 % a year.", "Thank you for *waiting*.")
    assert invoice.kind is DocumentKind.INVOICE


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("+++\n", "+++  \n"), ("+++\nnumber", "\ufeff+++\nnumber")])
def test_windows_files_read_the_same(change: tuple[str, str]) -> None:
    assert one(FULL.replace(*change)) == one(FULL)


def test_the_customer_may_be_a_name_with_an_email_beside_it() -> None:
    assert one(front('email = "a@b.example"')).customer == Customer("Ada", "a@b.example")


def test_a_number_may_be_an_integer_and_a_total_whole_units() -> None:
    invoice = one(front(number="1042", total="840"))
    assert (invoice.number, invoice.total) == ("1042", Money(84000, "EUR"))


def test_the_currency_falls_back_to_the_portals() -> None:
    assert one(front(currency=None, total='"1200"'), currency="JPY").total == Money(1200, "JPY")


def test_a_date_may_stand_in_quotes() -> None:
    assert one(front(issued_on='"2026-01-02"')).issued_on == date(2026, 1, 2)


def test_a_negative_total_is_a_credit_note() -> None:
    invoice = one(front(total='"-10.00"'))
    assert (invoice.kind, invoice.stated_due) == (DocumentKind.CREDIT_NOTE, Money(-1000, "EUR"))


def test_a_cancelled_invoice_keeps_the_day() -> None:
    assert one(front('status = "cancelled"\ncancelled_on = 2026-02-03')).cancelled_on == date(2026, 2, 3)


def test_a_draft_is_passed_over_with_a_warning() -> None:
    found = reading(front('status = "draft"'))
    assert (found.invoices, found.problems, found.rejected) == ((), (), 0)
    assert (found.warnings[0].line, found.warnings[0].field) == (7, "status")


def test_control_characters_in_text_become_blanks() -> None:
    invoice = one(front('subject = "A\\u0007B\\u202EC"\nterms = "one\\ntwo\\u0000"'))
    assert (invoice.subject, invoice.terms_text) == ("A B C", "one\ntwo")


@pytest.mark.parametrize(
    ("email", "taken"),
    [
        ("a@b.example, c@d.example", "a@b.example"),
        ("Ada <a@b.example>; <c@d.example>", "a@b.example"),
        ("ada at example", None),
        ("a@b", None),
        ("=?utf-8?q?a?=@b.example", None),
    ],
)
def test_a_doubtful_email_is_a_warning(email: str, taken: str | None) -> None:
    found = reading(front(f'email = "{email}"'))
    assert found.invoices[0].customer.email == taken
    assert [(warning.field, warning.line) for warning in found.warnings] == [("email", 7)]


def test_due_before_issue_and_overpayment_are_warnings() -> None:
    found = reading(front('due_on = 2025-12-31\n[[payments]]\namount = "11"'))
    assert [warning.field for warning in found.warnings] == ["due_on", "payments"]
    assert [warning.line for warning in found.warnings] == [7, 8]
    assert found.invoices[0].stated_due == Money(-100, "EUR")


def test_a_field_below_the_lines_is_told_to_move_up() -> None:
    found = reading(front('[[lines]]\ndescription = "x"\namount = "10.00"\ndue_on = 2026-03-01'))
    assert [(problem.line, problem.field) for problem in found.problems] == [(10, "lines.1.due_on")]
    assert "above the first [[lines]]" in found.problems[0].remedy


def test_the_nearest_field_is_suggested() -> None:
    assert reading(front("dueon = 2026-03-01")).problems[0].remedy == "Did you mean due_on?"


def test_all_problems_come_at_once() -> None:
    found = reading(front("totl = 1", number='""', customer="3", issued_on='"soon"', total="1.5"))
    assert {problem.field for problem in found.problems} == {"totl", "number", "customer", "issued_on", "total"}
    assert (found.invoices, found.rejected) == ((), 1)


@settings(deadline=None)
@given(st.integers(-(10**14), 10**14), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_in_quotes_is_read_to_the_last_minor_unit(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert one(front(total=f'"{money.decimal_text}"', currency=f'"{currency}"')).total == money


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"+++\n{text}\n+++\n".encode()))
def test_nothing_in_a_file_raises(raw: bytes) -> None:
    found = reading(raw)
    assert bool(found.problems) == bool(found.rejected)


@pytest.mark.parametrize(("tag", "language"), [("de", "de"), ("de-AT", "de-AT"), ("pt_BR", "pt_BR"), ("german", None)])
def test_a_language_is_a_tag_or_a_warning(tag: str, language: str | None) -> None:
    customer = f'{{ name = "A", language = "{tag}" }}'
    text = f'+++\nnumber = "1"\ncustomer = {customer}\nlanguage = "{tag}"\ncurrency = "EUR"\ntotal = 1\n+++\n'
    reading = read_markdown(text.encode(), file="invoices/1.md", currency=None)
    assert not reading.problems
    invoice = reading.invoices[0]
    assert (invoice.customer.language, invoice.written_in) == (language, language)
    assert [(one.line, one.field) for one in reading.warnings] == (
        [] if language else [(3, "customer.language"), (4, "language")]
    )
