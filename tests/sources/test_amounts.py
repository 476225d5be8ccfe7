from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.sources.amounts import DecimalMark, decimal_of, is_ambiguous, mark_of, plain_minor, take_apart, votes_of

POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA


def number(text: str, mark: DecimalMark) -> Decimal | None:
    written = take_apart(text)
    return decimal_of(written, mark) if written else None


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1,234.50", POINT, "1234.50"),
        ("1.234,50", COMMA, "1234.50"),
        ("$1,234.50", POINT, "1234.50"),
        ("US$ 12", POINT, "12"),
        ("1.190,00 €", COMMA, "1190"),
        ("USD 40", POINT, "40"),
        ("40 eur", POINT, "40"),
        ("(250.00)", POINT, "-250"),
        ("($250.00)", POINT, "-250"),
        ("1000-", POINT, "-1000"),
        ("\u22121000", POINT, "-1000"),
        ("-$12.50", POINT, "-12.5"),
        ("$-12.50", POINT, "-12.5"),
        ("1\u00a0234,56\u00a0€", COMMA, "1234.56"),
        ("1\u202f234,56", COMMA, "1234.56"),
        ("1'234.50", POINT, "1234.5"),
        ("1\u2019234.50", POINT, "1234.5"),
        ("CHF 1'200.-", POINT, "1200"),
        ("1200,--", COMMA, "1200"),
        ("1,00,000.00", POINT, "100000"),
        (".50", POINT, "0.5"),
        ("12.", POINT, "12"),
        ("6187.5000", POINT, "6187.5"),
        ("+5", POINT, "5"),
        ("120 kr.", POINT, "120"),
    ],
)
def test_notations(text: str, mark: DecimalMark, value: str) -> None:
    assert number(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "twelve", "12 apples", "12%", "(12", "12)", "(-12)", "--5", "-5-", "$5€", "1.2.3", "1,23,4.5",
     "12.34,5", "1 2 3", "1e5", "٣", "9" * 50, "1" * 16, "1." + "0" * 12 + "1", "=1+1", "nan"],
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    assert number(text, POINT) is None


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1,234.50"], POINT),
        (["1.234,50"], COMMA),
        (["12,50", "1.234"], COMMA),
        (["1.234.567"], COMMA),
        (["0.123"], POINT),
        (["1234.567"], POINT),
        (["1 234,567"], COMMA),
        (["1.234"], None),
        (["5", ""], None),
        (["1.5", "1,5"], None),
        (["1.50", "2.50", "1,5"], POINT),
    ],
)
def test_a_column_shows_its_mark(texts: list[str], mark: DecimalMark | None) -> None:
    assert mark_of(votes_of(texts)) is mark


def test_three_digits_behind_one_mark_are_ambiguous() -> None:
    assert [is_ambiguous(text) for text in ("1.234", "1,234", "1234.5", "0.123", "1234.567", "5")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


@settings(deadline=None)
@given(
    st.decimals(-(10**9), 10**9, places=2), st.sampled_from([(",", ".", POINT), (".", ",", COMMA), (" ", ",", COMMA)])
)
def test_what_is_written_is_read(value: Decimal, notation: tuple[str, str, DecimalMark]) -> None:
    group, point, mark = notation
    text = f"{value:,.2f}".replace(",", "_").replace(".", point).replace("_", group)
    assert number(text, mark) == value
    assert mark_of(votes_of([text])) is mark


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    assert number(text, POINT) is None or isinstance(number(text, POINT), Decimal)


@settings(deadline=None)
@given(st.text("0123456789.,-'²٣ ", max_size=22), st.sampled_from([POINT, COMMA]), st.sampled_from([0, 2, 3]))
def test_the_short_way_never_reads_anything_else_than_the_long_one(text: str, mark: DecimalMark, decimals: int) -> None:
    minor = plain_minor(text, mark, decimals)
    assert minor is None or Decimal(minor).scaleb(-decimals) == number(text, mark)


def test_amounts_with_all_their_decimals_go_the_short_way() -> None:
    assert plain_minor("238.93", POINT, 2) == plain_minor("238,93", COMMA, 2) == 23893
    assert plain_minor("840", POINT, 0) == 840
    assert plain_minor("840", POINT, 2) is plain_minor("-8.40", POINT, 2) is plain_minor("", POINT, 0) is None


@given(st.lists(st.tuples(st.sampled_from(["1.20", "1,20", "7", "1.234", "", "x"]), st.integers(1, 5))))
def test_a_text_that_stands_for_several_rows_votes_for_each(column: list[tuple[str, int]]) -> None:
    by_row = [text for text, times in column for _ in range(times)]
    assert votes_of([text for text, _ in column], [times for _, times in column]) == votes_of(by_row)
