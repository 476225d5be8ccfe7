"""The owner's settings and what an invoice states become its terms; and a customer pays by them."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from portal.invoice_terms import rates_to_enter, with_terms
from portal.receivables.discounts import Discount
from portal.receivables.invoice import Customer, DuePart, Invoice, StatedDiscount, StatedPayment, Tax
from portal.receivables.money import Money
from portal.receivables.statuses import InvoiceStatus
from portal.receivables.terms import NO_TERMS, LateMode, LatePart
from portal.settings.terms import TermsSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    Make = Callable[..., Invoice]

LATE = {"mode": "charged", "flat": {"GBP": "40.00"}, "grace_days": 7}
COMPANY = Customer("Sample Ltd", is_business=True)


def settings(**fields: Any) -> TermsSettings:  # noqa: ANN401  whatever stands in the file
    return TermsSettings.model_validate(fields)


def test_without_settings_nothing_changes(make_invoice: Make) -> None:
    assert with_terms(make_invoice(), settings(), UTC) == make_invoice()


def test_a_stated_due_date_outweighs_the_rule(make_invoice: Make) -> None:
    rule = settings(due={"days": 10}, roll="next_business_day")
    assert with_terms(make_invoice(), rule, UTC).due_on == date(2026, 10, 31)
    assert with_terms(make_invoice(due_on=None), rule, UTC).due_on == date(2026, 10, 12), "the 11th is a Sunday"


def test_discounts_of_the_invoice_outweigh_the_owners(make_invoice: Make) -> None:
    owner = settings(discounts=[{"days": 10, "percent": "2"}, {"days": 5, "fixed": {"GBP": "50.00"}}])
    tiers = with_terms(make_invoice(), owner, UTC).terms.discounts
    assert tiers == (
        Discount(date(2026, 10, 6), fixed=Money(5000, "GBP")),
        Discount(date(2026, 10, 11), percent=Decimal(2)),
    )
    own = make_invoice(discounts=(StatedDiscount(14, Decimal("3.00")),))
    assert [tier.percent for tier in with_terms(own, owner, UTC).terms.discounts] == [Decimal("3.00")]


def test_each_part_has_its_own_days_of_a_late_fee(make_invoice: Make) -> None:
    owner = settings(late=LATE | {"business_only": False})
    parts = (DuePart(date(2026, 10, 1), Money(40000, "GBP")), DuePart(date(2026, 10, 31), Money(44000, "GBP")))
    paid_before = (StatedPayment(Money(50000, "GBP")),)
    invoice = make_invoice(parts=parts, payments=paid_before, stated_due=Money(34000, "GBP"))
    late = with_terms(invoice, owner, UTC).terms.late
    assert late is not None
    assert (late.starts_on, late.counts_from) == (date(2026, 10, 9), date(2026, 10, 1))
    assert late.parts == (
        LatePart(Money(0, "GBP"), date(2026, 10, 9), date(2026, 10, 1)),
        LatePart(Money(34000, "GBP"), date(2026, 11, 8), date(2026, 10, 31)),
    )


def test_a_discount_on_the_net_sum(make_invoice: Make) -> None:
    owner = settings(discounts=[{"days": 10, "percent": "2", "base": "net"}])
    taxed = make_invoice(taxes=(Tax("VAT", Money(14000, "GBP")),))
    assert with_terms(taxed, owner, UTC).terms.discounts[0].base == Money(70000, "GBP")


def test_a_stage_without_a_discount_marks_the_due_date(make_invoice: Make) -> None:
    """XRechnung writes the net term as PROZENT=0.00 where there is no BT-9."""
    stated = (StatedDiscount(14, Decimal("2.00")), StatedDiscount(30, Decimal("0.00")))
    invoice = with_terms(make_invoice(due_on=None, discounts=stated), settings(), UTC)
    assert invoice.due_on == date(2026, 10, 31)
    assert len(invoice.terms.discounts) == 1


@pytest.mark.parametrize("is_business", [None, False])
def test_what_is_for_businesses_never_touches_a_consumer(make_invoice: Make, is_business: bool | None) -> None:  # noqa: FBT001  a case
    consumer = make_invoice(customer=Customer("Sample", is_business=is_business))
    assert with_terms(consumer, settings(late=LATE), UTC).terms == NO_TERMS
    both = settings(late=LATE | {"business_only": False, "compensation": "uk"})
    late = with_terms(consumer, both, UTC).terms.late
    assert late is not None
    assert (late.flat, late.compensation) == (Money(4000, "GBP"), None)


def test_a_late_fee_starts_after_grace_and_is_capped(make_invoice: Make) -> None:
    capped = settings(late=LATE | {"cap_percent": "5", "cap": {"GBP": "50.00"}})
    late = with_terms(make_invoice(customer=COMPANY), capped, UTC).terms.late
    assert late is not None
    assert (late.mode, late.starts_on, late.cap) == (LateMode.CHARGED, date(2026, 11, 8), Money(4200, "GBP"))
    assert with_terms(make_invoice(customer=COMPANY, total=Money(5, "EUR")), settings(late=LATE), UTC).terms == NO_TERMS


@pytest.mark.parametrize(
    "fields",
    [
        {"late": {"mode": "charged"}},
        {"late": {"mode": "charged", "interest": {"surcharge": "8"}}},
        {"late": {"mode": "charged", "flat": {"GBP": "1.005"}}},
        {"late": {"mode": "charged", "flat": {"pounds": "1"}}},
        {"late": {"mode": "charged", "percent": 2.5}},
        {"discounts": [{"days": 10}]},
        {"discounts": [{"days": 10, "percent": "2", "fixed": {"GBP": "1"}}]},
        {"due": {"rule": "date"}},
        {"due": {"rule": "first_nth_day_on_or_after", "days": 30}},
    ],
)
def test_terms_that_cannot_be_meant_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**fields)


def test_a_customer_pays_the_discounted_sum_and_the_page_says_paid(world: World) -> None:
    """Page, checkout and ledger agree on what a discount saves."""
    text = world.invoice("1046", total="500.00", due_on="2026-12-31").read_text(encoding="utf-8")
    dated = text.replace("2026-10-01", "2026-11-15").removesuffix("+++\n")
    world.write("invoices/1046.md", f'{dated}\n[[discounts]]\ndays = 10\npercent = "2"\n+++\n')
    world.build()
    page = world.page("1046")
    assert "Left to pay until 25 November 2026" in page
    assert "You save £10.00 by paying all of it by 25 November 2026." in page
    assert "Pay £490.00 now" in page
    world.come_back(world.at_checkout(world.pay("1046").headers["Location"]))
    assert world.balance("1046").amount_discounted == Money(1000, "GBP")
    assert world.balance("1046").status is InvoiceStatus.PAID
    paid = world.page("1046")
    assert "Paid in full" in paid
    sums = paid.partition('class="sums"')[2]
    places = [sums.index(row) for row in ("Total", "Early payment discount", "Paid on", "Left to pay")]
    assert places == sorted(places), "read from above, the sums add up"


def test_a_page_read_after_the_discount_ended_asks_again_instead_of_charging_more(world: World) -> None:
    world.write("invoices/1042.md", _LAPSED)
    world.build()
    answer = world.pay("1042", shown="GBP 490.00")
    assert answer.status_code == 409
    assert "It is now £500.00." in answer.text


_LAPSED = """+++
number = "1042"
customer = "Sample Customer Ltd"
issued_on = 2026-11-01
due_on = 2026-12-31
currency = "GBP"
total = "500.00"

[[discounts]]
days = 10
percent = "2"
+++
"""


def test_a_customer_pays_what_is_due_of_an_invoice_in_parts(world: World) -> None:
    """Without the owner's leave for free parts: what is due can be paid, and nothing else."""
    settings_file = (world.folders.content / "portal.toml").read_text(encoding="utf-8")
    world.write("portal.toml", settings_file + "[payments]\npart = false\n")
    path = world.invoice("1042", due_on="2027-01-31")
    first = '[[parts]]\npercent = "40"\ndue_on = 2026-11-01\n[[parts]]\ndue_on = 2027-01-31\n+++\n'
    path.write_text(path.read_text(encoding="utf-8").removesuffix("+++\n") + first, encoding="utf-8")
    world.build()
    world.serve_again()
    page = world.page()
    assert "£336.00 was due on 1 November 2026." in page
    assert "This brings it up to date." in page
    assert world.pay(want="part", amount="335.00", confirmed="1").status_code == 422
    world.come_back(world.at_checkout(world.pay(want="part", amount="336.00", confirmed="1").headers["Location"]))
    page = world.page()
    assert "Please pay £504.00 by 31 January 2027." in page
    assert "This brings it up to date." not in page
    assert world.balance().status is InvoiceStatus.PARTLY_PAID


GERMAN = {"surcharge": "9", "rates": [{"valid_from": "2026-01-01", "percent": "1.27"}]}
BRITISH = {"surcharge": "8", "rule": "fixed_at_start", "rates": [{"valid_from": "2025-12-31", "percent": "3.75"}]}
AGREED = {"rates": [{"valid_from": "2020-01-01", "percent": "5"}]}


@pytest.mark.parametrize(
    ("interest", "mode", "day", "missing"),
    [
        (GERMAN, "charged", date(2026, 6, 30), None),
        (GERMAN, "charged", date(2026, 7, 1), "2026-07-01"),
        (GERMAN, "shown", date(2027, 2, 1), "2027-01-01"),
        (GERMAN, "off", date(2027, 2, 1), None),
        (BRITISH, "charged", date(2026, 6, 30), None),
        (BRITISH, "charged", date(2026, 7, 1), "2026-06-30"),
        (AGREED, "charged", date(2026, 7, 1), None),
    ],
)
def test_a_rate_of_the_current_half_year_is_asked_for(
    interest: dict[str, Any], mode: str, day: date, missing: str | None
) -> None:
    found = rates_to_enter(settings(late={"mode": mode, "interest": interest}), day)
    assert len(found) == (missing is not None)
    if missing:
        assert f"valid_from = {missing}" in found[0].remedy
        assert (found[0].file, found[0].field) == ("portal.toml", "terms.late.interest.rates")


def test_the_build_asks_for_the_rate(world: World) -> None:
    late = '[terms.late]\nmode = "shown"\n[terms.late.interest]\nsurcharge = "8"\n'
    rate = '[[terms.late.interest.rates]]\nvalid_from = 2026-01-01\npercent = "3.75"\n'
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text(encoding="utf-8") + late + rate, encoding="utf-8")
    assert any("no rate of 2026-07-01" in warning.problem for warning in world.build().warnings)
