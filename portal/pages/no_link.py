"""The pages for addresses that lead nowhere, or nowhere any more, and for asking for a link there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.links.requests import RequestRefusal
from portal.pages.addresses import link_request_address
from portal.pages.contact import contact_of
from portal.pages.live import message_page
from portal.pages.models import LinkRequestForm
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.pages.models import MessagePage


def no_link_page(
    settings: Settings, *, typed: tuple[str, str] = ("", ""), refusal: RequestRefusal | None = None
) -> MessagePage:
    """The same words for an unknown, an expired and a revoked link, so that nobody learns which it is.

    Args:
        settings: the owner's.
        typed: what was typed into the form of this page, address and words, where that was refused.
        refusal: why it was.
    """
    sentences = (
        _("If you copied the address, check that it is complete: links in emails may break at the end of a line."),
        _("If you used a link we sent you, it may have expired. No money has been taken."),
    )
    page = message_page(settings, _("Page not found"), sentences)
    return _with_form(page, settings, _("Need a new link? Please ask us."), typed, _in_words(refusal))


def replaced_page(settings: Settings) -> MessagePage:
    """What stands at the address of a link that was replaced; no name, number or amount of anybody's."""
    sentences = (
        _("Please use the newer link that we sent you. No money has been taken."),
        _("For your privacy, this page no longer shows anything."),
    )
    page = message_page(settings, _("This link was replaced"), sentences)
    return _with_form(page, settings, _("Need the new link? Please ask us."))


def link_asked_page(settings: Settings) -> MessagePage:
    """After asking, whatever was typed: it does not say whether anybody is known by it."""
    sentences = (
        _("Thank you. A person reads what you wrote."),
        _("If it is about an invoice of ours, we send the link to the address that we have for it."),
    )
    return message_page(settings, _("We have your message"), sentences)


def _with_form(
    page: MessagePage,
    settings: Settings,
    ask: str,
    typed: tuple[str, str] = ("", ""),
    error: str | None = None,
) -> MessagePage:
    """The form where somebody answers forms; else whom to ask, with a mail that is begun."""
    if settings.payments.by_links:
        return replace(page, contact=contact_of(settings, ask, about=_("A new link, please")))
    form = LinkRequestForm(link_request_address(settings), *typed, error)
    title = _("Error: %(heading)s", heading=page.title) if error else page.title
    return replace(page, title=title, contact=contact_of(settings, ask), request=form)


def _in_words(refusal: RequestRefusal | None) -> str | None:
    return (
        {
            RequestRefusal.NO_ADDRESS: _("Enter your email address, such as name@example.com."),
            RequestRefusal.TOO_LONG: _("Please use 1000 characters at most, or send us an email."),
            RequestRefusal.CARD_NUMBER: _("Please never write a card number here. Take it out and send it again."),
        }.get(refusal)
        if refusal
        else None
    )
