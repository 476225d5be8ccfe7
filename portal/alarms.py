"""What the owner has to look at: money that was set aside, and words of the provider's that are not known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.receivables.money import Money


class AlarmKind(StrEnum):
    """What the owner has to look at: money that was set aside, and words the portal does not know.

    GIVEN_BACK ends the alarm about a payment that was set aside: all of it was refunded.
    """

    UNMATCHED = "unmatched"
    QUARANTINED = "quarantined"
    OVERPAID = "overpaid"
    UNFAMILIAR = "unfamiliar"
    GIVEN_BACK = "given back"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something for the owner to look at; a fact that is kept once by ``(kind, external_id)``.

    Attributes:
        external_id: the provider's id of the payment, or of what is unfamiliar.
        what: one sentence.
        raised_at: when it was noticed.
        amount: the money that is set aside or too much.
        invoice_key: the invoice it names, known or not.
        metadata: what the provider holds beside it.
    """

    kind: AlarmKind
    external_id: str
    what: str
    raised_at: datetime
    amount: Money | None = None
    invoice_key: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
