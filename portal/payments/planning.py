"""Agreeing a payment plan, keeping it once its first payment is there, and stopping it.

A plan is proposed in the transaction that reserves its first payment, and comes into force in the transaction that
counts this payment: so there is never a plan without its payment, nor a first payment without its plan. Coming into
force and being stopped are entries in the ledger, since the invoice's balance depends on them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.ports.plans import PlanCheckout, PlanLife, PlanRecord
from portal.receivables.agreements import shares_of
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.plan_offers import PlanWay
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from portal.ports import Hold, Ledger, LedgerTransaction
    from portal.receivables.allocation import Allocations
    from portal.receivables.plan_offers import PlanOffer


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A payment of a plan through a checkout; ``proposal`` has the plans themselves where this payment begins them."""

    checkout: PlanCheckout
    proposal: tuple[PaymentPlan, ...] = ()


def plan_of_offer(
    offer: PlanOffer, invoice_key: str, consent_text: str, terms_version: str, now: datetime
) -> PaymentPlan:
    """The plan that a customer agrees to by pressing the button under ``consent_text``; not kept yet."""
    return PaymentPlan(
        plan_id=secrets.token_hex(16),
        invoice_key=invoice_key,
        installments=offer.installments,
        automatic=offer.way is PlanWay.AUTOMATIC,
        grace_days=offer.grace_days,
        agreed_at=now,
        consent_text=consent_text,
        terms_version=terms_version,
        since_seq=0,
    )


def plans_of_offer(
    offer: PlanOffer, owed: Sequence[Allocation], consent_text: str, terms_version: str, now: datetime
) -> tuple[PaymentPlan, ...]:
    """The agreement over several invoices that a customer makes: a plan for each, in this order; not kept yet.

    Args:
        offer: for the sum of what is owed.
        owed: what is left on each invoice, due first coming first.
        consent_text: what stood above the button that was pressed.
        terms_version: of the owner's terms.
        now: when it was pressed.
    """
    agreement_id = secrets.token_hex(16)
    whole = plan_of_offer(offer, owed[0].invoice_key, consent_text, terms_version, now)
    return tuple(
        replace(
            whole,
            # Its place is in its name, so that the agreement comes back in this order.
            plan_id=f"{agreement_id}-{place:03}",
            invoice_key=part.invoice_key,
            installments=share,
            agreement_id=agreement_id,
        )
        for place, (part, share) in enumerate(zip(owed, shares_of(offer.installments, owed), strict=True), start=1)
    )


def first_parts(plans: Sequence[PaymentPlan]) -> Allocations:
    """What the first payment of an agreement puts on which invoice."""
    first_on = min(plan.installments[0].due_on for plan in plans)
    firsts = ((plan.invoice_key, plan.installments[0]) for plan in plans)
    return tuple(Allocation(key, one.amount) for key, one in firsts if one.due_on == first_on)


def first_step(plans: Sequence[PaymentPlan], message: str) -> PlanStep:
    """The payment that begins an agreement."""
    plan = plans[0]
    return PlanStep(PlanCheckout(plan.agreement, 1, plan.automatic, None, message), tuple(plans))


def later_step(plan: PaymentPlan, installment: int, message: str) -> PlanStep:
    """A later payment through a checkout: by hand, after a refusal, or to change the card that is kept."""
    return PlanStep(PlanCheckout(plan.agreement, installment, plan.automatic, plan.customer_id, message))


def fits(step: PlanStep, keys: Iterable[str], tx: LedgerTransaction) -> bool:
    """Whether a plan begins only where there is none, and goes on only while it is in force; on all its invoices."""
    expected = None if step.proposal else step.checkout.plan_id
    current = [tx.plan_in_force(key) for key in keys]
    return all((record.plan.agreement if record else None) == expected for record in current)


def propose(plan: PaymentPlan, tx: LedgerTransaction, life: PlanLife = PlanLife.PROPOSED) -> PaymentPlan:
    """Keep a plan with its place in the ledger, and return it so: only what is paid from here on fills it."""
    since = max((entry.seq for entry in tx.entries(plan.invoice_key)), default=0)
    placed = replace(plan, since_seq=since)
    tx.add_plan(PlanRecord(placed, life))
    return placed


def agree_without_payment(plans: Sequence[PaymentPlan], ledger: Ledger) -> bool:
    """Put an agreement in force whose first payment is on a later day; False where an invoice is on a plan already."""
    keys = [plan.invoice_key for plan in plans]
    with ledger.transaction() as tx:
        tx.lock(*keys)
        if any(tx.plan_in_force(key) is not None for key in keys):
            return False
        for plan in plans:
            tx.append(_agreed(propose(plan, tx, PlanLife.IN_FORCE)))
            tx.enqueue_freeze(plan.invoice_key)
    return True


def keep_paid(tx: LedgerTransaction, hold: Hold, customer_id: str | None, payment_method_id: str | None) -> None:
    """A checkout of a plan was paid just now: the plan is in force, and this card is the one that it goes on with.

    Called once per checkout, when its reservation is posted: a repeated webhook never brings an earlier card back.
    """
    for record in tx.agreement(hold.plan_id) if hold.plan_id else ():
        other = tx.plan_in_force(record.plan.invoice_key)
        is_on_another = other is not None and other.plan.plan_id != record.plan.plan_id
        if record.life is PlanLife.STOPPED or is_on_another:
            continue
        plan = record.plan
        if plan.automatic and customer_id and payment_method_id:
            plan = replace(plan, customer_id=customer_id, payment_method_id=payment_method_id)
        tx.update_plan(replace(record, plan=plan, life=PlanLife.IN_FORCE))
        tx.append(_agreed(plan))
        tx.enqueue_freeze(plan.invoice_key)


def stop(invoice_key: str, ledger: Ledger, now: datetime) -> bool:
    """Stop the plan an invoice is on, on all invoices of its agreement: nothing is charged for them any more.

    Where there is none, that is so already. False where the outcome of a charge is not known yet; then nothing was
    stopped.
    """
    found = ledger.plan_in_force(invoice_key)
    if found is None:
        return True
    with ledger.transaction() as tx:
        records = [one for one in tx.agreement(found.plan.agreement) if one.life is PlanLife.IN_FORCE]
        if any(record.under_way is not None for record in records):
            return False
        for record in records:
            plan = record.plan
            tx.update_plan(replace(record, life=PlanLife.STOPPED, ended_at=now))
            tx.append(Entry(EntryKind.PLAN_STOPPED, plan.invoice_key, plan.total, now, plan.plan_id))
            tx.enqueue_freeze(plan.invoice_key)
    return True


def invoices_of_plan(record: PlanRecord, ledger: Ledger) -> tuple[str, ...]:
    """The invoices of the agreement that a plan belongs to, in its order."""
    return tuple(one.plan.invoice_key for one in ledger.agreement(record.plan.agreement))


def _agreed(plan: PaymentPlan) -> Entry:
    """The entry that brings a plan into force, as of the moment that the customer agreed to it; appended once."""
    return Entry(
        EntryKind.PLAN_AGREED, plan.invoice_key, plan.total, plan.agreed_at, plan.plan_id, schedule=plan.schedule
    )
