"""One mail for each cause: whatever the server does and however often it is tried, nobody gets it twice."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from mail_server import STEPS, Does, MailServer, running

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.mail import Sender, Server, SmtpMailer
from portal.errors import MailError
from portal.mailing.sending import LEASE, MOST_TRIES, Mailing, pause_after
from portal.ports.mail import OUTDATED, Cause, Delivery, Handover, Mail, MailKind, MessageState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
FAULTS = list(product(STEPS, Does))


@dataclass
class Scripted:
    """A mailer that answers as it is told, the last answer for ever."""

    answers: list[Delivery]
    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail, at: datetime) -> Delivery:
        assert at.tzinfo
        self.sent.append(mail)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


SENT = Delivery(Handover.SENT, "250 ok")
WAITS = Delivery(Handover.WAITS, "451 later")
DOWN = Delivery(Handover.WAITS, "Connection refused", is_server_down=True)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(open_ledger(tmp_path / "ledger.db")) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


def mailing(ledger: SqlLedger, clock: Clock, *answers: Delivery) -> tuple[Mailing, Scripted]:
    mailer = Scripted(list(answers) or [SENT])
    return Mailing(ledger, mailer, lambda message, _tx: message.mail, clock), mailer


def mail(number: int = 1, to: str = "maya@example.org") -> tuple[Mail, Cause]:
    cause = Cause(MailKind.RECEIPT, f"pi_{number}", "payment", "1042")
    return Mail(to, f"Mail {number}", "Hello\n", "<p>Hello</p>", cause.message_id, cause.kind), cause


def states(ledger: SqlLedger) -> list[str]:
    return [message.state.value for message in ledger.messages()]


def test_a_mail_is_decided_once_and_sent_once(ledger: SqlLedger, clock: Clock) -> None:
    desk, mailer = mailing(ledger, clock)
    assert desk.post(*mail())
    assert not desk.post(*mail())
    assert desk.deliver_waiting().outcomes == {MessageState.SENT: 1}
    assert desk.deliver_waiting().outcomes == {}
    assert not desk.post(*mail())
    assert [one.subject for one in mailer.sent] == ["Mail 1"]
    (message,) = ledger.messages()
    assert (message.state, message.answer, message.tries) == (MessageState.SENT, "250 ok", 1)


def test_what_was_not_handed_over_is_tried_again_after_a_pause(ledger: SqlLedger, clock: Clock) -> None:
    desk, mailer = mailing(ledger, clock, WAITS, WAITS, SENT)
    desk.post(*mail())
    assert desk.deliver_waiting().outcomes == {MessageState.PLANNED: 1}
    assert desk.deliver_waiting().outcomes == {}, "not at once"
    clock.at += pause_after(1)
    assert desk.deliver_waiting().outcomes == {MessageState.PLANNED: 1}
    assert desk.deliver_waiting(hurry=True).outcomes == {MessageState.SENT: 1}
    assert len(mailer.sent) == 3


def test_pauses_grow_and_trying_ends_after_days(ledger: SqlLedger, clock: Clock) -> None:
    desk, _ = mailing(ledger, clock, WAITS)
    desk.post(*mail())
    while states(ledger) == ["planned"]:
        assert clock.at < NOW + timedelta(days=8)
        clock.at += timedelta(minutes=1)
        desk.deliver_waiting()
    (message,) = ledger.messages()
    assert (message.state, message.tries, message.answer) == (MessageState.FAILED, MOST_TRIES, "451 later")
    assert clock.at > NOW + timedelta(days=4)


def test_a_server_that_takes_nothing_is_not_asked_about_the_others(ledger: SqlLedger, clock: Clock) -> None:
    desk, mailer = mailing(ledger, clock, DOWN)
    for number in range(3):
        desk.post(*mail(number))
    report = desk.deliver_waiting()
    assert report.server_problem == "Connection refused"
    assert len(mailer.sent) == 1
    assert states(ledger) == ["planned"] * 3


def test_one_refused_mail_does_not_keep_the_others(ledger: SqlLedger, clock: Clock) -> None:
    desk, _ = mailing(ledger, clock, Delivery(Handover.REFUSED, "550 nobody"), SENT)
    for number in range(2):
        desk.post(*mail(number))
    assert desk.deliver_waiting().outcomes == {MessageState.FAILED: 1, MessageState.SENT: 1}
    assert ledger.messages()[0].answer == "550 nobody"


def test_a_customer_without_an_address_is_kept_in_view(ledger: SqlLedger, clock: Clock) -> None:
    desk, mailer = mailing(ledger, clock)
    desk.post(*mail(to=""))
    desk.deliver_waiting()
    assert states(ledger) == ["no address"]
    assert mailer.sent == []


def test_a_mail_is_sent_as_it_reads_by_then_or_not_at_all(ledger: SqlLedger, clock: Clock) -> None:
    desk, mailer = mailing(ledger, clock)
    for number in range(2):
        desk.post(*mail(number))
    desk = replace(
        desk,
        rewrite=lambda message, _tx: (
            replace(message.mail, text="By now\n") if "1" in message.mail.subject else OUTDATED
        ),
    )
    assert desk.deliver_waiting().outcomes == {MessageState.OVERTAKEN: 1, MessageState.SENT: 1}
    assert [one.text for one in mailer.sent] == ["By now\n"]
    assert [message.mail.text for message in ledger.messages()] == ["Hello\n", "By now\n"]


# ---- outcomes nobody knows


def test_an_unknown_outcome_is_never_sent_again_but_by_the_owners_word(ledger: SqlLedger, clock: Clock) -> None:
    desk, mailer = mailing(ledger, clock, Delivery(Handover.UNKNOWN, "lost"), SENT)
    desk.post(*mail())
    desk.deliver_waiting()
    clock.at += timedelta(days=30)
    desk.deliver_waiting(hurry=True)
    assert (states(ledger), len(mailer.sent)) == (["unknown"], 1)
    desk.retry(mail()[1].message_id)
    assert desk.deliver_waiting().outcomes == {MessageState.SENT: 1}
    assert len(mailer.sent) == 2


def test_what_was_sent_or_is_not_known_is_not_retried(ledger: SqlLedger, clock: Clock) -> None:
    desk, _ = mailing(ledger, clock)
    desk.post(*mail())
    desk.deliver_waiting()
    for message_id in (mail()[1].message_id, "0" * 16):
        with pytest.raises(MailError):
            desk.retry(message_id)


class KilledError(BaseException):
    """The program ends here."""


@pytest.mark.parametrize("after", ["claim", "handover"])
def test_a_killed_sender_leaves_an_unknown_outcome(ledger: SqlLedger, clock: Clock, after: str) -> None:
    desk, mailer = mailing(ledger, clock)
    desk.post(*mail())

    class Dying(Scripted):
        def send(self, mail: Mail, at: datetime) -> Delivery:
            if after == "handover":
                super().send(mail, at)
            raise KilledError

    with pytest.raises(KilledError):
        replace(desk, mailer=Dying([SENT], mailer.sent)).deliver_waiting()
    assert states(ledger) == ["sending"]
    assert desk.deliver_waiting().outcomes == {}, "perhaps somebody is just sending it"
    clock.at += LEASE
    assert desk.deliver_waiting().outcomes == {MessageState.UNKNOWN: 1}
    assert desk.deliver_waiting().outcomes == {}
    assert len(mailer.sent) == (after == "handover")


def test_a_slow_sender_that_was_given_up_still_says_how_it_ended(ledger: SqlLedger, clock: Clock) -> None:
    desk, _ = mailing(ledger, clock)
    desk.post(*mail())

    class Slow(Scripted):
        def send(self, mail: Mail, at: datetime) -> Delivery:
            clock.at += LEASE
            desk.deliver_waiting()
            assert states(ledger) == ["unknown"]
            return super().send(mail, at)

    replace(desk, mailer=Slow([SENT])).deliver_waiting()
    assert states(ledger) == ["sent"]


def test_two_senders_at_once_send_each_mail_once(ledger: SqlLedger, clock: Clock) -> None:
    desk, mailer = mailing(ledger, clock)
    for number in range(4):
        desk.post(*mail(number))

    class Meeting(Scripted):
        def send(self, mail: Mail, at: datetime) -> Delivery:
            desk.deliver_waiting()
            return super().send(mail, at)

    replace(desk, mailer=Meeting([SENT], mailer.sent)).deliver_waiting()
    assert sorted(one.subject for one in mailer.sent) == ["Mail 0", "Mail 1", "Mail 2", "Mail 3"]
    assert states(ledger) == ["sent"] * 4


# ---- with a server that misbehaves


def test_the_faults_are_many() -> None:
    assert len(FAULTS) >= 40


@pytest.mark.parametrize(("step", "does"), FAULTS)
def test_no_fault_of_a_server_makes_it_arrive_twice(ledger: SqlLedger, clock: Clock, step: str, does: Does) -> None:
    """Troubled, then well again: what may be sent again arrives, and what may have arrived is not sent again."""
    with running(MailServer(trouble=(step, does))) as server:
        mailer = SmtpMailer(
            Server("127.0.0.1", server.port, "none"), Sender("Sample", "hello@example.com"), answer_seconds=0.25
        )
        desk = Mailing(ledger, mailer, lambda message, _tx: message.mail, clock)
        desk.post(*mail())
        desk.deliver_waiting()
        taken = len(server.received)
        server.trouble = None
        for _ in range(3):
            clock.at += timedelta(days=1)
            desk.deliver_waiting(hurry=True)
    (message,) = ledger.messages()
    assert len(server.received) <= 1
    if message.state is MessageState.SENT:
        assert len(server.received) == 1
    else:
        assert message.state in {MessageState.UNKNOWN, MessageState.FAILED}
        assert len(server.received) == taken
