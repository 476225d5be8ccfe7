"""The receipt: what came, what is paid by now, what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.mails.models import Fact, Letter, Target
from portal.pages.known_words import method_in_words
from portal.receivables.entries import day_of
from portal.receivables.money import zero
from portal.receivables.statuses import InvoiceStatus
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.mailing.dues import PaidPart, PaymentDue
    from portal.mails.models import Desk
    from portal.receivables.money import Money


def receipt(due: PaymentDue, desk: Desk) -> Letter:
    """Thanks for one payment, with where its invoices stand right after it."""
    amount = desk.formats.money(_sum(due))
    first = due.parts[0]
    alone, settled = len(due.parts) == 1, first.balance.status is InvoiceStatus.PAID
    target = Target.STATEMENT if not alone else Target.RECEIPT if settled else Target.INVOICE
    buttons = {
        Target.INVOICE: _("See the invoice"),
        Target.RECEIPT: _("See the receipt"),
        Target.STATEMENT: _("See all invoices"),
    }
    subject = (
        _("Invoice %(number)s: %(amount)s received, thank you", number=first.invoice.number, amount=amount)
        if alone
        else _("%(amount)s received, thank you", amount=amount)
    )
    return Letter(
        subject=subject,
        preview=_("Your payment of %(amount)s has arrived.", amount=amount),
        greeting=_("Hello %(name)s,", name=first.invoice.customer.name),
        opening=(_("Thank you. Your payment of %(amount)s has arrived.", amount=amount),),
        facts=(*_payment_facts(due, desk), *(_standing(first, desk) if alone else _each_invoice(due, desk))),
        button=buttons[target],
        target=target,
        closing=(*_what_follows(due, desk), _("Keep this email as your receipt.")),
    )


def payment_notice(due: PaymentDue, desk: Desk) -> Letter:
    """The word to the owner that a payment has come."""
    amount = desk.formats.money(_sum(due))
    numbers = ", ".join(part.invoice.number for part in due.parts)
    name = due.parts[0].invoice.customer.name
    return Letter(
        subject=_("%(amount)s received", amount=amount),
        preview=_("For invoice %(number)s.", number=numbers),
        opening=(_("%(name)s has paid %(amount)s for invoice %(number)s.", name=name, amount=amount, number=numbers),),
        facts=(
            *_payment_facts(due, desk),
            *(_standing(due.parts[0], desk) if len(due.parts) == 1 else _each_invoice(due, desk)),
        ),
        button=_("See the invoice"),
    )


def _sum(due: PaymentDue) -> Money:
    return sum((part.entry.amount for part in due.parts), zero(due.parts[0].invoice.currency))


def _payment_facts(due: PaymentDue, desk: Desk) -> tuple[Fact, ...]:
    entry, invoice = due.parts[0].entry, due.parts[0].invoice
    facts = [
        Fact(_("Received"), desk.formats.money(_sum(due)), strong=True),
        Fact(_("On"), desk.formats.date(day_of(entry, desk.zone))),
    ]
    if entry.method:
        words = method_in_words(entry.method)
        facts.append(Fact(_("Paid with"), words[:1].upper() + words[1:]))
    if len(due.parts) == 1:
        facts.append(Fact(_("Invoice"), invoice.number))
    return tuple(facts)


def _standing(part: PaidPart, desk: Desk) -> tuple[Fact, ...]:
    money = desk.formats.money
    balance = part.balance
    paid = _("%(paid)s of %(due)s", paid=money(balance.amount_paid), due=money(balance.amount_due))
    return (Fact(_("Paid so far"), paid), Fact(_("Left to pay"), money(balance.amount_remaining), strong=True))


def _each_invoice(due: PaymentDue, desk: Desk) -> tuple[Fact, ...]:
    money = desk.formats.money
    return tuple(
        Fact(
            _("Invoice %(number)s", number=part.invoice.number),
            _("%(amount)s, %(left)s left", amount=money(part.entry.amount), left=money(part.balance.amount_remaining)),
        )
        for part in due.parts
    )


def _what_follows(due: PaymentDue, desk: Desk) -> tuple[str, ...]:
    """What the customer may want to know next: nothing more to do, the plan's next payment, or where the rest is."""
    money = desk.formats.money
    over = [part for part in due.parts if part.balance.amount_overpaid]
    if over:
        amount = money(over[0].balance.amount_overpaid)
        return (
            _("You have paid %(amount)s more than was due.", amount=amount)
            + " "
            + _("Reply to this email, and we will agree what to do with it."),
        )
    if all(part.balance.status is InvoiceStatus.PAID for part in due.parts):
        return (_("It is paid in full. There is nothing more to do."),)
    if not any(part.balance.amount_remaining for part in due.parts):
        return (_("Nothing is left to pay."),)
    coming = due.stands.next if due.stands else None
    if due.plan is not None and due.stands is not None and coming is not None:
        words = (
            _("Your plan goes on: the next %(amount)s is taken from your card on %(date)s.")
            if due.plan.plan.automatic
            else _("Your plan goes on: the next %(amount)s is due on %(date)s.")
        )
        return (words % {"amount": money(due.stands.next_request), "date": desk.formats.date(coming.due_on)},)
    return (_("You can pay the rest on the page of the invoice."),)
