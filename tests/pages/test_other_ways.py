"""Ways to pay without a card, as pages say them."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from portal import pages
from portal.building.site import create_site
from portal.building.site_contents import SiteContents
from portal.config import Payments, Settings
from portal.pages.transfer import TransferStage, transfer_stages
from portal.pages.ways import paypal_address
from portal.receivables.balance import balance_of
from portal.receivables.discounts import Discount
from portal.receivables.invoice import BankAccount, DuePart
from portal.receivables.line_items import LineItem, LineItems
from portal.receivables.money import Money
from portal.receivables.offers import offers_for
from portal.receivables.prices import price_list
from portal.receivables.terms import LateFee, LateMode, Terms
from portal.settings.bank import Bank
from portal.settings.business import Business

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.pages import InvoicePage
    from portal.pages.pieces import Row
    from portal.receivables.invoice import Invoice

    Make = Callable[..., Invoice]

DAY = date(2026, 10, 5)
GERMAN = Bank(iban="DE89370400440532013000", bic="COBADEFFXXX")
SWISS = Bank(iban="CH5800791123000889012", street="Rue du Lac", postcode="2501", town="Biel", country="CH")
BRITISH = Bank(sort_code="00-00-00", account_number="00000000", iban="GB29NWBK60161331926819")
AMERICAN = Bank(routing_number="011000015", account_number="12345", bic="COBADEFFXXX")
TERMS = Terms(
    (Discount(date(2026, 10, 11), percent=Decimal(2)),),
    LateFee(LateMode.CHARGED, date(2026, 11, 8), date(2026, 10, 31), flat=Money(4000, "EUR")),
)


def owner(*banks: Bank, **payments: object) -> Settings:
    business = Business(name="Sample Business", phone="01632 960 142", address="1 Sample Quay")
    return Settings(business=business, bank=banks, payments=Payments.model_validate(payments))


def in_euros(make_invoice: Make, minor: int = 84000, **fields: object) -> Invoice:
    return make_invoice(total=Money(minor, "EUR"), **fields)


def page(invoice: Invoice, settings: Settings, day: date = DAY) -> InvoicePage:
    balance = balance_of(invoice, (), day)
    offers = offers_for(balance, parts_allowed=True)
    return pages.invoice_page(invoice, balance, (), offers, settings, token="tok", as_of=day)


def html(invoice: Invoice, settings: Settings) -> str:
    contents = SiteContents(settings, DAY, lambda _token: (invoice, ()), None)
    return create_site(contents).test_client().get("/i/tok/").text


def pairs(rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    return [(row.label, row.value) for row in rows]


def rows_of(invoice: Invoice, settings: Settings) -> dict[str, str]:
    transfer = page(invoice, settings).transfer
    assert transfer is not None
    return dict(pairs(transfer.rows))


def test_stages_follow_the_price_list_without_a_gap(make_invoice: Make) -> None:
    invoice = in_euros(make_invoice, terms=TERMS)
    assert transfer_stages(price_list(invoice, (), DAY)) == (
        TransferStage(Money(82320, "EUR"), date(2026, 10, 11), None),
        TransferStage(Money(84000, "EUR"), date(2026, 11, 7), date(2026, 10, 11)),
        TransferStage(Money(88000, "EUR"), None, date(2026, 11, 7)),
    )
    assert transfer_stages(price_list(replace(invoice, stated_due=Money(0, "EUR")), (), DAY)) == ()


def test_each_sum_stands_with_its_days_and_has_a_symbol(make_invoice: Make) -> None:
    transfer = page(in_euros(make_invoice, terms=TERMS), owner(GERMAN)).transfer
    assert transfer is not None
    assert pairs(transfer.amounts) == [
        ("Until 11 October 2026", "€823.20"),
        ("Until 7 November 2026", "€840.00"),
        ("After 7 November 2026", "€880.00"),
    ]
    assert [code.heading for code in transfer.codes] == [
        "€823.20 until 11 October 2026",
        "€840.00 until 7 November 2026",
        "€880.00 after 7 November 2026",
    ]
    assert len({code.picture for code in transfer.codes}) == 3
    assert "allow a day or two" in transfer.caution


def test_one_sum_has_no_dates(make_invoice: Make) -> None:
    transfer = page(in_euros(make_invoice), owner(GERMAN)).transfer
    assert transfer is not None
    assert pairs(transfer.amounts + transfer.rows) == [
        ("Amount", "€840.00"),
        ("To", "Sample Business"),
        ("IBAN", "DE89 3704 0044 0532 0130 00"),
        ("BIC", "COBADEFFXXX"),
        ("Reference", "RF97 1042"),
    ]
    (code,) = transfer.codes
    assert code.heading is None
    assert code.alt == "SEPA QR code: €840.00 to Sample Business, reference RF97 1042"


def test_a_swiss_account_has_the_swiss_symbol(make_invoice: Make) -> None:
    transfer = page(make_invoice(total=Money(194970, "CHF")), owner(SWISS)).transfer
    assert transfer is not None
    assert ("Address", "Rue du Lac, 2501 Biel, CH") in pairs(transfer.rows)
    (code,) = transfer.codes
    assert code.alt.startswith("Swiss QR code: CHF")
    assert code.is_swiss


def test_at_home_the_numbers_used_at_home(make_invoice: Make) -> None:
    pounds = rows_of(make_invoice(), owner(BRITISH))
    assert (pounds["Sort code"], pounds["Account number"], "IBAN" in pounds) == ("00-00-00", "00000000", False)
    euros = rows_of(in_euros(make_invoice), owner(BRITISH))
    assert (euros["IBAN"], "Sort code" in euros) == ("GB29 NWBK 6016 1331 9268 19", False)
    dollars = rows_of(make_invoice(total=Money(100, "USD")), owner(AMERICAN))
    assert (dollars["Routing number"], "BIC" in dollars) == ("011000015", False)


def test_no_symbol_where_none_is_right(make_invoice: Make) -> None:
    for invoice, bank in ((make_invoice(), BRITISH), (in_euros(make_invoice), BRITISH)):
        transfer = page(invoice, owner(bank)).transfer
        assert transfer is not None
        assert (transfer.codes, transfer.hint) == ((), None)


@pytest.mark.parametrize(
    ("amount", "address"),
    [
        (Money(1250, "EUR"), "https://paypal.me/Sample/12.50EUR"),
        (Money(100000, "JPY"), "https://paypal.me/Sample/100000JPY"),
        (Money(100000, "HUF"), "https://paypal.me/Sample/1000HUF"),
        (Money(100050, "HUF"), None),
        (Money(310500, "KWD"), None),
    ],
)
def test_paypal_takes_the_exact_sum_or_is_not_offered(make_invoice: Make, amount: Money, address: str | None) -> None:
    assert paypal_address("https://paypal.me/Sample", amount) == address
    ways = page(make_invoice(total=amount), owner(paypal_me="https://paypal.me/Sample")).ways
    assert [link for way in ways for link, _words in way.links] == ([address] if address else [])


def test_paypal_and_cheques_name_each_sum_with_its_days(make_invoice: Make) -> None:
    settings = owner(paypal_me="paypal.me/Sample", cheque_to="S. Business")
    paypal, cheque = page(in_euros(make_invoice, terms=TERMS), settings).ways
    assert [words for _link, words in paypal.links] == [
        "Pay €823.20 with PayPal, until 11 October 2026",
        "Pay €840.00 with PayPal, until 7 November 2026",
        "Pay €880.00 with PayPal, after 7 November 2026",
    ]
    assert paypal.sentences[0] == "Please write 1042 in the note there."
    assert [row.label for row in cheque.amounts][2] == "After 7 November 2026"
    assert pairs(cheque.rows) == [
        ("Payable to", "S. Business"),
        ("Post it to", "1 Sample Quay"),
        ("Write on the back", "1042"),
    ]


def test_cheques_only_in_the_currency_the_owner_takes(make_invoice: Make) -> None:
    settings = owner(cheque_to="B", cheque_currency="GBP")
    assert [way.summary for way in page(make_invoice(), settings).ways] == ["Pay by cheque"]
    assert page(in_euros(make_invoice), settings).ways == ()


def test_the_first_way_is_open_where_a_card_cannot_pay_it_all(make_invoice: Make) -> None:
    settings = owner(paypal_me="paypal.me/Sample", other="Cash at the **counter**.")
    by_card, not_by_card = page(make_invoice(), settings), page(in_euros(make_invoice, minor=20), settings)
    assert [way.is_open for way in by_card.ways] == [False, False]
    assert [way.is_open for way in not_by_card.ways] == [True, False]
    assert not_by_card.explanation[1] == "You can pay this another way: see below."
    assert str(by_card.ways[1].body) == "<p>Cash at the <strong>counter</strong>.</p>"
    with_bank = page(in_euros(make_invoice, minor=20), owner(GERMAN, paypal_me="paypal.me/Sample"))
    assert with_bank.transfer is not None
    assert (with_bank.transfer.is_open, with_bank.ways[0].is_open) == (True, False)


def test_the_heading_of_the_ways_says_whether_there_is_a_card_button(make_invoice: Make) -> None:
    assert "Other ways to pay" in html(in_euros(make_invoice), owner(GERMAN))
    assert ">Ways to pay" in html(in_euros(make_invoice, minor=20), owner(GERMAN))
    assert "ays to pay" not in html(in_euros(make_invoice), owner())


def test_this_is_really_us(make_invoice: Make) -> None:
    said = page(make_invoice(subject="Oak shelving", order_reference="PO 77"), owner()).genuine
    assert said is not None
    assert pairs(said.rows) == [("The job", "Oak shelving"), ("Your reference", "PO 77")]
    assert "01632\N{NO-BREAK SPACE}960\N{NO-BREAK SPACE}142" in said.sentences[0]
    assert "never change our bank details" in said.sentences[1]
    line = page(make_invoice(lines=LineItems.of([LineItem("Bricks", Money(84000, "GBP"))])), owner()).genuine
    assert line is not None
    assert pairs(line.rows) == [("The job", "Bricks")]
    assert page(make_invoice(cancelled_on=DAY), owner()).genuine is None


def test_hostile_texts_stay_texts(make_invoice: Make) -> None:
    evil = '"><script>alert(1)</script>\n<svg onload=x>'
    account = BankAccount(evil, iban="DE89370400440532013000")
    invoice = in_euros(
        make_invoice, payment_reference=evil, order_reference=evil, subject=evil, number=evil, bank_account=account
    )
    said = html(invoice, owner(paypal_me="paypal.me/Sample", cheque_to=evil.replace("\n", " "), other=evil))
    assert "<script" not in said
    assert "onload" not in said.replace("&lt;svg onload=x&gt;", "")
    assert said.count('class="code"') == 1


def test_four_sums_with_symbols_stay_within_the_budget(make_invoice: Make) -> None:
    tiers = tuple(Discount(date(2026, 10, 10 + n), percent=Decimal(4 - n)) for n in range(3))
    lines = tuple(LineItem(f"Something that was delivered, part {n}", Money(4200, "EUR")) for n in range(20))
    invoice = in_euros(
        make_invoice, terms=replace(TERMS, discounts=tiers), lines=LineItems.of(lines), payment_reference="x" * 140
    )
    said = html(invoice, owner(GERMAN, paypal_me="paypal.me/Sample", cheque_to="B"))
    assert said.count('class="code"') == 4
    assert "style=" not in said
    assert len(gzip.compress(said.encode())) < 14_000


def test_an_invoice_due_in_parts_names_the_next_part_beside_the_whole(make_invoice: Make) -> None:
    parts = (DuePart(date(2026, 10, 20), Money(30000, "EUR")), DuePart(date(2026, 12, 1), Money(54000, "EUR")))
    invoice = in_euros(make_invoice, parts=parts, due_on=date(2026, 12, 1))
    shown = page(invoice, owner(GERMAN)).transfer
    assert shown is not None
    assert pairs(shown.amounts) == [("Due 20 October 2026", "€300.00"), ("All of it", "€840.00")]
    assert [code.heading for code in shown.codes] == ["Due 20 October 2026: €300.00", "All of it: €840.00"]
    assert "Please allow a day or two" not in shown.caution
    late = page(invoice, owner(GERMAN), date(2026, 10, 21)).transfer
    assert late is not None
    assert pairs(late.amounts)[0] == ("Already due", "€300.00")
    last = page(invoice, owner(GERMAN), date(2026, 12, 2)).transfer
    assert last is not None
    assert pairs(last.amounts) == [("Amount", "€840.00")], "all of it is due"
