"""``[[plans]]``: what an owner writes becomes bounds, and every mistake is named with its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from portal.config import Settings, load_settings
from portal.errors import SettingsError
from portal.receivables.plan_offers import PlanBounds, PlanWay, Rhythm

if TYPE_CHECKING:
    from pathlib import Path

NAME = '[business]\nname = "Sample Business"\n'


def loaded(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "portal.toml").write_text(NAME + text, encoding="utf-8")
    return load_settings(tmp_path, {})


def test_without_plans_none_are_offered(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").plans == ()


def test_a_number_of_payments_is_enough(tmp_path: Path) -> None:
    (plan,) = loaded(tmp_path, "[[plans]]\npayments = 3\n").plans
    assert plan.bounds == PlanBounds(3, 3)


def test_everything_an_owner_may_say(tmp_path: Path) -> None:
    text = """[[plans]]
payments = [2, 6]
rhythms = ["monthly", "two-weekly", "weekly", "1st and 15th", "last working day", "payday"]
collected = "by hand"
first_payment = "25%"
first_on = 2026-12-01
minimum_payment = "20.00"
last_on = 2027-06-30
within_days = 180
minimum_total = "100.00"
maximum_total = "5000.00"
currencies = ["GBP", "EUR"]
overdue_only = true
grace_days = 5

[[plans]]
payments = 2
collected = "customer's choice"
first_payment = "100.00"
"""
    first, second = loaded(tmp_path, text).plans
    assert first.bounds == PlanBounds(
        fewest=2,
        most=6,
        rhythms=tuple(Rhythm),
        ways=(PlanWay.BY_HAND,),
        first_share=Decimal("0.25"),
        first_on=date(2026, 12, 1),
        minimum_payment=Decimal("20.00"),
        last_on=date(2027, 6, 30),
        within_days=180,
        minimum_total=Decimal("100.00"),
        maximum_total=Decimal("5000.00"),
        currencies=("GBP", "EUR"),
        overdue_only=True,
        grace_days=5,
    )
    assert second.bounds == PlanBounds(2, 2, ways=tuple(PlanWay), first_amount=Decimal("100.00"))


@pytest.mark.parametrize(
    ("setting", "said", "line"),
    [
        ("payments = 1", "has to be 2 or more", 4),
        ("payments = [4, 2]", "smaller number", 4),
        ("payments = 3\nrhythms = 'daily'", "monthly", 5),
        ("payments = 3\nrhythms = []", "at least 1", 5),
        ("payments = 3\nfirst_payment = '0%'", "share", 5),
        ("payments = 3\nfirst_payment = '100%'", "share", 5),
        ("payments = 3\nminimum_payment = 20.0", "in quotes", 5),
        ("payments = 3\nminimum_payment = 'lots'", "decimal", 5),
        ("payments = 3\ncurrencies = 'pounds'", "ISO 4217", 5),
        ("payments = 3\nfirst_on = 2026-12-01", "by hand", 3),
        ("payments = 3\nminimum_total = '2'\nmaximum_total = '1'", "more than", 3),
        ("payments = 3\npayment = 4", "no such setting", 5),
        ("rhythms = 'monthly'", "needed", 3),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, setting: str, said: str, line: int) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, f"[[plans]]\n{setting}\n")
    problem = caught.value.problems[0]
    assert said in problem.problem
    assert problem.line == line
    assert "[business]" not in problem.remedy
