"""What a customer may answer about an invoice: what each becomes as an entry, and when it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.free_text import WordsRefusal, refusal_of_words
from portal.receivables.answers import LateReason, ProblemReason, SaidPaidBy
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from datetime import date

    from portal.receivables.answers import Answers
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.line_items import LineItem
    from portal.settings.doors import DoorsSettings

LONGEST_AGO_DAYS = 366
"""A payment said to be older than this is a slip of the pen."""


class AnswerRefusal(StrEnum):
    """Why an answer was not taken."""

    NOTHING_LEFT = "nothing is left to pay"
    NOT_OFFERED = "the owner does not offer this answer"
    ON_A_PLAN = "a payment plan says when it is paid"
    DAY_PASSED = "the day has passed"
    DAY_TOO_FAR = "the day is too far ahead"
    TOO_MANY_BROKEN = "days that were named have passed"
    DAY_TO_COME = "the payment's day has not come"
    DAY_TOO_LONG_AGO = "the payment's day is long ago"
    NO_WORDS = "it needs a few words"
    WORDS_TOO_LONG = "too many words"
    CARD_NUMBER = "the words hold a card number"
    AMOUNT = "more than is left, or nothing"
    TOO_MANY = "too many answers on one day"


_WORDS = {WordsRefusal.TOO_LONG: AnswerRefusal.WORDS_TOO_LONG, WordsRefusal.CARD_NUMBER: AnswerRefusal.CARD_NUMBER}


@dataclass(frozen=True, slots=True)
class Case:
    """One invoice as it stands when an answer is given on the day ``today``."""

    invoice: Invoice
    entries: tuple[Entry, ...]
    balance: InvoiceBalance
    answers: Answers
    doors: DoorsSettings
    today: date
    on_a_plan: bool

    @property
    def left(self) -> Money:
        """What an answer can be about: all that is left, with or without a discount for paying at once."""
        return self.balance.amount_remaining


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answer becomes; see ``Entry``."""

    kind: EntryKind
    amount: Money
    method: str | None = None
    value_on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PromiseWish:
    """The customer names a day on which they pay all that is left."""

    day: date

    def draft(self, case: Case) -> Draft:
        """The promise of all that is left."""
        return Draft(EntryKind.PROMISED, case.left, value_on=self.day)

    def refusal(self, case: Case) -> AnswerRefusal | None:
        """Why this day cannot be named."""
        reasons = (
            (not case.doors.promise, AnswerRefusal.NOT_OFFERED),
            (case.on_a_plan, AnswerRefusal.ON_A_PLAN),
            (case.answers.broken_promises >= case.doors.broken_promises, AnswerRefusal.TOO_MANY_BROKEN),
            (self.day < case.today, AnswerRefusal.DAY_PASSED),
            (self.day > case.doors.last_promise(case.today), AnswerRefusal.DAY_TOO_FAR),
        )
        return next((reason for applies, reason in reasons if applies), None)


@dataclass(frozen=True, slots=True)
class ProblemWish:
    """Something is wrong; ``amount`` None is all that is left. ``lines`` are places of invoice lines, from 0."""

    reason: ProblemReason
    words: str = ""
    amount: Money | None = None
    lines: tuple[int, ...] = field(default=())

    def draft(self, case: Case) -> Draft:
        """The report, with the names of the lines before the words."""
        named = [line.description for line in self._chosen(case.invoice)]
        note = "\n".join([*(f"\N{BULLET} {name}" for name in named), *([self.words] if self.words else [])])
        return Draft(EntryKind.PROBLEM_REPORTED, self._about(case), method=self.reason.value, note=note or None)

    def refusal(self, case: Case) -> AnswerRefusal | None:
        """Why this report cannot be taken."""
        if not case.doors.problem:
            return AnswerRefusal.NOT_OFFERED
        if self.reason is ProblemReason.OTHER and not self.words:
            return AnswerRefusal.NO_WORDS
        return _refusal_of(self.words)

    def _chosen(self, invoice: Invoice) -> list[LineItem]:
        return [invoice.lines[place] for place in self.lines if 0 <= place < len(invoice.lines)]

    def _about(self, case: Case) -> Money:
        """What was said, or what the chosen lines come to, at most what is left; else all that is left."""
        if self.amount is not None:
            return self.amount
        total = sum(line.amount.minor for line in self._chosen(case.invoice))
        return Money(min(total, case.left.minor), case.left.currency) if total > 0 else case.left


@dataclass(frozen=True, slots=True)
class PaidWish:
    """The customer has paid already; ``amount`` None is all that is left."""

    day: date
    by: SaidPaidBy
    amount: Money | None = None
    words: str = ""

    def draft(self, case: Case) -> Draft:
        """What is said to be paid."""
        amount = case.left if self.amount is None else self.amount
        return Draft(EntryKind.SAID_PAID, amount, self.by.value, self.day, self.words or None)

    def refusal(self, case: Case) -> AnswerRefusal | None:
        """Why this cannot be taken."""
        if not case.doors.paid:
            return AnswerRefusal.NOT_OFFERED
        if self.day > case.today:
            return AnswerRefusal.DAY_TO_COME
        if (case.today - self.day).days > LONGEST_AGO_DAYS:
            return AnswerRefusal.DAY_TOO_LONG_AGO
        return _refusal_of(self.words)


@dataclass(frozen=True, slots=True)
class ReasonWish:
    """Why it is late."""

    reason: LateReason

    def draft(self, case: Case) -> Draft:
        """The reason; it is about all that is left."""
        return Draft(EntryKind.REASON_GIVEN, case.left, method=self.reason.value)

    def refusal(self, case: Case) -> AnswerRefusal | None:  # noqa: ARG002  every wish is asked the same
        """A reason is always taken."""
        return None


@dataclass(frozen=True, slots=True)
class NoRemindersWish:
    """No more reminders about this invoice; it changes nothing about what is to be paid."""

    def draft(self, case: Case) -> Draft:
        """The wish; it is about all that is left."""
        return Draft(EntryKind.REMINDERS_STOPPED, case.left)

    def refusal(self, case: Case) -> AnswerRefusal | None:  # noqa: ARG002  every wish is asked the same
        """It is always taken, whatever doors are open."""
        return None


AnswerWish = PromiseWish | ProblemWish | PaidWish | ReasonWish | NoRemindersWish


def _refusal_of(words: str) -> AnswerRefusal | None:
    refused = refusal_of_words(words)
    return _WORDS[refused] if refused else None
