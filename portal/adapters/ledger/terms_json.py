"""Terms as plain lists and back, exactly: for the invoices that the ledger keeps."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from portal.receivables.discounts import Discount
from portal.receivables.interest import BaseRate, Compensation, Interest, RateRule
from portal.receivables.money import Money
from portal.receivables.terms import LateFee, LateMode, LatePart, Terms


def terms_to_dict(terms: Terms) -> dict[str, Any]:
    """The terms as values that JSON has."""
    return {
        "discounts": [_discount_to_list(tier) for tier in terms.discounts],
        "late": None if terms.late is None else _late_to_dict(terms.late),
        "value_days": terms.value_days,
        "credit_part_payments": terms.credit_part_payments,
        "zone": None if terms.zone is UTC else str(terms.zone),
    }


def terms_from_dict(record: dict[str, Any]) -> Terms:
    """The terms of what ``terms_to_dict`` made."""
    zone: tzinfo = UTC if record["zone"] is None else ZoneInfo(record["zone"])
    late = record["late"]
    return Terms(
        discounts=tuple(map(_discount_from_list, record["discounts"])),
        late=None if late is None else _late_from_dict(late),
        value_days=record["value_days"],
        credit_part_payments=record["credit_part_payments"],
        zone=zone,
    )


def money_to_list(money: Money | None) -> list[Any] | None:
    """``[minor, currency]``."""
    return None if money is None else [money.minor, money.currency]


def money_from_list(fields: list[Any] | None) -> Money | None:
    """The money of what ``money_to_list`` made."""
    return None if fields is None else Money(*fields)


def _discount_to_list(tier: Discount) -> list[Any]:
    return [tier.last_on.isoformat(), _text(tier.percent), money_to_list(tier.fixed), money_to_list(tier.base)]


def _discount_from_list(fields: list[Any]) -> Discount:
    day, percent, fixed, base = fields
    return Discount(date.fromisoformat(day), _decimal(percent), money_from_list(fixed), money_from_list(base))


def _late_to_dict(late: LateFee) -> dict[str, Any]:
    return {
        "mode": late.mode.value,
        "starts_on": late.starts_on.isoformat(),
        "counts_from": late.counts_from.isoformat(),
        "flat": money_to_list(late.flat),
        "percent": _text(late.percent),
        "interest": None if late.interest is None else _interest_to_dict(late.interest),
        "every_days": late.every_days,
        "compensation": None if late.compensation is None else late.compensation.value,
        "cap": money_to_list(late.cap),
        "parts": [
            [money_to_list(part.amount), part.starts_on.isoformat(), part.counts_from.isoformat()]
            for part in late.parts
        ],
    }


def _late_from_dict(record: dict[str, Any]) -> LateFee:
    compensation = record["compensation"]
    return LateFee(
        mode=LateMode(record["mode"]),
        starts_on=date.fromisoformat(record["starts_on"]),
        counts_from=date.fromisoformat(record["counts_from"]),
        flat=money_from_list(record["flat"]),
        percent=_decimal(record["percent"]),
        interest=None if record["interest"] is None else _interest_from_dict(record["interest"]),
        every_days=record["every_days"],
        compensation=None if compensation is None else Compensation(compensation),
        cap=money_from_list(record["cap"]),
        parts=tuple(
            LatePart(Money(*amount), date.fromisoformat(starts), date.fromisoformat(counts))
            for amount, starts, counts in record.get("parts", ())
        ),
    )


def _interest_to_dict(interest: Interest) -> dict[str, Any]:
    return {
        "base_rates": [[rate.valid_from.isoformat(), str(rate.percent)] for rate in interest.base_rates],
        "surcharge": str(interest.surcharge),
        "year_days": interest.year_days,
        "rule": interest.rule.value,
        "round_daily": interest.round_daily,
    }


def _interest_from_dict(record: dict[str, Any]) -> Interest:
    return Interest(
        base_rates=tuple(BaseRate(date.fromisoformat(day), Decimal(rate)) for day, rate in record["base_rates"]),
        surcharge=Decimal(record["surcharge"]),
        year_days=record["year_days"],
        rule=RateRule(record["rule"]),
        round_daily=record["round_daily"],
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
