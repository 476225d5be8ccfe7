"""Payment plans in words: what is offered, what is agreed, and what Stripe's page says beside its button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.plan_ports import MOST_ATTEMPTS
from portal.receivables.plan_offers import PlanWay, Rhythm
from portal.texts import gettext as _
from portal.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.invoice import Invoice
    from portal.receivables.plan_offers import Installment, PlanOffer

_LONGEST_MESSAGE = 1200
"""Of ``custom_text`` on Stripe's page."""


def label_of(offer: PlanOffer, formats: Formats) -> str:
    """A plan's amounts: "3 payments of £280.00", "£210.00, then 2 payments of £315.00"."""
    first, *others = offer.installments
    if first.amount == others[0].amount:
        return _payments_of(offer.installments, formats)
    return _(
        "%(first)s, then %(others)s",
        first=formats.money(first.amount),
        others=_payments_of(others, formats),
    )


def _payments_of(installments: Sequence[Installment], formats: Formats) -> str:
    each, last = installments[0].amount, installments[-1].amount
    words = ngettext(
        "%(number)s payment of %(amount)s", "%(number)s payments of %(amount)s", len(installments),
        amount=formats.money(each),
    )  # fmt: skip
    return (
        words if each == last else _("%(payments)s (the last %(amount)s)", payments=words, amount=formats.money(last))
    )


def when_of(offer: PlanOffer, as_of: date, formats: Formats) -> str:
    """When its payments fall due and who makes them, in words that stay true on the days after ``as_of``."""
    if offer.first.due_on > as_of:
        start = _("The first on %(date)s", date=formats.date(offer.first.due_on))
    else:
        start = _("One now")
    return f"{start}, {_rhythm_in_words(offer.rhythm)}. {_way_in_words(offer.way)}"


def _rhythm_in_words(rhythm: Rhythm) -> str:
    return {
        Rhythm.MONTHLY: _("then every month"),
        Rhythm.TWO_WEEKLY: _("then every two weeks"),
        Rhythm.WEEKLY: _("then every week"),
        Rhythm.FIRST_AND_FIFTEENTH: _("then on the 1st and 15th of each month"),
        Rhythm.LAST_WORKING_DAY: _("then on the last working day of each month"),
        Rhythm.PAYDAY: _("then on your payday each month"),
    }[rhythm]


def _way_in_words(way: PlanWay) -> str:
    if way is PlanWay.AUTOMATIC:
        return _("Taken from your card by itself.")
    return _("You come back to this page for each payment.")


def consent_of(offer: PlanOffer, invoice: Invoice, settings: Settings, formats: Formats) -> tuple[str, ...]:
    """What the customer agrees to, in paragraphs: who may charge what and when, how it is worked out, how to end it.

    Source: Stripe, "Save a customer's payment method when they use it for a payment": what the terms have to state.
    """
    business = settings.business.name
    intro = _(
        "I agree to pay %(business)s %(total)s for invoice %(number)s as follows: %(payments)s.",
        business=business,
        total=formats.money(offer.total),
        number=invoice.number,
        payments=_listed(offer.installments, formats),
    )
    middle = _automatic(business) if offer.way is PlanWay.AUTOMATIC else _by_hand()
    ending = _("I can pay the rest or stop the plan at any time on the page of this invoice.")
    if settings.business.email:
        ending += " " + _("I can also write to %(email)s.", email=settings.business.email)
    return (intro, middle, ending)


def _automatic(business: str) -> str:
    return _(
        "%(business)s may charge the card I pay with for the payments after the first one, on these days, without "
        "asking me again. Each charge is the amount shown, or less where less is left. A charge that does not go "
        "through is tried again on later days, %(tries)s times in all; after that it is added to the next payment. "
        "I can change the card at any time on the page of this invoice.",
        business=business,
        tries=str(MOST_ATTEMPTS),
    )


def _by_hand() -> str:
    return _("I make each payment myself; nothing is charged by itself. A payment I miss is added to the next one.")


def message_of(installments: Sequence[Installment], *, automatic: bool, formats: Formats) -> str:
    """What Stripe's page says of the payments that come after the one that is made there."""
    if not installments:
        return _("This is the last payment of your plan.")
    count = ngettext(
        "After this, your plan has %(number)s more payment", "After this, your plan has %(number)s more payments",
        len(installments),
    )  # fmt: skip
    how = _("charged to this card by itself") if automatic else _("which you make yourself")
    ending = _("You can stop the plan on the page of your invoice.")
    text = f"{count}, {how}: {_listed(installments, formats)}. {ending}"
    if len(text) <= _LONGEST_MESSAGE:
        return text
    last = _("the last on %(date)s", date=formats.date(installments[-1].due_on))
    return f"{count}, {how}, {last}. {ending}"


def _listed(installments: Sequence[Installment], formats: Formats) -> str:
    return "; ".join(
        _("%(amount)s on %(date)s", amount=formats.money(one.amount), date=formats.date(one.due_on))
        for one in installments
    )
