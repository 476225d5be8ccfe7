"""The pages of the live app: a part read back, a part refused, an amount that changed, and plain messages.

Each function returns a record whose ``template`` names its template: ``render_template(page.template, page=page)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.links.addresses import page_address
from portal.pages.addresses import pay_address
from portal.pages.contact import contact_of, page_title
from portal.pages.forms import form_of
from portal.pages.invoice import document_name
from portal.pages.models import ChangedPage, CheckPage, MessagePage, PartPage
from portal.pages.part_words import part_error
from portal.pages.pieces import Row
from portal.ports.links import LinkKind
from portal.receivables.offers import NoCard
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.pages.pieces import Contact
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money
    from portal.receivables.offers import Offers, PartRefusal


def check_page(  # noqa: PLR0913  everything the page says, named
    invoice: Invoice,
    left: Money,
    amount: Money,
    settings: Settings,
    *,
    token: str,
    kind: LinkKind = LinkKind.INVOICE,
) -> CheckPage:
    """A part read back before paying.

    Its form posts ``token``, ``shown`` (``str(left)``), ``want=part``, ``amount`` as a plain decimal (to be read by
    ``parse_money``, not as typed text) and ``confirmed=1``.

    Args:
        invoice: which is paid.
        left: what may still be asked for, ``balance.amount_offerable``.
        amount: the part.
        settings: the owner's.
        token: of the link to the invoice.
        kind: of that link.
    """
    formats = spoken_formats()
    return CheckPage(
        title=page_title(settings, _("Check your payment")),
        lang=formats.locale,
        direction=formats.direction,
        document=document_name(invoice),
        heading=_("You are about to pay %(amount)s", amount=formats.money(amount)),
        rows=(
            Row(_("You pay now"), formats.money(amount), strong=True),
            Row(_("Of what is left"), formats.money(left)),
            Row(_("Still left after this"), formats.money(left - amount)),
        ),
        action=pay_address(settings),
        token=token,
        shown=str(left),
        amount=amount.decimal_text,
        change_href=page_address(settings, kind, token, "amount"),
        contact=_contact(settings, invoice),
    )


def part_page(  # noqa: PLR0913  everything the page says, named
    invoice: Invoice,
    left: Money,
    offers: Offers,
    settings: Settings,
    *,
    token: str,
    kind: LinkKind = LinkKind.INVOICE,
    typed: str = "",
    refusal: PartRefusal | None = None,
    unreadable: bool = False,
) -> PartPage:
    """The field for a part again, with what was typed and what was wrong with it.

    Needs something that can be paid by card (``offers.full`` or ``offers.part``); else show ``settled_page``.

    Args:
        invoice: which is paid.
        left: ``balance.amount_offerable``.
        offers: from ``offers_for``.
        settings: the owner's.
        token: of the link to the invoice.
        kind: of that link.
        typed: as the customer typed it; kept in the field.
        refusal: from ``refusal_of_part``.
        unreadable: the text was no amount at all.

    Raises:
        ValueError: nothing can be paid by card.
    """
    formats = spoken_formats()
    form = form_of(offers, left, settings, formats, token=token)
    if form is None:
        raise ValueError("a part is asked for only where something can be paid by card")
    error = part_error(offers, formats, typed=typed, refusal=refusal, unreadable=unreadable)
    words = _("Pay a part") if error is None else _("Error: Pay a part")
    return PartPage(
        title=page_title(settings, words),
        lang=formats.locale,
        direction=formats.direction,
        document=document_name(invoice),
        left=_("%(amount)s is left to pay.", amount=formats.money(left)),
        error=error,
        typed=typed,
        form=form,
        back_href=page_address(settings, kind, token),
        contact=_contact(settings, invoice),
    )


def changed_page(  # noqa: PLR0913  everything the page says, named
    invoice: Invoice,
    shown: Money | None,
    left: Money,
    offers: Offers,
    settings: Settings,
    *,
    token: str,
    kind: LinkKind = LinkKind.INVOICE,
) -> ChangedPage:
    """What is left is not what the customer had seen; asks again with the amount as it is now.

    Args:
        invoice: which is paid.
        shown: what the customer's page had said was left; None where that cannot be read.
        left: ``balance.amount_offerable`` now.
        offers: from ``offers_for``.
        settings: the owner's.
        token: of the link to the invoice.
        kind: of that link.

    Raises:
        ValueError: nothing can be paid by card now; show ``settled_page``.
    """
    formats = spoken_formats()
    form = form_of(offers, left, settings, formats, token=token)
    if form is None:
        raise ValueError("an amount can change only to one that can be paid by card")
    now = _("It is now %(amount)s.", amount=formats.money(left))
    before = _("Your page showed %(amount)s left to pay.", amount=formats.money(shown)) if shown else None
    return ChangedPage(
        title=page_title(settings, _("What is left to pay has changed")),
        lang=formats.locale,
        direction=formats.direction,
        document=document_name(invoice),
        heading=_("What is left to pay has changed"),
        sentences=(" ".join(filter(None, (before, now))), _("No money has been taken.")),
        form=form,
        back_href=page_address(settings, kind, token),
        contact=_contact(settings, invoice),
    )


def settled_page(
    no_card: NoCard | None, settings: Settings, *, token: str, kind: LinkKind = LinkKind.INVOICE
) -> MessagePage:
    """Nothing can be paid by card: paid already, on its way, or an amount no card payment can be."""
    sentences: tuple[str, ...]
    match no_card:
        case NoCard.ON_ITS_WAY:
            heading = _("Your payment is on its way")
            sentences = (
                _("Thank you. Bank payments can take some working days to arrive."),
                _("You do not need to pay again. No further money has been taken."),
            )
        case NoCard.BELOW_MINIMUM | NoCard.ABOVE_MAXIMUM | NoCard.FRACTION:
            heading = _("This amount cannot be paid by card")
            sentences = (_says_how(kind),)
        case NoCard.NOTHING_LEFT | None:
            heading = _("There is nothing left to pay")
            sentences = (_("Thank you. No further money has been taken."),)
    return message_page(settings, heading, sentences, token=token, kind=kind)


def _says_how(kind: LinkKind) -> str:
    if kind is LinkKind.STATEMENT:
        return _("Your statement says how else you can pay. No money has been taken.")
    return _("Your invoice says how else you can pay. No money has been taken.")


def problem_page(
    settings: Settings, money_sentence: str, *, token: str | None = None, kind: LinkKind = LinkKind.INVOICE
) -> MessagePage:
    """Something failed on our side. ``money_sentence`` says what became of the customer's money, and nothing vague."""
    sentences = (money_sentence, _("Please try again in a few minutes."))
    return message_page(settings, _("Sorry, there is a problem"), sentences, token=token, kind=kind)


def wait_page(settings: Settings) -> MessagePage:
    """Too many forms came from this link or this network."""
    sentences = (
        _("We have received many requests in a short time. Please wait about ten minutes and try again."),
        no_money_taken(),
    )
    return message_page(settings, _("Please wait a little"), sentences)


def thanks_page(settings: Settings, *, token: str | None = None, kind: LinkKind = LinkKind.INVOICE) -> MessagePage:
    """The customer is back from paying and the ledger knows it, but the page they paid on could not be renewed yet.

    Without a ``token`` there is no such page any more: its link ended while they were paying.
    """
    if token is None:
        known = _("We have a record of your payment. The link that you came with has ended since.")
        return message_page(settings, _("Thank you"), (known, _("You do not need to pay again.")))
    soon = _("We have a record of your payment. Your invoice will show it in a few minutes.")
    if kind is LinkKind.STATEMENT:
        soon = _("We have a record of your payment. Your statement will show it in a few minutes.")
    return message_page(settings, _("Thank you"), (soon, _("You do not need to pay again.")), token=token, kind=kind)


def no_money_taken() -> str:
    """For ``problem_page``: it is certain that nothing was charged."""
    return _("No money has been taken.")


def money_uncertain() -> str:
    """For ``problem_page``: the provider did not answer, so a payment may have been made."""
    return _("If you made a payment, it is safe with Stripe and will show on your invoice. Please do not pay twice.")


def message_page(  # noqa: PLR0913  everything the page says, named
    settings: Settings,
    heading: str,
    sentences: tuple[str, ...],
    *,
    token: str | None = None,
    kind: LinkKind = LinkKind.INVOICE,
    ask: str | None = None,
) -> MessagePage:
    """A heading and a few sentences, with the way back to the page of a link where there is one."""
    back = _("Back to your statement") if kind is LinkKind.STATEMENT else _("Back to your invoice")
    formats = spoken_formats()
    return MessagePage(
        title=page_title(settings, heading),
        lang=formats.locale,
        direction=formats.direction,
        heading=heading,
        sentences=sentences,
        contact=contact_of(settings, ask or _("If anything is unclear, please ask us.")),
        link=back if token else None,
        link_href=page_address(settings, kind, token) if token else None,
    )


def _contact(settings: Settings, invoice: Invoice) -> Contact:
    return contact_of(settings, _("If anything is unclear, please ask us."), about=document_name(invoice))
