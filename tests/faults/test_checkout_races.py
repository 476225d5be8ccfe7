"""Many clicks at once through the real operation, on each database; each race has a twin that has to be lost."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import clicking
import pytest
from clicking import PART, TOTAL, click, invoice
from memory_gateway import MemoryGateway

from portal.adapters.ledger import postgres as ledger_postgres
from portal.adapters.ledger import sqlite as ledger_sqlite
from portal.adapters.ledger.sql_ledger import SqlLedger, SqlTransaction, open_ledger
from portal.payments.checkout import Opened
from portal.ports import LIVE_STATES
from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TABS = 8
ROUNDS = 25
PROCESSES = 4


@pytest.fixture
def ledger(ledger_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlLedger]:
    # These go back to what they are when the test ends; ``clicking`` sets them.
    monkeypatch.setattr(SqlTransaction, "add_hold", SqlTransaction.add_hold)
    monkeypatch.setattr(ledger_sqlite, "BEGIN_WRITING", ledger_sqlite.BEGIN_WRITING)
    monkeypatch.setattr(ledger_postgres, "lock", ledger_postgres.lock)
    clicking.think_before_writing()
    with closing(open_ledger(ledger_address)) as opened:
        opened.replace_invoices([invoice(f"INV-{number}") for number in range(ROUNDS)], [])
        yield opened


def reserved(ledger: SqlLedger, key: str) -> Money:
    """What live reservations hold of an invoice."""
    with ledger.transaction() as transaction:
        return sum((hold.amount for hold in transaction.holds(key, LIVE_STATES)), zero("GBP"))


def race(
    ledger: SqlLedger, wishes: Sequence[Money | None], rounds: int, languages: Sequence[str | None] = (None,)
) -> tuple[MemoryGateway, Counter[str]]:
    """Every tab clicks every invoice, all tabs at the same moment; the provider, and the kinds of answers."""
    gateway, barrier = MemoryGateway(), threading.Barrier(TABS)
    answers: Counter[str] = Counter()

    def one(tab: int, key: str) -> str:
        barrier.wait(timeout=30)
        wish, language = wishes[tab % len(wishes)], languages[tab % len(languages)]
        return type(click(ledger, gateway, key, wish, language)).__name__

    with ThreadPoolExecutor(TABS) as pool:
        for number in range(rounds):
            answers.update(pool.map(one, range(TABS), [f"INV-{number}"] * TABS))
    return gateway, answers


def test_clicks_at_once_share_one_checkout(ledger: SqlLedger) -> None:
    gateway, answers = race(ledger, [None], ROUNDS)
    keys = [f"INV-{number}" for number in range(ROUNDS)]
    assert [reserved(ledger, key) for key in keys] == [TOTAL] * ROUNDS
    assert [gateway.still_open(key) for key in keys] == [[TOTAL]] * ROUNDS
    assert answers[Opened.__name__] >= ROUNDS * TABS * 0.9, answers


def test_clicks_for_different_sums_never_add_up_to_too_much(ledger: SqlLedger) -> None:
    gateway, answers = race(ledger, [None, PART], ROUNDS // 2)
    for number in range(ROUNDS // 2):
        assert reserved(ledger, f"INV-{number}") <= TOTAL
        assert len(gateway.still_open(f"INV-{number}")) <= 1, "nobody can pay two checkouts of one invoice"
    assert answers[Opened.__name__] >= ROUNDS // 2, answers


def test_clicks_in_different_languages_leave_one_checkout(ledger: SqlLedger) -> None:
    gateway, answers = race(ledger, [None], ROUNDS // 2, [None, "de"])
    for number in range(ROUNDS // 2):
        assert reserved(ledger, f"INV-{number}") == TOTAL
        assert len(gateway.still_open(f"INV-{number}")) <= 1, "nobody can pay two checkouts of one invoice"
    assert answers[Opened.__name__] >= ROUNDS // 2, answers


def test_without_locks_the_race_is_lost(ledger: SqlLedger) -> None:
    clicking.take_locks_away()
    race(ledger, [None], 5)
    most = max(reserved(ledger, f"INV-{number}") for number in range(5))
    assert most > TOTAL, "this setting has to show the race, or the tests above show nothing"


def race_of_processes(address: str, rounds: int, locked: str) -> Counter[str]:
    """Every process clicks every invoice, all processes at the same moment."""
    command = [sys.executable, clicking.__file__, address, str(rounds), "0.05", locked]
    tests = Path(__file__).parents[1]
    environment = {"PYTHONPATH": f"{tests}:{tests.parent}", "PATH": "/usr/bin:/bin"}
    piped = subprocess.PIPE
    children = [
        subprocess.Popen(command, stdin=piped, stdout=piped, text=True, env=environment) for _ in range(PROCESSES)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    begin = f"{time.time() + 0.3}\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write(begin)
        child.stdin.flush()
    told = [child.communicate(timeout=60)[0] for child in children]
    assert [child.returncode for child in children] == [0] * PROCESSES
    answers: Counter[str] = Counter()
    for one in told:
        answers.update(json.loads(one))
    return answers


def test_processes_never_reserve_too_much(ledger: SqlLedger, ledger_address: str) -> None:
    answers = race_of_processes(ledger_address, ROUNDS, "locked")
    assert [reserved(ledger, f"INV-{number}") for number in range(ROUNDS)] == [TOTAL] * ROUNDS
    assert answers[Opened.__name__] >= ROUNDS, answers


def test_processes_without_locks_lose_the_race(ledger: SqlLedger, ledger_address: str) -> None:
    race_of_processes(ledger_address, ROUNDS, "unlocked")
    most = max(reserved(ledger, f"INV-{number}") for number in range(ROUNDS))
    assert most > TOTAL, "this setting has to show the race, or the test above shows nothing"
