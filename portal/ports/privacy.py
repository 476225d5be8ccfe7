"""What the operations on customers' privacy need from the ledger, and the plain records that cross that border."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Place(StrEnum):
    """Where words are kept that may be erased."""

    ENTRIES = "entries"
    MESSAGES = "messages"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A webhook as it came; ``body`` is ``ERASED`` once it was erased."""

    event_id: str
    kind: str
    created_at: datetime
    checkout_id: str | None
    body: str


@dataclass(frozen=True, slots=True)
class ToErase:
    """What is to be erased, each thing by its key in its place.

    Attributes:
        entries: places in the ledger of entries whose ``note`` is somebody's words.
        messages: ids of mails, whose address and text go.
        events: ids of webhooks, whose body goes.
        earlier: keys of invoices whose wording before a change is forgotten.
        requests: numbers of requests for a link, which end with it.
    """

    entries: tuple[int, ...] = ()
    messages: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    requests: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries or self.messages or self.events or self.earlier or self.requests)


@dataclass(frozen=True, slots=True)
class Erasure:
    """That something was erased: what, when and why; what it said is kept nowhere."""

    place: Place
    row: str
    erased_at: datetime
    why: str


class PrivacyLedger(Protocol):
    """What is read and erased for the sake of customers."""

    def events_of(self, ids: Iterable[str]) -> tuple[StoredEvent, ...]:
        """The webhooks whose body names one of these ids of the provider's, oldest first."""

    def events_before(self, moment: datetime) -> tuple[str, ...]:
        """Ids of the webhooks that came before a moment and still have their body."""

    def old_words(self, moment: datetime) -> tuple[tuple[int, str], ...]:
        """Entries from before a moment that still hold somebody's words: place in the ledger, and invoice."""

    def old_mails(self, moment: datetime) -> tuple[tuple[str, str | None], ...]:
        """Mails from before a moment that still have their text and are not just being sent: id, and invoice."""

    def erase(self, what: ToErase, why: str, now: datetime) -> None:
        """Erase all of it at once, and note what was erased; what was erased before stays as it is."""

    def erasures(self) -> tuple[Erasure, ...]:
        """Everything that was ever erased, oldest first."""
