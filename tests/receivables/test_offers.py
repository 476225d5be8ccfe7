"""What can be paid by card: never more than is left, never a remainder nobody could pay."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits, provider_decimals
from portal.receivables.currencies import DECIMALS
from portal.receivables.invoice_balance import InvoiceBalance
from portal.receivables.money import Money, zero
from portal.receivables.offers import NoCard, PartRefusal, offers_for, refusal_of_part
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.receivables.invoice import Invoice

currencies = st.sampled_from(sorted(DECIMALS))


def left(minor: int, currency: str = "GBP", on_its_way: int = 0) -> InvoiceBalance:
    nothing = zero(currency)
    amount = Money(minor, currency)
    return InvoiceBalance(
        amount_due=amount,
        amount_paid=nothing,
        amount_remaining=amount,
        amount_overpaid=nothing,
        amount_on_its_way=Money(on_its_way, currency),
        amount_refunded=nothing,
        amount_disputed=nothing,
        amount_credited=nothing,
        amount_written_off=nothing,
        amount_discounted=nothing,
        amount_fees=nothing,
        amount_offerable=max(amount - Money(on_its_way, currency), nothing),
        discount_offered=nothing,
        catch_up=nothing,
        status=InvoiceStatus.OPEN,
    )


@given(currencies, st.integers(0, 10**10), st.integers(-10, 10**10))
def test_no_part_overpays_or_leaves_what_no_card_can_pay(currency: str, minor: int, asked: int) -> None:
    """solidus_stripe#311: a leftover below the card minimum."""
    offers = offers_for(left(minor, currency), parts_allowed=True)
    amount = Money(asked, currency)
    limits = card_limits(currency)
    if offers.full is not None:
        assert offers.full == Money(minor, currency)
        assert limits.allow(offers.full)
    if refusal_of_part(offers, amount) is None:
        assert limits.allow(amount)
        remainder = minor - asked
        assert remainder == 0 or remainder >= limits.minimum.minor


@pytest.mark.parametrize(
    ("minor", "reason"),
    [(0, NoCard.NOTHING_LEFT), (29, NoCard.BELOW_MINIMUM), (30, None), (10**8, NoCard.ABOVE_MAXIMUM), (84000, None)],
)
def test_the_whole(minor: int, reason: NoCard | None) -> None:
    offers = offers_for(left(minor), parts_allowed=True)
    assert offers.no_card is reason
    assert (offers.full is None) is (reason is not None)


def test_a_balance_near_the_minimum_can_still_be_paid_whole() -> None:
    """invoiceninja#4854: a payment was refused because the balance is under the minimum part."""
    offers = offers_for(left(45), parts_allowed=True)
    assert offers.full == Money(45, "GBP")
    assert offers.part is None
    assert refusal_of_part(offers, Money(45, "GBP")) is None
    assert refusal_of_part(offers, Money(40, "GBP")) is PartRefusal.NOT_OFFERED


@pytest.mark.parametrize(
    ("minor", "refusal"),
    [
        (29, PartRefusal.TOO_SMALL),
        (30, None),
        (83970, None),
        (83971, PartRefusal.TOO_LARGE),
        (84000, None),
        (84001, PartRefusal.TOO_LARGE),
    ],
)
def test_parts(minor: int, refusal: PartRefusal | None) -> None:
    assert refusal_of_part(offers_for(left(84000), parts_allowed=True), Money(minor, "GBP")) is refusal


def test_the_owner_can_switch_parts_off() -> None:
    offers = offers_for(left(84000), parts_allowed=False)
    assert refusal_of_part(offers, Money(30000, "GBP")) is PartRefusal.NOT_OFFERED
    assert offers.full == Money(84000, "GBP")


def test_what_is_on_its_way_is_not_offered() -> None:
    assert offers_for(left(84000, on_its_way=84000), parts_allowed=True).no_card is NoCard.ON_ITS_WAY
    assert offers_for(left(84000, on_its_way=34000), parts_allowed=True).full == Money(50000, "GBP")


def test_currencies_that_the_provider_counts_otherwise() -> None:
    assert provider_decimals("ISK") == 2
    assert not card_limits("MGA").allow(Money(100_050, "MGA"))
    assert card_limits("MGA").allow(Money(100_000, "MGA"))
    assert offers_for(left(5124, "KWD"), parts_allowed=True).no_card is NoCard.FRACTION
    assert offers_for(left(5120, "KWD"), parts_allowed=True).full == Money(5120, "KWD")
    assert (
        refusal_of_part(offers_for(left(9000, "KWD"), parts_allowed=True), Money(5124, "KWD")) is PartRefusal.FRACTION
    )


def test_offers_follow_the_balance_of_an_invoice(make_invoice: Callable[..., Invoice]) -> None:
    balance = balance_of(make_invoice(), [], date(2026, 11, 21))
    assert offers_for(balance, parts_allowed=True).full == Money(84000, "GBP")
