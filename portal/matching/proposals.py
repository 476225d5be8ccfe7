"""One proposal for each booking: what it was for, whether that is sure, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.matching.books import Books, Fit
from portal.matching.corrections import Corrections, in_its_place
from portal.matching.recorded import Recorded
from portal.matching.returns import undone_by
from portal.matching.words import Basis, Named, Vocabulary, same_name
from portal.receivables.allocation import Allocation, total_of
from portal.receivables.money import zero

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from portal.matching.books import Effect
    from portal.matching.recorded import Transfer
    from portal.receivables.allocation import Allocations
    from portal.receivables.bookings import Booking
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money

_SIGNS = {
    Basis.REFERENCE: "its payment reference is quoted",
    Basis.QUOTED: "its payment reference is in the text",
    Basis.NUMBER: "its number is in the text",
    Basis.NAME: "the payer has its customer's name",
}
_STRIPE = "stripe"
_OF_UNSEEN = "the bank puts it in the place of another that was never read here: look whether you recorded that by hand"


class Verdict(StrEnum):
    """What is to be done about a booking."""

    SURE = "sure"
    CONFIRM = "to confirm"
    UNMATCHED = "not matched"
    KNOWN = "recorded before"
    CORRECTED = "corrected by the bank"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a booking was for.

    Attributes:
        allocations: what of it pays which invoice; none where nothing is proposed.
        undoes: the payments that a return takes back, or that a correction of the bank's takes the place of.
        why: in words.
    """

    booking: Booking
    verdict: Verdict
    why: str
    allocations: Allocations = ()
    undoes: tuple[Entry, ...] = ()

    @property
    def left(self) -> Money:
        """What of the booking is for no invoice by this proposal."""
        nothing = zero(self.booking.amount.currency)
        return self.booking.amount - (total_of(self.allocations) if self.allocations else nothing)


class Matcher:
    """Proposes what the bookings of statements were for, one after the other; each sure one counts for the next.

    Args:
        invoices: all there are, by key.
        entries: of all invoices, by key.
        by_reference: the keys of the invoices behind each reference.
        as_of: today.
    """

    def __init__(
        self,
        invoices: Mapping[str, Invoice],
        entries: Mapping[str, Sequence[Entry]],
        by_reference: Mapping[str, Sequence[str]],
        as_of: date,
    ) -> None:
        self._books = Books(invoices, entries, as_of)
        self._entries = entries
        self._words = Vocabulary(invoices.values(), by_reference)
        self._recorded = Recorded(entries, ())
        self._corrections = Corrections((), {})

    def propose(self, bookings: Sequence[Booking]) -> tuple[Proposal, ...]:
        """A proposal for each booking, in their order; the money that came first is looked at first."""
        self._recorded = Recorded(self._entries, {booking.key for booking in bookings})
        self._corrections = Corrections(bookings, self._recorded.transfers)
        found = {booking.key: self._one(booking) for booking in sorted(bookings, key=lambda one: one.value_on)}
        return tuple(found[booking.key] for booking in bookings)

    def _one(self, booking: Booking) -> Proposal:
        known = self._recorded.of(booking)
        found = self._known(booking, known) or self._corrected(booking)
        if found is None and booking.is_return:
            found = self._return(booking)
        return found or self._came(booking, known)

    def _known(self, booking: Booking, known: Transfer | None) -> Proposal | None:
        undone = self._recorded.undone_for(booking)
        if undone and booking.is_return:
            names = " and ".join(dict.fromkeys(entry.invoice_key for entry in undone))
            return Proposal(booking, Verdict.KNOWN, f"it took back the transfer that was on {names}")
        if known is not None and (known.entries or known.returned):
            return Proposal(booking, Verdict.KNOWN, _said_of_known(booking, known.names, known.amount))
        return None

    def _corrected(self, booking: Booking) -> Proposal | None:
        """What the bank corrects, or a correction of what is recorded; None for all other movements."""
        if correction := self._corrections.of(booking):
            how = "deletes it again" if correction.is_return else "puts another in its place"
            return Proposal(booking, Verdict.CORRECTED, f"the bank {how}, with {correction.line_id}")
        if recorded := self._corrections.recorded(booking):
            return self._correction(booking, recorded)
        if booking.is_return and booking.corrects:
            why = "the bank deletes a movement of which nothing is recorded, so there is nothing to do"
            return Proposal(booking, Verdict.CORRECTED, why)
        return None

    def _came(self, booking: Booking, known: Transfer | None) -> Proposal:
        """Money that came in, and is not recorded."""
        if booking.value_on > self._books.as_of:
            return Proposal(booking, Verdict.UNMATCHED, f"its value date, {booking.value_on}, is still to come")
        if booking.payments > 1:
            why = f"{booking.payments} payments in one, which the bank does not list: ask it for camt.054"
            return Proposal(booking, Verdict.UNMATCHED, why)
        found = self._checked(self._credit(booking))
        if self._corrections.is_of_unseen(booking):
            verdict = Verdict.CONFIRM if found.allocations else found.verdict
            found = replace(found, verdict=verdict, why=f"{found.why}; {_OF_UNSEEN}")
        if found.verdict is Verdict.SURE and (doubt := self._doubt(found, known)):
            found = replace(found, verdict=Verdict.CONFIRM, why=doubt)
        if found.verdict is Verdict.SURE:
            self._books.suppose(booking, found.allocations)
        return found

    def _doubt(self, found: Proposal, known: Transfer | None) -> str | None:
        """Why the owner is asked about what is sure by itself; None where nothing speaks against it."""
        booking = found.booking
        if known is not None:
            return f"you have undone it before, on {known.names}"
        if self._corrections.was_undone(booking):
            return f"{found.why}; what the bank puts it in the place of was undone before"
        early = self._books.issued_later(found.allocations, booking.value_on)
        return f"{found.why}, but {early} was issued only after the money came" if early else None

    def _credit(self, booking: Booking) -> Proposal:
        signs = self._words.named_by(booking).items()
        named = {self._books.newest(key): sign for key, sign in signs if key in self._books.invoices}
        currency = booking.amount.currency
        open_ = {key: sign for key, sign in named.items() if self._books.is_open(key, currency)}
        if open_:
            quoted = {key: sign for key, sign in open_.items() if sign.basis is Basis.REFERENCE}
            return self._of_named(booking, quoted or open_)
        if named:
            return self._of_settled(booking, next(iter(named)))
        return self._of_payer(booking)

    def _of_named(self, booking: Booking, named: Mapping[str, Named]) -> Proposal:
        keys = self._books.oldest_first(named)
        if len(keys) == 1:
            return self._of_one(booking, keys[0], named[keys[0]])
        is_shared = len({sign.form for sign in named.values()}) < len(named)
        parts = self._books.sums(keys, booking.amount, booking.value_on)
        listed = " and ".join(keys)
        if parts:
            is_sure = not is_shared and all(sign.is_distinctive for sign in named.values())
            why = "they are named, and the amount settles them together"
            return Proposal(booking, Verdict.SURE if is_sure else Verdict.CONFIRM, why, parts)
        fitting = [key for key in keys if self._books.effect(key, booking.amount, booking.value_on).is_exact]
        if len(fitting) == 1:
            why = f"{listed} are named; the amount is that of {fitting[0]}"
            return _whole(booking, Verdict.CONFIRM, why, fitting[0])
        filled = self._books.fill(keys, booking.amount)
        found = Proposal(booking, Verdict.CONFIRM, "", filled)
        how = f"{found.left} more" if found.left else "less"
        return replace(found, why=f"they are named, and the amount is {how} than is left of them: oldest due first")

    def _of_one(self, booking: Booking, key: str, sign: Named) -> Proposal:
        effect = self._books.effect(key, booking.amount, booking.value_on)
        why = f"{_SIGNS[sign.basis]}, and the amount {effect.words}"
        if effect.is_exact:
            payer, customer = booking.payer or booking.words, self._books.invoices[key].customer.name
            is_sure = sign.is_distinctive or same_name(payer, customer)
            return _whole(booking, Verdict.SURE if is_sure else Verdict.CONFIRM, why, key)
        parts = self._sum_of(self._books.of_same_customer(key), booking)
        if parts:
            why = f"{key} is named, and the amount settles these of the same customer together"
            return Proposal(booking, Verdict.CONFIRM, why, parts)
        why = f"{_SIGNS[sign.basis]}, but the amount is {effect.words}"
        return _whole(booking, Verdict.CONFIRM, why, key)

    def _of_settled(self, booking: Booking, key: str) -> Proposal:
        """What is named asks for nothing any more, or is in another currency."""
        invoice = self._books.invoices[key]
        if invoice.currency != booking.amount.currency:
            why = f"{key} is named, which is in {invoice.currency}"
            return Proposal(booking, Verdict.UNMATCHED, why)
        status = self._books.balance(key).status.value.replace("_", " ")
        return Proposal(booking, Verdict.UNMATCHED, f"{key} is named, which is {status}: nothing is left to pay")

    def _of_payer(self, booking: Booking) -> Proposal:
        """Nothing is named: the amount may still be that of one of the payer's invoices."""
        keys = self._books.of_name(booking.payer or booking.words, booking.amount.currency)
        effects = {key: self._books.effect(key, booking.amount, booking.value_on) for key in keys}
        for fit in (Fit.SETTLES, Fit.DUE):
            fitting = [key for key, effect in effects.items() if effect.fit is fit]
            if fitting:
                others = f"; it is right for {' and '.join(fitting[1:])} too" if len(fitting) > 1 else ""
                why = f"{_SIGNS[Basis.NAME]}, and the amount {effects[fitting[0]].words}{others}"
                return _whole(booking, Verdict.CONFIRM, why, fitting[0])
        for key in keys:
            if parts := self._sum_of(self._books.of_same_customer(key), booking):
                why = "the payer has their customer's name, and the amount settles them together"
                return Proposal(booking, Verdict.CONFIRM, why, parts)
        return Proposal(booking, Verdict.UNMATCHED, self._why_unmatched(booking, keys))

    def _why_unmatched(self, booking: Booking, keys: Sequence[str]) -> str:
        if _STRIPE in f"{booking.payer or ''} {booking.text}".casefold():
            return "it looks like a payout of Stripe, whose payments are recorded one by one"
        if keys:
            return f"the payer's name is that of {' and '.join(keys[:3])}, and the amount is not"
        return "it names no invoice, and no open invoice has this payer and this amount"

    def _sum_of(self, keys: Sequence[str], booking: Booking) -> Allocations | None:
        """All of a customer's open invoices, or those due first, where the amount settles them to the cent."""
        for count in range(len(keys), 1, -1):
            if parts := self._books.sums(keys[:count], booking.amount, booking.value_on):
                return parts
        return None

    def _checked(self, found: Proposal) -> Proposal:
        """The proposal, held against what the owner has recorded by hand."""
        keys = {part.invoice_key for part in found.allocations} or self._words.named_by(found.booking).keys()
        payer = found.booking.payer or found.booking.words

        def is_candidate(key: str) -> bool:
            if keys:
                return key in keys
            return key in self._books.invoices and same_name(payer, self._books.invoices[key].customer.name)

        same = self._recorded.perhaps_same(found.booking, is_candidate)
        if same is None:
            return found
        day, words = same.value_on or same.occurred_at.date(), f", “{same.note}”" if same.note else ""
        why = f"perhaps recorded already: entry {same.seq} of {same.invoice_key} on {day}{words}"
        verdict = Verdict.CONFIRM if found.allocations else Verdict.UNMATCHED
        return replace(found, verdict=verdict, why=why)

    def _correction(self, booking: Booking, recorded: tuple[Entry, ...]) -> Proposal:
        """The bank takes back what it had listed itself: nothing of that is ever done without the owner's word."""
        names = " and ".join(dict.fromkeys(entry.invoice_key for entry in recorded))
        if booking.is_return:
            why = f"the bank deletes what is recorded on {names}: take it back"
            return Proposal(booking, Verdict.CONFIRM, why, undoes=recorded)
        before = total_of([Allocation(entry.invoice_key, entry.amount) for entry in recorded])
        if booking.amount.currency != before.currency:
            why = f"the bank puts it in the place of {before} on {names}: take that back, then assign this"
            return Proposal(booking, Verdict.CONFIRM, why, undoes=recorded)
        why = f"the bank puts it in the place of {before} on {names}"
        parts = in_its_place(booking, recorded)
        if len(parts) == 1:
            books = self._books.without(recorded)
            why += f", and it {_in_words(books.effect(parts[0].invoice_key, booking.amount, booking.value_on))}"
        return Proposal(booking, Verdict.CONFIRM, why, parts, recorded)

    def _return(self, booking: Booking) -> Proposal:
        found = undone_by(booking, self._recorded.transfers)
        if found is None:
            why = "the bank took it back, and no transfer recorded from a statement is like it"
            return Proposal(booking, Verdict.UNMATCHED, why)
        verdict = Verdict.SURE if found.is_sure else Verdict.CONFIRM
        return Proposal(booking, verdict, found.words, undoes=found.transfer.entries)


def _in_words(effect: Effect) -> str:
    return effect.words if effect.is_exact else f"is {effect.words}"


def _whole(booking: Booking, verdict: Verdict, why: str, key: str) -> Proposal:
    return Proposal(booking, verdict, why, (Allocation(key, booking.amount),))


def _said_of_known(booking: Booking, names: str, amount: Money) -> str:
    rest = booking.amount - amount
    if not amount:
        return f"it was on {names}, until the bank took it back or corrected it"
    return f"it is on {names}" + (f"; {rest} of it is for no invoice yet" if rest.minor > 0 else "")
