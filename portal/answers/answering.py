"""Keep what a customer answers about an invoice, take it back for them, and let the owner deal with it.

Nothing is believed that was not said through the invoice's link, and nothing that is said moves money. An answer given
twice is one answer.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.answers.wishes import AnswerRefusal, Case
from portal.errors import EntryRefusedError, Problem, UnknownInvoiceError
from portal.receivables.answers import ANSWER_KINDS, answers_of
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind, in_force

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime, tzinfo

    from portal.answers.wishes import AnswerWish, Draft
    from portal.ports import Ledger, LedgerTransaction
    from portal.settings.doors import DoorsSettings

MOST_ANSWERS_A_DAY = 12
"""More than anybody means to give; a link that leaked must not fill the ledger."""


@dataclass(frozen=True, slots=True)
class Said:
    """The answer as it stands in the ledger; ``is_new`` False where it was there already."""

    entry: Entry
    is_new: bool


@dataclass(frozen=True, slots=True)
class Answering:
    """Keeps answers.

    Attributes:
        doors: which answers the owner offers.
        zone: the business's; ``today`` is the day in it, ``now`` the clock.
    """

    ledger: Ledger
    doors: DoorsSettings
    zone: tzinfo
    now: Callable[[], datetime]
    today: Callable[[], date]

    def say(self, invoice_key: str, wish: AnswerWish) -> Said | AnswerRefusal:
        """Keep an answer, once, and have the invoice's page frozen again.

        Raises:
            UnknownInvoiceError: no invoice as last built has that key.
        """
        with self.ledger.transaction() as tx:
            case = self._case(invoice_key, tx)
            draft = wish.draft(case)
            if known := _known(draft, case):
                return Said(known, is_new=False)
            if refusal := self._refusal(draft, case) or wish.refusal(case):
                return refusal
            tx.append(self._entry(draft, invoice_key))
            tx.enqueue_freeze(invoice_key)
            return Said(tx.entries(invoice_key)[-1], is_new=True)

    def take_back(self, invoice_key: str, answer_id: str) -> bool:
        """Take an answer back for its customer; False where there is none such, or it is over."""
        with self.ledger.transaction() as tx:
            answer = _standing(answer_id, tx.entries(invoice_key))
            if answer is None:
                return False
            tx.append(self._closing(EntryKind.ANSWER_WITHDRAWN, answer, None))
            tx.enqueue_freeze(invoice_key)
            return True

    def close(self, invoice_key: str, seq: int, words: str) -> Entry:
        """The owner has dealt with an answer; ``words`` are shown to the customer, none are needed.

        Raises:
            UnknownInvoiceError: no invoice as last built has that key.
            EntryRefusedError: there is no answer with that number that waits.
        """
        with self.ledger.transaction() as tx:
            case = self._case(invoice_key, tx)
            named = next((entry for entry in case.entries if entry.seq == seq), None)
            answer = _standing(named.external_id, case.entries) if named else None
            if answer is None:
                raise EntryRefusedError(_no_answer(invoice_key, seq))
            tx.append(self._closing(EntryKind.ANSWER_CLOSED, answer, words or None))
            tx.enqueue_freeze(invoice_key)
            return tx.entries(invoice_key)[-1]

    def _case(self, key: str, tx: LedgerTransaction) -> Case:
        invoice = tx.invoice(key)
        if invoice is None:
            raise UnknownInvoiceError(
                Problem(f"There is no invoice {key!r} in the last build.", "`portal list` shows them.", field="NUMBER")
            )
        entries, today = tx.entries(key), self.today()
        balance = balance_of(invoice, entries, today)
        answers = answers_of(entries, today, self.zone, left=balance.amount_remaining)
        return Case(invoice, entries, balance, answers, self.doors, today, tx.plan_in_force(key) is not None)

    def _refusal(self, draft: Draft, case: Case) -> AnswerRefusal | None:
        if not case.left:
            return AnswerRefusal.NOTHING_LEFT
        if draft.kind is EntryKind.REMINDERS_STOPPED:
            return None
        today = [e for e in case.entries if e.occurred_at.astimezone(self.zone).date() == case.today]
        if sum(entry.kind in ANSWER_KINDS for entry in today) >= MOST_ANSWERS_A_DAY:
            return AnswerRefusal.TOO_MANY
        return None if 0 < draft.amount.minor <= case.left.minor else AnswerRefusal.AMOUNT

    def _entry(self, draft: Draft, invoice_key: str) -> Entry:
        return Entry(
            kind=draft.kind,
            invoice_key=invoice_key,
            amount=draft.amount,
            occurred_at=self.now(),
            external_id=f"answer:{secrets.token_hex(8)}",
            method=draft.method,
            value_on=draft.value_on,
            note=draft.note,
        )

    def _closing(self, kind: EntryKind, answer: Entry, words: str | None) -> Entry:
        return Entry(
            kind=kind,
            invoice_key=answer.invoice_key,
            amount=answer.amount,
            occurred_at=self.now(),
            external_id=answer.external_id,
            note=words,
        )


def _known(draft: Draft, case: Case) -> Entry | None:
    """The same answer, given before and still standing: a second click, or a form that was sent again."""
    answers = case.answers
    if draft.kind is EntryKind.REMINDERS_STOPPED:
        return answers.no_reminders
    standing = (answers.promise.entry if answers.promise else None, answers.problem, answers.said_paid, answers.reason)
    said = (draft.kind, draft.amount, draft.method, draft.value_on, draft.note)
    same = (e for e in standing if e and (e.kind, e.amount, e.method, e.value_on, e.note) == said)
    return next(same, None)


def _standing(answer_id: str, entries: tuple[Entry, ...]) -> Entry | None:
    """The answer with this id, unless it was taken back or dealt with."""
    facts = [entry for entry in in_force(entries) if entry.external_id == answer_id]
    over = any(entry.kind not in ANSWER_KINDS for entry in facts)
    return None if over or not facts else facts[0]


def _no_answer(invoice_key: str, seq: int) -> Problem:
    return Problem(
        f"Invoice {invoice_key} has no answer {seq} that waits.", "`portal inbox` lists them.", field="ANSWER"
    )
