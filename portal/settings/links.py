"""``[links]`` of the owner's settings: how long links open their pages, and which there are."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class LinkSettings(BaseModel):
    """What becomes of links by themselves.

    Attributes:
        expire_days_after_paid: how many days after an invoice was paid in full its links still open its page; None
            leaves them open. A refund that leaves something to pay opens them again.
        encrypted: whether pages of invoices and statements lie encrypted at their host, so that only links open them.
        pay_only: whether every invoice has a pay-only link from its first build on, not only where one is asked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    expire_days_after_paid: Annotated[int, Field(ge=0, le=3660)] | None = None
    pay_only: bool = False
    encrypted: bool = False

    @property
    def all_pay_only(self) -> bool:
        """Whether every invoice has a pay-only link: the button beside an encrypted page pays through it."""
        return self.pay_only or self.encrypted
