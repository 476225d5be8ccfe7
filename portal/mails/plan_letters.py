"""Mails about payment plans: agreed, stopped, a charge that is coming, and one that did not go through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.mails.models import Fact, Letter, Quote, Target
from portal.ports.mail import MailKind
from portal.ports.plans import MOST_ATTEMPTS
from portal.texts import gettext as _
from portal.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.mailing.plan_dues import ChargeDue, NoticeDue, PlanDue
    from portal.mails.models import Desk
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money


def agreed(due: PlanDue, desk: Desk) -> Letter:
    """The whole schedule, the words that were agreed to, and how to stop."""
    plan, number = due.record.plan, due.invoice.number
    moment = desk.formats.moment(plan.agreed_at, desk.settings.portal.timezone)
    return Letter(
        subject=_("Invoice %(number)s: your payment plan", number=number),
        preview=_("All dates and amounts, and how to change or stop it."),
        greeting=_greeting(due.invoice),
        opening=(
            _("Your payment plan for invoice %(number)s is set up.", number=number),
            " ".join(_how_it_goes(desk) if plan.automatic else (_by_hand(),)),
        ),
        facts=(
            *(Fact(desk.formats.date(one.due_on), desk.formats.money(one.amount)) for one in plan.installments),
            Fact(_("In all"), desk.formats.money(plan.total), strong=True),
        ),
        button=_("See your plan"),
        closing=(_ways_out(automatic=plan.automatic),),
        quote=Quote(_("What you agreed to on %(moment)s:", moment=moment), tuple(plan.consent_text.split("\n\n"))),
    )


def stopped(due: PlanDue, desk: Desk) -> Letter:
    """That nothing more is taken, and what is left."""
    number, ended = due.invoice.number, due.record.ended_at or due.record.plan.agreed_at
    day = desk.formats.date(ended.astimezone(desk.zone).date())
    nothing_more = (_("Nothing more is taken from your card."),) if due.record.plan.automatic else ()
    left = (
        _("You can pay what is left on the page of the invoice."),
        _("If you need more time, reply to this email."),
    )
    return Letter(
        subject=_("Invoice %(number)s: your payment plan has stopped", number=number),
        preview=_("What is left to pay, and how."),
        greeting=_greeting(due.invoice),
        opening=(
            _("Your payment plan for invoice %(number)s was stopped on %(date)s.", number=number, date=day),
            *nothing_more,
        ),
        facts=(Fact(_("Left to pay"), desk.formats.money(due.left), strong=True),),
        button=_("See the invoice"),
        closing=(" ".join(left),) if due.left else (),
    )


def notice(due: NoticeDue, desk: Desk) -> Letter:
    """That a charge is coming, and how to change or stop it before."""
    amount, day = desk.formats.money(due.amount), desk.formats.date(due.charged_on)
    alone, numbers = len(due.parts) == 1, ", ".join(part.invoice.number for part in due.parts)
    return Letter(
        subject=(
            _("Invoice %(number)s: your next payment is on %(date)s", number=numbers, date=day)
            if alone
            else _("Invoices %(numbers)s: your next payment is on %(date)s", numbers=numbers, date=day)
        ),
        preview=_("%(amount)s from your saved card, as agreed.", amount=amount),
        greeting=_greeting(due.invoice),
        opening=(
            _("On %(date)s we take %(amount)s from your saved card, as agreed.", date=day, amount=amount),
            _("You do not have to do anything."),
        ),
        facts=(
            Fact(_("Amount"), amount, strong=True),
            Fact(_("On"), day),
            *((Fact(_("Invoice"), numbers),) if alone else _each(desk, ((x.invoice, x.amount) for x in due.parts))),
        ),
        button=_("See your plan"),
        target=Target.INVOICE if alone else Target.STATEMENT,
        closing=(
            _("You can change the card, pay earlier or stop the plan on that page, until the day before.")
            + " "
            + _("If less is left by then, we take less."),
        ),
    )


def refused(due: ChargeDue, desk: Desk) -> Letter:
    """That a charge did not go through: why that may be, what happens next, and that nothing was charged."""
    write = {MailKind.CHARGE_APPROVAL: _needs_approval, MailKind.CHARGE_GIVEN_UP: _given_up}
    letter = write.get(due.cause.kind, _declined)(due, desk)
    return letter if len(due.parts) == 1 else _over_several(letter, due, desk)


def _over_several(letter: Letter, due: ChargeDue, desk: Desk) -> Letter:
    """The same for one charge over several invoices: what of it was for each, and the page where all of it is paid."""
    numbers = ", ".join(part.invoice.number for part in due.parts)
    subjects = {
        MailKind.CHARGE_APPROVAL: _("Invoices %(numbers)s: your bank asks for your approval", numbers=numbers),
        MailKind.CHARGE_GIVEN_UP: _("Invoices %(numbers)s: your payment plan waits for you", numbers=numbers),
    }
    subject = _("Invoices %(numbers)s: let's get your payment through", numbers=numbers)
    return replace(
        letter,
        subject=subjects.get(due.cause.kind, subject),
        facts=_each(desk, ((part.invoice, part.attempt.amount) for part in due.parts)),
        target=Target.STATEMENT,
    )


def _each(desk: Desk, parts: Iterable[tuple[Invoice, Money]]) -> tuple[Fact, ...]:
    """What of a charge is for which invoice."""
    return tuple(Fact(_("Invoice %(number)s", number=one.number), desk.formats.money(amount)) for one, amount in parts)


def _declined(due: ChargeDue, desk: Desk) -> Letter:
    tried, day = _tried(due, desk)
    again = desk.formats.date(due.next_try_on) if due.next_try_on else ""
    return Letter(
        subject=_("Invoice %(number)s: let's get your payment through", number=due.invoice.number),
        preview=_("Nothing was charged. Here is what usually helps."),
        greeting=_greeting(due.invoice),
        opening=(
            _("We couldn't take your payment of %(amount)s on %(date)s. Let's get that fixed.", amount=tried, date=day),
            _("Nothing was charged. This happens often, and usually it is one of these:"),
        ),
        points=(
            _("the card has expired or was replaced,"),
            _("a limit was reached that day,"),
            _("the bank wanted to be sure that it was you."),
        ),
        button=_pay_button(due, desk),
        closing=(
            _("You can pay it now with any card; we then use that card for your plan.")
            + " "
            + _("Otherwise we try the saved card again, on %(date)s at the earliest.", date=again)
            + " "
            + _("We try %(tries)s times in all.", tries=str(MOST_ATTEMPTS)),
            _("If you need more time, reply to this email."),
        ),
    )


def _needs_approval(due: ChargeDue, desk: Desk) -> Letter:
    tried, day = _tried(due, desk)
    return Letter(
        subject=_("Invoice %(number)s: your bank asks for your approval", number=due.invoice.number),
        preview=_("Nothing was charged. It takes a minute."),
        greeting=_greeting(due.invoice),
        opening=(
            _("Your bank wants you to approve the payment of %(amount)s of %(date)s.", amount=tried, date=day),
            _("Nothing was charged. Only you can approve it, so we do not try again by ourselves."),
        ),
        button=_pay_button(due, desk),
        closing=(
            _("Press the pay button on that page: your bank then asks you, and your plan goes on."),
            _("If that does not work, another card will do. Or reply to this email."),
        ),
    )


def _given_up(due: ChargeDue, desk: Desk) -> Letter:
    tried, day = _tried(due, desk)
    return Letter(
        subject=_("Invoice %(number)s: your payment plan waits for you", number=due.invoice.number),
        preview=_("Nothing was charged. You can go on with any card."),
        greeting=_greeting(due.invoice),
        opening=(
            _(
                "We tried your saved card %(tries)s times for the payment of %(amount)s, the last time on %(date)s.",
                tries=str(MOST_ATTEMPTS),
                amount=tried,
                date=day,
            ),
            _("It did not go through, and nothing was charged. We do not try this payment again by ourselves."),
        ),
        button=_pay_button(due, desk),
        closing=(
            " ".join((_("You can pay it with any card; we then use that card for your plan."), *_added_to(due, desk))),
            _("If you need more time, reply to this email."),
        ),
    )


def _added_to(due: ChargeDue, desk: Desk) -> tuple[str, ...]:
    """What a missed payment becomes: part of the next one."""
    coming = due.stands.next
    if coming is None or coming.due_on <= due.tried_on:
        return ()
    amount, day = desk.formats.money(due.stands.next_request), desk.formats.date(coming.due_on)
    return (_("Otherwise it becomes part of your next payment: %(amount)s on %(date)s.", amount=amount, date=day),)


def _tried(due: ChargeDue, desk: Desk) -> tuple[str, str]:
    return desk.formats.money(due.amount), desk.formats.date(due.tried_on)


def _pay_button(due: ChargeDue, desk: Desk) -> str:
    return _("Pay %(amount)s now", amount=desk.formats.money(due.asked))


def _greeting(invoice: Invoice) -> str:
    return _("Hello %(name)s,", name=invoice.customer.name)


def _how_it_goes(desk: Desk) -> tuple[str, ...]:
    days = desk.settings.mail.notice_days if desk.settings.mail else 0
    taken = _("The payments after the first one are taken from your card on these days.")
    if not days:
        return (taken,)
    ahead = ngettext(
        "We write to you %(number)s day before each of them.", "We write to you %(number)s days before each of them.",
        days,
    )  # fmt: skip
    return taken, ahead


def _by_hand() -> str:
    return _("You make each payment yourself on the page of the invoice; nothing is taken by itself.")


def _ways_out(*, automatic: bool) -> str:
    if automatic:
        return _("You can change the card, pay the rest or stop the plan on that page at any time.")
    return _("You can pay the rest or stop the plan on that page at any time.")
