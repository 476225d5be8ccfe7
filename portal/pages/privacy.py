"""What customers are told of what is kept about them: from the settings, so that what is said is what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from portal.formats import spoken_formats
from portal.markdown_text import html_of_page
from portal.pages.contact import contact_of, page_title
from portal.pages.reading_models import PrivacyPage, Section
from portal.texts import gettext as _
from portal.texts import ngettext

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.languages import Words

DAYS_IN_YEAR = 365


def privacy_page(own: Words | None, settings: Settings) -> PrivacyPage:
    """The page for everybody; ``own`` is what the owner adds, Markdown."""
    formats = spoken_formats()
    return PrivacyPage(
        title=page_title(settings, _("Privacy")),
        lang=formats.locale,
        direction=formats.direction,
        heading=_("Privacy"),
        sections=(_kept(settings), _why(), _how_long(settings), _who_else(settings), _rights()),
        own=_below(html_of_page(own.text)) if own else None,
        own_lang=own.lang if own else None,
        contact=contact_of(settings, _("To ask about your data, or anything else here, please write or call.")),
    )


def _kept(settings: Settings) -> Section:
    items = [
        _("Your invoices: your name and email address, what they are for, and the amounts."),
        _("Your payments: when, how much, and the kind and last digits of the card or account."),
    ]
    if not settings.payments.by_links:
        items.append(_("What you tell us on these pages, such as a problem or the day on which you pay."))
        items.append(_("What you write when you ask for a new link, and the email address you give there."))
    if settings.mail is not None:
        items.append(_("The emails that we send you about them."))
    network = _("Against abuse we count requests by network address, scrambled, for some minutes.")
    follows = _("These pages set no cookies and follow nobody. We never see your full card number.")
    return Section(_("What we keep"), tuple(items), (follows, *([] if settings.payments.by_links else [network])))


def _why() -> Section:
    return Section(_("Why"), (), (_("To be paid for our work, and because the law asks us to keep our accounts."),))


def _how_long(settings: Settings) -> Section:
    held = settings.privacy
    years = _years(held.retention_records_years)
    items = [_("Invoices and payments: %(span)s after the year in which the invoice was settled.", span=years)]
    if not settings.payments.by_links:
        words = _span(held.retention_words_days)
        items.append(_("What you told us in your own words: %(span)s after the invoice was settled.", span=words))
        asked = _(
            "What you wrote to ask for a new link: until we have dealt with it, for %(span)s at most.", span=words
        )
        items.append(asked)
    if settings.mail is not None:
        mails = _span(held.retention_mails_days)
        items.append(_("Emails: %(span)s after the invoice was settled.", span=mails))
        items += [] if settings.payments.by_links else [_letters_about_links(mails)]
    reports = _span(held.retention_webhooks_days)
    items.append(_("What Stripe reported to us, word for word: %(span)s after it came.", span=reports))
    return Section(_("How long"), tuple(items), ())


def _letters_about_links(span: str) -> str:
    """Of mails that belong to no invoice: the one to the owner about such a request repeats what was written."""
    return _(
        "Emails about no invoice, such as the one that tells us of your request: %(span)s after we wrote them.",
        span=span,
    )


def _who_else(settings: Settings) -> Section:
    sentences = [
        _("Card payments are made on a page of Stripe."),
        _("Stripe learns the amount, the invoice number and your email address, and keeps your card details."),
    ]
    if settings.privacy.host:
        sentences.append(_("%(host)s keeps these pages and our records for us.", host=settings.privacy.host))
    sentences.append(_("Whoever has the address of your page can open it, so keep it to yourself."))
    return Section(_("Who else sees it"), (), tuple(sentences))


def _rights() -> Section:
    sentences = (
        _("You may ask us what we keep about you, and have mistakes put right."),
        _("We remove what you ask us to, unless the law makes us keep it."),
        _("You may also complain to your data protection authority."),
    )
    return Section(_("What you can ask for"), (), sentences)


def _span(days: int) -> str:
    return (
        _years(days // DAYS_IN_YEAR)
        if days % DAYS_IN_YEAR == 0
        else ngettext("%(number)s day", "%(number)s days", days)
    )


def _years(number: int) -> str:
    return ngettext("%(number)s year", "%(number)s years", number)


def _below(body: Markup) -> Markup:
    """The owner's words under a heading that is there already, so that the page has one."""
    return Markup(str(body).replace("<h1>", "<h2>").replace("</h1>", "</h2>"))  # noqa: S704  clean before, and only renamed
