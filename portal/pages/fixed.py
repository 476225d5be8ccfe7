"""Pages that belong to no invoice: the terms and the front page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.markdown_text import html_of_page
from portal.pages.contact import contact_of, page_title
from portal.pages.models import MessagePage, TextPage
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.languages import Words


def terms_page(terms: Words, settings: Settings) -> TextPage:
    """The owner's payment terms, Markdown; the page has a heading of its own only where the text brings none."""
    formats = spoken_formats()
    body = html_of_page(terms.text)
    return TextPage(
        title=page_title(settings, _("Payment terms")),
        lang=formats.locale,
        direction=formats.direction,
        heading=None if "<h1>" in body else _("Payment terms"),
        body=body,
        body_lang=terms.lang,
        contact=contact_of(settings, _("If anything here is unclear, please ask us.")),
    )


def front_page(settings: Settings) -> MessagePage:
    """What stands at the root: who we are, and that invoices are reached by their own links alone."""
    formats = spoken_formats()
    return MessagePage(
        title=page_title(settings, _("Payments")),
        lang=formats.locale,
        direction=formats.direction,
        heading=_("Payments to %(business)s", business=settings.business.name),
        sentences=(_("To see or pay an invoice, open the link in the message we sent you."),),
        contact=contact_of(settings, _("No link at hand, or not sure it is really us? Please ask.")),
    )
