"""What customers say about an invoice besides paying it: a day, something wrong, paid already, and why it is late.

Answers are entries that move no money. Where they stand on a day is derived from what was said and what arrived since.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.entries import ANSWER_ENDS, ERASED, Entry, EntryKind, in_force
from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, tzinfo


class ProblemReason(StrEnum):
    """What is wrong, as the customer chooses it from a list."""

    AMOUNT = "amount"
    WORK = "work"
    NOT_ORDERED = "not ordered"
    TWICE = "twice"
    OTHER = "other"


class SaidPaidBy(StrEnum):
    """How the customer says it was paid."""

    TRANSFER = "transfer"
    CASH = "cash"
    CHEQUE = "cheque"
    CARD = "card"
    OTHER = "other"


class LateReason(StrEnum):
    """Why it is late, as the customer chooses it from a list; each leads to the way that helps."""

    FORGOT = "forgot"
    NOT_ALL_NOW = "not all now"
    LATER = "later"
    WRONG = "wrong"
    PAID = "paid"


ANSWER_KINDS = frozenset(
    {
        EntryKind.PROMISED,
        EntryKind.PROBLEM_REPORTED,
        EntryKind.SAID_PAID,
        EntryKind.REASON_GIVEN,
        EntryKind.REMINDERS_STOPPED,
    }
)
"""The entries that a customer makes by answering."""
_ARRIVING = frozenset({EntryKind.PAYMENT, EntryKind.PAYMENT_STARTED})


class PromiseState(StrEnum):
    """OPEN to the end of its day; then KEPT where the amount had arrived or was on its way by then, else BROKEN."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Promise:
    """A day on which the customer pays. ``entry`` has the amount, and the day in ``value_on``."""

    entry: Entry
    day: date
    state: PromiseState


@dataclass(frozen=True, slots=True)
class ClosedAnswer:
    """An answer that the owner has dealt with, and the entry that says so; its ``note`` is the owner's words."""

    answer: Entry
    closing: Entry


@dataclass(frozen=True, slots=True)
class Answers:
    """What a customer has said about one invoice, as it stands on a day.

    Attributes:
        promise: the last one, unless it was taken back or settled.
        broken_promises: how many days were named and passed.
        problem: what is wrong and waits for the owner.
        said_paid: what is said to be paid and is neither here nor was looked into by the owner.
        reason: why it is late, once it was said.
        closed: the last answer that the owner dealt with in words.
        no_reminders: the wish for no more reminders; only its customer takes it back.
    """

    promise: Promise | None = None
    broken_promises: int = 0
    problem: Entry | None = None
    said_paid: Entry | None = None
    reason: Entry | None = None
    closed: ClosedAnswer | None = None
    no_reminders: Entry | None = None

    @property
    def waiting(self) -> tuple[Entry, ...]:
        """The answers that the owner has to deal with."""
        return tuple(entry for entry in (self.problem, self.said_paid) if entry is not None)


_NONE = Answers()


def answers_of(entries: Iterable[Entry], as_of: date, zone: tzinfo, *, left: Money) -> Answers:
    """Where the answers to one invoice stand on a day.

    Args:
        entries: its facts, in the order of the ledger.
        as_of: the day.
        zone: the business's, in which moments become days.
        left: what is left to pay on that day; where nothing is, every promise is kept and nothing waits.
    """
    facts = in_force(entries)
    if not facts:
        return _NONE
    standing = _standing(facts)
    kept_to = promises_of(facts, as_of, zone, left=left)
    return Answers(
        promise=kept_to[-1] if kept_to and left else None,
        broken_promises=sum(one.state is PromiseState.BROKEN for one in kept_to),
        problem=_last(standing, EntryKind.PROBLEM_REPORTED) if left else None,
        said_paid=_not_arrived(_last(standing, EntryKind.SAID_PAID), facts) if left else None,
        reason=_last(standing, EntryKind.REASON_GIVEN),
        closed=_closed(facts),
        no_reminders=_last(_not_withdrawn(facts), EntryKind.REMINDERS_STOPPED) if left else None,
    )


def promises_of(entries: Iterable[Entry], as_of: date, zone: tzinfo, *, left: Money) -> tuple[Promise, ...]:
    """The days a customer named and did not take back, in the order they were said; see ``answers_of``.

    A day that was named anew before it came is not among them: only the last word before each day counts.
    """
    facts = in_force(entries)
    promises = [
        Promise(entry, entry.value_on, _state(entry, entry.value_on, facts, as_of, zone, left=left))
        for entry in _standing(facts)
        if entry.kind is EntryKind.PROMISED and entry.value_on is not None
    ]
    return tuple(one for one in promises if not _replaced(one, promises, zone))


def _standing(facts: Sequence[Entry]) -> list[Entry]:
    """The answers that neither customer nor owner has ended."""
    ended = {entry.external_id for entry in facts if entry.kind in ANSWER_ENDS}
    return [entry for entry in facts if entry.kind in ANSWER_KINDS and entry.external_id not in ended]


def _state(  # noqa: PLR0913  a day, what came by it, and what is left
    promise: Entry, day: date, facts: Sequence[Entry], as_of: date, zone: tzinfo, *, left: Money
) -> PromiseState:
    arrived = _arrived_since(promise, facts, zone, until=day)
    if not left or arrived >= promise.amount:
        return PromiseState.KEPT
    return PromiseState.OPEN if as_of <= day else PromiseState.BROKEN


def _replaced(promise: Promise, promises: Sequence[Promise], zone: tzinfo) -> bool:
    later = (one.entry for one in promises if one.entry.seq > promise.entry.seq)
    return any(entry.occurred_at.astimezone(zone).date() <= promise.day for entry in later)


def _arrived_since(answer: Entry, facts: Sequence[Entry], zone: tzinfo, *, until: date) -> Money:
    """What came after an answer by a day; a bank debit counts from the day it was started."""
    began = {
        entry.external_id: entry.occurred_at.astimezone(zone).date()
        for entry in facts
        if entry.kind is EntryKind.PAYMENT_STARTED
    }
    failed = {entry.external_id for entry in facts if entry.kind is EntryKind.PAYMENT_FAILED}
    amounts: dict[str, Money] = {}
    for entry in facts:
        day = began.get(entry.external_id) or entry.value_on or entry.occurred_at.astimezone(zone).date()
        if entry.kind in _ARRIVING and entry.seq > answer.seq and entry.external_id not in failed and day <= until:
            amounts[entry.external_id] = entry.amount
    return sum(amounts.values(), zero(answer.amount.currency))


def _not_arrived(said: Entry | None, facts: Sequence[Entry]) -> Entry | None:
    """What is said to be paid, until a payment that large came after it was said."""
    if said is None:
        return None
    later = (e for e in facts if e.kind in _ARRIVING and e.seq > said.seq)
    return None if any(entry.amount >= said.amount for entry in later) else said


def _not_withdrawn(facts: Sequence[Entry]) -> list[Entry]:
    withdrawn = {entry.external_id for entry in facts if entry.kind is EntryKind.ANSWER_WITHDRAWN}
    return [entry for entry in facts if entry.external_id not in withdrawn]


def _last(facts: Sequence[Entry], kind: EntryKind) -> Entry | None:
    return next((entry for entry in reversed(facts) if entry.kind is kind), None)


def _closed(facts: Sequence[Entry]) -> ClosedAnswer | None:
    closing = _last([entry for entry in facts if entry.note and entry.note != ERASED], EntryKind.ANSWER_CLOSED)
    if closing is None:
        return None
    said = next((e for e in facts if e.kind in ANSWER_KINDS and e.external_id == closing.external_id), None)
    return ClosedAnswer(said, closing) if said else None
