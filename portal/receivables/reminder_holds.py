"""What keeps a reminder back: a promise, a problem, money on its way, a plan that is kept, somebody's word.

Each reason is derived from the invoice's facts, with the last day on which it holds where that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.answers import PromiseState
from portal.receivables.entries import EntryKind, day_of, in_force
from portal.receivables.plans import PlanState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, tzinfo

    from portal.receivables.answers import Answers
    from portal.receivables.entries import Entry
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plans import PlanStanding


class HoldReason(StrEnum):
    """Why a reminder is not sent; the values are what the owner reads."""

    STOPPED = "the customer asked for no more reminders"
    PAUSED = "you paused its reminders"
    PROBLEM = "a problem was reported and waits for your answer"
    SAID_PAID = "the customer says it is paid; look into it"
    PROMISED = "a day was promised"
    DISPUTED = "the card's bank is looking into a payment"
    ON_ITS_WAY = "a payment is on its way"
    AT_CHECKOUT = "a checkout is open"
    ON_PLAN = "its payment plan is kept"
    JUST_PAID = "a part was paid a short while ago"
    JUST_ANSWERED = "you answered a short while ago"
    TOO_LITTLE = "less is left than a card can pay"
    NO_ADDRESS = "the customer has no e-mail address"
    ADDRESS_REFUSED = "a mail to this address failed; `portal mail` says why"
    NO_PAGE = "its link opens nothing; `portal links` gives it another"
    NO_DUE_DATE = "it has no due date"
    ENOUGH = "all reminders were sent; it is for you to decide"
    NOT_AGAIN_YET = "the customer had a mail a short while ago"
    OTHER_MAIL_FIRST = "another invoice's mail goes first"
    QUIET = "it is night, a weekend or a holiday there"


@dataclass(frozen=True, slots=True)
class ReminderHold:
    """One reason; ``until`` is the last day it holds, None where only an event ends it."""

    reason: HoldReason
    until: date | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class ReminderPause:
    """The owner's pause; ``until`` is its last day."""

    entry: Entry
    until: date


def pause_of(entries: Sequence[Entry]) -> ReminderPause | None:
    """The owner's last pause of an invoice's reminders, over or not, unless it was ended."""
    facts = in_force(entries)
    ended = {entry.external_id for entry in facts if entry.kind is EntryKind.REMINDERS_RESUMED}
    paused = [
        ReminderPause(entry, entry.value_on)
        for entry in facts
        if entry.kind is EntryKind.REMINDERS_PAUSED and entry.external_id not in ended and entry.value_on is not None
    ]
    return paused[-1] if paused else None


def holds_on(  # noqa: PLR0913  everything that may keep a reminder back, named
    entries: Sequence[Entry],
    balance: InvoiceBalance,
    answers: Answers,
    plan: PlanStanding | None,
    *,
    is_automatic: bool,
    at_checkout: bool,
    rest_days: int,
    zone: tzinfo,
    as_of: date,
) -> tuple[ReminderHold, ...]:
    """All that keeps reminders of one invoice back on the day ``as_of``, what people said first.

    Args:
        entries: its facts, in the order of the ledger.
        balance: of that day.
        answers: as they stand on that day.
        plan: where the plan that it is on stands.
        is_automatic: whether that plan charges a saved card; mails about its charges are of another kind.
        at_checkout: whether somebody may be paying at this moment.
        rest_days: how long after a payment, or an answer of the owner's, nobody is reminded.
        zone: the business's, in which moments become days.
        as_of: the day.
    """
    said = _said(entries, answers, as_of)
    money = _money(balance, at_checkout=at_checkout)
    return (*said, *money, *_kept(plan, is_automatic=is_automatic), *_rest(entries, rest_days, zone, as_of))


def _said(entries: Sequence[Entry], answers: Answers, as_of: date) -> Iterator[ReminderHold]:
    if answers.no_reminders is not None:
        yield ReminderHold(HoldReason.STOPPED)
    pause = pause_of(entries)
    if pause is not None and pause.until >= as_of:
        yield ReminderHold(HoldReason.PAUSED, pause.until, pause.entry.note)
    if answers.problem is not None:
        yield ReminderHold(HoldReason.PROBLEM)
    if answers.said_paid is not None:
        yield ReminderHold(HoldReason.SAID_PAID)
    if answers.promise is not None and answers.promise.state is PromiseState.OPEN:
        yield ReminderHold(HoldReason.PROMISED, answers.promise.day)


def _money(balance: InvoiceBalance, *, at_checkout: bool) -> Iterator[ReminderHold]:
    if balance.is_disputed:
        yield ReminderHold(HoldReason.DISPUTED)
    if balance.amount_on_its_way:
        yield ReminderHold(HoldReason.ON_ITS_WAY)
    if at_checkout:
        yield ReminderHold(HoldReason.AT_CHECKOUT)


def _kept(plan: PlanStanding | None, *, is_automatic: bool) -> Iterator[ReminderHold]:
    """A charge that was refused has mails of its own until the plan is broken."""
    if plan is None:
        return
    within_grace = is_automatic and plan.state is PlanState.MISSED
    if plan.state is PlanState.GOOD or within_grace:
        yield ReminderHold(HoldReason.ON_PLAN, plan.kept_until)


def _rest(entries: Sequence[Entry], days: int, zone: tzinfo, as_of: date) -> Iterator[ReminderHold]:
    """Who has just paid a part, or just read the owner's answer, is left in peace."""
    for kind, reason in (
        (EntryKind.PAYMENT, HoldReason.JUST_PAID),
        (EntryKind.ANSWER_CLOSED, HoldReason.JUST_ANSWERED),
    ):
        last = max((day_of(entry, zone) for entry in in_force(entries) if entry.kind is kind), default=None)
        if last is not None and last + timedelta(days) > as_of:
            yield ReminderHold(reason, last + timedelta(days - 1))
