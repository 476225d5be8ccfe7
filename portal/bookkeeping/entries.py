"""What the owner knows and the provider does not: transfers, cash, credit notes, write-offs; each counted once.

Nothing is written while the customer could still pay a checkout of the invoice: it is closed first, and where it turns
out to be paid, that payment is settled and the owner is asked again. Nor is anything written while nobody knows what
became of a charge of the saved card: that money may have arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from portal.bookkeeping.cases import Case
from portal.bookkeeping.set_off_names import partner_of
from portal.bookkeeping.wishes import CorrectEntry
from portal.errors import EntryRefusedError, Problem, UnknownInvoiceError
from portal.payments.settlement import settle
from portal.ports import LIVE_STATES, CheckoutStatus, HoldState
from portal.receivables.balance import balance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from portal.bookkeeping.wishes import Wish
    from portal.ports import Hold, Ledger, LedgerTransaction, PaymentGateway
    from portal.receivables.entries import Entry
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money

_ROUNDS = 5
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Writing(Protocol[T_co]):
    """What is done in a transaction; ``unclosed`` where a checkout may still be paid, since no provider is set."""

    def __call__(self, tx: LedgerTransaction, *, unclosed: bool) -> T_co:
        """Check, and write."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a wish.

    Attributes:
        entry: as it stands in the ledger.
        is_new: False where it was there already, and nothing was written.
        balance: of the invoice, with it.
        unclosed: the customer may still pay a checkout that could not be closed, or a charge is not known, since no
            provider is set.
    """

    entry: Entry
    is_new: bool
    balance: InvoiceBalance
    unclosed: bool = False


@dataclass(frozen=True, slots=True)
class OwnerEntries:
    """Writes the owner's entries.

    Attributes:
        gateway: None where no provider is set; then open checkouts stay open.
        now: the clock; ``today`` the day in the business's time zone.
    """

    ledger: Ledger
    gateway: PaymentGateway | None
    now: Callable[[], datetime]
    today: Callable[[], date]

    def write(self, invoice_key: str, wish: Wish) -> Written:
        """Write what the owner wishes, once, and have the invoice's page frozen again.

        Raises:
            UnknownInvoiceError: no invoice as last built has that key.
            EntryRefusedError: it would not be right, or the customer has just paid; nothing was written.
            GatewayError: a checkout could not be closed; nothing was written.
        """
        if partner := self._partner(invoice_key, wish):
            return self._correct_both((invoice_key, partner), cast("CorrectEntry", wish))
        for _ in range(_ROUNDS):
            found = self._write_if_closed(invoice_key, wish)
            if isinstance(found, Written):
                return found
            for hold in found:
                self._close(hold, invoice_key)
        raise _keeps_opening()

    def _write_if_closed(self, key: str, wish: Wish) -> Written | tuple[Hold, ...]:
        """Check and write in one transaction; or the checkouts that are in the way."""
        with self.ledger.transaction() as tx:
            case = self.case(key, tx)
            if known := wish.known(case):
                return Written(known, is_new=False, balance=case.balance)
            draft = wish.draft(case)
            holds, is_charging = self._under_way(tx, key)
            if holds and self.gateway is not None:
                return holds
            tx.append(draft.entry(case, self.now()))
            tx.enqueue_freeze(key)
            after = self.case(key, tx)
            return Written(after.entries[-1], is_new=True, balance=after.balance, unclosed=bool(holds) or is_charging)

    def when_closed(self, keys: Sequence[str], write: Writing[T]) -> T:
        """Write about several documents at once, as soon as no customer could still pay one of them.

        Raises:
            UnknownInvoiceError, EntryRefusedError, GatewayError: as in ``write``; nothing was written.
        """
        for _ in range(_ROUNDS):
            with self.ledger.transaction() as tx:
                tx.lock(*keys)
                holds, is_charging = self._under_way(tx, *keys)
                if not holds or self.gateway is None:
                    return write(tx, unclosed=bool(holds) or is_charging)
            for hold in holds:
                self._close(hold, keys[0])
        raise _keeps_opening()

    def _under_way(self, tx: LedgerTransaction, *keys: str) -> tuple[tuple[Hold, ...], bool]:
        """Checkouts by which one of these documents may still be paid, and whether a charge is not known.

        Raises:
            EntryRefusedError: a charge is not known, and the provider can be asked what became of it.
        """
        holds = {hold.hold_id: hold for key in keys for hold in tx.holds(key, LIVE_STATES)}
        records = [record for record in map(tx.plan_in_force, keys) if record is not None]
        charge = next((record.under_way for record in records if record.under_way), None)
        if charge is not None and self.gateway is not None:
            raise _charge_unknown(charge.amount)
        return tuple(holds.values()), charge is not None

    def _correct_both(self, keys: tuple[str, str], wish: CorrectEntry) -> Written:
        """Undo both entries of a credit that was set off; ``wish`` is about the one on the first document."""

        def write(tx: LedgerTransaction, *, unclosed: bool) -> Written:
            case, other = (self.case(key, tx) for key in keys)
            if known := wish.known(case):
                return Written(known, is_new=False, balance=case.balance)
            draft = wish.draft(case)
            name = next(entry.external_id for entry in case.entries if entry.seq == wish.seq)
            partner = next(entry for entry in other.entries if entry.external_id == name)
            for one, undone in ((other, replace(wish, seq=partner.seq).draft(other)), (case, draft)):
                tx.append(undone.entry(one, self.now()))
                tx.enqueue_freeze(one.invoice.key)
            after = self.case(keys[0], tx)
            return Written(after.entries[-1], is_new=True, balance=after.balance, unclosed=unclosed)

        return self.when_closed(keys, write)

    def _partner(self, key: str, wish: Wish) -> str | None:
        if not isinstance(wish, CorrectEntry):
            return None
        entries = self.ledger.entries_of(key)
        return next((partner_of(entry) for entry in entries if entry.seq == wish.seq), None)

    def case(self, key: str, tx: LedgerTransaction) -> Case:
        """A document as it stands in a transaction.

        Raises:
            UnknownInvoiceError: none as last built has that key.
        """
        invoice = tx.invoice(key)
        if invoice is None:
            raise not_built(key)
        entries = tx.entries(key)
        return Case(invoice, entries, balance_of(invoice, entries, self.today()), self.today())

    def _close(self, hold: Hold, key: str) -> None:
        """Close a checkout; one whose address nobody was given yet is given up, and its own click closes it."""
        assert self.gateway is not None  # noqa: S101  asked before
        report = None if hold.checkout_id else self.gateway.find_checkout(hold)
        checkout_id = hold.checkout_id or (report.checkout_id if report else None)
        if checkout_id is None:
            self._release(hold)
            return
        report = self.gateway.expire_checkout(checkout_id)
        settle(report, self.ledger, self.now())
        if report.status in {CheckoutStatus.PAID, CheckoutStatus.PROCESSING}:
            raise self._paid_meanwhile(key)

    def _release(self, hold: Hold) -> None:
        with self.ledger.transaction() as tx:
            current = tx.hold(hold.hold_id)
            if current is not None and current.state in {HoldState.CREATING, HoldState.UNKNOWN}:
                tx.update_hold(replace(current, state=HoldState.RELEASED))

    def _paid_meanwhile(self, key: str) -> EntryRefusedError:
        with self.ledger.transaction() as tx:
            left = self.case(key, tx).left
        return EntryRefusedError(
            Problem(
                f"The customer has just paid by card: that is settled, and {left} is left. Nothing else was written.",
                "Give the command again if it is still right.",
            )
        )


def _keeps_opening() -> EntryRefusedError:
    return EntryRefusedError(
        Problem("The customer keeps opening the checkout of this invoice.", "Try again in a moment.")
    )


def _charge_unknown(amount: Money) -> EntryRefusedError:
    return EntryRefusedError(
        Problem(
            f"The saved card may just have been charged {amount}: nobody knows yet what became of it.",
            "Run `portal collect`, which finds out, then give the command again if it is still right.",
        )
    )


def not_built(key: str) -> UnknownInvoiceError:
    """The error about an invoice that the last build did not have."""
    return UnknownInvoiceError(
        Problem(
            f"There is no invoice {key!r} in the last build.",
            "`portal list` shows the numbers there are; `portal build` takes new ones in.",
            field="NUMBER",
        )
    )
