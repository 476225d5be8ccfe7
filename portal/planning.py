"""Agreeing a payment plan, keeping it once its first payment is there, and stopping it.

A plan is proposed in the transaction that reserves its first payment, and comes into force in the transaction that
counts this payment: so there is never a plan without its payment, nor a first payment without its plan. Coming into
force and being stopped are entries in the ledger, since the invoice's balance depends on them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.plan_ports import PlanCheckout, PlanLife, PlanRecord
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.plan_offers import PlanWay
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from datetime import datetime

    from portal.ports import Hold, Ledger, LedgerTransaction
    from portal.receivables.plan_offers import PlanOffer


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A payment of a plan through a checkout; ``proposal`` is the plan itself where this payment begins it."""

    checkout: PlanCheckout
    proposal: PaymentPlan | None = None


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


def first_step(plan: PaymentPlan, message: str) -> PlanStep:
    """The payment that begins a plan."""
    return PlanStep(PlanCheckout(plan.plan_id, 1, plan.automatic, None, message), plan)


def later_step(plan: PaymentPlan, installment: int, message: str) -> PlanStep:
    """A later payment through a checkout: by hand, after a refusal, or to change the card that is kept."""
    return PlanStep(PlanCheckout(plan.plan_id, installment, plan.automatic, plan.customer_id, message))


def propose(plan: PaymentPlan, tx: LedgerTransaction, life: PlanLife = PlanLife.PROPOSED) -> PaymentPlan:
    """Keep a plan with its place in the ledger, and return it so: only what is paid from here on fills it."""
    since = max((entry.seq for entry in tx.entries(plan.invoice_key)), default=0)
    placed = replace(plan, since_seq=since)
    tx.add_plan(PlanRecord(placed, life))
    return placed


def agree_without_payment(plan: PaymentPlan, ledger: Ledger) -> bool:
    """Put a plan in force whose first payment is on a later day; False where the invoice is on one already."""
    with ledger.transaction() as tx:
        if tx.plan_in_force(plan.invoice_key) is not None:
            return False
        tx.append(_agreed(propose(plan, tx, PlanLife.IN_FORCE)))
        tx.enqueue_freeze(plan.invoice_key)
    return True


def keep_paid(tx: LedgerTransaction, hold: Hold, customer_id: str | None, payment_method_id: str | None) -> None:
    """A checkout of a plan was paid just now: the plan is in force, and this card is the one that it goes on with.

    Called once per checkout, when its reservation is posted: a repeated webhook never brings an earlier card back.
    """
    record = tx.plan(hold.plan_id) if hold.plan_id else None
    if record is None or record.life is PlanLife.STOPPED:
        return
    other = tx.plan_in_force(record.plan.invoice_key)
    if other is not None and other.plan.plan_id != record.plan.plan_id:
        return
    plan = record.plan
    if plan.automatic and customer_id and payment_method_id:
        plan = replace(plan, customer_id=customer_id, payment_method_id=payment_method_id)
    tx.update_plan(replace(record, plan=plan, life=PlanLife.IN_FORCE))
    tx.append(_agreed(plan))


def stop(invoice_key: str, ledger: Ledger, now: datetime) -> bool:
    """Stop the plan an invoice is on: nothing is charged for it any more. Where there is none, that is so already.

    False where the outcome of a charge is not known yet; then nothing was stopped.
    """
    with ledger.transaction() as tx:
        record = tx.plan_in_force(invoice_key)
        if record is None:
            return True
        if record.under_way is not None:
            return False
        tx.update_plan(replace(record, life=PlanLife.STOPPED, ended_at=now))
        plan = record.plan
        tx.append(Entry(EntryKind.PLAN_STOPPED, invoice_key, plan.total, now, plan.plan_id))
        tx.enqueue_freeze(invoice_key)
    return True


def _agreed(plan: PaymentPlan) -> Entry:
    """The entry that brings a plan into force, as of the moment that the customer agreed to it; appended once."""
    return Entry(
        EntryKind.PLAN_AGREED, plan.invoice_key, plan.total, plan.agreed_at, plan.plan_id, schedule=plan.schedule
    )
