"""The doors on an invoice's page besides paying, and what was answered: words and forms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from portal.formats import spoken_formats
from portal.pages.addresses import answer_address, door_address
from portal.pages.door_models import (
    NOTHING_TYPED,
    Choice,
    DoorLink,
    DoorPanel,
    Noted,
    PaidForm,
    ProblemForm,
    PromiseForm,
    Typed,
)
from portal.pages.pieces import Look, Standing, Tag
from portal.receivables.answers import LateReason, ProblemReason, PromiseState, SaidPaidBy
from portal.receivables.statuses import InvoiceStatus
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.models import InvoicePage
    from portal.receivables.answers import Answers, ClosedAnswer, Promise
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


def with_answers(  # noqa: PLR0913  everything the page depends on, named
    page: InvoicePage,
    invoice: Invoice,
    answers: Answers,
    balance: InvoiceBalance,
    settings: Settings,
    *,
    token: str,
    on_a_plan: bool,
) -> InvoicePage:
    """An invoice's page with the doors besides paying, and with what was answered; unchanged where nothing is due."""
    if not balance.amount_offerable or balance.reason is not None:
        return page
    formats = spoken_formats()
    panel = doors_of(invoice, answers, balance, settings, formats, token=token, on_a_plan=on_a_plan)
    page = page._replace(doors=panel, reassurance=None if panel.others or panel.noted else page.reassurance)
    promise = answers.promise
    if promise is not None and promise.state is PromiseState.OPEN:
        page = page._replace(fresh_until=_earlier(page.fresh_until, promise.day))
    if answers.problem is not None:
        return _on_hold(page, answers.problem, balance, settings, formats)
    if answers.said_paid is not None:
        return _said_paid(page, answers.said_paid, balance, formats)
    return page


def doors_of(  # noqa: PLR0913  everything a door depends on, named
    invoice: Invoice,
    answers: Answers,
    balance: InvoiceBalance,
    settings: Settings,
    formats: Formats,
    *,
    token: str,
    on_a_plan: bool,
) -> DoorPanel:
    """The doors that are open, and what was answered."""
    doors = settings.doors
    if settings.payments.by_links:
        return DoorPanel(action="", token=token, others=_letters(invoice, settings))
    many = answers.broken_promises >= doors.broken_promises
    names_day = doors.promise and not on_a_plan and not answers.waiting
    asks_why = balance.status is InvoiceStatus.OVERDUE and not on_a_plan and not _has_answered(answers)
    others = (
        (asks_why, "late", _("Why is it late? Find the way that helps")),
        (doors.paid and answers.said_paid is None, "paid", _("I have paid already")),
        (doors.problem and answers.problem is None, "problem", _("Something is not right")),
    )
    named = answers.promise is not None and answers.promise.state is PromiseState.OPEN
    label = _("Name another day") if named else _("Pay on a day you name")
    day = DoorLink(label, door_address(settings, token, "promise"))
    return DoorPanel(
        action=answer_address(settings),
        token=token,
        ways=(day,) if names_day and not many else (),
        others=tuple(
            DoorLink(label, door_address(settings, token, door)) for is_open, door, label in others if is_open
        ),
        closed=day_passed() if names_day and many else None,
        noted=noted_of(answers, settings, formats),
    )


def day_passed() -> str:
    """Why no day can be named any more."""
    return _("A day was named before and has passed. Please pay now, or talk to us.")


def promise_form(settings: Settings, formats: Formats, as_of: date, typed: Typed = NOTHING_TYPED) -> PromiseForm:
    """The field for the day on which the customer pays."""
    last = settings.doors.last_promise(as_of)
    hint = _("Any day up to %(date)s.", date=formats.date(last))
    return PromiseForm(hint, as_of.isoformat(), last.isoformat(), typed)


def problem_form(invoice: Invoice, formats: Formats, typed: Typed = NOTHING_TYPED) -> ProblemForm:
    """The fields for something wrong, with what was chosen and typed before."""
    lines = (Choice(str(n), line.description, n in typed.lines) for n, line in enumerate(invoice.lines))
    return ProblemForm(
        reasons=tuple(Choice(one.value, label, one.value == typed.reason) for one, label in problem_words().items()),
        lines=tuple(lines) if len(invoice.lines) > 1 else (),
        symbol=formats.symbol(invoice.currency),
        amount_hint=_("Leave it empty if it is about all of it."),
        typed=typed,
    )


def problem_words() -> dict[ProblemReason, str]:
    """What may be wrong, as customers read it."""
    return {
        ProblemReason.AMOUNT: _("The amount is wrong"),
        ProblemReason.WORK: _("Something is missing or not as agreed"),
        ProblemReason.NOT_ORDERED: _("I did not order this"),
        ProblemReason.TWICE: _("It was invoiced twice"),
        ProblemReason.OTHER: _("Something else"),
    }


def paid_form(invoice: Invoice, formats: Formats, as_of: date, typed: Typed = NOTHING_TYPED) -> PaidForm:
    """The fields for what was paid already, with what was chosen and typed before."""
    return PaidForm(
        last=as_of.isoformat(),
        ways=tuple(Choice(way.value, label, way.value == typed.by) for way, label in way_words().items()),
        symbol=formats.symbol(invoice.currency),
        amount_hint=_("Leave it empty if you paid all of it."),
        typed=typed,
    )


def late_reasons() -> tuple[Choice, ...]:
    """Why it is late: asked once, gently; each leads to the way that helps."""
    return (
        Choice(LateReason.FORGOT.value, _("I had not got round to it")),
        Choice(LateReason.NOT_ALL_NOW.value, _("I cannot pay it all at once")),
        Choice(LateReason.LATER.value, _("I can pay it later")),
        Choice(LateReason.WRONG.value, _("Something is not right")),
        Choice(LateReason.PAID.value, _("I have paid already")),
    )


def noted_of(answers: Answers, settings: Settings, formats: Formats) -> tuple[Noted, ...]:
    """What was answered and stands, in sentences."""
    zone = settings.portal.timezone
    found = []
    if answers.promise is not None:
        found.append(_noted_promise(answers.promise, formats, zone))
    if answers.problem is not None:
        said = _("You told us on %(date)s that something is not right.", date=_day(answers.problem, formats, zone))
        found.append(Noted(said, answers.problem.external_id, answers.problem.note))
    if answers.said_paid is not None:
        found.append(Noted(_paid_sentence(answers.said_paid, formats, zone), answers.said_paid.external_id))
    if answers.no_reminders is not None:
        asked = _(
            "You asked us on %(date)s for no more email reminders. We send none; the invoice can be paid here.",
            date=_day(answers.no_reminders, formats, zone),
        )
        found.append(Noted(asked, answers.no_reminders.external_id))
    if answers.closed is not None:
        found.append(_noted_reply(answers.closed, formats, zone))
    return tuple(found)


def _noted_promise(promise: Promise, formats: Formats, zone: str) -> Noted:
    day = formats.date(promise.day)
    if promise.state is PromiseState.BROKEN:
        return Noted(_("You had named %(day)s as the day you pay.", day=day), None)
    said = _(
        "You told us on %(date)s that you will pay by %(day)s. Thank you.",
        date=_day(promise.entry, formats, zone),
        day=day,
    )
    return Noted(said, promise.entry.external_id)


def _paid_sentence(said: Entry, formats: Formats, zone: str) -> str:
    way = way_words()[SaidPaidBy(said.method or SaidPaidBy.OTHER.value)]
    return _(
        "You told us on %(date)s that you paid %(amount)s on %(day)s (%(way)s). Thank you.",
        date=_day(said, formats, zone),
        amount=formats.money(said.amount),
        day=formats.date(said.value_on) if said.value_on else "",
        way=way,
    )


def _noted_reply(closed: ClosedAnswer, formats: Formats, zone: str) -> Noted:
    said = _("We answered on %(date)s:", date=_day(closed.closing, formats, zone))
    return Noted(said, None, closed.closing.note)


def _on_hold(
    page: InvoicePage, problem: Entry, balance: InvoiceBalance, settings: Settings, formats: Formats
) -> InvoicePage:
    sentences = [_("Thank you for telling us. We will not remind you of this until we have answered.")]
    if settings.doors.answer_days is not None:
        by = problem.occurred_at.astimezone(ZoneInfo(settings.portal.timezone)).date()
        by = type(by).fromordinal(by.toordinal() + settings.doors.answer_days)
        sentences.append(_("We answer by %(date)s.", date=formats.date(by)))
    if problem.amount < balance.amount_offerable:
        sentences.append(_("It is about %(amount)s of it.", amount=formats.money(problem.amount)))
    standing = Standing(
        Tag(_("On hold"), Look.CALM, "way"), _("We are looking at this"), None, (*sentences, *page.standing.sentences)
    )
    return _demoted(page._replace(standing=standing), balance, formats)


def _said_paid(page: InvoicePage, said: Entry, balance: InvoiceBalance, formats: Formats) -> InvoicePage:
    """Where only a part was paid, the rest is still asked for."""
    amount = formats.money(said.amount)
    if said.amount < balance.amount_offerable:
        shows = _("%(amount)s of it is paid, as you told us. It shows here once we have found it.", amount=amount)
        standing = replace(page.standing, sentences=(*page.standing.sentences, shows))
    else:
        again = _("It shows as paid here once we have found it. You do not need to pay again.")
        standing = Standing(Tag(_("On its way"), Look.CALM, "way"), _("Paid, as you told us"), amount, (again,))
    return _demoted(page._replace(standing=standing), balance, formats)


def _demoted(page: InvoicePage, balance: InvoiceBalance, formats: Formats) -> InvoicePage:
    """The page with a quieter pay button, which says that nobody has to press it now."""
    if page.form is None or page.form.button is None:
        return page
    words = _("Pay %(amount)s all the same", amount=formats.money(balance.amount_offerable))
    return page._replace(form=replace(page.form, button=words, is_quiet=True))


def _letters(invoice: Invoice, settings: Settings) -> tuple[DoorLink, ...]:
    """Emails that the customer only has to complete and send."""
    email = settings.business.email
    if email is None:
        return ()
    doors = settings.doors
    name = _("Invoice %(number)s", number=invoice.number)
    found = (
        (doors.promise, _("Name a day on which you pay"), _("I will pay on this day:")),
        (doors.problem, _("Something is not right"), _("This is not right:")),
        (doors.paid, _("I have paid already"), _("I paid on this day, and in this way:")),
    )
    return tuple(
        DoorLink(label, f"mailto:{quote(email, safe='@')}?subject={quote(f'{name}: {label}')}&body={quote(body)}")
        for offered, label, body in found
        if offered
    )


def way_words() -> dict[SaidPaidBy, str]:
    """How something may have been paid, as customers read it."""
    return {
        SaidPaidBy.TRANSFER: _("bank transfer"),
        SaidPaidBy.CASH: _("cash"),
        SaidPaidBy.CHEQUE: _("cheque"),
        SaidPaidBy.CARD: _("card"),
        SaidPaidBy.OTHER: _("another way"),
    }


def _has_answered(answers: Answers) -> bool:
    return any((answers.promise, answers.problem, answers.said_paid, answers.reason))


def _day(entry: Entry, formats: Formats, zone: str) -> str:
    return formats.date(entry.occurred_at.astimezone(ZoneInfo(zone)).date())


def _earlier(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)
