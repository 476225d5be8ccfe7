"""Reminders: the words of the step, what is left of each invoice, and how to have no more of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.languages import own_words, speaking_to
from portal.mails.models import Desk, Fact, Letter, PageLink, Rich
from portal.receivables.money import zero
from portal.reminder_texts.filling import filled, passages
from portal.texts import gettext as _
from portal.texts import language_of, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from portal.mailing.reminder_dues import ReminderDue, ReminderPart
    from portal.mails.writing import MailWriter
    from portal.ports.mail import Mail
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money
    from portal.reminder_texts import Texts
    from portal.reminder_texts.filling import Passage


@dataclass(frozen=True, slots=True)
class ReminderWriter:
    """Writes the reminders of one portal.

    Attributes:
        page_over: the one page that shows all these invoices; None where there is none.
        stop_url: where a customer ends the reminders of a mail, by its id; None where nothing answers forms.
    """

    writer: MailWriter
    texts: Texts
    page_over: Callable[[Sequence[Invoice]], str | None]
    stop_url: Callable[[str], str | None]

    def write(self, due: ReminderDue) -> Mail:
        """The mail for a decision, in its reader's language."""
        invoices = [part.invoice for part in due.parts]
        stop = self.stop_url(due.cause.message_id)
        with speaking_to(self.writer.settings, due.customer):
            page = self.page_over(invoices)
            letter = self._letter(due, page, stop)
            one_click = stop if stop and stop.startswith("https://") else None
            return self.writer.mail_of(letter, due.cause, due.customer.email or "", page, one_click)

    def _letter(self, due: ReminderDue, page: str | None, stop: str | None) -> Letter:
        desk = Desk(self.writer.settings, spoken_formats())
        text = self.texts.text_of(due.step.name, language_of(spoken()))
        values = _values(due, desk)
        several = len(due.parts) > 1
        subject = text.subject_several if several else text.subject
        opening, closing = passages(text.body, values)
        return Letter(
            subject=filled(subject, values) if subject else _("%(count)s invoices: %(left)s left to pay", **values),
            preview=_("%(left)s left to pay.", left=values["left"]),
            opening=_rich(opening),
            facts=_each(due, desk) if several else _one(due.parts[0], due, desk),
            button=_("See and pay the invoices") if several else _("See and pay the invoice"),
            closing=_rich(closing),
            pages=() if page else tuple(self._page(part) for part in due.parts),
            ending=_ending(stop, several=several),
            ending_url=stop,
        )

    def _page(self, part: ReminderPart) -> PageLink:
        label = _("See and pay invoice %(number)s", number=part.invoice.number)
        return PageLink(label, self.writer.url_of(part.invoice.key))


def _values(due: ReminderDue, desk: Desk) -> dict[str, str]:
    business, formats = desk.settings.business, desk.formats
    first = min(due.parts, key=lambda part: part.due_on)
    numbers = ", ".join(part.invoice.number for part in due.parts)
    announced = formats.date(due.announced_on) if due.announced_on else ""
    return {
        "name": due.customer.name,
        "business": business.name,
        "number": numbers,
        "count": str(len(due.parts)),
        "left": _sums((part.balance.amount_offerable for part in due.parts), desk),
        "total": _sums((part.balance.amount_due for part in due.parts), desk),
        "paid": _sums((part.balance.amount_paid for part in due.parts), desk),
        "due": formats.date(first.due_on),
        "job": ", ".join(part.invoice.subject or part.invoice.number for part in due.parts),
        "phone": business.phone or "",
        "link": "",
        "pauses_on": announced,
        "final_on": announced,
        "what_follows": _what_follows(desk),
    }


def _what_follows(desk: Desk) -> str:
    reminders = desk.settings.reminders
    final = reminders.consequences.final_date if reminders else None
    return str(own_words(final.then, final.then_in, desk.settings)) if final else ""


def _sums(amounts: Iterable[Money], desk: Desk) -> str:
    """The sum in each currency: "£840.00 and €120.00"."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, zero(amount.currency)) + amount
    shown = [desk.formats.money(amount) for amount in sums.values()]
    if len(shown) == 1:
        return shown[0]
    return _("%(amounts)s and %(last)s", amounts=", ".join(shown[:-1]), last=shown[-1])


def _one(part: ReminderPart, due: ReminderDue, desk: Desk) -> tuple[Fact, ...]:
    money, balance = desk.formats.money, part.balance
    facts = [Fact(_("Invoice"), part.invoice.number)]
    if part.invoice.subject:
        facts.append(Fact(_("What it is for"), part.invoice.subject))
    day = desk.formats.date(part.due_on)
    facts.append(Fact(_("It was due on") if part.due_on < due.as_of else _("Due on"), day))
    if balance.amount_paid:
        paid = _("%(paid)s of %(due)s", paid=money(balance.amount_paid), due=money(balance.amount_due))
        facts.append(Fact(_("Paid so far"), paid))
    if balance.amount_fees:
        facts.append(Fact(_("Late fees in it"), money(balance.amount_fees)))
    if part.asked and part.asked != balance.amount_offerable:
        facts.append(Fact(_("Due by now"), money(part.asked)))
    return (*facts, Fact(_("Left to pay"), money(balance.amount_offerable), strong=True))


def _each(due: ReminderDue, desk: Desk) -> tuple[Fact, ...]:
    """The invoices with their amounts, as a sum."""
    rows = []
    for part in sorted(due.parts, key=lambda one: one.due_on):
        number, day = part.invoice.number, desk.formats.date(part.due_on)
        is_late = part.due_on < due.as_of
        label = (
            _("Invoice %(number)s, was due on %(date)s", number=number, date=day)
            if is_late
            else _("Invoice %(number)s, due on %(date)s", number=number, date=day)
        )
        rows.append(Fact(label, desk.formats.money(part.balance.amount_offerable)))
    left = _sums((part.balance.amount_offerable for part in due.parts), desk)
    return (*rows, Fact(_("Left to pay"), left, strong=True))


def _ending(stop: str | None, *, several: bool) -> str:
    if stop is None:
        return _("If you want no more reminders about this, reply with a word.")
    if several:
        return _("No more email reminders about these invoices")
    return _("No more email reminders about this invoice")


def _rich(found: tuple[Passage, ...]) -> tuple[Rich, ...]:
    return tuple(Rich(one.text, one.html, _rich(one.points)) for one in found)
