"""The ways to pay by card, as forms, and the words for what a card cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.pages.addresses import pay_address
from portal.pages.pieces import DueButton, PartForm, PayForm
from portal.receivables.card_limits import card_limits
from portal.receivables.offers import NoCard
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.money import Money
    from portal.receivables.offers import Offers


def form_of(offers: Offers, left: Money, settings: Settings, formats: Formats, *, token: str) -> PayForm | None:
    """The pay form for what is left, or None where no card payment is possible."""
    if not offers.can_pay:
        return None
    return PayForm(
        action=pay_address(settings),
        token=token,
        shown=str(left),
        button=_("Pay %(amount)s now", amount=formats.money(offers.full)) if offers.full else None,
        part=part_form(offers, formats),
        due=due_button(offers, formats),
    )


def due_button(offers: Offers, formats: Formats) -> DueButton | None:
    """The button for what is overdue, or else for the part that is due next."""
    if offers.catch_up is not None:
        amount = offers.catch_up
        buys = _("This brings it up to date.")
    elif offers.next_part is not None:
        amount = offers.next_part.amount
        buys = _("This is the part due on %(date)s.", date=formats.date(offers.next_part.due_on))
    else:
        return None
    return DueButton(_("Pay %(amount)s now", amount=formats.money(amount)), amount.decimal_text, buys)


def part_form(offers: Offers, formats: Formats) -> PartForm | None:
    """The field for a part with its bounds, or None where parts are not offered."""
    part = offers.part
    if part is None:
        return None
    hint = _(
        "Any amount from %(minimum)s to %(maximum)s.",
        minimum=formats.money(part.minimum),
        maximum=formats.money(part.maximum),
    )
    return PartForm(hint=hint, symbol=formats.symbol(part.of.currency), is_open=offers.full is None)


def explanation_of(
    offers: Offers, left: Money, formats: Formats, *, by_transfer: bool, otherwise: bool = False
) -> tuple[str, ...]:
    """Why a card cannot settle it all, and what to do instead; empty where a card can, or nothing is to be paid."""
    limits = card_limits(left.currency)
    match offers.no_card:
        case NoCard.BELOW_MINIMUM:
            why = _("A card payment has to be %(amount)s at least.", amount=formats.money(limits.minimum))
        case NoCard.ABOVE_MAXIMUM:
            why = _("One card payment can be %(amount)s at most.", amount=formats.money(limits.maximum))
        case NoCard.FRACTION:
            why = _("Card payments in %(currency)s cannot carry the last digit.", currency=left.currency)
        case _:
            return ()
    if by_transfer:
        instead = _("You can pay this by bank transfer: the details are below.")
    elif otherwise:
        instead = _("You can pay this another way: see below.")
    else:
        instead = _("Please ask us how to pay this another way.")
    return (why, instead)
