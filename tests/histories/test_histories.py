"""Random histories of a shop, audited after each step against the sandbox's own books.

``PORTAL_HISTORIES=2000`` sets how many: the first are the same every time, the others differ from day to day. A failure
prints its shortest steps and its number; ``PORTAL_HISTORY=37 make histories`` plays one again.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from machine import SIMULATION
from simulation import ran

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable

HISTORIES = int(os.environ.get("PORTAL_HISTORIES", "60"))
ALWAYS = 60
SHARES = 8
FRESH = datetime.now(UTC).date().toordinal() * 100_000


def _play(seeds: Iterable[int], record_property: Callable[[str, object], None]) -> Counter[str]:
    """Play these histories; what happened in them is added up when all tests are over."""
    before = ran.copy()
    for seed in seeds:
        SIMULATION.run(seed)
        ran["histories"] += 1
    happened = ran - before
    record_property("happened", dict(happened))
    return happened


@pytest.mark.skipif("PORTAL_HISTORY" not in os.environ, reason="PORTAL_HISTORY names no history to play again")
def test_one_history_again(record_property: Callable[[str, object], None]) -> None:
    _play(map(int, os.environ["PORTAL_HISTORY"].split(",")), record_property)


def test_the_same_histories_every_time(record_property: Callable[[str, object], None]) -> None:
    """Everything happens in them: if few people paid, the other histories would show nothing either."""
    happened = _play(range(ALWAYS), record_property)
    record_property("expected", EVERYTHING)
    assert [one for one in EVERYTHING if not happened[one]] == []


@pytest.mark.parametrize("share", range(SHARES))
def test_new_histories_every_day(share: int, record_property: Callable[[str, object], None]) -> None:
    """Shares of the whole, so that several processes can play them."""
    _play(range(FRESH + share, FRESH + max(HISTORIES - ALWAYS, SHARES), SHARES), record_property)


EVERYTHING = (
    "click all",
    "click a part",
    "click several",
    "click what is due",
    "pay",
    "pay by bank debit",
    "decline",
    "approve",
    "save a card",
    "come back",
    "debit arrives",
    "debit fails",
    "webhook",
    "webhook again",
    "refund",
    "refund a part",
    "refund fails",
    "dispute",
    "inquiry",
    "dispute won",
    "dispute lost",
    "dispute opened again",
    "enter payment",
    "enter credit note",
    "enter write-off",
    "enter void",
    "enter reversal",
    "enter fee waived",
    "agree a plan automatic",
    "agree a plan by hand",
    "agree a plan over several invoices",
    "go on with a plan",
    "say: problem",
    "say: promise",
    "say: paid",
    "answer closed",
    "answer taken back",
    "stop a plan",
    "collect",
    "charge succeeded",
    "charge declined",
    "charge needs approval",
    "charge begun",
    "sync",
    "sync from the beginning",
    "minutes pass",
    "days pass",
    "trouble before the effect",
    "trouble after the effect",
    "stopped by trouble",
    "killed",
    "between: pays",
    "between: clicks",
    "between: collects",
    "between: syncs",
    "between: webhook",
    "between: records",
)
