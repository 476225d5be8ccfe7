"""Payment plans on an invoice's page: the door to them, where one stands, and what its buttons do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.pages.addresses import plan_address
from portal.pages.pieces import Look, Row, Standing, Tag
from portal.pages.plan_models import PlanDoor, PlanOption, PlanPanel
from portal.pages.plan_words import label_of, terms_of_a_plan, when_of, words_on_fees, words_on_rest
from portal.receivables.card_limits import card_limits
from portal.receivables.offers import amount_asked
from portal.receivables.plan_offers import LAST_DAY_OF_MONTH, Rhythm, plan_offers
from portal.receivables.plans import PlanState, plan_standing
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.models import InvoicePage
    from portal.ports.plans import Attempt, PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money
    from portal.receivables.plan_offers import PlanOffer
    from portal.receivables.plans import InstallmentStanding, PlanStanding


def plans_on_offer(
    settings: Settings, balance: InvoiceBalance, as_of: date, *, payday: int = LAST_DAY_OF_MONTH
) -> tuple[PlanOffer, ...]:
    """The plans that the owner's settings allow for what is left, without a discount for paying it all at once.

    None whose first payment would settle the invoice with such a discount.
    """
    offers = plan_offers((plan.bounds for plan in settings.plans), balance, as_of, payday=payday)
    return tuple(offer for offer in offers if offer.first.amount < balance.amount_offerable)


def with_plans(  # noqa: PLR0913, PLR0917  everything the page depends on, named
    page: InvoicePage,
    invoice: Invoice,
    record: PlanRecord | None,
    balance: InvoiceBalance,
    entries: Sequence[Entry],
    settings: Settings,
    *,
    token: str,
    as_of: date,
) -> InvoicePage:
    """An invoice's page with the plan it is on, or with the door to the plans on offer."""
    formats = spoken_formats()
    if record is not None:
        return on_a_plan(page, invoice, record, balance, entries, settings, formats, token=token, as_of=as_of)
    if page.form is None:
        return page
    offers = plans_on_offer(settings, balance, as_of)
    if not offers:
        return page
    door = plan_door(offers, invoice, balance, settings, formats, token=token, as_of=as_of)
    # A first payment on a later day is named until that day has come.
    begins = [offer.first.due_on - timedelta(days=1) for offer in offers if offer.first.due_on > as_of]
    days = [day for day in (page.fresh_until, *begins) if day is not None]
    return page._replace(plan_door=door, fresh_until=min(days, default=None))


def what_is_offered(offers: Sequence[PlanOffer], as_of: date) -> tuple[object, ...]:
    """What a page says of plans on offer, of which it names no dates: where this is the same, so is the page."""
    return tuple(
        (offer.key, offer.grace_days, [one.amount for one in offer.installments], offer.first.due_on > as_of)
        for offer in offers
    )


def plan_door(  # noqa: PLR0913  everything the form says, named
    offers: Sequence[PlanOffer],
    invoice: Invoice,
    balance: InvoiceBalance,
    settings: Settings,
    formats: Formats,
    *,
    token: str,
    as_of: date,
    payday: str = "",
    error: str | None = None,
) -> PlanDoor | None:
    """The plans on offer, or None where there are none."""
    if not offers:
        return None
    return PlanDoor(
        action=plan_address(settings),
        token=token,
        shown=str(balance.amount_offerable),
        options=tuple(PlanOption(o.key, label_of(o, formats), when_of(o, as_of, formats)) for o in offers),
        notes=terms_of_a_plan(invoice, balance),
        asks_payday=any(offer.rhythm is Rhythm.PAYDAY for offer in offers),
        payday=payday,
        error=error,
    )


def on_a_plan(  # noqa: PLR0913, PLR0917  everything the page depends on, named
    page: InvoicePage,
    invoice: Invoice,
    record: PlanRecord,
    balance: InvoiceBalance,
    entries: Sequence[Entry],
    settings: Settings,
    formats: Formats,
    *,
    token: str,
    as_of: date,
) -> InvoicePage:
    """The invoice's page while a plan is in force; unchanged once nothing is left, or the plan is complete."""
    left = balance.amount_offerable
    stands = plan_standing(record.plan, invoice, balance, entries, as_of)
    if page.form is None or stands.state is PlanState.COMPLETE:
        return page
    refused = refused_attempt(record, stands, as_of)
    rest_button = _("Pay the rest now, %(amount)s", amount=formats.money(left)) if page.form.button else None
    panel = _panel(record, stands, balance, settings, formats, token=token, refused=refused, as_of=as_of)
    # One button is enough where the next payment is all that is left.
    only_rest = panel.next_button is not None and amount_asked(stands, balance) == left
    standing = _standing(record, stands, balance, formats, refused=refused, as_of=as_of)
    more = (*words_on_fees(invoice, entries, stands, formats), *words_on_rest(balance, stands, formats))
    is_broken = stands.state is PlanState.BROKEN
    return page._replace(
        standing=replace(standing, sentences=(*standing.sentences, *more)),
        prices=page.prices if is_broken else (),
        form=replace(page.form, button=None if only_rest else rest_button, due=None),
        parts=(),
        plan=panel,
        plan_door=None,
        reassurance=None,
        fresh_until=_fresh_until(page, stands, as_of),
    )


def _fresh_until(page: InvoicePage, stands: PlanStanding, as_of: date) -> date | None:
    """The day after which the page would use other words: a payment is due or missed, a plan broken, a fee added."""
    coming = stands.next.due_on if stands.next else None
    if coming is not None and coming > as_of:
        coming -= timedelta(days=1)
    days = (page.fresh_until, coming, stands.kept_until)
    return min((day for day in days if day is not None and day >= as_of), default=None)


def refused_attempt(record: PlanRecord, stands: PlanStanding, as_of: date) -> Attempt | None:
    """The last charge, where the bank refused it and what it was for is still unpaid."""
    if record.refused_on is None:
        return None
    is_unpaid = _last_due(stands, min(as_of, record.refused_on)) is not None
    return record.attempts[-1] if is_unpaid else None


def _standing(  # noqa: PLR0913  everything it says, named
    record: PlanRecord,
    stands: PlanStanding,
    balance: InvoiceBalance,
    formats: Formats,
    *,
    refused: Attempt | None,
    as_of: date,
) -> Standing:
    if refused is not None:
        return _refused(stands, balance, formats)
    asked = amount_asked(stands, balance)
    due = _day_asked(stands, as_of)
    if stands.missed and not record.plan.automatic:
        sentences = (_("It was due on %(date)s.", date=formats.date(due)), _after(asked, balance))
        return Standing(Tag(_("Payment missed"), Look.LATE, "clock"), _("To pay"), formats.money(asked), sentences)
    words = (
        _("Next payment: %(amount)s on %(date)s, taken from your card by itself.")
        if record.plan.automatic
        else _("Next payment: %(amount)s on %(date)s.")
    )
    return Standing(
        Tag(_("On a plan"), Look.CALM, "part"),
        _("Paid so far"),
        _("%(paid)s of %(due)s", paid=formats.money(balance.amount_paid), due=formats.money(balance.amount_due)),
        (words % {"amount": formats.money(asked), "date": formats.date(due)},),
    )


def _after(asked: Money, balance: InvoiceBalance) -> str:
    """What is once a missed payment was made; it may be all that is left."""
    if asked == balance.amount_offerable:
        return _("Once this is paid, the invoice is paid in full.")
    return _("The plan goes on once this is paid.")


def _refused(stands: PlanStanding, balance: InvoiceBalance, formats: Formats) -> Standing:
    due = formats.date(stands.missed[0].due_on if stands.missed else _first_due(stands).due_on)
    return Standing(
        Tag(_("Needs a new card"), Look.LATE, "clock"),
        _("This payment did not go through"),
        formats.money(stands.due),
        (
            _("It was due on %(date)s. Nothing else was charged.", date=due),
            _after(stands.due, balance),
            _("Often the card has expired, a limit was reached, or the bank asks for your approval."),
        ),
    )


def _first_due(stands: PlanStanding) -> InstallmentStanding:
    return next(one for one in stands.installments if not one.is_paid)


def _day_asked(stands: PlanStanding, as_of: date) -> date:
    due = [one.due_on for one in stands.installments if not one.is_paid and one.due_on <= as_of]
    return due[0] if due else _first_due(stands).due_on


def _panel(  # noqa: PLR0913  everything it says, named
    record: PlanRecord,
    stands: PlanStanding,
    balance: InvoiceBalance,
    settings: Settings,
    formats: Formats,
    *,
    token: str,
    refused: Attempt | None,
    as_of: date,
) -> PlanPanel:
    automatic = record.plan.automatic
    asked = amount_asked(stands, balance)
    by_hand = (not automatic or refused is not None) and asked >= card_limits(asked.currency).minimum
    agreed = formats.moment(record.plan.agreed_at, settings.portal.timezone)
    refused_on = refused.begun_on if refused else None
    return PlanPanel(
        action=plan_address(settings),
        token=token,
        shown=str(balance.amount_offerable),
        next_button=_("Pay %(amount)s now", amount=formats.money(asked)) if by_hand else None,
        card_button=_("Change the card") if automatic and not by_hand else None,
        stop_button=_("Stop the plan"),
        rows=tuple(
            schedule_row(one, stands, formats, as_of, refused_on=refused_on, on_its_way=bool(balance.amount_on_its_way))
            for one in stands.installments
            if one.amount
        ),
        notes=(_("Agreed on %(moment)s.", moment=agreed), *how_it_goes_on(settings, automatic=automatic)),
    )


def how_it_goes_on(settings: Settings, *, automatic: bool) -> tuple[str, ...]:
    """Who makes the payments of a plan, and where it is changed: on the page that says so."""
    if not automatic:
        return (_("Come back to this page for each payment; nothing is charged by itself."),)
    business = settings.business.name
    return (_("%(business)s charges your card on these days. You can change or stop this here.", business=business),)


def schedule_row(  # noqa: PLR0913  everything it says, named
    one: InstallmentStanding,
    stands: PlanStanding,
    formats: Formats,
    as_of: date,
    *,
    refused_on: date | None,
    on_its_way: bool,
) -> Row:
    """A payment of a plan as it stands; a charge that was ``refused_on`` a day was for what was due last by then."""
    coming = stands.next is not None and one.number == stands.next.number
    if one.is_paid:
        state = _("Paid or on its way") if on_its_way else _("Paid")
    elif refused_on is not None and one.due_on == _last_due(stands, refused_on):
        state = _("Did not go through")
    elif one.due_on < as_of:
        state = _("Not paid yet")
    elif one.paid:
        state = _("%(amount)s of it is paid", amount=formats.money(one.paid))
    else:
        state = _("Next") if coming else _("To come")
    return Row(formats.date(one.due_on), formats.money(one.amount), small=state, strong=coming)


def _last_due(stands: PlanStanding, day: date) -> date | None:
    return max((one.due_on for one in stands.installments if not one.is_paid and one.due_on <= day), default=None)
