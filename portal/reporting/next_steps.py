"""What the owner may do next: everything that waits for a person, the most pressing first, each with its command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.counting import counted
from portal.payments.reconciliation import to_look_at
from portal.ports.mail import MessageState
from portal.receivables.answers import PromiseState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from portal.errors import Problem
    from portal.ports import Ledger
    from portal.ports.mail import Message
    from portal.reporting.invoice_days import InvoiceOnDay


@dataclass(frozen=True, slots=True)
class Subject:
    """What a step is about: one line of text, and the invoice's key where it is one."""

    text: str
    invoice_key: str | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do: what waits, the command or deed that ends it, and whom it is about."""

    what: str
    remedy: str
    subjects: tuple[Subject, ...]


def next_steps(ledger: Ledger, still_open: Sequence[InvoiceOnDay], today: date) -> tuple[NextStep, ...]:
    """What waits for the owner today, without what does not apply.

    Args:
        ledger: for alarms and mails.
        still_open: the invoices with something left.
        today: the day.
    """
    steps = (
        _problems([one for one in still_open if one.answers.problem]),
        _said_paid([one for one in still_open if one.answers.said_paid]),
        _set_aside(tuple(to_look_at(ledger, today))),
        _broken([one for one in still_open if one.promise_in(PromiseState.BROKEN)]),
        _plans([one for one in still_open if one.plan and one.plan.risk]),
        _requests(ledger),
        _without_address(ledger, still_open),
        _undelivered(ledger),
    )
    return tuple(step for step in steps if step is not None)


def _subject(one: InvoiceOnDay, besides: str = "") -> Subject:
    text = f"Invoice {one.invoice.number}, {one.invoice.customer.name}{besides}"
    return Subject(text, one.invoice.key)


def _problems(found: Sequence[InvoiceOnDay]) -> NextStep | None:
    if not found:
        return None
    what = counted(len(found), "problem waits for your answer", "problems wait for your answer")
    return NextStep(f"{what}.", "Read them with `portal inbox`, then `portal answer`.", tuple(map(_subject, found)))


def _said_paid(found: Sequence[InvoiceOnDay]) -> NextStep | None:
    if not found:
        return None
    what = counted(len(found), "customer says it is paid already", "customers say it is paid already")
    remedy = "Look at your account, then `portal record` the money, or `portal answer`."
    return NextStep(f"{what}.", remedy, tuple(map(_subject, found)))


def _set_aside(found: Sequence[Problem]) -> NextStep | None:
    if not found:
        return None
    what = counted(len(found), "alarm holds", "alarms hold")
    remedy = "`portal alarms` says what to do, and puts away what you have seen."
    return NextStep(f"{what}: money set aside, too much of it, or disputed.", remedy, tuple(map(_told, found)))


def _told(problem: Problem) -> Subject:
    return Subject(problem.problem)


def _broken(found: Sequence[InvoiceOnDay]) -> NextStep | None:
    if not found:
        return None
    what = counted(len(found), "promised day has passed", "promised days have passed")
    remedy = "A personal word helps most."
    return NextStep(f"{what} without the money.", remedy, tuple(map(_subject, found)))


def _plans(found: Sequence[InvoiceOnDay]) -> NextStep | None:
    if not found:
        return None
    what = counted(len(found), "payment plan is at risk", "payment plans are at risk")
    subjects = (_subject(one, f": {one.plan.risk}" if one.plan else "") for one in found)
    return NextStep(f"{what}.", "`portal plan NUMBER` shows what was charged and why not.", tuple(subjects))


def _requests(ledger: Ledger) -> NextStep | None:
    found = ledger.link_requests()
    if not found:
        return None
    what = counted(len(found), "person asks for a link", "people ask for a link")
    remedy = "`portal inbox` says who it may be; then `portal links send` or `portal links ignore`."
    return NextStep(f"{what}.", remedy, tuple(Subject(one.email) for one in found))


def _without_address(ledger: Ledger, still_open: Iterable[InvoiceOnDay]) -> NextStep | None:
    """Mails that were due on open invoices whose customer still has no address."""
    waiting = {message.cause.invoice_key for message in ledger.messages([MessageState.NO_ADDRESS])}
    found = [one for one in still_open if one.invoice.key in waiting and not one.invoice.customer.email]
    if not found:
        return None
    what = counted(len(found), "invoice has mails but no address", "invoices have mails but no address")
    remedy = "Add the customer's e-mail address to the invoice, then `portal build`."
    return NextStep(f"{what} to send them to.", remedy, tuple(map(_subject, found)))


def _undelivered(ledger: Ledger) -> NextStep | None:
    found = ledger.messages([MessageState.FAILED, MessageState.UNKNOWN])
    if not found:
        return None
    what = counted(len(found), "mail may not have arrived", "mails may not have arrived")
    return NextStep(f"{what}.", "`portal mail` lists them with the server's words.", tuple(map(_of_mail, found)))


def _of_mail(message: Message) -> Subject:
    about = f", invoice {message.cause.invoice_key}" if message.cause.invoice_key else ""
    return Subject(f"{message.mail.subject}{about}: {message.state.value}", message.cause.invoice_key)
