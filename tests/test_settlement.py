"""Whatever order the provider's words come in, and however often: one ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from portal.adapters.sql_ledger import SqlLedger, open_ledger
from portal.ports import CheckoutReport, CheckoutStatus, GatewayEvent, Hold, HoldState
from portal.receivables.allocation import Allocation
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.settlement import LEGAL_MOVES, Outcome, settle, settle_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.receivables.invoice import Invoice

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
AMOUNT = Money(84000, "GBP")
PARTS = (Allocation("1042", AMOUNT),)
HOLD = Hold("hold_1", PARTS, HoldState.OPEN, NOW, NOW + timedelta(hours=1), "cs_1", "https://x.example/1")
OPEN = CheckoutReport("cs_1", CheckoutStatus.OPEN, "hold_1", PARTS, AMOUNT, livemode=False, url=HOLD.url)
STARTED = replace(OPEN, status=CheckoutStatus.PROCESSING, payment_id="pi_1", url=None)
PAID = replace(STARTED, status=CheckoutStatus.PAID, method="Visa ending 4242")
FAILED = replace(STARTED, status=CheckoutStatus.FAILED)
EXPIRED = replace(OPEN, status=CheckoutStatus.EXPIRED, url=None)


@pytest.fixture
def ledger(tmp_path: Path, make_invoice: Callable[..., Invoice]) -> SqlLedger:
    opened = open_ledger(tmp_path / "ledger.sqlite")
    opened.replace_invoices([make_invoice()], [])
    with opened.transaction() as tx:
        tx.add_hold(HOLD)
    return opened


def hold_of(ledger: SqlLedger) -> Hold:
    with ledger.transaction() as tx:
        hold = tx.hold("hold_1")
    assert hold is not None
    return hold


LIFE_CYCLES = {
    "card": ([OPEN, PAID, PAID], HoldState.POSTED, AMOUNT),
    "bank debit": ([OPEN, STARTED, PAID], HoldState.POSTED, AMOUNT),
    "abandoned": ([OPEN, OPEN, EXPIRED], HoldState.RELEASED, None),
}


@pytest.mark.parametrize("name", LIFE_CYCLES)
def test_every_order_and_every_repetition_gives_one_ledger(
    name: str, tmp_path: Path, make_invoice: Callable[..., Invoice]
) -> None:
    """frappe/press#277: events out of order un-paid an invoice. 206Tours/DB#1934: two clicks, two payments."""
    reports, state, paid = LIFE_CYCLES[name]
    for number, order in enumerate(permutations([*reports, *reports])):
        if number % 24:
            continue
        ledger = open_ledger(tmp_path / f"{number}.sqlite")
        ledger.replace_invoices([make_invoice()], [])
        with ledger.transaction() as tx:
            tx.add_hold(HOLD)
        for report in order:
            assert settle(report, ledger, NOW).stale == ("1042",)
        payments = [entry.amount for entry in ledger.entries_of("1042") if entry.kind is EntryKind.PAYMENT]
        assert payments == ([paid] if paid else [])
        assert hold_of(ledger).state is state
        ledger.close()


def test_a_failed_bank_debit_frees_the_hold(ledger: SqlLedger) -> None:
    settle(STARTED, ledger, NOW)
    settle(FAILED, ledger, NOW)
    assert hold_of(ledger).state is HoldState.RELEASED
    assert [entry.kind for entry in ledger.entries_of("1042")] == [
        EntryKind.PAYMENT_STARTED,
        EntryKind.PAYMENT_FAILED,
    ]


def test_money_that_comes_after_a_hold_was_given_up_counts(ledger: SqlLedger) -> None:
    settle(EXPIRED, ledger, NOW)
    settle(PAID, ledger, NOW)
    assert hold_of(ledger).state is HoldState.POSTED
    assert len(ledger.entries_of("1042")) == 1


def test_a_ledger_that_lost_the_hold_still_counts_the_money(ledger: SqlLedger) -> None:
    settlement = settle(replace(PAID, hold_id="hold_of_a_lost_ledger"), ledger, NOW)
    assert settlement.outcome is Outcome.APPLIED
    assert [entry.amount for entry in ledger.entries_of("1042")] == [AMOUNT]


@pytest.mark.parametrize(
    ("report", "outcome"),
    [
        (replace(PAID, hold_id=None, allocations=()), Outcome.IGNORED),
        (replace(PAID, hold_id="of another program", allocations=(Allocation("7777", AMOUNT),)), Outcome.UNMATCHED),
        (replace(PAID, amount=Money(84000, "EUR")), Outcome.QUARANTINED),
    ],
)
def test_money_that_is_not_this_invoices_is_set_aside(
    ledger: SqlLedger, report: CheckoutReport, outcome: Outcome
) -> None:
    assert settle(report, ledger, NOW).outcome is outcome
    assert ledger.entries_of("1042") == ()
    assert hold_of(ledger).state is HoldState.OPEN


def test_no_state_follows_a_posted_one() -> None:
    assert LEGAL_MOVES[HoldState.POSTED] == frozenset()
    assert set(LEGAL_MOVES) == set(HoldState)


def test_events_of_other_kinds_are_kept_and_change_nothing(ledger: SqlLedger) -> None:
    event = GatewayEvent("evt_1", "customer.created", NOW, None, "{}")
    gateway = None  # is not asked
    assert settle_event(event, gateway, ledger, NOW).outcome is Outcome.IGNORED  # type: ignore[arg-type]
    assert ledger.entries_of("1042") == ()
