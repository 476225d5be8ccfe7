"""Whom to ask, at the same place on every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from portal.pages.pieces import Contact
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings


def contact_of(settings: Settings, sentence: str, *, about: str | None = None) -> Contact:
    """The business's email and phone under a sentence that invites to use them; ``about`` is the mail's subject."""
    email, phone = settings.business.email, settings.business.phone
    if not (email or phone):
        sentence += " " + _("Reply to the message that brought you here.")
    subject = f"?subject={quote(about)}" if about else ""
    return Contact(
        sentence=sentence,
        email=email,
        email_href=f"mailto:{quote(email, safe='@')}{subject}" if email else None,
        phone=phone.replace(" ", "\N{NO-BREAK SPACE}") if phone else None,
        phone_href=f"tel:{_dialled(phone)}" if phone else None,
    )


def page_title(settings: Settings, words: str) -> str:
    """A title for tab and history: never an amount, a number or a customer's name, for others may see those."""
    return f"{words} \N{EN DASH} {settings.business.name}"


def _dialled(phone: str) -> str:
    """Digits to dial; the "(0)" of an international number is not dialled."""
    return re.sub(r"[^\d+]", "", phone.replace("(0)", "") if phone.startswith("+") else phone)
