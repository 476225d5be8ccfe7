"""The live app's pages about payment plans: a plan read back, the choice again, and changes read back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.pages.addresses import invoice_address, plan_address
from portal.pages.contact import contact_of, page_title
from portal.pages.invoice import document_name
from portal.pages.pieces import Row
from portal.pages.plan_models import PlanCheckPage, PlanChoicePage, PlanStepPage, PlanSubject
from portal.pages.plan_words import consent_of, label_of, terms_of_a_plan, words_on_fees_after
from portal.pages.plans import plan_door
from portal.receivables.plan_offers import PlanWay
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.pieces import Contact
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money
    from portal.receivables.plan_offers import PlanOffer


def consent_text(offer: PlanOffer, invoice: Invoice, settings: Settings) -> str:
    """What is kept of the agreement, word for word as on the page."""
    return text_of_consent(consent_of(offer, invoice, settings, spoken_formats()))


def text_of_consent(paragraphs: Sequence[str]) -> str:
    """The paragraphs that are agreed to as one text, as it is kept."""
    return "\n\n".join(paragraphs)


def agreed_mark(text: str) -> str:
    """Names a consent text: the button agrees to the words that were on the page, or to nothing."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def plan_check_page(  # noqa: PLR0913  everything the page says, named
    offer: PlanOffer,
    invoice: Invoice,
    balance: InvoiceBalance,
    settings: Settings,
    *,
    token: str,
    as_of: date,
    notice: str | None = None,
) -> PlanCheckPage:
    """A plan with every date and amount and the words that are agreed to, before anything happens.

    Its form posts ``token``, ``shown``, ``want=agree``, ``plan``, ``payday`` and ``agreed``, the mark of the text.
    """
    formats = spoken_formats()
    about = PlanSubject(
        document=document_name(invoice),
        sentences=(_total(offer, balance, formats), *terms_of_a_plan(invoice, balance)),
        consent=consent_of(offer, invoice, settings, formats),
        token=token,
        shown=str(balance.amount_offerable),
        back=_("Back to your invoice"),
        back_href=invoice_address(settings, token),
    )
    return check_page_of(offer, about, settings, as_of=as_of, notice=notice)


def check_page_of(
    offer: PlanOffer, about: PlanSubject, settings: Settings, *, as_of: date, notice: str | None = None
) -> PlanCheckPage:
    """A plan read back, whatever it is about."""
    formats = spoken_formats()
    pays_now = offer.first.due_on <= as_of
    first = formats.money(offer.first.amount)
    return PlanCheckPage(
        title=page_title(settings, _("Check your plan")),
        lang=formats.locale,
        direction=formats.direction,
        document=about.document,
        heading=label_of(offer, formats),
        sentences=about.sentences,
        notice=notice,
        rows=tuple(
            Row(formats.date(one.due_on), formats.money(one.amount), small=_row_note(offer, one.number, now=pays_now))
            for one in offer.installments
        ),
        invoices=about.invoices,
        consent=about.consent,
        action=plan_address(settings),
        token=about.token,
        shown=about.shown,
        plan=offer.key,
        payday=str(offer.payday or ""),
        agreed=agreed_mark(text_of_consent(about.consent)),
        button=_("Agree and pay %(amount)s now", amount=first) if pays_now else _("Agree to this plan"),
        next_step=(
            _("Next is Stripe’s secure page. No money has been taken yet, and the plan begins with this payment.")  # noqa: RUF001  an apostrophe in print
            if pays_now
            else _("Nothing is charged now.")
        ),
        back=about.back,
        back_href=about.back_href,
        contact=contact_of(settings, _("If anything is unclear, please ask us."), about=about.document),
    )


def _total(offer: PlanOffer, balance: InvoiceBalance, formats: Formats) -> str:
    return total_in_words(offer, formats, discounted=bool(balance.discount_offered))


def total_in_words(offer: PlanOffer, formats: Formats, *, discounted: bool) -> str:
    """What the plan comes to; ``discounted`` where paying it all at once would be less."""
    if discounted:
        return _("%(total)s in total.", total=formats.money(offer.total))
    return _("%(total)s in total, the same as paying it all now.", total=formats.money(offer.total))


def _row_note(offer: PlanOffer, number: int, *, now: bool) -> str:
    if number == 1 and now:
        return _("You pay this now")
    return _("Taken from your card by itself") if offer.way is PlanWay.AUTOMATIC else _("You pay this on the page")


def plan_choice_page(  # noqa: PLR0913  everything the page says, named
    invoice: Invoice,
    balance: InvoiceBalance,
    offers: Sequence[PlanOffer],
    settings: Settings,
    *,
    token: str,
    as_of: date,
    problem: str,
    payday: str = "",
) -> PlanChoicePage:
    """The plans on offer again, with what was wrong."""
    formats = spoken_formats()
    door = plan_door(
        offers, invoice, balance, settings, formats, token=token, as_of=as_of, payday=payday, error=problem
    )
    return PlanChoicePage(
        title=page_title(settings, _("Error: Spread it over time")),
        lang=formats.locale,
        direction=formats.direction,
        document=document_name(invoice),
        problem=problem,
        door=door,
        back=_("Back to your invoice"),
        back_href=invoice_address(settings, token),
        contact=_contact(settings, invoice),
    )


def plan_stop_page(  # noqa: PLR0913  everything it says, named
    invoice: Invoice, left: Money, settings: Settings, *, token: str, as_of: date, others: Sequence[str] = ()
) -> PlanStepPage:
    """What stopping a plan means, before it is done; ``others`` are the numbers of other invoices that it is about."""
    formats = spoken_formats()
    shared = _("Other invoices on this plan: %(numbers)s. It stops for them too.", numbers=", ".join(others))
    return step_page(
        document_name(invoice),
        settings,
        token=token,
        shown=str(left),
        back_href=invoice_address(settings, token),
        heading=_("Stop the plan?"),
        sentences=(
            _("Nothing more is charged by itself. What you have paid stays paid."),
            *([shared] if others else ()),
            _("%(amount)s is then left to pay in the ordinary way.", amount=formats.money(left)),
            *words_on_fees_after(invoice, as_of, formats),
        ),
        want="stop",
        button=_("Stop the plan"),
    )


def plan_card_page(invoice: Invoice, left: Money, asked: Money, settings: Settings, *, token: str) -> PlanStepPage:
    """What changing the card means: the next payment is made now with the new one, and it is used from then on."""
    amount = spoken_formats().money(asked)
    return step_page(
        document_name(invoice),
        settings,
        token=token,
        shown=str(left),
        back_href=invoice_address(settings, token),
        heading=_("Use another card"),
        sentences=(
            _("You pay the next payment, %(amount)s, now with the new card.", amount=amount),
            _("The payments after it are then taken from the new card. Nothing else of the plan changes."),
        ),
        want="card",
        button=_("Pay %(amount)s with another card", amount=amount),
    )


def step_page(  # noqa: PLR0913  everything the page says, named
    document: str,
    settings: Settings,
    *,
    token: str,
    shown: str,
    back_href: str,
    heading: str,
    sentences: tuple[str, ...],
    want: str,
    button: str,
    plan: str | None = None,
) -> PlanStepPage:
    """A change to a plan read back, whatever it is about; ``shown`` is what its form says the page had shown."""
    formats = spoken_formats()
    return PlanStepPage(
        title=page_title(settings, heading),
        lang=formats.locale,
        direction=formats.direction,
        document=document,
        heading=heading,
        sentences=sentences,
        action=plan_address(settings),
        token=token,
        shown=shown,
        want=want,
        button=button,
        back_href=back_href,
        contact=contact_of(settings, _("If anything is unclear, please ask us."), about=document),
        plan=plan,
    )


def _contact(settings: Settings, invoice: Invoice) -> Contact:
    return contact_of(settings, _("If anything is unclear, please ask us."), about=document_name(invoice))
