"""What the payment link of an invoice may take, where nobody works the amount out at the click.

A link can be opened any time after it was made, so an invoice has one link at a time and that never takes more than
what is left. One link gives "all of it" and "a part" where the customer may choose the amount on the provider's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits, provider_decimals
from portal.receivables.money import decimals_of

if TYPE_CHECKING:
    from portal.receivables.money import Money
    from portal.receivables.offers import Offers


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """A link takes exactly ``amount``, or, with a ``minimum``, anything from there up to it."""

    amount: Money
    minimum: Money | None = None


def link_terms_of(offers: Offers) -> LinkTerms | None:
    """The terms of the one link that an invoice with these offers has, or None where a card cannot pay it.

    A chosen amount cannot be kept from leaving less than a card payment can be: bounds are all that a link knows. So
    the page asks for it in words, and what is left over is settled another way.
    """
    part = offers.part
    if part is None or not _any_amount(part.minimum.currency):
        return LinkTerms(offers.full) if offers.full else None
    return LinkTerms(offers.full or part.maximum, part.minimum)


def _any_amount(currency: str) -> bool:
    """Whether every amount between two bounds can be paid by card; elsewhere only a fixed amount is safe."""
    return card_limits(currency).step == 1 and provider_decimals(currency) == decimals_of(currency)
