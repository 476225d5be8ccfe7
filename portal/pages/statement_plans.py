"""One payment plan over several invoices of a statement: the door to it, and the pages before it is agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.pages.addresses import plan_address, statement_address
from portal.pages.contact import contact_of, page_title
from portal.pages.invoice import document_name
from portal.pages.pieces import Row
from portal.pages.plan_models import PlanChoicePage, PlanDoor, PlanOption, PlanSubject
from portal.pages.plan_pages import check_page_of, text_of_consent, total_in_words
from portal.pages.plan_words import consent_over, label_of, terms_of_a_plan, when_of
from portal.receivables.allocation import total_of
from portal.receivables.plan_offers import LAST_DAY_OF_MONTH, Rhythm
from portal.receivables.statement_plans import StatementPlans, statement_plans
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.pages.plan_models import PlanCheckPage
    from portal.receivables.plan_offers import PlanOffer
    from portal.receivables.statement import Statement


def plans_over(
    statement: Statement, settings: Settings, as_of: date, *, payday: int = LAST_DAY_OF_MONTH
) -> StatementPlans:
    """The plans that the owner's settings allow over the invoices of a statement."""
    return statement_plans(statement, (plan.bounds for plan in settings.plans), as_of, payday=payday)


def statement_plan_door(  # noqa: PLR0913  everything it says, named
    plans: StatementPlans, settings: Settings, *, token: str, as_of: date, payday: str = "", error: str | None = None
) -> PlanDoor | None:
    """The plans on offer, or None where there are none."""
    if not plans.offers:
        return None
    formats = spoken_formats()
    about = _(
        "One plan over %(number)s invoices, %(amount)s in total.",
        number=str(len(plans.rows)),
        amount=formats.money(total_of(plans.owed)),
    )
    return PlanDoor(
        action=plan_address(settings),
        token=token,
        shown=plans.shown,
        options=tuple(PlanOption(o.key, label_of(o, formats), when_of(o, as_of, formats)) for o in plans.offers),
        notes=(about, *_terms(plans)),
        asks_payday=any(offer.rhythm is Rhythm.PAYDAY for offer in plans.offers),
        payday=payday,
        error=error,
    )


def statement_consent(offer: PlanOffer, plans: StatementPlans, settings: Settings) -> str:
    """What is kept of the agreement, word for word as on the page."""
    return text_of_consent(_consent(offer, plans, settings))


def statement_plan_check_page(  # noqa: PLR0913  everything it says, named
    offer: PlanOffer,
    plans: StatementPlans,
    settings: Settings,
    *,
    token: str,
    as_of: date,
    notice: str | None = None,
) -> PlanCheckPage:
    """A plan with every date, every amount, every invoice and the words that are agreed to, before anything happens."""
    formats = spoken_formats()
    discounted = any(row.balance.discount_offered for row in plans.rows)
    parts = zip(plans.rows, plans.owed, strict=True)
    about = PlanSubject(
        document=_("Statement"),
        sentences=(total_in_words(offer, formats, discounted=discounted), *_terms(plans)),
        consent=_consent(offer, plans, settings),
        token=token,
        shown=plans.shown,
        back=_("Back to your statement"),
        back_href=statement_address(settings, token),
        invoices=tuple(Row(document_name(row.invoice), formats.money(part.amount)) for row, part in parts),
    )
    return check_page_of(offer, about, settings, as_of=as_of, notice=notice)


def statement_plan_choice_page(  # noqa: PLR0913  everything it says, named
    plans: StatementPlans, settings: Settings, *, token: str, as_of: date, problem: str, payday: str = ""
) -> PlanChoicePage:
    """The plans on offer again, with what was wrong."""
    formats = spoken_formats()
    return PlanChoicePage(
        title=page_title(settings, _("Error: Spread it over time")),
        lang=formats.locale,
        direction=formats.direction,
        document=_("Statement"),
        problem=problem,
        door=statement_plan_door(plans, settings, token=token, as_of=as_of, payday=payday, error=problem),
        back=_("Back to your statement"),
        back_href=statement_address(settings, token),
        contact=contact_of(settings, _("If anything is unclear, please ask us."), about=_("Statement")),
    )


def _consent(offer: PlanOffer, plans: StatementPlans, settings: Settings) -> tuple[str, ...]:
    invoices = tuple(row.invoice for row in plans.rows)
    return consent_over(offer, invoices, plans.owed, settings, spoken_formats())


def _terms(plans: StatementPlans) -> tuple[str, ...]:
    """What a plan does to discounts and late fees on any of the invoices, each said once."""
    said = (sentence for row in plans.rows for sentence in terms_of_a_plan(row.invoice, row.balance))
    return tuple(dict.fromkeys(said))
