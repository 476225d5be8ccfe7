"""What the owner has to look at: money that was set aside, and words of the provider's that are not known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.receivables.money import Money


class AlarmKind(StrEnum):
    """What the owner has to look at: money that was set aside or is disputed, and words the portal does not know.

    DISPUTED is raised each time that a dispute is opened, and holds while it is open. GIVEN_BACK ends the alarm about a
    payment that was set aside: all of it was refunded.
    """

    UNMATCHED = "unmatched"
    QUARANTINED = "quarantined"
    OVERPAID = "overpaid"
    UNFAMILIAR = "unfamiliar"
    GIVEN_BACK = "given back"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something for the owner to look at; a fact that is kept once by ``(kind, external_id)``.

    Attributes:
        external_id: the provider's id of the payment, of what is unfamiliar, or that of a dispute's flag.
        what: one sentence.
        raised_at: when it was noticed.
        amount: the money that is set aside, too much or disputed.
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


class SeenAlarms(Protocol):
    """What the owner has looked at: an alarm itself is never changed."""

    def seen_alarms(self) -> frozenset[tuple[str, str]]:
        """What was seen: whom or what it is about, and the words it was told in."""

    def mark_alarm_seen(self, subject: str, what: str, why: str | None, now: datetime) -> None:
        """Note that the owner has seen something, told in these words; in other words it is told again."""
