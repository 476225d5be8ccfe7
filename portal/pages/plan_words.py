"""Payment plans in words: what is offered, what is agreed, and what Stripe's page says beside its button."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.ports.plans import MOST_ATTEMPTS
from portal.receivables.entries import EntryKind, day_of, in_force
from portal.receivables.pauses import pauses_of
from portal.receivables.plan_offers import PlanWay, Rhythm
from portal.receivables.plans import PlanState
from portal.receivables.terms import LateMode
from portal.texts import gettext as _
from portal.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.allocation import Allocations
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plan_offers import Installment, PlanOffer
    from portal.receivables.plans import PlanStanding

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


def terms_of_a_plan(invoice: Invoice, balance: InvoiceBalance) -> tuple[str, ...]:
    """What a plan does to a discount for paying early and to late fees, where there are any."""
    sentences = []
    if balance.discount_offered:
        sentences.append(_("A plan is on the full amount, without the early payment discount."))
    if _bears_fees(invoice):
        sentences.append(_("Late fees are paused while the plan is kept."))
    return tuple(sentences)


def words_on_fees(
    invoice: Invoice, entries: Iterable[Entry], stands: PlanStanding, formats: Formats
) -> tuple[str, ...]:
    """What a plan does to late fees where it stands now; nothing where none would be charged."""
    pauses = pauses_of(entries, invoice.terms.zone)
    if not _bears_fees(invoice) or not pauses or stands.kept_until is None:
        return ()
    until = pauses[-1].last
    match stands.state:
        case PlanState.BROKEN:
            return (
                *words_on_fees_after(invoice, until, formats),
                _("They are paused again once this is paid."),
            )
        case PlanState.MISSED:
            return (_("Pay it by %(date)s, and late fees stay paused.", date=formats.date(until)),)
        case _:
            return (_("Late fees are paused while the plan is kept."),)


def words_on_fees_after(invoice: Invoice, last_day: date, formats: Formats) -> tuple[str, ...]:
    """From when late fees go on, where a plan ends on a day; nothing where none would be charged."""
    if not _bears_fees(invoice):
        return ()
    return (_("From %(date)s late fees go on.", date=formats.date(last_day + timedelta(days=1))),)


def words_on_rest(balance: InvoiceBalance, stands: PlanStanding, formats: Formats) -> tuple[str, ...]:
    """What paying it all at once saves, and what the plan does not cover."""
    sentences = []
    if balance.discount_offered and balance.discount_until is not None:
        sentences.append(
            _(
                "You save %(amount)s by paying all of it by %(date)s.",
                amount=formats.money(balance.discount_offered),
                date=formats.date(balance.discount_until),
            )
        )
    beyond = balance.amount_without_discount - stands.rest
    if beyond.minor > 0:
        sentences.append(_("%(amount)s is left to pay after the plan.", amount=formats.money(beyond)))
    return tuple(sentences)


def words_on_stopped(
    entries: Iterable[Entry], balance: InvoiceBalance, settings: Settings, formats: Formats
) -> tuple[str, ...]:
    """That the last plan was stopped, for who stopped it wants to see that; nothing where nothing is left to pay."""
    of_plans = [one for one in in_force(entries) if one.kind in (EntryKind.PLAN_AGREED, EntryKind.PLAN_STOPPED)]
    if not of_plans or of_plans[-1].kind is EntryKind.PLAN_AGREED or not balance.amount_offerable:
        return ()
    on = formats.date(day_of(of_plans[-1], ZoneInfo(settings.portal.timezone)))
    return (_("The payment plan was stopped on %(date)s. Nothing more is charged by itself.", date=on),)


def _bears_fees(invoice: Invoice) -> bool:
    late = invoice.terms.late
    return late is not None and late.mode is LateMode.CHARGED


def consent_of(offer: PlanOffer, invoice: Invoice, settings: Settings, formats: Formats) -> tuple[str, ...]:
    """What the customer agrees to, in paragraphs: who may charge what and when, how it is worked out, how to end it.

    Source: Stripe, "Save a customer's payment method when they use it for a payment": what the terms have to state.
    """
    intro = _(
        "I agree to pay %(business)s %(total)s for invoice %(number)s as follows: %(payments)s.",
        business=settings.business.name,
        total=formats.money(offer.total),
        number=invoice.number,
        payments=_listed(offer.installments, formats),
    )
    card = _("I can change the card at any time on the page of this invoice.")
    ending = _("I can pay the rest or stop the plan at any time on the page of this invoice.")
    return (intro, _middle(offer, settings, card, bears_fees=_bears_fees(invoice)), _ending(ending, settings))


def consent_over(
    offer: PlanOffer, invoices: Sequence[Invoice], owed: Allocations, settings: Settings, formats: Formats
) -> tuple[str, ...]:
    """The same for a plan over several invoices, with what is ``owed`` on each of them, in the same order."""
    named = (f"{one.number} ({formats.money(part.amount)})" for one, part in zip(invoices, owed, strict=True))
    intro = _(
        "I agree to pay %(business)s %(total)s for these invoices: %(invoices)s. I pay as follows: %(payments)s.",
        business=settings.business.name,
        total=formats.money(offer.total),
        invoices=", ".join(named),
        payments=_listed(offer.installments, formats),
    )
    order = _("Each payment goes to the invoice that is due first, then to the next one.")
    card = _("I can change the card at any time on my statement, or on the page of each of these invoices.")
    ending = " ".join(
        (
            _("I can pay the rest of each invoice at any time on its page."),
            _("I can stop the plan at any time for all of them, on my statement or on the page of each."),
        )
    )
    middle = _middle(offer, settings, card, bears_fees=any(map(_bears_fees, invoices)))
    return (f"{intro} {order}", middle, _ending(ending, settings))


def _middle(offer: PlanOffer, settings: Settings, card: str, *, bears_fees: bool) -> str:
    """Who charges what and when, and what of late fees; ``card`` says where a kept card is changed."""
    business = settings.business.name
    how = f"{_automatic(business)} {card}" if offer.way is PlanWay.AUTOMATIC else _by_hand()
    return f"{how} {_promise_on_fees(offer, business)}" if bears_fees else how


def _ending(ending: str, settings: Settings) -> str:
    if not settings.business.email:
        return ending
    return ending + " " + _("I can also write to %(email)s.", email=settings.business.email)


def _automatic(business: str) -> str:
    return _(
        "%(business)s may charge the card I pay with for the payments after the first one, on these days, without "
        "asking me again. Each charge is the amount shown, or less where less is left. A charge that does not go "
        "through is tried again on later days, %(tries)s times in all; after that it is added to the next payment.",
        business=business,
        tries=str(MOST_ATTEMPTS),
    )


def _by_hand() -> str:
    return _("I make each payment myself; nothing is charged by itself. A payment I miss is added to the next one.")


def _promise_on_fees(offer: PlanOffer, business: str) -> str:
    promise = _("%(business)s adds no late fee while the plan is kept.", business=business)
    if not offer.grace_days:
        return promise + " " + _("It is kept until a payment is missed.")
    days = ngettext(
        "It is kept until a payment is missed by more than %(number)s day.",
        "It is kept until a payment is missed by more than %(number)s days.",
        offer.grace_days,
    )
    return f"{promise} {days}"


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
