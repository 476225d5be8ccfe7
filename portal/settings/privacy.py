"""``[privacy]`` of the owner's settings: how long what is kept of customers stays, class by class.

``portal privacy tidy`` acts on it, and so do the pages that tell customers of it: one source, so that what is said is
what is done.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_DAYS = 3660
"""Ten years: what is meant for ever is bookkeeping, and counted in years."""

Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]


class PrivacySettings(BaseModel):
    """How long each class of data stays; all but the last are counted from the day on which an invoice was settled.

    Attributes:
        host: who keeps pages and records for the owner, as customers are told; None where nobody else does.
        retention_words_days: customers' own words in answers, and yours to them.
        retention_mails_days: texts and addresses of mails. Of one that belongs to no invoice, counted from the mail.
        retention_webhooks_days: what the payment provider sent, word for word; counted from the day it came.
        retention_records_years: invoices and entries, for the years the law asks for, counted from the end of the year
            in which the invoice was settled. The portal never removes entries; this is what it tells.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str | None = None
    retention_words_days: Days = 365
    retention_mails_days: Days = 730
    retention_webhooks_days: Days = 180
    retention_records_years: Annotated[int, Field(ge=1, le=30)] = 10
