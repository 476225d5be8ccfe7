from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.sources.dates import DateOrder, orders_of, parse_date

DAY, MONTH = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


@pytest.mark.parametrize(
    "text",
    """2026-10-05 | 20261005 | 2026/10/05 | 2026.10.05 | 2026-10-5 | 2026-10-05T00:00:00Z | 2026-10-05 09:12
    | 05.10.2026 | 5.10.26 | 05/10/2026 | 5-10-2026 | 5 10 2026 | 05/10/2026 0:00 | Oct 5 2026 | Oct 5, 2026
    | October 5th 2026 | 5 October 2026 | 05-Oct-26 | 5. Oktober 2026 | 5 ottobre 2026 | 5 de outubro de 2026
    | 5 octobre 2026 | 5 de octubre de 2026 | Monday, October 5, 2026""".replace("\n", "").split(" | "),
)
def test_one_day_in_many_spellings(text: str) -> None:
    assert parse_date(text.strip().replace("5th", "5"), DAY) == date(2026, 10, 5)


def test_the_order_is_obeyed() -> None:
    assert parse_date("05/10/2026", MONTH) == date(2026, 5, 10)


@pytest.mark.parametrize(
    ("text", "month"),
    [("1 juin 2026", 6), ("1 juil. 2026", 7), ("1. März 2026", 3), ("1 août 2026", 8), ("1 gennaio 2026", 1)],
)
def test_months_have_many_names(text: str, month: int) -> None:
    assert parse_date(text, DAY) == date(2026, month, 1)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "31/02/2026", "32/13/2026", "2026-13-01", "2026-02-30", "1/2", "45230", "5 Smarch 2026", "1/2/3"],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text, DAY) is None


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["05/06/2026", "13/06/2026"], DAY),
        (["05/06/2026", "06/13/2026"], MONTH),
        (["05/06/2026"], None),
        (["13/06/2026", "06/13/2026"], None),
        (["05.06.2026"], DAY),
        (["05.06.2026", "05/06/2026"], None),
        (["05.06.2026", "05.13.2026"], MONTH),
        (["05/05/2026"], None),
        (["45/10/2026", "soon", ""], None),
    ],
)
def test_a_day_over_twelve_decides(texts: list[str], order: DateOrder | None) -> None:
    assert orders_of(texts).order is order


def test_dates_that_need_no_decision_are_not_undecided() -> None:
    assert orders_of(["2026-05-06", "05/05/2026", "6 May 2026"]).undecided is None


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2089, 12, 31)), st.sampled_from([(DAY, "%d/%m/%Y"), (MONTH, "%m/%d/%Y")]))
def test_what_is_written_is_read(day: date, notation: tuple[DateOrder, str]) -> None:
    order, pattern = notation
    assert parse_date(day.strftime(pattern), order) == day
    assert parse_date(day.isoformat(), order) == day
