from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from portal import pages
from portal.config import Payments, PortalSettings, Settings
from portal.languages import speaking_to
from portal.pages.standing import progress_of
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import (
    BankAccount,
    Customer,
    DocumentKind,
    Invoice,
    PaymentMeans,
    StatedPayment,
    Successor,
)
from portal.receivables.money import Money
from portal.receivables.offers import NoCard, PartRefusal, offers_for
from portal.settings.bank import Bank
from portal.settings.business import Business

if TYPE_CHECKING:
    from portal.pages import InvoicePage
    from portal.pages.pieces import Row

DAY = date(2026, 11, 21)
DUE = date(2026, 10, 31)
LATER = date(2031, 1, 31)
SETTINGS = Settings(
    business=Business(name="Sample Business", email="hello@example.com", phone="+44 (0)1632 960 142"),
    portal=PortalSettings(base_url="https://pay.example.com", timezone="Europe/London"),
    bank=(Bank(sort_code="00-00-00", account_number="00000000"),),
)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


INVOICE = Invoice(
    key="1042",
    number="1042",
    customer=Customer("Sample Customer Ltd"),
    total=gbp(140000),
    stated_due=gbp(84000),
    issued_on=date(2026, 10, 1),
    due_on=DUE,
    source="invoices/1042.md",
    payments=(StatedPayment(gbp(56000), date(2026, 10, 3), "bank transfer"),),
    payment_reference="HP-1042",
)
UNPAID = replace(INVOICE, payments=(), stated_due=gbp(140000))


def entry(minor: int, kind: EntryKind = EntryKind.PAYMENT, currency: str = "GBP") -> Entry:
    at = datetime(2026, 10, 20, 23, 30, tzinfo=UTC)
    return Entry(kind, "1042", Money(minor, currency), at, f"pi_{minor}", "Visa ending 4242")


def page(invoice: Invoice, *entries: Entry, settings: Settings = SETTINGS, as_of: date = DAY) -> InvoicePage:
    balance = balance_of(invoice, entries, as_of)
    offers = offers_for(balance, parts_allowed=settings.payments.part)
    with speaking_to(settings, invoice.customer):
        return pages.invoice_page(invoice, balance, entries, offers, settings, token="tok", as_of=as_of)


def as_pairs(rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    return [(row.label, row.value) for row in rows]


def test_overdue_and_partly_paid() -> None:
    said = page(INVOICE)
    assert said.standing.tag.word == "Overdue"
    assert (said.standing.heading, said.standing.figure) == ("Left to pay", "£840.00")
    assert said.standing.sentences == ("It was due on 31 October 2026.", "We have not added a late fee.")
    assert said.progress is not None
    assert (said.progress.percent, said.progress.paid) == ("40%", "£560.00 paid, thank you")
    assert said.form is not None
    assert (said.form.button, said.form.shown) == ("Pay £840.00 now", "GBP 840.00")
    assert said.form.action == "https://pay.example.com/pay"
    assert said.form.part is not None
    assert said.form.part.hint == "Any amount from £0.30 to £839.70."
    assert said.fresh_until is None
    assert as_pairs(said.sums) == [
        ("Total", "£1,400.00"),
        ("Paid on 3 October 2026, bank transfer", "\N{MINUS SIGN}£560.00"),
        ("Left to pay", "£840.00"),
    ]


def test_open_until_its_due_day_and_overdue_the_day_after() -> None:
    on_the_day, day_after = page(UNPAID, as_of=DUE), page(UNPAID, as_of=date(2026, 11, 1))
    assert on_the_day.standing.tag.word == "Open"
    assert on_the_day.standing.sentences == ("Please pay by 31 October 2026.",)
    assert on_the_day.fresh_until == DUE
    assert day_after.standing.tag.word == "Overdue"
    assert day_after.fresh_until is None


def test_an_invoice_without_a_due_date_is_never_overdue() -> None:
    said = page(replace(UNPAID, due_on=None))
    assert said.standing.tag.word == "Open"
    assert said.standing.sentences == ()
    assert said.fresh_until is None


def test_partly_paid_before_it_is_due() -> None:
    said = page(replace(INVOICE, due_on=LATER), entry(10000))
    assert said.standing.tag.word == "Partly paid"
    assert said.standing.figure == "£740.00"
    assert said.fresh_until == LATER


def test_paid_is_a_receipt_with_the_owners_days_and_nothing_to_press() -> None:
    said = page(INVOICE, entry(84000))
    assert said.standing.tag.word == "Paid"
    assert said.standing.sentences == ("Thank you. This invoice was paid in full on 21 October 2026.",)
    assert as_pairs(said.receipt) == [
        ("3 October 2026, bank transfer", "£560.00"),
        ("21 October 2026, Visa ending 4242", "£840.00"),
        ("Paid in total", "£1,400.00"),
    ]
    assert said.form is None
    assert said.transfer is None
    assert said.explanation == ()


def test_no_day_is_claimed_where_a_payment_has_none() -> None:
    paid = replace(UNPAID, payments=(StatedPayment(gbp(140000)),), stated_due=gbp(0))
    assert page(paid).standing.sentences == ("Thank you. This invoice is paid in full.",)


def test_too_much_is_said() -> None:
    assert "£10.00 more than was due has arrived." in str(page(INVOICE, entry(85000)).standing.sentences[1])


def test_a_payment_on_its_way_is_not_asked_for_again() -> None:
    all_of_it = page(INVOICE, entry(84000, EntryKind.PAYMENT_STARTED))
    assert all_of_it.standing.tag.word == "On its way"
    assert all_of_it.form is None
    assert all_of_it.transfer is None
    part = page(INVOICE, entry(30000, EntryKind.PAYMENT_STARTED))
    assert part.form is not None
    assert part.form.shown == "GBP 540.00"
    assert part.standing.figure == "£540.00"
    assert ("On its way", "\N{MINUS SIGN}£300.00") in as_pairs(part.sums)


@pytest.mark.parametrize(
    ("invoice", "tag", "sentence"),
    [
        (replace(UNPAID, cancelled_on=date(2026, 10, 9)), "Cancelled", "We cancelled this invoice on 9 October 2026."),
        (
            replace(UNPAID, replaced_by=Successor("1060", date(2026, 10, 9)), cancelled_on=date(2026, 10, 9)),
            "Replaced",
            "Invoice 1060 of 9 October 2026 has taken its place.",
        ),
        (replace(UNPAID, kind=DocumentKind.CREDIT_NOTE), "Credit note", "a credit note of £1,400.00 in your favour"),
        (replace(UNPAID, means=PaymentMeans.DIRECT_DEBIT), "Direct debit", "We collect £1,400.00 by direct debit"),
        (replace(UNPAID, total=gbp(0), stated_due=gbp(0)), "Nothing to pay", "is zero"),
        (replace(UNPAID, total=gbp(-500), stated_due=gbp(-500)), "Nothing to pay", "£5.00 in your favour"),
    ],
)
def test_what_asks_for_nothing_offers_nothing(invoice: Invoice, tag: str, sentence: str) -> None:
    said = page(invoice)
    assert said.standing.tag.word == tag
    assert said.standing.heading == ("This invoice was replaced" if tag == "Replaced" else "Nothing to pay here")
    assert sentence in str(said.standing.sentences[0])
    assert said.form is None
    assert said.transfer is None
    assert said.reassurance is None
    assert said.fresh_until is None
    assert "Left to pay" not in dict(as_pairs(said.sums))


@pytest.mark.parametrize(
    ("minor", "currency", "why", "part_is_open"),
    [
        (20, "GBP", "at least", False),
        (123456789, "GBP", "at most", True),
        (310505, "KWD", "last digit", True),
    ],
)
def test_what_a_card_cannot_carry_is_explained(minor: int, currency: str, why: str, part_is_open: bool) -> None:  # noqa: FBT001  a column of the table
    amount = Money(minor, currency)
    said = page(replace(UNPAID, total=amount, stated_due=amount))
    assert why in said.explanation[0]
    assert (said.form is not None and said.form.part is not None and said.form.part.is_open) is part_is_open
    assert said.form is None or said.form.button is None
    expected = "bank transfer" if currency == "GBP" else "ask us"
    assert expected in said.explanation[1]
    assert (said.transfer is not None and said.transfer.is_open) is (currency == "GBP")


def test_parts_only_where_the_owner_offers_them() -> None:
    said = page(INVOICE, settings=SETTINGS.model_copy(update={"payments": Payments(part=False)}))
    assert said.form is not None
    assert said.form.part is None


def test_bank_details_name_the_exact_sum_and_the_reference() -> None:
    transfer = page(INVOICE).transfer
    assert transfer is not None
    assert as_pairs(transfer.amounts + transfer.rows) == [
        ("Amount", "£840.00"),
        ("To", "Sample Business"),
        ("Sort code", "00-00-00"),
        ("Account number", "00000000"),
        ("Reference", "HP-1042"),
    ]


def test_an_account_named_by_the_invoice_comes_first() -> None:
    account = BankAccount("Elsewhere Ltd", iban="DE89370400440532013000")
    transfer = page(replace(INVOICE, bank_account=account, payment_reference=None)).transfer
    assert transfer is not None
    rows = dict(as_pairs(transfer.rows))
    assert rows["IBAN"] == "DE89 3704 0044 0532 0130 00"
    assert rows["Reference"] == "1042"


def test_an_adjustment_is_stated() -> None:
    rounded = replace(UNPAID, stated_due=gbp(140002))
    assert ("Adjustment stated on the invoice", "£0.02") in as_pairs(page(rounded).sums)
    assert "Adjustment stated on the invoice" not in dict(as_pairs(page(UNPAID).sums))


def test_titles_reveal_nothing() -> None:
    for title in (page(INVOICE).title, page(UNPAID).title, page(INVOICE, entry(84000)).title):
        assert title == "Your invoice \N{EN DASH} Sample Business"


def test_the_customers_english_decides_how_it_is_written() -> None:
    american = replace(INVOICE, customer=Customer("A", language="en-US"))
    assert page(american).lang == "en-US"
    assert page(american).standing.sentences == ("It was due on October 31, 2026.", "We have not added a late fee.")
    assert page(replace(INVOICE, customer=Customer("A", language="fr-FR"))).lang == "en-GB"


def test_contact_links_dial_and_write() -> None:
    contact = page(INVOICE).contact
    assert contact.email_href == "mailto:hello@example.com?subject=Invoice%201042"
    assert contact.phone_href == "tel:+441632960142"


def test_without_addresses_the_message_that_was_sent_is_the_way() -> None:
    said = page(INVOICE, settings=Settings(business=Business(name="B")))
    assert said.contact.email is None
    assert "Reply to the message" in said.contact.sentence


@pytest.mark.parametrize("paid", [1, 55999, 139999])
def test_the_bar_is_never_empty_nor_full_while_a_part_is_left(paid: int) -> None:
    from portal.formats import formats_for  # noqa: PLC0415  used here alone

    progress = progress_of(balance_of(UNPAID, (entry(paid),), DAY), formats_for("en-GB"))
    assert progress is not None
    assert 1 <= int(progress.percent.rstrip("%")) <= 99


def test_a_part_is_read_back_before_paying() -> None:
    said = pages.check_page(INVOICE, gbp(84000), gbp(30000), SETTINGS, token="tok")
    assert said.heading == "You are about to pay £300.00"
    assert [row.value for row in said.rows] == ["£300.00", "£840.00", "£540.00"]
    assert (said.amount, said.shown) == ("300.00", "GBP 840.00")
    assert said.change_href == "https://pay.example.com/i/tok/#amount"


def part_error(typed: str, refusal: PartRefusal | None = None, *, unreadable: bool = False) -> str | None:
    offers = offers_for(balance_of(INVOICE, (), DAY), parts_allowed=True)
    said = pages.part_page(
        INVOICE, gbp(84000), offers, SETTINGS, token="tok", typed=typed, refusal=refusal, unreadable=unreadable
    )
    assert said.typed == typed
    assert said.title.startswith("Error: ") is (said.error is not None)
    return said.error


def test_every_refusal_says_what_to_enter() -> None:
    assert part_error("", unreadable=True) == "Enter an amount"
    assert part_error("x", unreadable=True) == "Enter the amount in digits, like 35.50"
    assert part_error("0.10", PartRefusal.TOO_SMALL) == "Enter £0.30 or more"
    assert part_error("900", PartRefusal.TOO_LARGE) == "Enter £839.70 or less, or pay it all"
    assert "£0.30 at least" in (part_error("839.80", PartRefusal.LEAVES_TOO_LITTLE) or "")
    for refusal in PartRefusal:
        assert part_error("1", refusal)
    assert part_error("300") is None


def test_nothing_is_asked_where_nothing_can_be_paid() -> None:
    offers = offers_for(balance_of(INVOICE, (entry(84000),), DAY), parts_allowed=True)
    with pytest.raises(ValueError, match="paid by card"):
        pages.part_page(INVOICE, gbp(0), offers, SETTINGS, token="tok")
    with pytest.raises(ValueError, match="paid by card"):
        pages.changed_page(INVOICE, gbp(84000), gbp(0), offers, SETTINGS, token="tok")


def test_a_changed_amount_shows_both() -> None:
    offers = offers_for(balance_of(INVOICE, (), DAY), parts_allowed=True)
    said = pages.changed_page(INVOICE, gbp(140000), gbp(84000), offers, SETTINGS, token="tok")
    assert said.sentences[0] == "Your page showed £1,400.00 left to pay. It is now £840.00."
    assert said.form.button == "Pay £840.00 now"
    unknown = pages.changed_page(INVOICE, None, gbp(84000), offers, SETTINGS, token="tok")
    assert unknown.sentences[0] == "It is now £840.00."


def test_messages_say_what_became_of_the_money() -> None:
    for reason in (*NoCard, None):
        settled = pages.settled_page(reason, SETTINGS, token="tok")
        assert "money has been taken" in " ".join(settled.sentences)
        assert settled.link_href == "https://pay.example.com/i/tok/"
    assert pages.problem_page(SETTINGS, pages.no_money_taken()).sentences[0] == "No money has been taken."
    assert "safe with Stripe" in pages.money_uncertain()
    assert "pay again" in " ".join(pages.thanks_page(SETTINGS, token="tok").sentences)


def test_a_link_that_does_not_open_says_nothing_about_itself() -> None:
    said = pages.no_link_page(SETTINGS)
    assert said.heading == "Page not found"
    assert said.link is None


def test_who_is_asked_again_after_a_refund_learns_why() -> None:
    refund = replace(entry(84000, EntryKind.REFUND), external_id="re_1")
    asked = page(INVOICE, entry(84000), refund).standing.sentences
    assert asked[-2:] == (
        "We refunded £840.00 on 21 October 2026.",
        "If you did not expect to be asked again, please tell us.",
    )
    settled = page(replace(INVOICE, cancelled_on=DAY), entry(84000), refund).standing.sentences
    assert "refunded" not in " ".join(map(str, settled))


def test_a_bank_payment_that_failed_is_told_until_another_begins() -> None:
    started, failed = entry(84000, EntryKind.PAYMENT_STARTED), entry(84000, EntryKind.PAYMENT_FAILED)
    said = page(INVOICE, started, failed).standing.sentences
    assert said[-2:] == (
        "Your bank payment of £840.00, begun on 21 October 2026, did not go through.",
        "No money has been taken. Your bank can say why.",
    )
    for later in (entry(500), entry(600, EntryKind.PAYMENT_STARTED)):
        assert "did not go through" not in " ".join(map(str, page(INVOICE, started, failed, later).standing.sentences))
