"""Pages left to `portal work`: a customer waits for it a moment, and is told the truth where it does not come."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from portal.building.freeze import PageFreezer
from portal.cli import main
from portal.errors import PortalError
from portal.live import outbox_worker
from portal.live.outbox_worker import LeftToWorker, OutboxWorker
from portal.serving import assemble

if TYPE_CHECKING:
    from world import World


@pytest.fixture
def left(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose server leaves pages and mails to somebody else."""
    monkeypatch.setattr(outbox_worker, "WAIT_SECONDS", 0.3)
    world.parts.stop()
    settings = world.open().settings
    world.parts = assemble(settings, world.folders, world.day, works=False)
    world.parts.start()
    return world


def test_a_customer_comes_back_to_a_page_that_the_worker_froze(left: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_worker, "WAIT_SECONDS", 10.0)
    worker = OutboxWorker(PageFreezer(left.open()), 0.05)
    worker.start()
    answer = left.come_back(left.at_checkout(left.pay().headers["Location"]))
    worker.stop()
    assert answer.status_code == 303
    assert "Paid in full" in left.page()


def test_without_a_worker_a_customer_is_thanked_and_the_page_waits(left: World) -> None:
    answer = left.come_back(left.at_checkout(left.pay().headers["Location"]))
    assert answer.status_code == 200
    assert "Paid in full" not in left.page()
    assert left.open().ledger.stale_invoices() == ("1042",)
    folders = left.folders
    where = ["--content", folders.content, "--output", folders.output, "--state", folders.state]
    main([*map(str, ["work", "--once", *where]), "--as-of", left.day.isoformat()], standalone_mode=False)
    assert "Paid in full" in left.page()


def test_a_worker_that_lets_one_wait_in_vain_is_not_waited_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_worker, "WAIT_SECONDS", 0.3)
    ledger = world.open().ledger
    with ledger.transaction() as tx:
        tx.enqueue_freeze("1042")
    left = LeftToWorker(ledger)
    with pytest.raises(PortalError, match="portal work"):
        left.freeze_stale()
    began = time.monotonic()
    with pytest.raises(PortalError):
        left.freeze_stale()
    assert time.monotonic() - began < 0.25
    ledger.freeze_done("1042", 10)
    assert left.freeze_stale() == 0


def test_workers_at_once_do_not_hinder_each_other(world: World) -> None:
    for number in range(8):
        world.invoice(f"2{number}")
    world.build()
    with world.open().ledger.transaction() as tx:
        for number in range(8):
            tx.enqueue_freeze(f"2{number}")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda freezer: freezer.freeze_stale(), [PageFreezer(world.open()) for _ in range(3)]))
    assert world.open().ledger.stale_invoices() == ()
    assert world.build().pages.written == 0
