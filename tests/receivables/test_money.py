"""Integers of minor units, exact splits, named rounding."""

from __future__ import annotations

import operator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import MoneyError
from portal.receivables.currencies import DECIMALS
from portal.receivables.money import Money, money_from_decimal, parse_money, portion, split, zero

currencies = st.sampled_from(sorted(DECIMALS))
amounts = st.builds(Money, st.integers(-(10**12), 10**12), currencies)


@given(amounts)
def test_an_amount_survives_its_own_text(amount: Money) -> None:
    assert parse_money(amount.decimal_text, amount.currency) == amount


@given(amounts, st.integers(1, 60))
def test_a_split_sums_exactly_and_its_parts_differ_by_little(amount: Money, parts: int) -> None:
    shares = split(amount, parts)
    assert len(shares) == parts
    assert sum((share.minor for share in shares), 0) == amount.minor
    assert len({share.minor for share in shares[:-1]}) <= 1
    assert abs(shares[-1].minor - shares[0].minor) < parts


def test_thirty_thousand_in_three() -> None:
    """erpnext#26951: 30,000 in three became 30,000.00 and 0.20 too much or too little."""
    assert split(Money(3_000_000, "INR"), 3) == (Money(1_000_000, "INR"),) * 3
    assert [part.decimal_text for part in split(Money(10_000, "EUR"), 3)] == ["33.33", "33.33", "33.34"]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("840", "GBP", 84000),
        ("840.5", "GBP", 84050),
        ("6187.5000", "GBP", 618750),
        ("-12.50", "EUR", -1250),
        ("\N{MINUS SIGN}1", "EUR", -100),
        ("1000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("1.234", "KWD", 1234),
        (" 0 ", "USD", 0),
    ],
)
def test_parse_money(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == Money(minor, currency)


def test_yen_are_not_multiplied() -> None:
    """InvoicePlane#1677: yen charged times 100."""
    assert parse_money("1500", "JPY").minor == 1500


@pytest.mark.parametrize("text", ["", "a", "1,00", "1e3", "1.", ".5", "1.005", "NaN", "Infinity", "1 000", "١"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        parse_money(text, "EUR")


@pytest.mark.parametrize("currency", ["eur", "XXX", "EURO", "", None])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(MoneyError):
        Money(1, currency)


def test_currencies_do_not_mix_and_floats_do_not_come_in() -> None:
    with pytest.raises(MoneyError):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(MoneyError):
        assert Money(1, "EUR") < Money(1, "USD")
    with pytest.raises(TypeError):
        Money(1.0, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(True, "EUR")
    with pytest.raises(MoneyError):
        money_from_decimal(Decimal("Infinity"), "EUR")


def test_nothing_changes_an_amount_into_itself() -> None:
    amount = Money(5, "EUR")
    assert amount + zero("EUR") is zero("EUR") + amount is amount - zero("EUR") is amount
    for other in (zero("USD"), Money(1, "USD")):
        for reckon in (operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge):
            with pytest.raises(MoneyError):
                reckon(zero("EUR"), other)


@pytest.mark.parametrize(
    ("minor", "rate", "share"), [(172505, "0.9", 155255), (5, "0.5", 3), (-5, "0.5", -3), (1, "0.4", 0), (0, "1", 0)]
)
def test_a_portion_is_rounded_half_up(minor: int, rate: str, share: int) -> None:
    assert portion(Money(minor, "EUR"), Decimal(rate)) == Money(share, "EUR")


def test_arithmetic_and_order() -> None:
    assert Money(5, "EUR") - Money(7, "EUR") == -Money(2, "EUR")
    assert max(Money(-1, "EUR"), zero("EUR")) == zero("EUR")
    assert not zero("EUR")
    assert str(Money(84000, "GBP")) == "GBP 840.00"
    with pytest.raises(ValueError, match="one part"):
        split(zero("EUR"), 0)
