"""Open one checkout over several invoices of a statement, or begin a plan, if the ledger agrees at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.payments.planning import first_parts, fits
from portal.receivables.allocation import card_takes
from portal.receivables.statement import Document, statement_of
from portal.receivables.statement_offers import mark_of, parts_of, statement_offers
from portal.receivables.statement_plans import joint_plans, owed_on, spreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from portal.payments.checkout import Busy, Checkout, Failed, Gone, Opened
    from portal.payments.planning import PlanStep
    from portal.ports import LedgerTransaction
    from portal.receivables.allocation import Allocations
    from portal.receivables.statement_offers import Choice
    from portal.receivables.statement_plans import JointPlan


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What the customer was shown is not what would be paid now: nothing was opened."""


@dataclass(frozen=True, slots=True)
class StatementCheckout:
    """Opens checkouts for statements.

    Attributes:
        checkout: through the statement's link, to whose page customers come back.
        parts_allowed: whether the owner lets customers pay an amount of their own.
        today: the day in the business's time zone.
    """

    checkout: Checkout
    parts_allowed: bool
    today: Callable[[], date]

    def open(self, keys: Sequence[str], choice: Choice, shown: str) -> Opened | Overtaken | Gone | Failed | Busy:
        """The checkout for what was chosen, worked out again while nobody else may touch these invoices.

        Args:
            keys: the open invoices of the statement.
            choice: what the customer wants to pay.
            shown: the mark of the parts that they were shown.

        Raises:
            LedgerBusyError: others hold the ledger; nothing was opened.
        """
        return self.checkout.open_for(keys, lambda tx: self._decide(keys, choice, shown, tx))

    def begin_plan(self, owed: Allocations, step: PlanStep) -> Opened | Overtaken | Gone | Failed | Busy:
        """The checkout for the first payment of an agreement, if just this can still be agreed.

        Args:
            owed: what the agreement spreads of each invoice.
            step: the payment that begins it.

        Raises:
            LedgerBusyError: others hold the ledger; nothing was opened.
        """
        keys = [part.invoice_key for part in owed]
        return self.checkout.open_for(keys, lambda tx: self._begins(owed, step, tx), plan=step)

    def go_on(self, keys: Sequence[str], plan: JointPlan, step: PlanStep) -> Opened | Overtaken | Gone | Failed | Busy:
        """The checkout for what a running agreement asks for, if it still asks for just that.

        Args:
            keys: the invoices of the agreement that are on the statement.
            plan: as the customer was shown it.
            step: the payment, whose card is the agreement's from then on.

        Raises:
            LedgerBusyError: others hold the ledger; nothing was opened.
        """
        return self.checkout.open_for(keys, lambda tx: self._goes_on(keys, plan, step, tx), plan=step)

    def _goes_on(
        self, keys: Sequence[str], plan: JointPlan, step: PlanStep, tx: LedgerTransaction
    ) -> Allocations | Overtaken:
        documents = [document for key in keys if (document := _document(key, tx)) is not None]
        now = joint_plans(statement_of(documents, self.today()), self.today()) if documents else ()
        same = next((one for one in now if one.agreed.agreement == plan.agreed.agreement), None)
        if same is None or same.shown != plan.shown or not card_takes(same.asked):
            return Overtaken()
        return same.asked if fits(step, [part.invoice_key for part in same.asked], tx) else Overtaken()

    def _begins(self, owed: Allocations, step: PlanStep, tx: LedgerTransaction) -> Allocations | Overtaken:
        keys = [part.invoice_key for part in owed]
        documents = [document for key in keys if (document := _document(key, tx)) is not None]
        if not documents or owed_on(spreadable(statement_of(documents, self.today()))) != owed:
            return Overtaken()
        return first_parts(step.proposal) if fits(step, keys, tx) else Overtaken()

    def _decide(
        self, keys: Sequence[str], choice: Choice, shown: str, tx: LedgerTransaction
    ) -> Allocations | Overtaken:
        documents = [document for key in keys if (document := _document(key, tx)) is not None]
        if not documents:
            return Overtaken()
        offers = statement_offers(statement_of(documents, self.today()), parts_allowed=self.parts_allowed)
        parts = parts_of(offers, choice)
        if not isinstance(parts, tuple) or mark_of(parts, offers.sums.left.currency) != shown:
            return Overtaken()
        return parts


def _document(key: str, tx: LedgerTransaction) -> Document | None:
    invoice = tx.invoice(key)
    if invoice is None:
        return None
    record = tx.plan_in_force(key)
    if record is None:
        return Document(invoice, tx.entries(key))
    return Document(invoice, tx.entries(key), record.plan, record.refused_on)
