"""Payment plans in the ledger, on each database: what was agreed comes back, and an invoice is on one plan at most."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.ports.plans import Attempt, AttemptState, PlanLife, PlanRecord
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
DAY = date(2026, 11, 5)
PLAN = PaymentPlan(
    plan_id="p1",
    invoice_key="A-1",
    installments=(Installment(1, DAY, Money(500, "GBP")), Installment(2, date(2026, 12, 5), Money(501, "GBP"))),
    automatic=True,
    grace_days=7,
    agreed_at=NOW,
    consent_text="I agree.\n\nTo this.",
    terms_version="v1",
    since_seq=3,
)
ATTEMPT = Attempt("p1", "A-1", 2, 1, Money(501, "GBP"), AttemptState.BEGUN, NOW, DAY)


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(ledger_address)) as opened:
        yield opened


def keep(ledger: SqlLedger, record: PlanRecord) -> None:
    with ledger.transaction() as tx:
        tx.add_plan(record)


def test_a_plan_comes_back_as_it_was_agreed(ledger: SqlLedger) -> None:
    keep(ledger, PlanRecord(PLAN, PlanLife.PROPOSED))
    assert ledger.plan_in_force("A-1") is None
    with ledger.transaction() as tx:
        found = tx.plan("p1")
        assert found == PlanRecord(PLAN, PlanLife.PROPOSED)
        assert tx.plan("p2") is None
        card = replace(PLAN, customer_id="cus_1", payment_method_id="pm_1")
        tx.update_plan(replace(found, plan=card, life=PlanLife.IN_FORCE))
    assert ledger.plan_in_force("A-1") == PlanRecord(card, PlanLife.IN_FORCE)
    assert dict(ledger.plans_in_force()) == {"A-1": PlanRecord(card, PlanLife.IN_FORCE)}


def test_an_invoice_is_on_one_plan_at_the_most(ledger: SqlLedger) -> None:
    keep(ledger, PlanRecord(PLAN, PlanLife.IN_FORCE))
    keep(ledger, PlanRecord(replace(PLAN, plan_id="p2"), PlanLife.PROPOSED))
    with pytest.raises(Exception, match=r"(?i)unique"):
        keep(ledger, PlanRecord(replace(PLAN, plan_id="p3"), PlanLife.IN_FORCE))
    with ledger.transaction() as tx:
        tx.update_plan(PlanRecord(PLAN, PlanLife.STOPPED, ended_at=NOW))
    keep(ledger, PlanRecord(replace(PLAN, plan_id="p3"), PlanLife.IN_FORCE))


def test_attempts_come_back_oldest_first_and_each_number_is_taken_once(ledger: SqlLedger) -> None:
    keep(ledger, PlanRecord(PLAN, PlanLife.IN_FORCE))
    declined = replace(ATTEMPT, state=AttemptState.DECLINED, payment_id="pi_1", reason="expired_card")
    second = replace(ATTEMPT, number=2, begun_at=NOW + timedelta(days=1), begun_on=DAY + timedelta(1))
    with ledger.transaction() as tx:
        tx.add_attempt(ATTEMPT)
        tx.update_attempt(declined)
        tx.add_attempt(second)
    found = ledger.plan_in_force("A-1")
    assert found is not None
    assert found.attempts == (declined, second)
    assert found.under_way == second
    with pytest.raises(Exception, match=r"(?i)unique"), ledger.transaction() as tx:
        tx.add_attempt(ATTEMPT)


def test_an_agreement_over_several_invoices_comes_back_in_its_order(ledger: SqlLedger) -> None:
    plans = [
        replace(PLAN, plan_id=f"a-{number}", invoice_key=key, agreement_id="a")
        for number, key in enumerate(("B-2", "A-1", "C-3"), start=1)
    ]
    for plan in reversed(plans):
        keep(ledger, PlanRecord(plan, PlanLife.IN_FORCE))
    keep(ledger, PlanRecord(replace(PLAN, invoice_key="D-4"), PlanLife.IN_FORCE))
    part = replace(ATTEMPT, plan_id="a-2", agreement_id="a")
    with ledger.transaction() as tx:
        tx.add_attempt(part)
        assert [record.plan for record in tx.agreement("a")] == plans
        assert tx.agreement("nothing") == ()
        assert [record.plan.invoice_key for record in tx.agreement("p1")] == ["D-4"]
    found = ledger.agreement("a")
    assert [record.plan for record in found] == plans
    assert [record.attempts for record in found] == [(), (part,), ()]
    assert part.key == "plan-a-2-try1"
