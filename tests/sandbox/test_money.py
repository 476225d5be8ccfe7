from __future__ import annotations

import pytest

from portal.sandbox.errors import ApiError
from portal.sandbox.money import check_amount, check_currency, smallest, written


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (84000, "gbp", "£840.00"),
        (123456789, "eur", "€1,234,567.89"),
        (5, "gbp", "£0.05"),
        (840, "jpy", "JP¥840"),
        (84000, "isk", "ISK\N{NO-BREAK SPACE}840"),
        (5120, "kwd", "KWD\N{NO-BREAK SPACE}5.120"),
        (17500, "huf", "HUF\N{NO-BREAK SPACE}175.00"),
    ],
)
def test_amounts_are_written_with_the_digits_of_their_currency(amount: int, currency: str, text: str) -> None:
    assert written(amount, currency) == text


@pytest.mark.parametrize(
    ("currency", "least"),
    [("gbp", 30), ("eur", 50), ("usd", 50), ("czk", 1500), ("huf", 17500), ("sek", 300), ("jpy", 50)],
)
def test_the_smallest_charge_is_the_one_of_the_table(currency: str, least: int) -> None:
    assert check_amount(least, currency, "amount") == least
    with pytest.raises(ApiError) as caught:
        check_amount(least - 1, currency, "amount")
    assert caught.value.error["code"] == "amount_too_small"
    assert caught.value.error["param"] == "amount"


def test_a_currency_that_is_not_listed_starts_at_half_a_unit() -> None:
    assert smallest("bgn") == 50
    assert smallest("kwd") == 500


def test_the_largest_charge_has_eight_digits() -> None:
    assert check_amount(99_999_999, "gbp", None) == 99_999_999
    with pytest.raises(ApiError, match="no more than") as caught:
        check_amount(100_000_000, "gbp", None)
    assert caught.value.error["code"] == "amount_too_large"


@pytest.mark.parametrize(("amount", "currency"), [(5124, "kwd"), (84050, "isk"), (100_01, "ugx")])
def test_digits_that_a_currency_does_not_have_are_refused(amount: int, currency: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_amount(amount, currency, None)
    assert caught.value.error["code"] == "invalid_charge_amount"


def test_currencies_are_read_in_any_case_and_unknown_ones_refused() -> None:
    assert check_currency("GBP", "currency") == "gbp"
    with pytest.raises(ApiError):
        check_currency("xxx", "currency")
