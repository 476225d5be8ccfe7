"""What stands in the open around a sealed page: how to open it, and how to pay; no name, number or date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from portal.formats import spoken_formats
from portal.links.sealing import seal, unseal_script
from portal.pages.contact import contact_of, page_title
from portal.ports.links import LinkKind
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.pages.pay_only import PayOnlyPage
    from portal.pages.pieces import Contact, PayForm, PayLink

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SealedPage:
    """A page that only its link opens (``sealed.html``).

    Attributes:
        sealed: the page itself, encrypted, in Base64.
        form: pays all that is left through the pay-only link; ``pay_link`` is the button where nobody answers forms.
        script: what opens the page.
        of_all: whether it is a statement.
    """

    template: ClassVar[str] = "sealed.html"
    title: str
    lang: str
    direction: str
    heading: str
    sentence: str
    button: str
    sealed: str
    form: PayForm | None
    pay_link: PayLink | None
    contact: Contact
    script: str
    of_all: bool


def sealed_page(html: str, kind: LinkKind, settings: Settings, pay: PayOnlyPage | None, *, token: str) -> SealedPage:
    """A finished page, sealed.

    Args:
        html: the page; its stylesheet stands outside already.
        kind: of its link.
        settings: the owner's.
        pay: the pay-only page of the same invoice, where it has one.
        token: of its link.
    """
    formats, of_all = spoken_formats(), kind is LinkKind.STATEMENT
    heading = _("Your statement") if of_all else _("Your invoice")
    form = pay.form if pay and pay.form and pay.form.button else None
    return SealedPage(
        title=page_title(settings, heading),
        lang=formats.locale,
        direction=formats.direction,
        heading=heading,
        sentence=_("It is locked, so that only your link can open it."),
        button=_("Show the statement") if of_all else _("Show the invoice"),
        sealed=seal(token, _STYLE.sub("", html)),
        form=form,
        pay_link=pay.pay_link if pay else None,
        contact=contact_of(settings, _("If anything is unclear, please ask us.")),
        script=unseal_script(),
        of_all=of_all,
    )
