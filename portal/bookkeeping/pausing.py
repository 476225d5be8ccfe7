"""The owner's word about reminders: keep those of one invoice back until a day, or no longer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.bookkeeping.entries import not_built
from portal.errors import EntryRefusedError, Problem
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.reminder_holds import pause_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from portal.ports import Ledger, LedgerTransaction
    from portal.receivables.money import Money
    from portal.receivables.reminder_holds import ReminderPause

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Pausing:
    """Pauses reminders and ends pauses; each is an entry, so that the story of the invoice has it."""

    ledger: Ledger
    now: Callable[[], datetime]
    today: Callable[[], date]

    def pause(self, key: str, until: date, why: str) -> Entry:
        """Keep the reminders of an invoice back up to a day, both counted, in place of any earlier pause.

        Raises:
            UnknownInvoiceError: no invoice as last built has that key.
            EntryRefusedError: the day has passed or is too far, or nothing is left to pay.
        """
        with self.ledger.transaction() as tx:
            left = self._left(key, tx)
            self._check(until)
            current = self._current(tx.entries(key))
            if current is not None and (current.until, current.entry.note) == (until, why):
                return current.entry
            if current is not None:
                tx.append(self._resumed(current))
            tx.append(
                Entry(
                    kind=EntryKind.REMINDERS_PAUSED,
                    invoice_key=key,
                    amount=left,
                    occurred_at=self.now(),
                    external_id=f"pause:{secrets.token_hex(8)}",
                    value_on=until,
                    note=why,
                )
            )
            return tx.entries(key)[-1]

    def end(self, key: str) -> Entry:
        """End the pause of an invoice's reminders.

        Raises:
            UnknownInvoiceError: no invoice as last built has that key.
            EntryRefusedError: there is no pause.
        """
        with self.ledger.transaction() as tx:
            if tx.invoice(key) is None:
                raise not_built(key)
            current = self._current(tx.entries(key))
            if current is None:
                raise EntryRefusedError(
                    Problem(f"Reminders of invoice {key} are not paused.", "`portal explain` says what holds them.")
                )
            tx.append(self._resumed(current))
            return tx.entries(key)[-1]

    def _left(self, key: str, tx: LedgerTransaction) -> Money:
        invoice = tx.invoice(key)
        if invoice is None:
            raise not_built(key)
        left = balance_of(invoice, tx.entries(key), self.today()).amount_remaining
        if not left:
            raise EntryRefusedError(
                Problem("Nothing is left to pay, so nobody is reminded.", "There is nothing to pause.")
            )
        return left

    def _check(self, until: date) -> None:
        ahead = (until - self.today()).days
        if not 0 <= ahead <= LONGEST_DAYS:
            problem = f"{until} has passed." if ahead < 0 else f"{until} is more than a year ahead."
            raise EntryRefusedError(Problem(problem, "Name the last day of the pause.", field="--until"))

    def _current(self, entries: tuple[Entry, ...]) -> ReminderPause | None:
        """The pause that is not over; one that is over needs no end."""
        pause = pause_of(entries)
        return pause if pause and pause.until >= self.today() else None

    def _resumed(self, pause: ReminderPause) -> Entry:
        entry = pause.entry
        return Entry(EntryKind.REMINDERS_RESUMED, entry.invoice_key, entry.amount, self.now(), entry.external_id)
