"""Mails beside the requests: within seconds, and a worker that no failure ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from portal.live import mail_worker
from portal.live.mail_worker import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, LOOK_SECONDS, MailWorker
from portal.mailing.post_office import PostReport
from portal.mailing.sending import DeliveryReport

if TYPE_CHECKING:
    import pytest
    from world import World


class Office:
    """A post office whose rounds go as they are told."""

    mailing = object()

    def __init__(self, *rounds: str | Exception | None) -> None:
        self.rounds = list(rounds)
        self.calendars: list[bool] = []

    def attend(self, *, calendar: bool, remind: bool) -> PostReport:
        assert remind is calendar
        self.calendars.append(calendar)
        outcome = self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]
        if isinstance(outcome, Exception):
            raise outcome
        return PostReport(0, DeliveryReport({}, outcome))


def worker(office: Office) -> MailWorker:
    return MailWorker(office)  # type: ignore[arg-type]  # a stand-in


def until(wanted: object, found: object) -> None:
    deadline = time.monotonic() + 10
    while not callable(found) or found() != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_payment_is_receipted_within_seconds(world: World) -> None:
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + '\n[mail]\nfrom = "hello@example.com"\n', encoding="utf-8")
    world.serve_again()
    until(True, lambda: bool(world.open().ledger.mail_switches()))
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    until(["written"], lambda: [message.state.value for message in world.open().ledger.messages()])


def test_a_server_that_takes_nothing_is_left_alone_ever_longer() -> None:
    office = Office("Connection refused", "Connection refused", None)
    one = worker(office)
    assert [one._attend(), one._attend(), one._attend()] == [FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS, LOOK_SECONDS]
    again = worker(Office("Connection refused"))
    assert max(again._attend() for _ in range(20)) == LONGEST_PAUSE_SECONDS


def test_what_the_day_brings_is_looked_for_now_and_then() -> None:
    office = Office(None)
    one = worker(office)
    for _ in range(3):
        one._attend()
    assert office.calendars == [True, False, False]


def test_no_failure_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_worker, "FIRST_PAUSE_SECONDS", 0.01)
    office = Office(RuntimeError("the disk is full"), RuntimeError("still"), None)
    one = worker(office)
    one.start()
    until(3, lambda: min(len(office.calendars), 3))
    one.stop()


def test_without_mail_it_looks_once(world: World) -> None:
    until(False, world.parts.workers[-1]._thread.is_alive)
