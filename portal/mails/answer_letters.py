"""Mails about what customers say besides paying: that it is noted, the word to the owner, and the owner's reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.mails.models import Fact, Letter, Quote
from portal.pages.doors import problem_words, way_words
from portal.receivables.answers import ProblemReason, SaidPaidBy
from portal.receivables.entries import EntryKind
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.mailing.answers import AnswerDue
    from portal.mails.models import Desk
    from portal.receivables.entries import Entry


def noted(due: AnswerDue, desk: Desk) -> Letter:
    """To the customer: what was said through their link, and how to take it back."""
    number = due.invoice.number
    return Letter(
        subject=_("Invoice %(number)s: we have noted it", number=number),
        preview=_what(due.answer, desk),
        greeting=_("Hello %(name)s,", name=due.invoice.customer.name),
        opening=(_("Thank you. This is what you told us on the page of the invoice."), *_what_follows(due, desk)),
        facts=_facts(due, desk),
        button=_("See the invoice"),
        closing=(_("If this was not you, or it has changed, take it back on that page or reply to this email."),),
        quote=_quote(due.answer, _("Your words:")),
    )


def reply(due: AnswerDue, desk: Desk) -> Letter:
    """To the customer: the owner's answer."""
    words = (due.closing.note or "") if due.closing else ""
    return Letter(
        subject=_("Invoice %(number)s: our answer", number=due.invoice.number),
        preview=_("Thank you for telling us."),
        greeting=_("Hello %(name)s,", name=due.invoice.customer.name),
        opening=tuple(line for line in words.splitlines() if line.strip()),
        facts=_facts(due, desk),
        button=_("See the invoice"),
        closing=(_("If anything is still open, reply to this email."),),
        quote=_quote(due.answer, _("Your words:")),
    )


def answer_notice(due: AnswerDue, desk: Desk) -> Letter:
    """To the owner: what a customer said, and how to deal with it."""
    name, number = due.invoice.customer.name, due.invoice.number
    stopped = due.answer.kind is EntryKind.REMINDERS_STOPPED
    waits = due.answer.kind is not EntryKind.PROMISED and not stopped
    deal = _("Deal with it by: portal answer %(number)s %(answer)s", number=due.invoice.key, answer=str(due.answer.seq))
    return Letter(
        subject=_("Invoice %(number)s: a word from your customer", number=number),
        preview=_what(due.answer, desk),
        opening=(_("%(name)s has said something about invoice %(number)s.", name=name, number=number),),
        facts=_facts(due, desk),
        button=_("See the invoice"),
        closing=(deal,) if waits else (_what(due.answer, desk),) if stopped else (),
        quote=_quote(due.answer, _("Their words:")),
    )


def _what(answer: Entry, desk: Desk) -> str:
    amount = desk.formats.money(answer.amount)
    day = desk.formats.date(answer.value_on) if answer.value_on else ""
    match answer.kind:
        case EntryKind.PROMISED:
            return _("%(amount)s will be paid by %(day)s.", amount=amount, day=day)
        case EntryKind.REMINDERS_STOPPED:
            return _("They want no more email reminders about it. It can still be paid.")
        case EntryKind.SAID_PAID:
            return _("%(amount)s was paid on %(day)s.", amount=amount, day=day)
        case _:
            return _("Something is not right with %(amount)s of it.", amount=amount)


def _what_follows(due: AnswerDue, desk: Desk) -> tuple[str, ...]:
    if due.answer.kind is not EntryKind.PROBLEM_REPORTED:
        return ()
    days = desk.settings.doors.answer_days
    if days is None:
        return (_("We are looking at it."),)
    day = due.answer.occurred_at.astimezone(desk.zone).date()
    by = desk.formats.date(type(day).fromordinal(day.toordinal() + days))
    return (_("We are looking at it, and answer by %(date)s.", date=by),)


def _facts(due: AnswerDue, desk: Desk) -> tuple[Fact, ...]:
    answer = due.answer
    facts = [Fact(_("Invoice"), due.invoice.number), Fact(_("About"), desk.formats.money(answer.amount), strong=True)]
    if answer.kind is EntryKind.PROBLEM_REPORTED and answer.method:
        facts.append(Fact(_("What is not right"), problem_words()[ProblemReason(answer.method)]))
    if answer.kind is EntryKind.SAID_PAID and answer.method:
        facts.append(Fact(_("Paid by"), way_words()[SaidPaidBy(answer.method)]))
    if answer.value_on is not None:
        label = _("Paid on") if answer.kind is EntryKind.SAID_PAID else _("To be paid by")
        facts.append(Fact(label, desk.formats.date(answer.value_on)))
    return tuple(facts)


def _quote(answer: Entry, heading: str) -> Quote | None:
    lines = tuple(line for line in (answer.note or "").splitlines() if line.strip())
    return Quote(heading, lines) if lines else None
