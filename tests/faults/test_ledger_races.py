"""Check-then-write by many at once; each race has a twin with the protection off, which has to go wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger import sqlite as ledger_sqlite
from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.ports import LIVE_STATES, Hold, HoldState
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from pathlib import Path

TABS = 8
ROUNDS = 40
NOW = datetime(2026, 11, 5, tzinfo=UTC)
Reserve = Callable[[SqlLedger, str, str], bool]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(open_ledger(tmp_path / "ledger.db")) as opened:
        yield opened


def hold(hold_id: str, key: str) -> Hold:
    """More than half of what is left, so that two of them are one too many."""
    return Hold(hold_id, (Allocation(key, Money(600, "EUR")),), HoldState.CREATING, NOW, NOW + timedelta(hours=1))


def reserve(ledger: SqlLedger, key: str, hold_id: str) -> bool:
    with ledger.transaction() as transaction:
        if sum(each.amount.minor for each in transaction.holds(key, LIVE_STATES)) + 600 > 1000:
            return False
        transaction.add_hold(hold(hold_id, key))
        return True


def reserve_in_two_steps(ledger: SqlLedger, key: str, hold_id: str) -> bool:
    """The protection off: checked in one transaction, written in the next."""
    with ledger.transaction() as transaction:
        free = not transaction.holds(key, LIVE_STATES)
    time.sleep(0.002)
    if free:
        with ledger.transaction() as transaction:
            transaction.add_hold(hold(hold_id, key))
    return free


def race(ledger: SqlLedger, contend: Reserve, rounds: int) -> tuple[list[int], float]:
    """How many tabs got a hold in each round, and the longest that one of them waited, in seconds."""
    barrier = threading.Barrier(TABS)
    waits: list[float] = []

    def one(tab: int, key: str) -> bool:
        barrier.wait(timeout=10)
        started = time.monotonic()
        won = contend(ledger, key, f"{key}-{tab}")
        waits.append(time.monotonic() - started)
        return won

    with ThreadPoolExecutor(TABS) as pool:
        wins = [sum(pool.map(one, range(TABS), [f"INV-{n}"] * TABS)) for n in range(rounds)]
    return wins, max(waits)


def test_tabs_that_click_at_once_never_reserve_too_much(ledger: SqlLedger) -> None:
    wins, longest = race(ledger, reserve, ROUNDS)
    assert wins == [1] * ROUNDS
    assert longest < 5
    with ledger.transaction() as transaction:
        assert all(len(transaction.holds(f"INV-{n}", HoldState)) == 1 for n in range(ROUNDS))


def test_without_one_transaction_the_race_is_lost(ledger: SqlLedger) -> None:
    wins, _ = race(ledger, reserve_in_two_steps, 10)
    assert max(wins) > 1, "this setting has to show the race, or the test above shows nothing"


def outcomes_of_two_tabs(ledger: SqlLedger) -> tuple[int, int]:
    """Holds made and errors raised when two tabs both check before either writes, as far as the ledger lets them."""
    both_checked = threading.Barrier(2)

    def one(hold_id: str) -> None:
        with ledger.transaction() as transaction:
            free = not transaction.holds("INV-1", LIVE_STATES)
            with suppress(threading.BrokenBarrierError):
                both_checked.wait(timeout=0.3)
            if free:
                transaction.add_hold(hold(hold_id, "INV-1"))

    with ThreadPoolExecutor(2) as pool:
        errors = [tab.exception() for tab in [pool.submit(one, name) for name in ("h1", "h2")]]
    with ledger.transaction() as transaction:
        return len(transaction.holds("INV-1", HoldState)), sum(error is not None for error in errors)


def test_the_second_tab_checks_only_after_the_first_has_written(ledger: SqlLedger) -> None:
    assert outcomes_of_two_tabs(ledger) == (1, 0)


def test_begun_without_the_write_lock_a_tab_fails(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_sqlite, "BEGIN_WRITING", "BEGIN DEFERRED")
    holds, errors = outcomes_of_two_tabs(ledger)
    assert holds > 1 or errors > 0, "this setting has to show the race, or the test above shows nothing"


def test_an_entry_that_arrives_many_times_at_once_counts_once(ledger: SqlLedger) -> None:
    def arrive(ledger: SqlLedger, key: str, _tab: str) -> bool:
        with ledger.transaction() as transaction:
            transaction.enqueue_freeze(key)
            return transaction.append(Entry(EntryKind.PAYMENT, key, Money(600, "EUR"), NOW, f"pi_{key}"))

    wins, _ = race(ledger, arrive, 10)
    assert wins == [1] * 10
    assert all(len(entries) == 1 for entries in ledger.entries_by_invoice().values())
    assert len(ledger.stale_invoices()) == 10
