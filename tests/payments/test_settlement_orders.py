"""Fifteen lives of a payment: every order and every repetition of its events gives one ledger."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from lives_of_payments import (
    BECAME_A_DISPUTE,
    CARD,
    LEFT,
    LIVES,
    POSTED,
    TAKEN,
    disputed,
    every_end,
    play,
    refunded,
    six_events_of,
)
from provider_double import HOLD, NOW, MemoryLedger, ScriptedGateway, Step, refund

from portal.payments import holding
from portal.payments.settlement import settle_event
from portal.ports import HoldState
from portal.ports.alarms import AlarmKind
from portal.ports.provider_reports import DisputeStatus as D
from portal.ports.provider_reports import PaymentReport
from portal.ports.provider_reports import RefundStatus as R
from portal.receivables.allocation import Allocation
from portal.receivables.balance import balance_of
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from portal.receivables.invoice import Invoice

    Ended = tuple[MemoryLedger, tuple[int, ...]]


@pytest.fixture(params=LIVES)
def life(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_ends_where_it_should(life: str, make_invoice: Callable[..., Invoice]) -> None:
    steps = LIVES[life]
    ledger = play(steps, range(len(steps)), make_invoice(), late=False)
    balance = balance_of(make_invoice(), ledger.entries("1042"), NOW.date())
    assert balance.amount_remaining == Money(LEFT.get(life, 0), "GBP")
    assert not balance.amount_on_its_way
    assert not balance.amount_overpaid
    assert not balance.is_disputed
    assert ledger.holds["hold_1"].state is POSTED.get(life, HoldState.POSTED)
    assert {kind for kind, _one in ledger.raised} <= {AlarmKind.DISPUTED}


def test_every_order_of_six_events_gives_one_ledger(life: str, make_invoice: Callable[..., Invoice]) -> None:
    """frappe/press#277: events out of order un-paid an invoice. Kill Bill: the reversal came before the chargeback."""
    steps, invoice = six_events_of(life), make_invoice()
    assert len(steps) == 6
    expected = play(steps, range(6), invoice, late=False).state()
    for late in (False, True):
        for ledger, order in every_end(steps, [1] * 6, invoice, late=late):
            assert ledger.state() == expected, order


def test_every_event_doubled_at_every_place_gives_one_ledger(life: str, make_invoice: Callable[..., Invoice]) -> None:
    """206Tours/DB#1934, eventyay#1924: the same news twice was two payments. All orders of all six, with each twice."""
    steps, invoice = six_events_of(life), make_invoice()
    expected = play(steps, range(6), invoice, late=False).state()
    for late in (False, True):
        for again in range(6):
            times = [1 + (number == again) for number in range(6)]
            for ledger, order in every_end(steps, times, invoice, late=late):
                assert ledger.state() == expected, order


def test_the_orders_are_really_all_tried(make_invoice: Callable[..., Invoice], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with a reservation that follows the last word, orders end differently, and none is overlooked."""
    monkeypatch.setattr(holding, "LEGAL_MOVES", dict.fromkeys(HoldState, frozenset(HoldState)))
    steps = six_events_of("paid after the hold had expired")
    ends = {ledger.state() for ledger, _order in every_end(steps, [1] * 6, make_invoice(), late=False)}
    assert ends == {play(steps, order, make_invoice(), late=False).state() for order in permutations(range(6))}
    assert len(ends) > 1


def test_events_lost_but_the_last_one_give_the_same_ledger(life: str, make_invoice: Callable[..., Invoice]) -> None:
    steps, invoice = LIVES[life], make_invoice()
    expected = play(steps, range(len(steps)), invoice, late=False).state()
    assert play(steps, [len(steps) - 1], invoice, late=True).state() == expected


def test_an_inquiry_that_became_a_dispute_is_over_in_every_order(make_invoice: Callable[..., Invoice]) -> None:
    invoice = make_invoice()
    for order in permutations(range(len(BECAME_A_DISPUTE))):
        ledger = play(BECAME_A_DISPUTE, order, invoice, late=False)
        balance = balance_of(invoice, ledger.entries("1042"), NOW.date())
        assert (balance.amount_remaining.minor, balance.is_disputed) == (84000, False), order


def test_paid_when_the_invoice_was_void_is_kept_as_overpaid(make_invoice: Callable[..., Invoice]) -> None:
    void = make_invoice(cancelled_on=NOW.date())
    ledger = play(LIVES["bank debit paid"], (0, 1, 2), void, late=False)
    assert balance_of(void, ledger.entries("1042"), NOW.date()).amount_overpaid == Money(84000, "GBP")
    assert [(alarm.kind, alarm.amount) for alarm in ledger.raised.values()] == [
        (AlarmKind.OVERPAID, Money(84000, "GBP"))
    ]


def _settled_once(report: PaymentReport | None, invoice: Invoice | None, kind: str = "refund.updated") -> MemoryLedger:
    ledger = MemoryLedger({invoice.key: invoice} if invoice else {}, {"hold_1": HOLD})
    gateway = ScriptedGateway(report, missing=report is None)
    event = Step(kind, CARD).event(1)
    settle_event(event, gateway.as_gateway, ledger.as_ledger, NOW)
    return ledger


@pytest.mark.parametrize(
    "report",
    [
        replace(CARD, is_foreign=True),
        replace(CARD, amount=Money(84000, "EUR")),
        replace(CARD, amount=Money(83999, "GBP")),
        replace(CARD, allocations=(Allocation("7777", CARD.amount),)),
    ],
)
def test_what_does_not_fit_is_quarantined(report: PaymentReport, make_invoice: Callable[..., Invoice]) -> None:
    ledger = _settled_once(report, make_invoice())
    assert ledger.facts == {}
    assert ledger.holds["hold_1"] == HOLD
    assert [alarm.kind for alarm in ledger.raised.values()] == [AlarmKind.QUARANTINED]
    assert ledger.events == {"evt_1": "quarantined"}


def test_a_payment_whose_marks_were_cleared_is_known_by_its_checkout(make_invoice: Callable[..., Invoice]) -> None:
    """Its webhook was taken for somebody else's, and what was refunded of it later was never heard of."""
    bare = replace(CARD, hold_id=None, allocations=(), metadata={}, checkout=None)
    for refunds, kinds in (((), ["payment"]), ((refund(R.SUCCEEDED, 100),), ["payment", "refund"])):
        report = bare.joined(CARD.checkout, refunds, ())
        ledger = _settled_once(report, make_invoice())
        assert [fact.kind.value for fact in ledger.facts.values()] == kinds
        assert ledger.holds["hold_1"].state is HoldState.POSTED


def test_other_programs_payments_are_left_alone(make_invoice: Callable[..., Invoice]) -> None:
    """An account may serve other programs too, and those may write ``invoice`` on their payments."""
    ledger = _settled_once(replace(CARD, hold_id=None, metadata={"invoice": "1042"}), make_invoice())
    assert (ledger.facts, ledger.raised, ledger.events) == ({}, {}, {"evt_1": "ignored"})


def test_unfamiliar_words_raise_an_alarm_and_change_nothing_else(make_invoice: Callable[..., Invoice]) -> None:
    strange = replace(disputed(D.UNKNOWN, TAKEN, word="appealed"), refunds=(refund(R.UNKNOWN),))
    ledger = _settled_once(strange, make_invoice())
    assert [fact.kind.value for fact in ledger.facts.values()] == ["payment"]
    assert sorted(one for _kind, one in ledger.raised) == ["du_1", "re_1"]


def test_what_stripe_announced_and_then_denies_is_told_and_not_asked_again(
    make_invoice: Callable[..., Invoice],
) -> None:
    ledger = _settled_once(None, make_invoice())
    assert ledger.events == {"evt_1": "unfamiliar"}
    assert [kind for kind, _one in ledger.raised] == [AlarmKind.UNFAMILIAR]


def test_events_of_another_account_are_told_and_nothing_is_asked(make_invoice: Callable[..., Invoice]) -> None:
    ledger = MemoryLedger({"1042": make_invoice()}, {"hold_1": HOLD})
    event = replace(Step("refund.updated", CARD).event(1), account="acct_2")
    settle_event(event, ScriptedGateway(CARD).as_gateway, ledger.as_ledger, NOW)
    assert (ledger.facts, ledger.events) == ({}, {"evt_1": "unfamiliar"})


def test_events_of_other_kinds_change_nothing(make_invoice: Callable[..., Invoice]) -> None:
    assert _settled_once(CARD, make_invoice(), "charge.updated").facts == {}


def test_money_on_an_invoice_that_is_gone_is_kept_and_told() -> None:
    ledger = _settled_once(CARD, None)
    assert [fact.amount for fact in ledger.facts.values()] == [Money(84000, "GBP")]
    assert [alarm.kind for alarm in ledger.raised.values()] == [AlarmKind.UNMATCHED]


def test_a_refund_that_only_ever_failed_leaves_what_was_paid(make_invoice: Callable[..., Invoice]) -> None:
    ledger = _settled_once(refunded((R.FAILED, 84000)), make_invoice())
    assert not balance_of(make_invoice(), ledger.entries("1042"), NOW.date()).amount_remaining


SHARES = (
    Allocation("1042", Money(40000, "GBP")),
    Allocation("1043", Money(30000, "GBP")),
    Allocation("1044", Money(14000, "GBP")),
)


def _over_several(steps: Sequence[Step]) -> list[Step]:
    """The same life of a payment that is for three invoices."""

    def shared(report: PaymentReport | None) -> PaymentReport | None:
        checkout = report.checkout if report else None
        of = replace(checkout, allocations=SHARES) if checkout else None
        return replace(report, allocations=SHARES, checkout=of) if report else None

    def of(step: Step) -> Step:
        alone = replace(step.checkout, allocations=SHARES) if step.checkout else None
        return replace(step, payment=shared(step.payment), checkout=alone)

    return [of(step) for step in steps]


def test_every_order_gives_one_ledger_for_a_payment_over_several_invoices(
    life: str, make_invoice: Callable[..., Invoice]
) -> None:
    steps = _over_several(LIVES[life])
    places = range(len(steps))
    invoices = {part.invoice_key: make_invoice(key=part.invoice_key, total=part.amount) for part in SHARES}
    hold = replace(HOLD, allocations=SHARES)

    def state(order: Sequence[int]) -> MemoryLedger:
        ledger = MemoryLedger(dict(invoices), {"hold_1": hold})
        for number in order:
            step = steps[number]
            gateway = ScriptedGateway(step.payment, step.checkout)
            settle_event(step.event(number), gateway.as_gateway, ledger.as_ledger, NOW)
        return ledger

    expected = state(places)
    assert {kind for kind, _one in expected.raised} <= {AlarmKind.DISPUTED}
    left = [balance_of(one, expected.entries(key), NOW.date()).amount_remaining.minor for key, one in invoices.items()]
    assert sum(left) == LEFT.get(life, 0)
    assert all(minor == 0 for minor in left[:-1]) or left[-1] == SHARES[-1].amount.minor, "taken from the end"
    for order in permutations(places):
        assert state(order).state() == expected.state(), order
