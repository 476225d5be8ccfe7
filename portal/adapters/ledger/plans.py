"""Payment plans in the ledger: their rows, and what may be asked of and written to them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from portal.adapters.ledger.engine import reading
from portal.adapters.ledger.tables import plan_attempts, plans
from portal.ports.plans import Attempt, AttemptState, PlanLife, PlanRecord
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Connection, Engine, Row

_PLAN = select(plans).where(plans.c.plan_id == bindparam("plan_id"))
_ALL_IN_FORCE = select(plans).where(plans.c.life == PlanLife.IN_FORCE.value).order_by(plans.c.invoice_key)
_IN_FORCE = _ALL_IN_FORCE.where(plans.c.invoice_key == bindparam("key"))
_OF_INVOICE = select(plans).where(plans.c.invoice_key == bindparam("key")).order_by(plans.c.agreed_at, plans.c.plan_id)
_AGREEMENT = select(plans).where(plans.c.agreement_id == bindparam("agreement_id")).order_by(plans.c.plan_id)
_ATTEMPTS = (
    select(plan_attempts)
    .where(plan_attempts.c.plan_id == bindparam("plan_id"))
    .order_by(plan_attempts.c.begun_at, plan_attempts.c.installment, plan_attempts.c.attempt)
)
_UPDATE_PLAN = (
    plans.update()
    .where(plans.c.plan_id == bindparam("which"))
    .values({name: bindparam(name) for name in ("life", "customer_id", "payment_method_id", "ended_at")})
)
_UPDATE_ATTEMPT = (
    plan_attempts.update()
    .where(
        plan_attempts.c.plan_id == bindparam("which"),
        plan_attempts.c.installment == bindparam("of"),
        plan_attempts.c.attempt == bindparam("nth"),
    )
    .values({name: bindparam(name) for name in ("state", "payment_id", "reason")})
)


class PlansInTransaction(ABC):
    """The part of a ledger transaction that is about plans; see ``portal.ports.plans.PlanTransaction``."""

    _connection: Connection

    @abstractmethod
    def lock(self, *keys: str) -> None:
        """Keep everybody else away from invoices until the transaction ends."""

    def add_plan(self, record: PlanRecord) -> None:
        """Keep a plan."""
        self.lock(record.plan.invoice_key)
        self._connection.execute(plans.insert(), _plan_row(record))

    def plan(self, plan_id: str) -> PlanRecord | None:
        """One plan. It never moves to another invoice, so it may be read once to learn which one to lock."""
        row = self._connection.execute(_PLAN, {"plan_id": plan_id}).one_or_none()
        if row is None:
            return None
        self.lock(row.invoice_key)
        return _read(self._connection, self._connection.execute(_PLAN, {"plan_id": plan_id}).one())

    def plan_in_force(self, key: str) -> PlanRecord | None:
        """The plan that an invoice is on."""
        self.lock(key)
        return _in_force(self._connection, key)

    def plans_of(self, key: str) -> tuple[PlanRecord, ...]:
        """All plans an invoice ever had, oldest first."""
        self.lock(key)
        rows = self._connection.execute(_OF_INVOICE, {"key": key}).all()
        return tuple(_read(self._connection, row) for row in rows)

    def agreement(self, agreement_id: str) -> tuple[PlanRecord, ...]:
        """The plans of an agreement, in its order. It never gets others, so it may be read to learn what to lock."""
        rows = self._connection.execute(_AGREEMENT, {"agreement_id": agreement_id})
        self.lock(*(row.invoice_key for row in rows))
        return _agreement(self._connection, agreement_id)

    def update_plan(self, record: PlanRecord) -> None:
        """Keep a plan's life, and the provider's ids of customer and card; what was agreed never changes."""
        self.lock(record.plan.invoice_key)
        row = _plan_row(record)
        values = {name: row[name] for name in ("life", "customer_id", "payment_method_id", "ended_at")}
        self._connection.execute(_UPDATE_PLAN, {"which": record.plan.plan_id, **values})

    def add_attempt(self, attempt: Attempt) -> None:
        """Keep a new attempt, before the provider is asked."""
        self.lock(attempt.invoice_key)
        self._connection.execute(plan_attempts.insert(), _attempt_row(attempt))

    def update_attempt(self, attempt: Attempt) -> None:
        """Keep an attempt's outcome."""
        self.lock(attempt.invoice_key)
        key = {"which": attempt.plan_id, "of": attempt.installment, "nth": attempt.number}
        outcome = {"state": attempt.state.value, "payment_id": attempt.payment_id, "reason": attempt.reason}
        self._connection.execute(_UPDATE_ATTEMPT, {**key, **outcome})


class PlansOfLedger:
    """The part of a ledger that is about plans; see ``portal.ports.plans.PlanLedger``."""

    _engine: Engine

    def plan_in_force(self, key: str) -> PlanRecord | None:
        """The plan that an invoice is on."""
        with reading(self._engine) as connection:
            return _in_force(connection, key)

    def agreement(self, agreement_id: str) -> tuple[PlanRecord, ...]:
        """The plans of an agreement, in its order."""
        with reading(self._engine) as connection:
            return _agreement(connection, agreement_id)

    def plans_in_force(self) -> Mapping[str, PlanRecord]:
        """All plans in force, by invoice."""
        with reading(self._engine) as connection:
            rows = connection.execute(_ALL_IN_FORCE).all()
            return {row.invoice_key: _read(connection, row) for row in rows}


def _in_force(connection: Connection, key: str) -> PlanRecord | None:
    row = connection.execute(_IN_FORCE, {"key": key}).one_or_none()
    return None if row is None else _read(connection, row)


def _agreement(connection: Connection, agreement_id: str) -> tuple[PlanRecord, ...]:
    rows = connection.execute(_AGREEMENT, {"agreement_id": agreement_id}).all()
    return tuple(_read(connection, row) for row in rows)


def _read(connection: Connection, row: Row[Any]) -> PlanRecord:
    attempts = connection.execute(_ATTEMPTS, {"plan_id": row.plan_id})
    return PlanRecord(_plan(row), PlanLife(row.life), row.ended_at, tuple(_attempt(one, row) for one in attempts))


def _plan(row: Row[Any]) -> PaymentPlan:
    schedule = json.loads(row.schedule)
    return PaymentPlan(
        plan_id=row.plan_id,
        invoice_key=row.invoice_key,
        installments=tuple(
            Installment(number, date.fromisoformat(due_on), Money(minor, schedule["currency"]))
            for number, (due_on, minor) in enumerate(schedule["payments"], start=1)
        ),
        automatic=row.automatic,
        grace_days=row.grace_days,
        agreed_at=row.agreed_at,
        consent_text=row.consent_text,
        terms_version=row.terms_version,
        since_seq=row.since_seq,
        customer_id=row.customer_id,
        payment_method_id=row.payment_method_id,
        agreement_id=_shared_agreement(row),
    )


def _plan_row(record: PlanRecord) -> dict[str, Any]:
    plan = record.plan
    payments = [[one.due_on.isoformat(), one.amount.minor] for one in plan.installments]
    return {
        "plan_id": plan.plan_id,
        "invoice_key": plan.invoice_key,
        "life": record.life.value,
        "automatic": plan.automatic,
        "agreed_at": plan.agreed_at,
        "since_seq": plan.since_seq,
        "grace_days": plan.grace_days,
        "terms_version": plan.terms_version,
        "consent_text": plan.consent_text,
        "schedule": json.dumps({"currency": plan.currency, "payments": payments}),
        "customer_id": plan.customer_id,
        "payment_method_id": plan.payment_method_id,
        "ended_at": record.ended_at,
        "agreement_id": plan.agreement,
    }


def _shared_agreement(row: Row[Any]) -> str | None:
    """The agreement of a plan's row, where it is about more than this plan's invoice."""
    agreement_id: str = row.agreement_id
    return None if agreement_id == row.plan_id else agreement_id


def _attempt(row: Row[Any], plan: Row[Any]) -> Attempt:
    return Attempt(
        plan_id=row.plan_id,
        invoice_key=row.invoice_key,
        installment=row.installment,
        number=row.attempt,
        amount=Money(row.amount_minor, row.currency),
        state=AttemptState(row.state),
        begun_at=row.begun_at,
        begun_on=row.begun_on,
        payment_id=row.payment_id,
        reason=row.reason,
        agreement_id=_shared_agreement(plan),
    )


def _attempt_row(attempt: Attempt) -> dict[str, Any]:
    return {
        "plan_id": attempt.plan_id,
        "invoice_key": attempt.invoice_key,
        "installment": attempt.installment,
        "attempt": attempt.number,
        "amount_minor": attempt.amount.minor,
        "currency": attempt.amount.currency,
        "state": attempt.state.value,
        "begun_at": attempt.begun_at,
        "begun_on": attempt.begun_on,
        "payment_id": attempt.payment_id,
        "reason": attempt.reason,
    }
