"""The ledger's invariants: what has to be true of its facts, whatever happened. Sources: I1, I2, I11, I12."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.counting import counted
from portal.doctor.findings import Look
from portal.ports import LIVE_STATES
from portal.ports.checkouts import HoldState
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money, zero
from portal.receivables.plans import schedule_in_force

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from portal.doctor.findings import Finding
    from portal.ports import Ledger
    from portal.ports.checkouts import Hold
    from portal.ports.plans import PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

_FACTS, _HOLDS, _PLANS = Look("ledger facts"), Look("reservations"), Look("payment plans")
_OPENING = timedelta(minutes=10)
"""By then every attempt to open a checkout has been answered or given up."""
_AFTER_ITS_END = timedelta(hours=1)
_BANK_DEBIT = timedelta(days=14)
"""The slowest bank debits arrive or fail within two weeks."""
_UNDER_WAY = timedelta(hours=1)
_NAMED = 5
_SYNC = "Run `portal sync`, which asks Stripe what became of it."
_TELL = "Keep a copy with `portal backup`, and run `portal reconcile`; no command of the portal's writes this."


def look_at_facts(ledger: Ledger, invoices: Mapping[str, Invoice], as_of: date) -> Iterator[Finding]:
    """Whether each invoice's balance adds up, in one currency, and each reversal undoes one fact, once."""
    entries = ledger.entries_by_invoice()
    bad = [problem for key, facts in entries.items() for problem in wrong_facts(invoices.get(key), facts, as_of)]
    yield from (_FACTS.problem(what, _TELL) for what in bad[:_NAMED])
    if len(bad) > _NAMED:
        yield _FACTS.problem(f"More of the kind: {len(bad) - _NAMED}.", _TELL)
    if not bad:
        count = sum(map(len, entries.values()))
        yield _FACTS.ok(f"All entries add up: {count:,} on {counted(len(entries), 'invoice')}.")


def wrong_facts(invoice: Invoice | None, facts: tuple[Entry, ...], as_of: date) -> Iterator[str]:
    """What cannot be true of one invoice's facts; without the invoice, of the facts alone."""
    key = facts[0].invoice_key
    known = {fact.seq: fact for fact in facts}
    undone = Counter(fact.reverses for fact in facts if fact.kind is EntryKind.REVERSAL)
    for seq, times in undone.items():
        if seq not in known:
            yield f"Invoice {key} has a reversal of an entry that it does not have."
        elif times > 1:
            yield f"Entry {seq} of invoice {key} is reversed {times} times."
    for identity, times in Counter((fact.kind, fact.external_id) for fact in facts).items():
        if times > 1:
            yield f"Invoice {key} counts {identity[0].value} {identity[1]} {times} times."
    if invoice is None:
        return
    currencies = {fact.amount.currency for fact in facts} - {invoice.currency}
    if currencies:
        yield f"Invoice {key} is in {invoice.currency} and has entries in {', '.join(sorted(currencies))}."
        return
    balance = balance_of(invoice, facts, as_of)
    if balance.amount_due != balance.amount_paid + balance.amount_remaining - balance.amount_overpaid:
        yield f"The balance of invoice {key} does not add up."


def look_at_holds(ledger: Ledger, invoices: Mapping[str, Invoice], as_of: date, now: datetime) -> Iterator[Finding]:
    """Whether reservations ended when they should, and hold back no more than what is left."""
    holds = ledger.holds_in(LIVE_STATES | {HoldState.PROCESSING})
    stuck = [what for hold in holds if (what := stuck_words(hold, now))]
    yield from (_HOLDS.warning(what, _SYNC) for what in stuck[:_NAMED])
    entries = ledger.entries_by_invoice()
    beyond = list(_beyond_what_is_left(holds, invoices, entries, as_of))
    yield from (_HOLDS.problem(what, _SYNC) for what in beyond)
    if len(stuck) > _NAMED:
        yield _HOLDS.warning(f"More reservations that wait like that: {len(stuck) - _NAMED}.", _SYNC)
    if not stuck and not beyond:
        yield _HOLDS.ok(f"Open reservations: {len(holds)}. None is stuck.")


def stuck_words(hold: Hold, now: datetime) -> str | None:
    """Why a reservation should have ended by now; None where it may still be open."""
    name = f"The reservation of {hold.amount} on invoice {' and '.join(hold.invoice_keys)}"
    match hold.state:
        case HoldState.CREATING | HoldState.UNKNOWN if now - hold.created_at > _OPENING:
            return f"{name} was begun on {hold.created_at:%Y-%m-%d %H:%M} UTC, and nobody knows what became of it."
        case HoldState.OPEN if now - hold.expires_at > _AFTER_ITS_END:
            return f"{name} ended on {hold.expires_at:%Y-%m-%d %H:%M} UTC at Stripe, and is still open here."
        case HoldState.PROCESSING if now - hold.created_at > _BANK_DEBIT:
            return f"{name} has been on its way since {hold.created_at:%Y-%m-%d}, longer than a bank debit takes."
        case _:
            return None


def _beyond_what_is_left(
    holds: tuple[Hold, ...],
    invoices: Mapping[str, Invoice],
    entries: Mapping[str, tuple[Entry, ...]],
    as_of: date,
) -> Iterator[str]:
    """Invoices on which open checkouts could take more than is left."""
    held: dict[str, Money] = {}
    for hold in holds:
        for part in hold.allocations if hold.state in LIVE_STATES else ():
            held[part.invoice_key] = held.get(part.invoice_key, zero(part.amount.currency)) + part.amount
    for key, amount in held.items():
        invoice = invoices.get(key)
        if invoice is None or invoice.currency != amount.currency:
            continue
        balance = balance_of(invoice, entries.get(key, ()), as_of)
        left = max(balance.amount_remaining - balance.amount_on_its_way, zero(amount.currency))
        if amount > left:
            yield f"Checkouts open on invoice {key} could take {amount}, and {left} is left."


def look_at_plans(ledger: Ledger, now: datetime) -> Iterator[Finding]:
    """Whether each plan in force is the one its invoice's facts tell of, and no charge hangs in the air."""
    plans = ledger.plans_in_force()
    entries = ledger.entries_by_invoice()
    bad = [finding for key, record in plans.items() for finding in _plan(key, record, entries.get(key, ()), now)]
    yield from bad
    if not bad:
        yield _PLANS.ok(f"Payment plans in force: {len(plans)}, each as its invoice's entries say.")


def _plan(key: str, record: PlanRecord, facts: tuple[Entry, ...], now: datetime) -> Iterator[Finding]:
    schedule = schedule_in_force(facts)
    if schedule is None:
        yield _PLANS.problem(f"The plan of invoice {key} is in force, and no entry says that it was agreed.", _TELL)
    elif schedule.installments != tuple((one.due_on, one.amount) for one in record.plan.installments):
        yield _PLANS.problem(f"The plan of invoice {key} is another one than its entry says.", _TELL)
    charge = record.under_way
    if charge is not None and now - charge.begun_at > _UNDER_WAY:
        what = f"Nobody knows what became of a charge of {charge.amount} for invoice {key}, begun {charge.begun_on}."
        yield _PLANS.warning(what, "Run `portal collect`, which looks it up at Stripe.")
