"""The report: where all invoices of a portal stand on a day, gathered from the ledger; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from portal.documents import Documents
from portal.receivables.aging import aging_of, open_sums
from portal.receivables.answers import LateReason, PromiseState, answers_of
from portal.receivables.balance import balance_of
from portal.receivables.expected import by_week, expected_of
from portal.receivables.habits import Habit, habits_of, paid_invoice, promises_made
from portal.receivables.hindsight import entries_by, invoice_on
from portal.receivables.plans import PlanState, schedule_in_force, standing_of_schedule
from portal.reporting.invoice_days import InvoiceOnDay, PlanOnDay
from portal.reporting.next_steps import NextStep, next_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, tzinfo

    from portal.ports import Ledger
    from portal.ports.plans import PlanRecord
    from portal.receivables.aging import Aging
    from portal.receivables.answers import Promise
    from portal.receivables.entries import Entry
    from portal.receivables.expected import Expectation
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


@dataclass(frozen=True, slots=True)
class Reason:
    """Why invoices are late, as customers chose it: on how many, and how many of those are still open."""

    reason: LateReason
    invoices: int
    still_open: int


@dataclass(frozen=True, slots=True)
class Report:
    """Where all invoices stand at the end of a day.

    Attributes:
        as_of: the day; what happened later does not count.
        steps: what the owner may do next; None in a report for another day than that on which it was made.
        open: the invoices with something left, the latest first.
        plans: those of them that are on a payment plan.
        promised: those whose customer named a day that is still to come, the next day first.
        problems: those on which a problem waits for the owner.
        promises_kept: of all promises whose day has come; ``promises_broken`` are the others.
    """

    as_of: date
    steps: tuple[NextStep, ...] | None
    agings: tuple[Aging, ...]
    expectations: tuple[Expectation, ...]
    open: tuple[InvoiceOnDay, ...]
    plans: tuple[InvoiceOnDay, ...]
    promised: tuple[InvoiceOnDay, ...]
    problems: tuple[InvoiceOnDay, ...]
    promises_kept: int
    promises_broken: int
    reasons: tuple[Reason, ...]
    habits: tuple[Habit, ...]


def report_of(ledger: Ledger, as_of: date, today: date, zone: tzinfo, documents: Documents | None = None) -> Report:
    """The report for a day.

    Args:
        ledger: with the invoices as last built.
        as_of: the day it speaks of.
        today: the day it is made on; only a report for that day says what to do next.
        zone: the business's.
        documents: all invoices as last built with their facts, where they are at hand; else they are read.
    """
    documents = documents or Documents(ledger.invoices(), ledger.entries_by_invoice(), as_of)
    stands = tuple(_on_day(documents, ledger.plans_in_force(), as_of, zone))
    still_open = tuple(
        sorted((one for one in stands if one.balance.amount_remaining), key=lambda one: _place(one, as_of))
    )
    promises = [(one.invoice, made) for one in stands if (made := promises_made(one.invoice, one.entries, as_of, zone))]
    paid = (paid_invoice(one.invoice, one.entries, one.balance, zone) for one in stands)
    coming = (expected_of(one.invoice, one.entries, one.balance, as_of, zone) for one in still_open)
    return Report(
        as_of=as_of,
        steps=next_steps(ledger, still_open, as_of) if as_of == today else None,
        agings=aging_of(chain.from_iterable(open_sums(one.invoice, one.balance) for one in still_open), as_of),
        expectations=by_week(chain.from_iterable(coming), as_of),
        open=still_open,
        plans=tuple(one for one in still_open if one.plan),
        promised=tuple(sorted((one for one in still_open if one.promise_in(PromiseState.OPEN)), key=_promised_on)),
        problems=tuple(one for one in still_open if one.answers.problem),
        promises_kept=_count(promises, PromiseState.KEPT),
        promises_broken=_count(promises, PromiseState.BROKEN),
        reasons=tuple(_reasons(stands)),
        habits=habits_of((one for one in paid if one is not None), promises, (one.invoice for one in stands)),
    )


def _on_day(documents: Documents, plans: Mapping[str, PlanRecord], as_of: date, zone: tzinfo) -> Iterator[InvoiceOnDay]:
    for key in sorted(documents.invoices):
        built = documents.invoices[key]
        invoice = invoice_on(built, as_of)
        if invoice is not None:
            facts = documents.entries_of(key)
            known = entries_by(facts, as_of, zone) if facts else ()
            is_as_built = invoice is built and known == facts and documents.as_of == as_of
            balance = documents.balance(key) if is_as_built else balance_of(invoice, known, as_of)
            yield _stands(invoice, known, balance, plans.get(key), as_of, zone)


def _stands(  # noqa: PLR0913, PLR0917  plain facts, named
    invoice: Invoice,
    entries: tuple[Entry, ...],
    balance: InvoiceBalance,
    record: PlanRecord | None,
    as_of: date,
    zone: tzinfo,
) -> InvoiceOnDay:
    answers = answers_of(entries, as_of, zone, left=balance.amount_remaining)
    schedule = schedule_in_force(entries)
    if schedule is None or not balance.amount_remaining:
        return InvoiceOnDay(invoice, entries, balance, answers)
    plan = standing_of_schedule(schedule, entries, as_of, left=balance.amount_without_discount, zone=zone)
    if plan.state is PlanState.COMPLETE:
        return InvoiceOnDay(invoice, entries, balance, answers)
    attempts = [one for one in record.attempts if one.begun_on <= as_of] if record else []
    return InvoiceOnDay(invoice, entries, balance, answers, PlanOnDay(plan, attempts[-1] if attempts else None))


def _place(one: InvoiceOnDay, as_of: date) -> tuple[int, str, str]:
    """The latest first, then by due date; what has none comes last."""
    due_on = one.due_on()
    return -one.days_late(as_of), due_on.isoformat() if due_on else "~", one.invoice.number


def _promised_on(one: InvoiceOnDay) -> str:
    promise = one.promise_in(PromiseState.OPEN)
    return promise.day.isoformat() if promise else ""


def _count(promises: Sequence[tuple[Invoice, Sequence[Promise]]], state: PromiseState) -> int:
    return sum(promise.state is state for _invoice, some in promises for promise in some)


def _reasons(stands: Sequence[InvoiceOnDay]) -> Iterator[Reason]:
    """Each reason that was given, the most frequent first; the last word on an invoice counts."""
    given = [(one.answers.reason.method, bool(one.balance.amount_remaining)) for one in stands if one.answers.reason]
    methods = [method for method, _open in given]
    for reason in sorted(LateReason, key=lambda one: -methods.count(one.value)):
        if count := methods.count(reason.value):
            yield Reason(reason, count, given.count((reason.value, True)))
