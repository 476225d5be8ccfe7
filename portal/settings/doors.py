"""``[doors]`` of the owner's settings: what customers may answer besides paying."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from datetime import date


class DoorsSettings(BaseModel):
    """Which answers are offered, and how far they go.

    Attributes:
        promise: whether a day can be named; ``promise_days`` is how far ahead, and after ``broken_promises`` days
            that passed no other is taken.
        problem: whether something wrong can be reported.
        paid: whether it can be said that it was paid already.
        answer_days: within how many days the owner answers a problem; None names no day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    promise: bool = True
    promise_days: Annotated[int, Field(ge=1, le=366)] = 30
    broken_promises: Annotated[int, Field(ge=1, le=10)] = 2
    problem: bool = True
    paid: bool = True
    answer_days: Annotated[int, Field(ge=1, le=90)] | None = None

    def last_promise(self, as_of: date) -> date:
        """The last day that can be named on a day."""
        return as_of + timedelta(self.promise_days)
