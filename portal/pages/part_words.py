"""What was wrong with an amount that a customer typed, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.receivables.offers import PartRefusal
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.formats import Formats
    from portal.receivables.offers import Offers


def part_error(
    offers: Offers, formats: Formats, *, typed: str, refusal: PartRefusal | None, unreadable: bool
) -> str | None:
    """What was wrong with an amount that was typed, in words; None where nothing was.

    Args:
        offers: the bounds.
        formats: of the page.
        typed: as the customer typed it.
        refusal: from ``refusal_of_part``.
        unreadable: the text was no amount at all.
    """
    if unreadable and not typed.strip():
        return _("Enter an amount")
    if unreadable:
        return _("Enter the amount in digits, like %(example)s", example=f"35{formats.decimal_mark}50")
    return _refusal_in_words(refusal, offers, formats) if refusal else None


def _refusal_in_words(refusal: PartRefusal, offers: Offers, formats: Formats) -> str:
    part = offers.part
    if part is None or refusal is PartRefusal.NOT_OFFERED:
        return _("This invoice cannot be paid in parts")
    minimum, maximum = formats.money(part.minimum), formats.money(part.maximum)
    words = {
        PartRefusal.TOO_SMALL: _("Enter %(amount)s or more", amount=minimum),
        PartRefusal.TOO_LARGE: _("Enter %(amount)s or less, or pay it all", amount=maximum),
        PartRefusal.LEAVES_TOO_LITTLE: _(
            "Enter %(maximum)s or less, or pay it all: what is left after this has to be %(minimum)s at least",
            maximum=maximum,
            minimum=minimum,
        ),
        PartRefusal.FRACTION: _("Enter an amount without its smallest digit"),
    }
    return words[refusal]
