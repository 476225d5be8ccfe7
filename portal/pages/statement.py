"""The page of a customer's statement: every document on one page, dated words that stay true while it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.pages.contact import contact_of, page_title
from portal.pages.forms import explanation_of
from portal.pages.invoice import terms_summary
from portal.pages.joint_plans import joint_panel
from portal.pages.pieces import Row
from portal.pages.statement_forms import statement_form
from portal.pages.statement_lines import StatementLines
from portal.pages.statement_models import StatementPage
from portal.pages.statement_plans import plans_over, statement_plan_door
from portal.pages.statement_ways import other_ways
from portal.pages.statement_words import reassurance_of, standing_of_statement
from portal.receivables.allocation import MOST_INVOICES, total_of
from portal.receivables.statement_plans import joint_plans
from portal.texts import gettext as _
from portal.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.plan_models import PlanPanel
    from portal.pages.statement_models import StatementLinks
    from portal.receivables.statement import Statement
    from portal.receivables.statement_offers import StatementOffers
    from portal.receivables.statement_plans import JointPlan


def statement_page(
    statement: Statement, offers: StatementOffers, settings: Settings, links: StatementLinks, *, as_of: date
) -> StatementPage:
    """The page of a statement as of a day.

    Args:
        statement: from ``statement_of``.
        offers: what may be paid by card, from ``statement_offers``.
        settings: the owner's.
        links: the tokens of the statement and of its invoices.
        as_of: the day the page speaks of.
    """
    formats = spoken_formats()
    buttons = not settings.payments.by_links
    transfer, ways = other_ways(statement, settings, formats, whole_by_card=buttons and offers.sums.full is not None)
    explanation = explanation_of(
        offers.sums, offers.sums.left, formats, by_transfer=transfer is not None, otherwise=bool(ways)
    )
    form = statement_form(statement, offers, settings, links) if buttons else None
    plans = plans_over(statement, settings, as_of)
    running = joint_plans(statement, as_of)
    panels = tuple(joint_panel(one, settings, token=links.token, as_of=as_of) for one in running) if buttons else ()
    retried = _retried(running, panels, offers)
    lines = StatementLines(settings, links, formats, as_of)
    return StatementPage(
        title=page_title(settings, _("Your statement")),
        lang=formats.locale,
        direction=formats.direction,
        document=_("Statement"),
        subject=statement.customer.name,
        standing=standing_of_statement(statement, formats, running),
        form=replace(form, button=None) if form and retried else form,
        retried=retried,
        plan_door=statement_plan_door(plans, settings, token=links.token, as_of=as_of) if form else None,
        plans=panels,
        explanation=(*explanation, *_beyond(offers, formats)) if buttons else _without_buttons(statement),
        reassurance=reassurance_of(statement),
        lines=tuple(lines.line(row, row.left) for row in statement.open[:MOST_INVOICES]),
        more=_more(statement, formats),
        total=formats.money(statement.balance_due),
        credits=lines.credits_on(statement),
        settled=lines.settled_on(statement),
        terms_summary=terms_summary(settings) if statement.balance_due else None,
        transfer=transfer,
        ways=ways,
        contact=contact_of(settings, _help_sentence(statement), about=_("Statement")),
        as_of=_("Balance as of %(date)s, with every payment we knew of then.", date=formats.date(as_of)),
    )


def _retried(running: Sequence[JointPlan], panels: Sequence[PlanPanel], offers: StatementOffers) -> PlanPanel | None:
    """The plan whose refused payment is all that asks to be paid now.

    Paid with the ordinary button, the plan would keep the card that was refused, and its next charge would fail too.
    """
    for plan, panel in zip(running, panels, strict=False):
        if plan.is_refused and panel.next_button and total_of(plan.asked) == offers.sums.full:
            return panel
    return None


def _more(statement: Statement, formats: Formats) -> Row | None:
    """The invoices beyond those that are listed, in one row, so that the sum below is still theirs too."""
    beyond = statement.open[MOST_INVOICES:]
    if not beyond:
        return None
    words = ngettext("%(number)s more invoice, due later", "%(number)s more invoices, due later", len(beyond))
    return Row(words, formats.money(statement.sum_of(row.left for row in beyond)))


def _beyond(offers: StatementOffers, formats: Formats) -> tuple[str, ...]:
    """Why one payment does not settle everything that could be paid."""
    words = []
    if offers.beyond:
        words.append(
            _(
                "One payment settles %(count)s invoices at most: those due first, %(amount)s.",
                count=str(MOST_INVOICES),
                amount=formats.money(offers.sums.left),
            )
        )
    if offers.uneven and offers.sums.full:
        words.append(_("An invoice whose last digit no card payment can carry is left out."))
    return tuple(words)


def _without_buttons(statement: Statement) -> tuple[str, ...]:
    return (_("To pay by card, open an invoice on this page."),) if statement.balance_due else ()


def _help_sentence(statement: Statement) -> str:
    if statement.balance_due:
        return _(
            "If an amount looks wrong, or paying is hard right now, please tell us. We would rather hear from you."
        )
    return _("If anything on this page looks wrong, please tell us and we will put it right.")
