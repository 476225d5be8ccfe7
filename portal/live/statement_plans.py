"""``POST /plan`` with a statement's token: one payment plan over its open invoices is chosen, read back and agreed.

It goes on, is changed and is stopped here too, and on the page of any of its invoices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import redirect, render_template

from portal import pages
from portal.languages import in_chosen_language, speak_to
from portal.live.plans import message_after, read_form, terms_version
from portal.payments import planning
from portal.payments.checkout import Busy
from portal.payments.statement_checkout import Overtaken
from portal.receivables.plan_offers import LAST_DAY_OF_MONTH, Installment, Rhythm
from portal.receivables.statement_plans import joint_plans
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from flask.typing import ResponseReturnValue

    from portal.live.plans import PlanForm
    from portal.live.statement import StatementDesk
    from portal.ports import Link
    from portal.receivables.plan_offers import PlanOffer
    from portal.receivables.statement import Statement
    from portal.receivables.statement_plans import JointPlan, StatementPlans
    from portal.wiring.portal import Portal

_SEE_OTHER, _CONFLICT = 303, 409


@dataclass(frozen=True, slots=True)
class StatementPlanDesk:
    """Answers the plan forms of statements.

    Attributes:
        statements: knows the statement behind a link, and what to say of a checkout.
        now: the clock.
    """

    statements: StatementDesk
    now: Callable[[], datetime]

    @property
    def portal(self) -> Portal:
        """The portal it answers for."""
        return self.statements.portal

    @property
    def today(self) -> date:
        """The day everything is worked out for."""
        return self.portal.today()

    def answer(self, link: Link) -> ResponseReturnValue:
        """One form: a plan is chosen and read back, agreed, paid on, given another card, or stopped."""
        form = read_form()
        at_hand = self.statements.at_hand(link)
        speak_to(self.portal.settings, at_hand.statement.customer if at_hand else None, form.lang)
        if at_hand is None:
            return self.statements.no_link()
        if form.want not in {"choose", "agree"}:
            return self._change(form, link, at_hand.statement)
        return self._begin(form, link, at_hand.statement)

    def _begin(self, form: PlanForm, link: Link, statement: Statement) -> ResponseReturnValue:
        plans = self._plans(statement, form.day_of_month or LAST_DAY_OF_MONTH)
        if plans.shown != form.shown:
            return self._choose_again(form, link, _("What is left to pay has changed."))
        offer = next((offer for offer in plans.offers if offer.key == form.plan), None)
        if offer is None:
            return self._choose_again(form, link, _("This plan is not offered any more."))
        if offer.rhythm is Rhythm.PAYDAY and form.day_of_month is None:
            return self._choose_again(form, link, _("Enter your payday as a day of the month, from 1 to 31."))
        if form.want == "choose":
            return self._check(offer, plans, link)
        return self._agree(form, link, offer, plans)

    def _plans(self, statement: Statement, payday: int = LAST_DAY_OF_MONTH) -> StatementPlans:
        return pages.plans_over(statement, self.portal.settings, self.today, payday=payday)

    def _check(
        self, offer: PlanOffer, plans: StatementPlans, link: Link, notice: str | None = None
    ) -> ResponseReturnValue:
        page = pages.statement_plan_check_page(
            offer, plans, self.portal.settings, token=link.token, as_of=self.today, notice=notice
        )
        rendered = render_template(page.template, page=page)
        return (rendered, _CONFLICT) if notice else rendered

    def _agree(self, form: PlanForm, link: Link, offer: PlanOffer, plans: StatementPlans) -> ResponseReturnValue:
        text = pages.statement_consent(offer, plans, self.portal.settings)
        if pages.agreed_mark(text) != form.agreed:
            notice = _("The dates have changed since you saw them. Please check them again.")
            return self._check(offer, plans, link, notice)
        agreement = planning.plans_of_offer(offer, plans.owed, text, terms_version(self.portal), self.now())
        if offer.first.due_on > self.today:
            # Where another click was first, the invoices are on that plan: the statement says so.
            planning.agree_without_payment(agreement, self.portal.ledger)
            self.statements.freeze()
            return self._to_statement(link)
        later = message_after(offer.installments[1:], automatic=agreement[0].automatic)
        step = planning.first_step(agreement, later)
        checkout = self.portal.statement_checkout(self.statements.gateway, link)
        answer = checkout.begin_plan(plans.owed, step)
        self.statements.freeze()
        if isinstance(answer, Overtaken):
            return self._choose_again(form, link, _("What is left to pay has changed."))
        return self.statements.answered(answer, link)

    # ---- one that runs

    def _change(self, form: PlanForm, link: Link, statement: Statement) -> ResponseReturnValue:
        plan = self._running(statement, form.plan)
        if plan is None:
            return self._to_statement(link)
        return self._stop(form, link, plan) if form.want == "stop" else self._go_on(form, link, plan)

    def _stop(self, form: PlanForm, link: Link, plan: JointPlan) -> ResponseReturnValue:
        key, ledger = plan.agreed.invoice_key, self.portal.ledger
        if not form.confirmed:
            record = ledger.plan_in_force(key)
            invoices = ledger.invoices(planning.invoices_of_plan(record, ledger)) if record else ()
            numbers = tuple(invoice.number for invoice in invoices)
            settings = self.portal.settings
            page = pages.joint_stop_page(plan, numbers, settings, token=link.token, as_of=self.today)
            return render_template(page.template, page=page)
        if not planning.stop(key, ledger, self.now()):
            return self.statements.answered(Busy(), link)
        self.statements.freeze()
        return self._to_statement(link)

    def _go_on(self, form: PlanForm, link: Link, plan: JointPlan) -> ResponseReturnValue:
        """The payment the plan asks for, whose card is the plan's card from then on; of what the page had shown."""
        if form.shown != plan.shown:
            return self._asked_again(plan, link)
        if form.want == "card" and not form.confirmed:
            page = pages.joint_card_page(plan, self.portal.settings, token=link.token)
            return render_template(page.template, page=page)
        unpaid = [one for one in plan.stands.installments if not one.is_paid]
        paid_with_it = [one for one in unpaid if one.due_on <= self.today] or unpaid[:1]
        later = tuple(
            Installment(one.number, one.due_on, one.rest) for one in unpaid if one.number > paid_with_it[-1].number
        )
        message = message_after(later, automatic=plan.agreed.automatic)
        step = planning.later_step(plan.agreed, paid_with_it[-1].number, message)
        keys = [row.invoice.key for row in plan.rows]
        answer = self.portal.statement_checkout(self.statements.gateway, link).go_on(keys, plan, step)
        self.statements.freeze()
        if not isinstance(answer, Overtaken):
            return self.statements.answered(answer, link)
        at_hand = self.statements.at_hand(link)
        now = self._running(at_hand.statement, form.plan) if at_hand else None
        return self._asked_again(now, link) if now else self._to_statement(link)

    def _running(self, statement: Statement, agreement_id: str) -> JointPlan | None:
        plans = joint_plans(statement, self.today)
        return next((one for one in plans if one.agreed.agreement == agreement_id), None)

    def _asked_again(self, plan: JointPlan, link: Link) -> ResponseReturnValue:
        page = pages.joint_changed_page(plan, self.portal.settings, token=link.token)
        return render_template(page.template, page=page), _CONFLICT

    # ---- again

    def _choose_again(self, form: PlanForm, link: Link, problem: str) -> ResponseReturnValue:
        """The plans that are on offer now, after what was just learnt."""
        at_hand = self.statements.at_hand(link)
        if at_hand is None:
            return self.statements.no_link()
        page = pages.statement_plan_choice_page(
            self._plans(at_hand.statement),
            self.portal.settings,
            token=link.token,
            as_of=self.today,
            problem=problem,
            payday=form.payday,
        )
        return render_template(page.template, page=page), _CONFLICT

    def _to_statement(self, link: Link) -> ResponseReturnValue:
        return redirect(in_chosen_language(self.portal.url_of_link(link)), _SEE_OTHER)
