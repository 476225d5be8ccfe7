"""The live app's pages about doors: one door by itself, and what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.answers.wishes import AnswerRefusal
from portal.formats import spoken_formats
from portal.pages.addresses import answer_address, invoice_address
from portal.pages.contact import contact_of, page_title
from portal.pages.door_models import NOTHING_TYPED, AnsweredPage, DoorForms, DoorPage, DoorPanel
from portal.pages.doors import day_passed, late_reasons, noted_of, paid_form, problem_form, promise_form
from portal.pages.forms import form_of
from portal.pages.invoice import document_name
from portal.pages.plans import plan_door, plans_on_offer
from portal.receivables.answers import LateReason
from portal.receivables.offers import offers_for
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.door_models import Typed
    from portal.pages.pieces import Contact, PayForm
    from portal.pages.plan_models import PlanDoor
    from portal.receivables.answers import Answers
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance

_DOOR_OF = {LateReason.LATER: "promise", LateReason.WRONG: "problem", LateReason.PAID: "paid"}


def door_page(  # noqa: PLR0913  everything the page says, named
    want: str,
    invoice: Invoice,
    settings: Settings,
    *,
    token: str,
    as_of: date,
    typed: Typed = NOTHING_TYPED,
    error: str | None = None,
) -> DoorPage:
    """One door: ``promise``, ``problem``, ``paid`` or ``late``, with what was typed and what was wrong with it."""
    formats = spoken_formats()
    heading = {
        "promise": _("Pay on a day you name"),
        "problem": _("Something is not right"),
        "paid": _("You have paid already"),
        "late": _("Why is it late?"),
    }[want]
    doors = DoorForms(
        action=answer_address(settings),
        token=token,
        promise=promise_form(settings, formats, as_of, typed) if want == "promise" else None,
        problem=problem_form(invoice, formats, typed) if want == "problem" else None,
        paid=paid_form(invoice, formats, as_of, typed) if want == "paid" else None,
        reasons=late_reasons() if want == "late" else (),
    )
    sentences = (_("You need not say. If you do, we show you the way that helps."),) if want == "late" else ()
    return _door_page(invoice, settings, formats, doors, token=token, heading=heading, error=error, sentences=sentences)


def helping_page(  # noqa: PLR0913  everything the page says, named
    reason: LateReason, invoice: Invoice, balance: InvoiceBalance, settings: Settings, *, token: str, as_of: date
) -> DoorPage:
    """The way that helps with a reason for being late."""
    if reason in _DOOR_OF and getattr(settings.doors, _DOOR_OF[reason]):
        return door_page(_DOOR_OF[reason], invoice, settings, token=token, as_of=as_of)
    formats = spoken_formats()
    offers = offers_for(balance, parts_allowed=settings.payments.part)
    left = balance.amount_offerable
    door = None
    if reason is LateReason.NOT_ALL_NOW:
        plans = plans_on_offer(settings, balance, as_of)
        door = plan_door(plans, invoice, balance, settings, formats, token=token, as_of=as_of)
    form = form_of(offers, left, settings, formats, token=token)
    several = reason is LateReason.NOT_ALL_NOW
    sentences = (_("Pay what you can, or spread it."),) if several else (_("That happens. You can pay it right here."),)
    return _door_page(
        invoice,
        settings,
        formats,
        DoorForms(action=answer_address(settings), token=token),
        token=token,
        heading=_("Thank you for telling us"),
        sentences=sentences,
        page_parts=(form, door),
    )


def _door_page(  # noqa: PLR0913  everything the page says, named
    invoice: Invoice,
    settings: Settings,
    formats: Formats,
    doors: DoorForms,
    *,
    token: str,
    heading: str,
    error: str | None = None,
    sentences: tuple[str, ...] = (),
    page_parts: tuple[PayForm | None, PlanDoor | None] = (None, None),
) -> DoorPage:
    form, plan = page_parts
    return DoorPage(
        title=page_title(settings, _("Error: %(heading)s", heading=heading) if error else heading),
        lang=formats.locale,
        direction=formats.direction,
        document=document_name(invoice),
        heading=heading,
        error=error,
        sentences=sentences,
        doors=doors,
        form=form,
        plan_door=plan,
        back_href=invoice_address(settings, token),
        contact=_contact(settings, invoice),
    )


def answered_page(invoice: Invoice, answers: Answers, settings: Settings, *, token: str) -> AnsweredPage:
    """What was answered, as it stands."""
    formats = spoken_formats()
    noted = noted_of(answers, settings, formats)
    sentences = () if noted else (_("There is nothing noted on this invoice."),)
    return AnsweredPage(
        title=page_title(settings, _("Noted")),
        lang=formats.locale,
        direction=formats.direction,
        document=document_name(invoice),
        heading=_("Thank you, we have noted it") if noted else _("Noted"),
        sentences=sentences,
        doors=DoorPanel(action=answer_address(settings), token=token, noted=noted),
        back_href=invoice_address(settings, token),
        contact=_contact(settings, invoice),
    )


def refusal_words(refusal: AnswerRefusal, settings: Settings, left: str) -> str:
    """Why an answer was not taken, and what to do; ``left`` is what is left to pay, as people write it."""
    return {
        AnswerRefusal.NOTHING_LEFT: _("There is nothing left to pay on this invoice."),
        AnswerRefusal.NOT_OFFERED: _("This is not offered here. Please ask us."),
        AnswerRefusal.ON_A_PLAN: _("This invoice is on a payment plan, which says when it is paid."),
        AnswerRefusal.DAY_PASSED: _("Choose a day that has not passed."),
        AnswerRefusal.DAY_TOO_FAR: _(
            "Choose a day at most %(days)s days ahead.", days=str(settings.doors.promise_days)
        ),
        AnswerRefusal.TOO_MANY_BROKEN: day_passed(),
        AnswerRefusal.DAY_TO_COME: _("Enter the day on which you paid. It cannot be a day to come."),
        AnswerRefusal.DAY_TOO_LONG_AGO: _("Check the year of the day on which you paid."),
        AnswerRefusal.NO_WORDS: _("Please say in a few words what is not right."),
        AnswerRefusal.WORDS_TOO_LONG: _("Please use 1000 characters at most, or send us an email."),
        AnswerRefusal.CARD_NUMBER: _("Please never write a card number here. Take it out and send it again."),
        AnswerRefusal.AMOUNT: _("Enter an amount up to %(left)s, which is what is left.", left=left),
        AnswerRefusal.TOO_MANY: _("We have several messages from you. Please call us or send an email."),
    }[refusal]


def _contact(settings: Settings, invoice: Invoice) -> Contact:
    return contact_of(settings, _("If anything is unclear, please ask us."), about=document_name(invoice))
