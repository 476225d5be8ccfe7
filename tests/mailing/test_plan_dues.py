"""Which mails are due about a plan over two invoices: one for each charge, whichever of its invoices asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest

from portal.mailing.invoice_facts import InvoiceFacts
from portal.mailing.plan_dues import ChargeDue, NoticeDue, plan_mails_due
from portal.ports.mail import MailKind, Switch
from portal.ports.plans import Attempt, AttemptState, PlanLife, PlanRecord
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

    Pair = tuple[InvoiceFacts, InvoiceFacts]

SECOND, THIRD = date(2026, 12, 21), date(2027, 1, 21)
SWITCHES = dict.fromkeys(MailKind, Switch(datetime(2026, 11, 1, tzinfo=UTC), 0, 0))


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def charge(record: PlanRecord, minor: int, day: date, *, number: int, of: int) -> PlanRecord:
    """The same with one more charge that was refused."""
    attempt = Attempt(
        plan_id=record.plan.plan_id,
        invoice_key=record.plan.invoice_key,
        installment=of,
        number=number,
        amount=gbp(minor),
        state=AttemptState.DECLINED,
        begun_at=datetime.combine(day, time(9), UTC),
        begun_on=day,
        agreement_id="both",
    )
    return replace(record, attempts=(*record.attempts, attempt))


@pytest.fixture
def pair(make_invoice: Callable[..., Invoice]) -> Pair:
    """Two invoices whose plan has reached its second payment, which is for both."""

    def facts(key: str, *installments: Installment) -> InvoiceFacts:
        plan = PaymentPlan(
            plan_id=f"both-{key}",
            invoice_key=key,
            installments=installments,
            automatic=True,
            grace_days=7,
            agreed_at=datetime(2026, 11, 21, tzinfo=UTC),
            consent_text="Yes.",
            terms_version="1",
            since_seq=0,
            customer_id="cus_1",
            payment_method_id="pm_1",
            agreement_id="both",
        )
        invoice = make_invoice(key=key, number=key, total=plan.total)
        return InvoiceFacts(invoice, (), (PlanRecord(plan, PlanLife.IN_FORCE),))

    return (
        facts("1042", Installment(1, SECOND, gbp(4000))),
        facts("1043", Installment(1, SECOND, gbp(36000)), Installment(2, THIRD, gbp(40000))),
    )


def refused(pair: Pair, *, number: int = 1, day: date = SECOND) -> Pair:
    first, second = pair
    return (
        replace(first, plans=(charge(first.plans[0], 4000, day, number=number, of=1),)),
        replace(second, plans=(charge(second.plans[0], 36000, day, number=number, of=1),)),
    )


def paid(facts: InvoiceFacts, entry: Entry) -> InvoiceFacts:
    return replace(facts, entries=(*facts.entries, replace(entry, invoice_key=facts.invoice.key, seq=9)))


def due(pair: Pair, as_of: date) -> list[ChargeDue | NoticeDue]:
    """What is due, by whichever invoice it is asked for: both say the same where both say anything."""
    asked = [list(plan_mails_due(one, pair, SWITCHES, as_of, 3)) for one in pair]
    said = [some for some in asked if some]
    assert all(some == said[0] for some in said)
    return [one for one in (said[0] if said else []) if isinstance(one, ChargeDue | NoticeDue)]


def test_a_refused_charge_is_told_once_for_both(pair: Pair) -> None:
    (told,) = due(refused(pair), SECOND)
    assert isinstance(told, ChargeDue)
    assert (told.amount, told.asked) == (gbp(40000), gbp(40000))
    assert told.cause.invoice_key == told.cause.subject_key == "1042"
    assert told.cause.kind is MailKind.CHARGE_DECLINED


def test_what_was_paid_meanwhile_is_not_asked_for(pair: Pair, make_entry: Callable[..., Entry]) -> None:
    first, second = refused(pair)
    (told,) = due((paid(first, make_entry(4000)), second), SECOND)
    assert isinstance(told, ChargeDue)
    assert (told.amount, told.asked) == (gbp(40000), gbp(36000))
    assert not due((paid(first, make_entry(4000)), paid(second, make_entry(36000))), SECOND)


def test_the_last_charge_alone_is_told_of(pair: Pair, make_entry: Callable[..., Entry]) -> None:
    """The first invoice was paid by hand, and the second one was charged alone since then."""
    first, second = refused(pair)
    again = replace(second, plans=(charge(second.plans[0], 36000, date(2026, 12, 22), number=2, of=1),))
    (told,) = due((paid(first, make_entry(4000)), again), date(2026, 12, 22))
    assert isinstance(told, ChargeDue)
    assert (told.cause.invoice_key, told.amount) == ("1043", gbp(36000))


def test_after_three_refusals_it_is_given_up(pair: Pair) -> None:
    for number in (1, 2, 3):
        pair = refused(pair, number=number, day=date(2026, 12, 20 + number))
    (told,) = due(pair, date(2026, 12, 23))
    assert told.cause.kind is MailKind.CHARGE_GIVEN_UP
    assert isinstance(told, ChargeDue)
    assert told.stands.next_request == gbp(80000)


def test_a_coming_charge_is_announced_once_with_its_sum(pair: Pair) -> None:
    assert not due(pair, date(2026, 12, 17))
    (told,) = due(pair, date(2026, 12, 18))
    assert isinstance(told, NoticeDue)
    assert (told.amount, told.charged_on) == (gbp(40000), SECOND)
    assert [(part.invoice.key, part.amount) for part in told.parts] == [("1042", gbp(4000)), ("1043", gbp(36000))]
    assert told.cause.cause == "both-1042 1 2026-12-21"


def test_a_part_below_the_smallest_payment_is_announced_with_the_sum(pair: Pair) -> None:
    first, second = pair
    plan = replace(first.plans[0].plan, installments=(Installment(1, SECOND, gbp(10)),))
    small = replace(first, invoice=replace(first.invoice, total=gbp(10), stated_due=gbp(10)))
    (told,) = due((replace(small, plans=(replace(first.plans[0], plan=plan),)), second), date(2026, 12, 18))
    assert isinstance(told, NoticeDue)
    assert told.amount == gbp(36010)


def test_without_a_saved_card_nothing_is_announced(pair: Pair) -> None:
    def bare(facts: InvoiceFacts) -> InvoiceFacts:
        plan = replace(facts.plans[0].plan, payment_method_id=None)
        return replace(facts, plans=(replace(facts.plans[0], plan=plan),))

    assert not due((bare(pair[0]), bare(pair[1])), date(2026, 12, 18))
