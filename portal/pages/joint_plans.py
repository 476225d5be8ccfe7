"""A payment plan that runs over several invoices, on the statement: where it stands, and what its buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.pages.addresses import plan_address, statement_address
from portal.pages.plan_models import PlanPanel
from portal.pages.plan_pages import step_page
from portal.pages.plan_words import words_on_fees_after
from portal.pages.plans import how_it_goes_on, schedule_row
from portal.receivables.allocation import card_takes, total_of
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.plan_models import PlanStepPage
    from portal.receivables.statement_plans import JointPlan


def joint_panel(plan: JointPlan, settings: Settings, *, token: str, as_of: date) -> PlanPanel:
    """Where a plan over several invoices stands, day by day, for all of them together."""
    formats = spoken_formats()
    stands, automatic = plan.stands, plan.agreed.automatic
    on_its_way = any(row.balance.amount_on_its_way for row in plan.rows)
    refused_on = max((row.refused_on for row in plan.rows if row.refused_on), default=None)
    agreed = formats.moment(plan.agreed.agreed_at, settings.portal.timezone)
    numbers = ", ".join(row.invoice.number for row in plan.rows)
    return PlanPanel(
        action=plan_address(settings),
        token=token,
        shown=plan.shown,
        next_button=_next_button(plan, formats),
        card_button=_("Change the card") if automatic and not plan.is_refused else None,
        stop_button=_("Stop the plan"),
        rows=tuple(
            schedule_row(
                one,
                stands,
                formats,
                as_of,
                refused_on=refused_on if plan.is_refused else None,
                on_its_way=on_its_way,
            )
            for one in stands.installments
            if one.amount
        ),
        notes=(
            _("This plan is for these invoices: %(numbers)s.", numbers=numbers),
            _("Agreed on %(moment)s.", moment=agreed),
            *how_it_goes_on(settings, automatic=automatic),
        ),
        plan=plan.agreed.agreement,
    )


def _next_button(plan: JointPlan, formats: Formats) -> str | None:
    """By hand, what is due by now is in the statement's own button; a card that was refused needs one of its own."""
    amount = formats.money(total_of(plan.asked))
    if not card_takes(plan.asked):
        return None
    if plan.agreed.automatic:
        return _("Pay %(amount)s with another card", amount=amount) if plan.is_refused else None
    return None if plan.stands.due else _("Pay %(amount)s now", amount=amount)


def refused_words(plan: JointPlan, formats: Formats) -> tuple[str, ...]:
    """That the bank refused the last charge, as long as what it was for is unpaid."""
    if not plan.is_refused:
        return ()
    first = next(one for one in plan.stands.installments if not one.is_paid)
    return (
        _(
            "A payment of your plan did not go through: %(amount)s, due on %(date)s.",
            amount=formats.money(plan.stands.due),
            date=formats.date(first.due_on),
        ),
        _("The plan goes on once this is paid."),
    )


def joint_stop_page(
    plan: JointPlan, numbers: Sequence[str], settings: Settings, *, token: str, as_of: date
) -> PlanStepPage:
    """What stopping means, before it is done; ``numbers`` are all invoices that the plan is about."""
    formats = spoken_formats()
    left = sum((row.left for row in plan.rows[1:]), plan.rows[0].left)
    fees = (words for row in plan.rows for words in words_on_fees_after(row.invoice, as_of, formats))
    sentences = (
        _("Nothing more is charged by itself. What you have paid stays paid."),
        _("It stops for all of these invoices: %(numbers)s.", numbers=", ".join(numbers)),
        _("%(amount)s is then left to pay in the ordinary way.", amount=formats.money(left)),
        *dict.fromkeys(fees),
    )
    button = _("Stop the plan")
    return _step(plan, settings, token, heading=_("Stop the plan?"), sentences=sentences, want="stop", button=button)


def joint_card_page(plan: JointPlan, settings: Settings, *, token: str) -> PlanStepPage:
    """What changing the card means: the next payment is made now with the new one, and it is used from then on."""
    amount = spoken_formats().money(total_of(plan.asked))
    sentences = (
        _("You pay the next payment, %(amount)s, now with the new card.", amount=amount),
        _("The payments after it are then taken from the new card. Nothing else of the plan changes."),
    )
    button = _("Pay %(amount)s with another card", amount=amount)
    return _step(plan, settings, token, heading=_("Use another card"), sentences=sentences, want="card", button=button)


def joint_changed_page(plan: JointPlan, settings: Settings, *, token: str) -> PlanStepPage:
    """The plan asks for something else than the customer's page had shown: asks again, with what it is now."""
    amount = spoken_formats().money(total_of(plan.asked))
    sentences = (_("The plan now asks for %(amount)s.", amount=amount), _("No money has been taken."))
    heading, button = _("What is left to pay has changed"), _("Pay %(amount)s now", amount=amount)
    return _step(plan, settings, token, heading=heading, sentences=sentences, want="next", button=button)


def _step(  # noqa: PLR0913  everything the page says, named
    plan: JointPlan,
    settings: Settings,
    token: str,
    *,
    heading: str,
    sentences: tuple[str, ...],
    want: str,
    button: str,
) -> PlanStepPage:
    return step_page(
        _("Statement"),
        settings,
        token=token,
        shown=plan.shown,
        back_href=statement_address(settings, token),
        heading=heading,
        sentences=sentences,
        want=want,
        button=button,
        plan=plan.agreed.agreement,
    )
