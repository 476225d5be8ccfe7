"""``[[plans]]`` of the owner's settings: within which bounds customers may spread an invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from portal.receivables.currencies import DECIMALS
from portal.receivables.plan_offers import MOST_PAYMENTS, PlanBounds, PlanWay, Rhythm
from portal.settings.values import written_like


def _range(value: Any) -> Any:  # noqa: ANN401  whatever stands in the file
    return [value, value] if isinstance(value, int) else value


def _listed(value: Any) -> Any:  # noqa: ANN401  whatever stands in the file
    return [value] if isinstance(value, str) else value


def _ordered(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] > value[1]:
        raise ValueError("the range starts with the smaller number, such as [2, 6]")
    return value


def _currency(value: str) -> str:
    if value not in DECIMALS:
        raise ValueError("a currency is an ISO 4217 code in capitals, such as GBP")
    return value


def _text_amount(value: Any) -> Any:  # noqa: ANN401  whatever stands in the file
    if not isinstance(value, str):
        raise ValueError('an amount is written in quotes, such as "50.00"')  # noqa: TRY004  pydantic collects ValueError
    return value


def _first_payment(value: str) -> str:
    number = Decimal(value.removesuffix("%"))
    if number <= 0 or (value.endswith("%") and number >= 100):  # noqa: PLR2004  per cent
        raise ValueError('a first payment is an amount such as "100.00", or a share of what is left such as "25%"')
    return value


Count = Annotated[int, Field(ge=2, le=MOST_PAYMENTS)]
Amount = Annotated[Decimal, BeforeValidator(_text_amount), Field(gt=0, max_digits=14, decimal_places=3)]
FirstPayment = Annotated[
    str,
    written_like(r"\d{1,11}(\.\d{1,3})?%?", 'a first payment is an amount such as "50.00", or a part such as "20%"'),
    AfterValidator(_first_payment),
]


class PlanSettings(BaseModel):
    """One kind of plan that the owner allows. Amounts are in the invoice's own currency."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    payments: Annotated[tuple[Count, Count], BeforeValidator(_range), AfterValidator(_ordered)]
    rhythms: Annotated[tuple[Rhythm, ...], BeforeValidator(_listed), Field(min_length=1)] = (Rhythm.MONTHLY,)
    collected: Literal["automatic", "by hand", "customer's choice"] = "automatic"
    first_payment: FirstPayment | None = None
    first_on: date | None = None
    minimum_payment: Amount | None = None
    last_on: date | None = None
    within_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    minimum_total: Amount | None = None
    maximum_total: Amount | None = None
    currencies: Annotated[tuple[Annotated[str, AfterValidator(_currency)], ...], BeforeValidator(_listed)] = ()
    overdue_only: bool = False
    grace_days: Annotated[int, Field(ge=0, le=60)] = 7

    @cached_property
    def bounds(self) -> PlanBounds:
        """The same as the bounds that plans are worked out within."""
        first = self.first_payment or ""
        number = Decimal(first.removesuffix("%")) if first else None
        return PlanBounds(
            fewest=self.payments[0],
            most=self.payments[1],
            rhythms=self.rhythms,
            ways=tuple(PlanWay) if self.collected == "customer's choice" else (PlanWay(self.collected),),
            first_share=number / 100 if number and first.endswith("%") else None,
            first_amount=None if first.endswith("%") else number,
            first_on=self.first_on,
            minimum_payment=self.minimum_payment,
            last_on=self.last_on,
            within_days=self.within_days,
            minimum_total=self.minimum_total,
            maximum_total=self.maximum_total,
            currencies=self.currencies,
            overdue_only=self.overdue_only,
            grace_days=self.grace_days,
        )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.first_on is not None and self.collected != "by hand":
            raise ValueError(
                'a first payment on a later day needs collected = "by hand": only a payment made now saves the card'
            )
        if self.minimum_total and self.maximum_total and self.minimum_total > self.maximum_total:
            raise ValueError("minimum_total is more than maximum_total")
        if self.first_on and self.last_on and self.first_on > self.last_on:
            raise ValueError("first_on is later than last_on")
        return self
