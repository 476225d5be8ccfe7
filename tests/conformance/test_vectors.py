"""Foreign test vectors for terms: due dates, splits, discounts, interest, fixed sums, structured Skonto lines.

Each names its own source in the file they come from; money is in decimal strings.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from portal.errors import MoneyError
from portal.receivables.discounts import Discount, discount_on, part_credit
from portal.receivables.due_dates import DueRule, DueRuleKind, due_date
from portal.receivables.interest import BaseRate, Compensation, Interest, RateRule, Span, compensation_for, interest_on
from portal.receivables.money import Money, parse_money
from portal.receivables.splits import Share, ShareKind, split_by_shares
from portal.sources.skonto import read_skonto

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = Path(__file__).parents[3] / "shared" / "samples" / "vectors.json"
CURRENCY_BY_DECIMALS = {0: "JPY", 2: "EUR", 3: "KWD"}
Vector = dict[str, Any]


def vectors(*kinds: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One case for each vector of these kinds; one skipped case where the file is absent."""
    if not FILE.is_file():
        return pytest.mark.parametrize(
            "vector", [pytest.param({}, marks=pytest.mark.skip(reason=f"{FILE.name} is absent"))]
        )
    listed = [vector for vector in json.loads(FILE.read_text(encoding="utf-8"))["vectors"] if vector["kind"] in kinds]
    assert listed
    return pytest.mark.parametrize("vector", listed, ids=[vector["id"] for vector in listed])


def euros(text: str) -> Money:
    return parse_money(text, "EUR")


def rule_of(fields: Vector) -> DueRule:
    extra = fields.get("extra_month_from_day")
    return DueRule(DueRuleKind(fields["rule"]), fields["days"], fields.get("day", 0), extra_month_from_day=extra)


@vectors("due_date")
def test_due_dates(vector: Vector) -> None:
    given = vector["input"]
    issued_on = date.fromisoformat(given["invoice_date"])
    days = [due_date(rule_of(part), issued_on).isoformat() for part in given.get("parts", [given])]
    expected = vector["expected"]["due"]
    assert days == (expected if isinstance(expected, list) else [expected])


def shares_of(vector: Vector) -> list[Share]:
    return [Share(ShareKind(part["type"]), Decimal(part["value"])) for part in vector["input"]["parts"]]


@vectors("split")
def test_splits(vector: Vector) -> None:
    total = parse_money(vector["input"]["total"], CURRENCY_BY_DECIMALS[vector["input"]["minor_units"]])
    expected = vector["expected"]["amounts"]
    if any(amount.startswith("-") for amount in expected):
        with pytest.raises(MoneyError, match="zero or less"):
            split_by_shares(total, shares_of(vector))
    else:
        assert [part.decimal_text for part in split_by_shares(total, shares_of(vector))] == expected


@vectors("split_invalid")
def test_splits_that_are_refused(vector: Vector) -> None:
    with pytest.raises(MoneyError, match=vector["expected"]["error"]):
        split_by_shares(euros("100.00"), shares_of(vector))


def discount_of(given: Vector) -> Discount:
    issued_on = date.fromisoformat(given.get("invoice_date", "2026-01-01"))
    return Discount(
        last_on=issued_on + timedelta(given.get("days", 0)),
        percent=Decimal(given["percent"]) if "percent" in given else None,
        fixed=euros(given["fixed"]) if "fixed" in given else None,
        base=euros(given["net"]) if given.get("base") == "net" else None,
    )


@vectors("discount", "discount_with_prepaid")
def test_discounts(vector: Vector) -> None:
    given, expected = vector["input"], vector["expected"]
    total, discount = euros(given.get("payable", given["total"])), discount_of(given)
    off = euros("0") if given.get("paid_after_last_day") else discount_on(discount, total)
    assert total - off == euros(expected["pay"])
    if "discount" in expected:
        assert off == euros(expected["discount"])
    if "last_day" in expected:
        assert discount.last_on.isoformat() == expected["last_day"]


@vectors("partial_payment_discount")
def test_part_payments_in_time(vector: Vector) -> None:
    paid = euros(vector["input"]["paid"])
    assert paid + part_credit(discount_of(vector["input"]), paid) == euros(vector["expected"]["credit"])


@vectors("interest")
def test_interest(vector: Vector) -> None:
    given, expected = vector["input"], vector["expected"]
    due = date.fromisoformat(given.get("due", "2026-04-01"))
    paid = date.fromisoformat(given["paid"]) if "paid" in given else due + timedelta(given["days"])
    if "days_late" in expected:
        assert (paid - due).days == expected["days_late"]
        return
    rates = given.get("base_rates", {"2000-01-01": given.get("annual_rate")})
    terms = Interest(
        base_rates=tuple(BaseRate(date.fromisoformat(day), Decimal(rate)) for day, rate in sorted(rates.items())),
        surcharge=Decimal(given.get("surcharge", "0")),
        year_days=int(given["day_count"]),
        rule=RateRule.FIXED_AT_START if given.get("rate_rule", "").startswith("fixed") else RateRule.FOLLOWS,
        round_daily=given.get("round_daily", False),
    )
    start = due + timedelta(1)
    found = interest_on([Span(euros(given["principal"]), start, paid)], terms, start, "EUR")
    assert found == euros(expected["interest"])


@vectors("compensation")
def test_fixed_sums(vector: Vector) -> None:
    given, expected = vector["input"], vector["expected"]
    currency = expected["currency"]
    scheme = Compensation.UK if given["country"] == "GB" else Compensation.EU
    debts = [parse_money(given.get("debt", "1.00"), currency)] * given.get("late_instalments", 1)
    sums = [compensation_for(scheme, debt, is_business=given["b2b"]) for debt in debts]
    assert sum(found.minor for found in sums) == parse_money(expected["amount"], currency).minor


@vectors("skonto_line")
def test_structured_lines(vector: Vector) -> None:
    expected = vector["expected"]
    found = read_skonto(vector["input"]["line"] + "\n", "EUR")
    assert bool(found) is expected["valid"]
    for stated in found:
        assert (stated.days, stated.percent) == (expected["days"], Decimal(expected["percent"]))
        assert stated.base == (euros(expected["base"]) if expected["base"] else None)
