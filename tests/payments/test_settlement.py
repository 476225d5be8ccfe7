"""Whatever order the provider's words come in, and however often: one ledger."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.payments.facts import payment_in
from portal.payments.reconciliation import to_look_at
from portal.payments.settlement import LEGAL_MOVES, Outcome, Settlement, settle, settle_event, settle_payment
from portal.ports import CheckoutReport, CheckoutStatus, GatewayEvent, Hold, HoldState
from portal.ports.alarms import AlarmKind
from portal.ports.provider_reports import PaymentReport, PaymentStatus
from portal.receivables.allocation import Allocation
from portal.receivables.balance import balance_of
from portal.receivables.discounts import Discount
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.receivables.terms import LateFee, LateMode, Terms

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


@pytest.mark.parametrize("status", [CheckoutStatus.PAID, CheckoutStatus.PROCESSING])
@pytest.mark.parametrize("hold_id", ["hold_1", "hold_of_a_lost_ledger"])
def test_a_reservation_stays_until_its_money_is_counted(
    ledger: SqlLedger, hold_id: str, status: CheckoutStatus
) -> None:
    """A sync lists payments, and minutes later checkouts: a card that was refused first had paid in between.

    The reservation ended without an entry, and as much could be paid once more.
    """
    checkout = replace(PAID, hold_id=hold_id, status=status, created_at=NOW, expires_at=HOLD.expires_at)
    then = payment_in(checkout, NOW)
    assert then is not None
    settle_payment(replace(then, status=PaymentStatus.FAILED), ledger, NOW)
    assert ledger.entries_of("1042") == ()
    assert hold_of(ledger).state is HoldState.OPEN
    settle_payment(then, ledger, NOW)
    expected = HoldState.POSTED if status is CheckoutStatus.PAID else HoldState.PROCESSING
    assert {hold.hold_id: hold.state for hold in ledger.holds_in(HoldState)}[hold_id] is expected


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


BERLIN = ZoneInfo("Europe/Berlin")
SKONTO = Terms((Discount(date(2026, 11, 21), percent=Decimal(2)),), zone=BERLIN)
LESS = Money(82320, "GBP")
AT_2350 = datetime(2026, 11, 21, 22, 50, tzinfo=UTC)
AT_0005 = AT_2350 + timedelta(minutes=15)


def paid_after_midnight(report: CheckoutReport) -> PaymentReport:
    paid = replace(report, occurred_at=AT_0005, amount=LESS, allocations=(Allocation("1042", LESS),))
    found = payment_in(paid, AT_0005)
    assert found is not None
    return found


@pytest.mark.parametrize("lost", [False, True], ids=["with its hold", "from Stripe alone"])
def test_a_checkout_opened_before_midnight_and_paid_after_it_keeps_its_discount(
    tmp_path: Path, make_invoice: Callable[..., Invoice], *, lost: bool
) -> None:
    """Midnight is the business's: 23:00 in UTC. Without the hold, Stripe's word on when it was opened is as good."""
    invoice = make_invoice(terms=SKONTO)
    with closing(open_ledger(tmp_path / "terms.sqlite")) as ledger:
        ledger.replace_invoices([invoice], [])
        hold = replace(HOLD, allocations=(Allocation("1042", LESS),), created_at=AT_2350)
        with ledger.transaction() as tx:
            if not lost:
                tx.add_hold(hold)
        settle_payment(paid_after_midnight(replace(PAID, opened_at=AT_2350 if lost else None)), ledger, AT_0005)
        (entry,) = ledger.entries_of("1042")
        assert (entry.value_on, entry.occurred_at) == (date(2026, 11, 21), AT_0005)
        assert not balance_of(invoice, (entry,), date(2026, 11, 22)).amount_remaining
        undated = balance_of(invoice, (replace(entry, value_on=None),), date(2026, 11, 22))
        assert undated.amount_remaining == Money(1680, "GBP"), "or the test shows nothing"


def test_a_day_of_its_own_is_noted_only_where_it_differs(tmp_path: Path, make_invoice: Callable[..., Invoice]) -> None:
    """Opened after midnight in Berlin, though before it in UTC; and an invoice without terms."""
    at_2310 = AT_2350 + timedelta(minutes=20)
    for number, (terms, opened) in enumerate(((SKONTO, at_2310), (Terms(), AT_2350))):
        with closing(open_ledger(tmp_path / f"{number}.sqlite")) as ledger:
            ledger.replace_invoices([make_invoice(terms=terms)], [])
            report = replace(paid_after_midnight(PAID), opened_at=opened, created_at=at_2310 + timedelta(hours=1))
            settle_payment(report, ledger, AT_0005)
            assert [entry.value_on for entry in ledger.entries_of("1042")] == [None]


TWO = (Allocation("1042", Money(50000, "GBP")), Allocation("1043", Money(34000, "GBP")))


def test_of_a_payment_for_an_unknown_invoice_the_rest_is_posted_and_later_all_of_it(
    tmp_path: Path, make_invoice: Callable[..., Invoice]
) -> None:
    """A lost ledger whose owner has removed an invoice: what is known counts, and the rest is told, not dropped."""
    report = replace(PAID, allocations=TWO, created_at=NOW, expires_at=NOW + timedelta(hours=1))
    with closing(open_ledger(tmp_path / "lost.sqlite")) as ledger:
        ledger.replace_invoices([make_invoice()], [])
        assert settle(report, ledger, NOW) == Settlement(Outcome.APPLIED, ("1042",), 1)
        assert ledger.entries_of("1043") == ()
        (alarm,) = ledger.alarms()
        assert (alarm.kind, alarm.invoice_key) == (AlarmKind.UNMATCHED, "1043")
        assert "GBP 340.00 of it was not posted" in alarm.what
        assert [problem.field for problem in to_look_at(ledger, NOW.date())] == ["pi_1"]
        other = replace(make_invoice(), key="1043", number="1043")
        ledger.replace_invoices([make_invoice(), other], [])
        assert settle(report, ledger, NOW).stale == ("1042", "1043")
        assert [entry.amount for entry in ledger.entries_of("1043")] == [TWO[1].amount]
        assert list(to_look_at(ledger, NOW.date())) == []


def test_a_payment_over_a_cancelled_invoice_is_posted_and_told_as_too_much(
    ledger: SqlLedger, make_invoice: Callable[..., Invoice]
) -> None:
    """The customer pays two invoices, and the owner cancels both meanwhile: each has its own alarm."""
    cancelled = [make_invoice(cancelled_on=NOW.date()), make_invoice(key="1043", cancelled_on=NOW.date())]
    ledger.replace_invoices(cancelled, [])
    with ledger.transaction() as tx:
        tx.add_hold(replace(HOLD, hold_id="hold_2", allocations=TWO))
    assert settle(replace(PAID, hold_id="hold_2", allocations=TWO), ledger, NOW).appended == 2
    assert [(alarm.kind, alarm.invoice_key, alarm.amount) for alarm in ledger.alarms()] == [
        (AlarmKind.OVERPAID, "1042", TWO[0].amount),
        (AlarmKind.OVERPAID, "1043", TWO[1].amount),
    ]
    assert [problem.field for problem in to_look_at(ledger, NOW.date())] == ["1042", "1043"]


def test_another_portals_payment_is_left_alone_unless_this_ledger_opened_it(ledger: SqlLedger) -> None:
    """Two portals on one account may use the same numbers; a portal that lost its link key still knows its holds."""
    theirs = replace(PAID, is_anothers=True)
    assert settle(replace(theirs, hold_id="hold_of_theirs"), ledger, NOW).outcome is Outcome.IGNORED
    assert ledger.entries_of("1042") == ()
    assert settle(theirs, ledger, NOW).outcome is Outcome.APPLIED
    assert [entry.amount for entry in ledger.entries_of("1042")] == [AMOUNT]


def test_who_pays_a_late_fee_on_its_first_day_pays_no_more_than_was_due(
    tmp_path: Path, make_invoice: Callable[..., Invoice]
) -> None:
    """In Auckland that day begins while it is still the day before in UTC; the owner was told of an overpayment."""
    late = LateFee(LateMode.CHARGED, date(2026, 11, 22), date(2026, 10, 31), flat=Money(1500, "GBP"))
    invoice = make_invoice(terms=Terms(late=late, zone=ZoneInfo("Pacific/Auckland")))
    ledger = open_ledger(tmp_path / "ledger.sqlite")
    ledger.replace_invoices([invoice], [])
    morning = datetime(2026, 11, 21, 20, tzinfo=UTC)
    whole = (Allocation("1042", Money(85500, "GBP")),)
    with ledger.transaction() as tx:
        tx.add_hold(replace(HOLD, allocations=whole, created_at=morning))
    paid = replace(PAID, allocations=whole, amount=Money(85500, "GBP"), occurred_at=morning)
    assert settle(paid, ledger, morning).appended == 1
    assert ledger.alarms() == ()
