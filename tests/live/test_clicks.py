"""A busy ledger is met with patience, and not for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger
from portal.errors import LedgerBusyError
from portal.live.clicks import PATIENCE_SECONDS, TRIES, patient
from portal.ports import HoldState

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from world import World

    from portal.adapters.ledger.sql_ledger import SqlTransaction


class Busy:
    """A ledger that is busy so many times."""

    def __init__(self, times: int, seconds: float = 0.0) -> None:
        self.times, self.seconds, self.calls, self.waits = times, seconds, 0, list[float]()

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise LedgerBusyError(())
        return "answered"


def test_a_busy_ledger_is_tried_again_with_growing_pauses() -> None:
    busy = Busy(TRIES - 1)
    assert patient(busy, busy.waits.append)() == "answered"
    assert busy.waits == sorted(set(busy.waits))
    assert len(busy.waits) == TRIES - 1


def test_one_that_stays_busy_is_told() -> None:
    busy = Busy(TRIES)
    with pytest.raises(LedgerBusyError):
        patient(busy, busy.waits.append)()
    assert busy.calls == TRIES


def test_nobody_waits_for_long_at_a_button(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, clock = Busy(1), iter((0.0, PATIENCE_SECONDS + 1))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with pytest.raises(LedgerBusyError):
        patient(busy, busy.waits.append)()
    assert (busy.calls, busy.waits) == (1, [])


def test_a_click_on_a_busy_ledger_opens_one_checkout(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Busy before the hold, and busy again when its address is to be kept: the same checkout is found again."""
    page = world.page()
    begin, calls = SqlLedger.transaction, list[int]()

    def sometimes(ledger: SqlLedger) -> AbstractContextManager[SqlTransaction]:
        calls.append(1)
        if len(calls) in {1, 4}:
            raise LedgerBusyError(())
        return begin(ledger)

    monkeypatch.setattr(SqlLedger, "transaction", sometimes)
    monkeypatch.setattr(world, "page", lambda _key="1042": page)
    answer = world.pay()
    monkeypatch.undo()
    assert answer.status_code == 303
    assert len(calls) > 4
    held = world.open().ledger.holds_in(HoldState)
    assert [(hold.state, hold.url) for hold in held] == [(HoldState.OPEN, answer.headers["Location"])]
