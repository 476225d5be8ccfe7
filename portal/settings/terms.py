"""``[terms]`` of the owner's settings: when invoices are due, what paying early saves, what paying late costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from portal.receivables.currencies import DECIMALS
from portal.receivables.due_dates import DueRuleKind, Roll
from portal.receivables.interest import Compensation, RateRule
from portal.receivables.money import decimals_of
from portal.receivables.terms import LateMode
from portal.settings.values import Language


def _text_number(value: Any) -> Any:  # noqa: ANN401  whatever stands in the file
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError('a number with decimals is written in quotes, such as "2.5"')  # noqa: TRY004  pydantic collects ValueError
    return value


def _currency_amounts(value: Any) -> Any:  # noqa: ANN401  whatever stands in the file
    """Amounts by currency, checked against what each currency can hold."""
    if not isinstance(value, dict):
        raise ValueError('amounts are written by currency, such as { GBP = "25.00" }')  # noqa: TRY004  as above
    for currency, amount in value.items():
        if currency not in DECIMALS:
            raise ValueError(f"{currency!r} is not a currency: write its ISO 4217 code in capitals, such as GBP")
        _whole, _point, decimals = str(_text_number(amount)).partition(".")
        if len(decimals) > decimals_of(currency):
            raise ValueError(f"{amount} does not fit {currency}")
    return value


Days = Annotated[int, Field(ge=0, le=366)]
Percent = Annotated[Decimal, BeforeValidator(_text_number), Field(gt=0, lt=100, max_digits=7)]
Points = Annotated[Decimal, BeforeValidator(_text_number), Field(gt=-50, lt=100, max_digits=7)]
Positive = Annotated[Decimal, Field(gt=0, max_digits=14)]
Amounts = Annotated[dict[str, Positive], BeforeValidator(_currency_amounts)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class DueSettings(_Section):
    """When invoices without a due date of their own are due."""

    rule: DueRuleKind = DueRuleKind.DAYS_AFTER
    days: Days = 30
    day: Annotated[int, Field(ge=0, le=31)] = 0
    extra_month_from_day: Annotated[int, Field(ge=1, le=31)] | None = None

    @model_validator(mode="after")
    def _a_rule_for_all(self) -> Self:
        if self.rule is DueRuleKind.DATE:
            raise ValueError("a date fits one invoice: write due_on in that invoice")
        if self.rule is DueRuleKind.FIRST_NTH_DAY_ON_OR_AFTER and not self.day:
            raise ValueError("this rule needs day, such as day = 15")
        return self


class DiscountSettings(_Section):
    """One tier of early payment discount for invoices that state none themselves."""

    days: Days
    percent: Percent | None = None
    fixed: Amounts | None = None
    base: Literal["gross", "net"] = "gross"

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.percent is None) == (self.fixed is None):
            raise ValueError("a discount has either percent or fixed")
        return self


class RateSettings(_Section):
    """One line of the table of base rates; ``source`` is for the owner to remember where it was read."""

    valid_from: date
    percent: Points
    source: Annotated[str, Field(max_length=200)] | None = None


class InterestSettings(_Section):
    """Interest by the day, always simple."""

    rates: tuple[RateSettings, ...] = ()
    surcharge: Points = Decimal(0)
    year_days: Literal[360, 365] = 365
    rule: RateRule = RateRule.FOLLOWS
    round_daily: bool = False
    every_days: Annotated[int, Field(ge=1, le=92)] = 30
    counts_from: Literal["due date", "end of grace"] = "due date"

    @model_validator(mode="after")
    def _rates_are_known(self) -> Self:
        days = [rate.valid_from for rate in self.rates]
        if not days:
            raise ValueError("interest needs a rate: add [[terms.late.interest.rates]] with valid_from and percent")
        if days != sorted(set(days)):
            raise ValueError("the rates are listed by valid_from, the earliest first and each day once")
        return self


class LateSettings(_Section):
    """What late payment costs; off unless the owner's contracts say so."""

    mode: LateMode = LateMode.OFF
    grace_days: Days = 0
    flat: Amounts = {}
    percent: Percent | None = None
    interest: InterestSettings | None = None
    compensation: Compensation | None = None
    cap: Amounts = {}
    cap_percent: Percent | None = None
    business_only: bool = True

    @model_validator(mode="after")
    def _costs_something(self) -> Self:
        if self.mode is not LateMode.OFF and not (self.flat or self.percent or self.interest or self.compensation):
            raise ValueError("a late fee needs flat, percent, interest or compensation")
        return self


class TermsSettings(_Section):
    """Payment terms that the owner states for all invoices; ``summary`` is shown on each page as it stands.

    ``summary_in`` and ``discount_note_in`` are the same in other languages than the portal's.
    """

    summary: Annotated[str, Field(max_length=600)] | None = None
    summary_in: dict[Language, Annotated[str, Field(max_length=600)]] = {}
    due: DueSettings | None = None
    roll: Roll = Roll.NONE
    holidays: tuple[date, ...] = ()
    discounts: tuple[DiscountSettings, ...] = ()
    discount_note: Annotated[str, Field(max_length=600)] | None = None
    discount_note_in: dict[Language, Annotated[str, Field(max_length=600)]] = {}
    value_days: Annotated[int, Field(ge=0, le=10)] = 2
    credit_part_payments: bool = False
    late: LateSettings = LateSettings()
