"""Compare the ledger with the payment provider to the cent, and name every difference; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.payments.facts import facts_of, given_back, is_ours, is_posted, paid_by_payment, strange_words
from portal.payments.history import Patience, read_history
from portal.payments.holding import LEGAL_MOVES, NEXT_STATE
from portal.ports import LIVE_STATES, HoldState
from portal.ports.alarms import Alarm, AlarmKind
from portal.ports.provider_reports import PaymentStatus
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind, in_force, open_disputes
from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from portal.ports import Hold, Ledger, PaymentGateway
    from portal.ports.provider_reports import CheckoutReport, PaymentReport
    from portal.receivables.invoice import Invoice

SIGNS = {
    EntryKind.PAYMENT: 1,
    EntryKind.REFUND: -1,
    EntryKind.REFUND_FAILED: 1,
    EntryKind.DISPUTE_WITHDRAWN: -1,
    EntryKind.DISPUTE_REINSTATED: 1,
}
"""What each kind of the provider's movements does to the money that was received."""
_SYNC = "Run `portal sync`; it brings in what is missing."
_ASIDE = (AlarmKind.UNMATCHED, AlarmKind.QUARANTINED)


@dataclass(frozen=True, slots=True)
class InvoiceSums:
    """What was received for one invoice through the provider, less what went back: here, and at the provider."""

    invoice_key: str
    here: Money
    there: Money


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared, and how it differs.

    Attributes:
        movements: how many payments, refunds and movements of disputes were compared.
        invoices: the sums of every invoice that the provider knows payments for.
        differences: each with its ids and what to do; none where all is level.
        to_look_at: what is level and still wants the owner's eyes.
    """

    movements: int
    invoices: tuple[InvoiceSums, ...]
    differences: tuple[Problem, ...]
    to_look_at: tuple[Problem, ...]


def reconcile(
    gateway: PaymentGateway, ledger: Ledger, as_of: date, *, patience: Patience | None = None
) -> Reconciliation:
    """Compare everything the ledger and the provider know of each other.

    Raises:
        GatewayError: the provider did not answer.
    """
    history = read_history(gateway, None, patience or Patience())
    comparison = _Comparison(ledger, history.payments)
    gaps = [Problem(gap, "Look it up in Stripe's dashboard.") for gap in history.gaps]
    return Reconciliation(
        movements=len(comparison.there),
        invoices=tuple(comparison.sums(gateway)),
        differences=(
            *comparison.differences(),
            *comparison.unknown_there(gateway),
            *_reservations(ledger, history.checkouts),
            *gaps,
        ),
        to_look_at=tuple(to_look_at(ledger, as_of)),
    )


class _Comparison:
    """Both sides by ``(kind, id, invoice)``: ``there`` is what the ledger ought to hold, ``_here`` what it holds.

    ``_force`` are the numbers of entries that were not reversed, ``_elsewhere`` has entries whatever their invoice, and
    ``_aside`` the alarms about payments that belong to no invoice.
    """

    def __init__(self, ledger: Ledger, payments: Iterable[PaymentReport]) -> None:
        holds = {hold.hold_id: hold for hold in ledger.holds_in(HoldState)}
        posted = ledger.entries_by_invoice()
        here = [entry for some in posted.values() for entry in some]
        self._payments = tuple(one for one in payments if is_ours(one, holds))
        self._aside = {one.external_id: one for one in ledger.alarms() if one.kind in _ASIDE}
        self._force = {entry.seq for entry in in_force(here)}
        self._here = {_identity(entry): entry for entry in here}
        self._elsewhere = {(entry.kind, entry.external_id): entry for entry in here}
        self._facts = {one.payment_id: _facts(one, holds, posted) for one in self._payments}
        self.there = {_identity(fact): fact for facts in self._facts.values() for fact in facts if fact.kind in SIGNS}

    def differences(self) -> Iterator[Problem]:
        """What the provider has and the ledger has not, or has otherwise."""
        for payment in self._payments:
            alarm = self._aside.get(payment.payment_id)
            if alarm is None or (EntryKind.PAYMENT, payment.payment_id) in self._elsewhere:
                yield from (problem for fact in self._facts[payment.payment_id] for problem in self._compare(fact))
            elif not given_back(payment):
                yield problem_of(alarm)
            if payment.status is PaymentStatus.UNKNOWN or payment.gaps:
                yield from (Problem(what, "Look it up in Stripe's dashboard.") for _id, what in strange_words(payment))

    def _compare(self, fact: Entry) -> Iterator[Problem]:
        # Where it is on another invoice than Stripe names, and on no right one, that is what is to be said of it.
        entry = self._here.get(_identity(fact)) or self._misplaced(fact)
        name = f"{fact.kind.value.capitalize()} {fact.external_id}"
        if entry is None:
            yield _on(fact, f"{name} of {fact.amount} is at Stripe and not in the ledger.", _SYNC)
            return
        if entry.amount != fact.amount:
            remedy = "Reverse the entry and record the right amount."
            yield _on(fact, f"{name} is {fact.amount} at Stripe and {entry.amount} in the ledger.", remedy)
        if entry.invoice_key != fact.invoice_key:
            remedy = f"If it belongs to {fact.invoice_key}, reverse the entry and record it there."
            yield _on(
                fact, f"{name} names {fact.invoice_key} at Stripe; the ledger has it on {entry.invoice_key}.", remedy
            )
        if entry.seq not in self._force:
            remedy = "If that was a slip, record it again; if the money went back, refund it in Stripe too."
            yield _on(fact, f"{name} of {fact.amount} was reversed here, and Stripe still has it.", remedy)

    def _misplaced(self, fact: Entry) -> Entry | None:
        """The entry of a fact on an invoice that Stripe does not name with it."""
        entry = self._elsewhere.get((fact.kind, fact.external_id))
        return None if entry is None or _identity(entry) in self.there else entry

    def unknown_there(self, gateway: PaymentGateway) -> Iterator[Problem]:
        """What the ledger has from the provider, and the provider does not list."""
        misplaced = {(kind, one) for kind, one, key in self.there if (kind, one, key) not in self._here}
        for (kind, external_id, key), entry in self._here.items():
            ours = kind in SIGNS and entry.seq in self._force and gateway.owns_id(external_id)
            if ours and (kind, external_id, key) not in self.there and (kind, external_id) not in misplaced:
                what = f"{kind.value.capitalize()} {external_id} of {entry.amount} is in the ledger and not at Stripe."
                remedy = "It was made with another key or in the sandbox: use that key, or reverse the entry."
                yield _on(entry, what, remedy)

    def sums(self, gateway: PaymentGateway) -> Iterator[InvoiceSums]:
        """What each invoice received through the provider, on both sides."""
        here = (one for one in self._here.values() if one.seq in self._force and gateway.owns_id(one.external_id))
        left, right = _received(here), _received(self.there.values())
        for key, currency in sorted({*left, *right}):
            nothing = zero(currency)
            yield InvoiceSums(key, left.get((key, currency), nothing), right.get((key, currency), nothing))


def _facts(payment: PaymentReport, holds: Mapping[str, Hold], posted: Mapping[str, Sequence[Entry]]) -> Sequence[Entry]:
    """The entries that a payment ought to have made, divided as those are that the ledger has of it."""
    hold = holds.get(payment.hold_id or "")
    parts = hold.allocations if hold else payment.allocations
    split = [entry for part in parts for entry in posted.get(part.invoice_key, ())]
    return facts_of(payment, parts, split)


def to_look_at(ledger: Ledger, as_of: date) -> Iterator[Problem]:
    """Alarms that hold and were not seen: money set aside, invoices overpaid, payments disputed, unfamiliar words."""
    seen = ledger.seen_alarms()
    return (one for one in holding(ledger, as_of) if (one.field, one.problem) not in seen)


def holding(ledger: Ledger, as_of: date) -> Iterator[Problem]:
    """The same, seen or not."""
    alarms = ledger.alarms()
    if not alarms:
        return
    entries = ledger.entries_by_invoice()
    posted = {fact.external_id for some in entries.values() for fact in some}
    yield from map(problem_of, _set_aside(ledger).values())
    disputed = open_disputes(in_force(fact for some in entries.values() for fact in some))
    told: set[str] = set()
    for alarm in alarms:
        key = alarm.invoice_key
        is_strange = alarm.kind is AlarmKind.UNFAMILIAR and alarm.external_id not in posted
        is_disputed = alarm.kind is AlarmKind.DISPUTED and alarm.external_id in disputed
        if is_strange or is_disputed:
            yield problem_of(alarm)
        elif alarm.kind is AlarmKind.OVERPAID and key and key not in told:
            told.add(key)
            yield from _overpaid(ledger.invoice(key), entries.get(key, ()), as_of)


def _overpaid(invoice: Invoice | None, entries: Sequence[Entry], as_of: date) -> Iterator[Problem]:
    """That an invoice has received more than was due, where it still has."""
    over = balance_of(invoice, entries, as_of).amount_overpaid if invoice else None
    if invoice and over:
        what = f"Invoice {invoice.key} has received {over} more than was due."
        yield Problem(what, "Refund it in Stripe, or agree with the customer what it is for.", field=invoice.key)


def _set_aside(ledger: Ledger) -> dict[str, Alarm]:
    """Payments of which a part is on no invoice that is listed, and that were not given back."""
    alarms = ledger.alarms()
    back = {alarm.external_id for alarm in alarms if alarm.kind is AlarmKind.GIVEN_BACK}
    listed = ledger.invoice_sources()
    paid = paid_by_payment(some for key, some in ledger.entries_by_invoice().items() if key in listed)
    aside = (one for one in alarms if one.kind in _ASIDE and not is_posted(one, paid))
    return {one.external_id: one for one in aside if one.external_id not in back}


def problem_of(alarm: Alarm) -> Problem:
    """An alarm with what to do about it."""
    remedy = {
        AlarmKind.UNMATCHED: "Add the invoice again and run `portal build`, or refund the payment in Stripe.",
        AlarmKind.QUARANTINED: "Look at it in Stripe; refund it there, or record it on the right invoice.",
        AlarmKind.DISPUTED: "Answer it in Stripe's dashboard, or accept it there; it names the last day for that.",
    }.get(alarm.kind, "Look it up in Stripe's dashboard.")
    beside = "".join(f", {name} {value}" for name, value in sorted(alarm.metadata.items()))
    since = f" (since {alarm.raised_at:%Y-%m-%d %H:%M} UTC{beside})"
    return Problem(
        f"{alarm.what.rstrip('.')}: {alarm.amount}{since}." if alarm.amount else alarm.what,
        remedy,
        field=alarm.external_id,
    )


def _reservations(ledger: Ledger, checkouts: Iterable[CheckoutReport]) -> Iterator[Problem]:
    """Reservations that hold back what can be paid although the provider has let go of them."""
    by_hold = {checkout.hold_id: checkout for checkout in checkouts if checkout.hold_id}
    for hold in ledger.holds_in(LIVE_STATES | {HoldState.PROCESSING}):
        checkout = by_hold.get(hold.hold_id)
        if checkout is not None and NEXT_STATE[checkout.status] in LEGAL_MOVES[hold.state]:
            names = " and ".join(hold.invoice_keys)
            what = f"Checkout {checkout.checkout_id} on invoice {names} is {checkout.status.value} at Stripe"
            yield Problem(f"{what} and {hold.state.value} here.", _SYNC, field=hold.invoice_keys[0])


def _identity(entry: Entry) -> tuple[EntryKind, str, str]:
    return entry.kind, entry.external_id, entry.invoice_key


def _received(entries: Iterable[Entry]) -> Mapping[tuple[str, str], Money]:
    sums: dict[tuple[str, str], Money] = {}
    for entry in entries:
        if sign := SIGNS.get(entry.kind):
            place = (entry.invoice_key, entry.amount.currency)
            moved = entry.amount if sign > 0 else -entry.amount
            sums[place] = sums.get(place, zero(place[1])) + moved
    return sums


def _on(fact: Entry, what: str, remedy: str) -> Problem:
    return Problem(what, remedy, field=fact.invoice_key)
