"""A process that is killed around a commit: what was acknowledged stays, what was not leaves nothing."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.ports import Hold, HoldState
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NOW = datetime(2026, 11, 5, tzinfo=UTC)
EURO = Money(600, "EUR")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(open_ledger(tmp_path / "ledger.db")) as opened:
        yield opened


def settle(ledger: SqlLedger, external_id: str, *, die_after: int | None = None) -> None:
    """Four writes in one transaction; dies after the n-th of them, the fifth being the commit."""

    def wrote(number: int) -> None:
        if die_after == number:
            os.kill(os.getpid(), signal.SIGKILL)

    with ledger.transaction() as transaction:
        transaction.append(Entry(EntryKind.PAYMENT, "INV-1", EURO, NOW, external_id))
        wrote(1)
        transaction.add_hold(
            Hold(external_id, (Allocation("INV-1", EURO),), HoldState.POSTED, NOW, NOW + timedelta(hours=1))
        )
        wrote(2)
        transaction.enqueue_freeze("INV-1")
        wrote(3)
        transaction.write_notes()
        wrote(4)
    wrote(5)


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_a_killed_transaction_is_whole_or_nothing(ledger: SqlLedger, step: int) -> None:
    child = os.fork()
    if not child:
        settle(ledger, "pi_1", die_after=step)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    committed = step == 5
    assert len(ledger.entries_of("INV-1")) == committed
    assert len(ledger.stale_invoices()) == committed
    with ledger.transaction() as transaction:
        assert (transaction.hold("pi_1") is not None) == committed
    settle(ledger, "pi_2")
    assert len(ledger.entries_of("INV-1")) == committed + 1
