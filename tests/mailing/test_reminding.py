"""Reminders of a running portal: each step once, nobody reminded of what is settled, and the end of it in one click."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from portal.answers.wishes import PromiseWish
from portal.bookkeeping.entries import OwnerEntries
from portal.bookkeeping.wishes import PaidBy, RecordPayment
from portal.cli import main
from portal.errors import GatewayUnreachableError, Problem
from portal.ports.mail import Delivery, Handover, MailKind, MessageState
from portal.receivables.dunning import Verdict
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.receivables.reminder_holds import HoldReason
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    from portal.mailing.post_office import PostOffice
    from portal.mailing.reminding import Reminding
    from portal.ports.mail import Mail, Message
    from portal.receivables.dunning import Outcome
    from portal.wiring.portal import Portal

SETTINGS = '\n[mail]\nfrom = "hello@example.com"\nowner = "owner@example.com"\n[reminders]\n'
MONDAY, LATER, MUCH_LATER = date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 30)
"""The invoice was due on Saturday, 31 October: friendly on the 7th, personal on the 14th, follow-up on the 28th."""


@pytest.fixture
def reminded(world: World) -> Callable[..., World]:
    """A world in which reminders were on long before the invoice was due."""

    def begin(settings: str = SETTINGS) -> World:
        path = world.folders.content / "portal.toml"
        path.write_text(path.read_text() + settings, encoding="utf-8")
        world.build()
        world.open().ledger.switch_mail({MailKind.REMINDER}, (), datetime(2026, 9, 1, tzinfo=UTC))
        world.serve_again()
        return world

    return begin


def on(world: World, day: date) -> Portal:
    return replace(world.served(), fixed_day=day)


def office(world: World, day: date = MONDAY) -> tuple[PostOffice, Reminding]:
    found = on(world, day).post_office()
    assert found.reminding is not None
    return found, found.reminding()


def remind(world: World, day: date = MONDAY) -> list[Message]:
    """What one run sends."""
    before = {one.mail.message_id for one in reminders(world) if one.state in {MessageState.WRITTEN, MessageState.SENT}}
    on(world, day).post_office().attend(hurry=True, remind=True)
    return [one for one in reminders(world) if one.state is MessageState.WRITTEN and one.mail.message_id not in before]


def reminders(world: World) -> list[Message]:
    return [one for one in world.open().ledger.messages() if one.cause.kind is MailKind.REMINDER]


def outcome(world: World, day: date = MONDAY, key: str = "1042") -> Outcome:
    _office, reminding = office(world, day)
    return next(one for looked in reminding.look() for one in looked.decision.outcomes if one.key == key)


def held_by(world: World, day: date = MONDAY) -> HoldReason | None:
    found = outcome(world, day)
    return found.hold.reason if found.hold else None


def claims(world: World, key: str = "1042") -> dict[str, bool]:
    found = world.open().ledger.reminder_claims_by_invoice().get(key, ())
    return {claim.name: claim.message_id is not None for claim in found}


def record(world: World, amount: int, on_day: date = MONDAY) -> None:
    portal = replace(world.open(), fixed_day=on_day)
    wish = RecordPayment(Money(amount, "GBP"), on_day, PaidBy.TRANSFER, "bank")
    OwnerEntries(portal.ledger, None, now, portal.today).write("1042", wish)


def test_each_step_goes_out_once_and_the_missed_ones_never(reminded: Callable[..., World]) -> None:
    """A reminder a day for ever: tendenci, issue 1382."""
    world = reminded()
    (first,) = remind(world)
    assert remind(world) == []
    assert claims(world) == {"before-due": False, "due": False, "friendly": True}
    assert first.mail.subject == "Invoice 1042: £840.00 left to pay"
    assert first.mail.to == "accounts@example.com"
    for words in ("£840.00 is left to pay", "It was due on: 31 October 2026", world.open().url_of("1042")):
        assert words in " ".join(first.mail.text.split()), words
    assert remind(world, date(2026, 11, 15)) == [], "a Sunday"
    (second,) = remind(world, LATER)
    assert second.mail.subject == "Invoice 1042: how can we help?"
    assert remind(world, date(2026, 11, 29)) == []
    (third,) = remind(world, MUCH_LATER)
    assert "still left to pay" in third.mail.subject
    assert len({one.mail.message_id for one in (first, second, third)}) == 3


def test_who_has_paid_meanwhile_gets_none(reminded: Callable[..., World]) -> None:
    """Reminded though paid: akaunting, issue 259. The mail was written down, and the sum came before it was sent."""
    world = reminded()
    desk, reminding = office(world)
    assert len(reminding.post_due()) == 1
    record(world, 84000)
    assert desk.mailing is not None
    desk.mailing.deliver_waiting(hurry=True)
    assert [one.state for one in reminders(world)] == [MessageState.OVERTAKEN]
    assert remind(world, MUCH_LATER) == []


def test_a_part_that_was_paid_meanwhile_is_in_the_mail(reminded: Callable[..., World]) -> None:
    world = reminded()
    record(world, 30000, date(2026, 11, 1))
    (message,) = remind(world)
    assert "Paid so far: £300.00 of £840.00" in message.mail.text
    assert message.mail.subject == "Invoice 1042: £540.00 left to pay"


def test_stripe_is_asked_before_anything_is_written(reminded: Callable[..., World]) -> None:
    world = reminded()
    world.at_checkout(world.pay().headers["Location"], webhook="lose")
    assert world.entries() == ()
    assert remind(world) == []
    assert world.balance().amount_remaining.minor == 0


def test_what_stripe_says_in_that_moment_counts(reminded: Callable[..., World]) -> None:
    world = reminded()
    _desk, reminding = office(world)
    assert replace(reminding, refresh=lambda: record(world, 84000)).post_due() == ()
    assert reminders(world) == []


def test_where_stripe_cannot_be_asked_nothing_is_sent_and_other_mails_are(
    reminded: Callable[..., World],
) -> None:
    world = reminded()
    desk, reminding = office(world)

    def silent() -> None:
        raise GatewayUnreachableError(Problem("Stripe does not answer.", "Try again."))

    deaf = replace(desk, reminding=lambda: replace(reminding, refresh=silent))
    assert deaf.attend(remind=True, hurry=True).new == 0
    assert reminders(world) == []


def test_several_invoices_are_one_mail_that_leads_to_their_statement(reminded: Callable[..., World]) -> None:
    """15 mails for five installments: FreshBooks."""
    world = reminded()
    for number in range(1043, 1047):
        world.invoice(str(number), total="100.00", due_on="2026-10-26")
    world.build()
    (message,) = remind(world)
    assert message.mail.subject == "5 invoices: £1,240.00 left to pay"
    assert "/s/" in message.mail.text
    assert "Invoice 1043, was due on 26 October 2026: £100.00" in message.mail.text
    assert {name for key in ("1042", "1046") for name, sent in claims(world, key).items() if sent} >= {"friendly"}
    assert remind(world) == []


def test_a_promise_holds_and_once_broken_no_more(reminded: Callable[..., World]) -> None:
    world = reminded()
    replace(world.open(), fixed_day=MONDAY).answering().say("1042", PromiseWish(date(2026, 11, 20)))
    assert held_by(world) is HoldReason.PROMISED
    assert remind(world, LATER) == []
    assert len(remind(world, date(2026, 11, 23))) == 1


def test_what_the_owner_pauses_waits_until_after_that_day(reminded: Callable[..., World]) -> None:
    world = reminded()
    folders = ["--content", str(world.folders.content), "--state", str(world.folders.state)]
    folders += ["--output", str(world.folders.output), "--as-of", MONDAY.isoformat()]
    paused = CliRunner().invoke(main, ["pause", "1042", "--until", "2026-11-16", "--why", "on holiday", *folders])
    assert paused.output == "Reminders of invoice 1042 are paused until 2026-11-16, that day included.\n"
    assert held_by(world, LATER) is HoldReason.PAUSED
    assert remind(world, LATER) == []
    assert outcome(world, date(2026, 11, 17)).verdict is Verdict.SEND
    story = CliRunner().invoke(main, ["explain", "1042", *folders]).output
    assert "you paused reminders until 2026-11-16" in story
    assert "| on holiday" in story
    assert "Held: you paused its reminders, until 2026-11-16 (on holiday)." in story
    assert CliRunner().invoke(main, ["pause", "1042", "--end", *folders]).exit_code == 0
    assert held_by(world) is None
    again = CliRunner().invoke(main, ["pause", "1042", "--end", *folders])
    assert again.exit_code == 1
    assert "not paused" in again.output


@dataclass
class Scripted:
    """A mailer that answers as it is told, and keeps what it was given."""

    answer: Delivery
    given: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail, at: datetime) -> Delivery:
        assert at.tzinfo
        self.given.append(mail)
        return self.answer


UNKNOWN = Delivery(Handover.UNKNOWN, "lost")
REFUSED = Delivery(Handover.REFUSED, "550 no such user")
WAITS = Delivery(Handover.WAITS, "451 later")


def run_with(world: World, answer: Delivery, day: date) -> list[Mail]:
    desk, reminding = office(world, day)
    assert desk.mailing is not None
    mailer = Scripted(answer)
    reminding.post_due()
    replace(desk.mailing, mailer=mailer).deliver_waiting(hurry=True)
    return mailer.given


def test_a_mail_that_may_have_arrived_is_not_sent_again_in_the_same_step(reminded: Callable[..., World]) -> None:
    world = reminded()
    assert len(run_with(world, UNKNOWN, MONDAY)) == 1
    assert run_with(world, UNKNOWN, date(2026, 11, 13)) == []
    (personal,) = run_with(world, UNKNOWN, LATER)
    assert "how can we help" in personal.subject


def test_an_address_that_was_refused_gets_no_more(reminded: Callable[..., World]) -> None:
    world = reminded()
    run_with(world, REFUSED, MONDAY)
    assert held_by(world, LATER) is HoldReason.ADDRESS_REFUSED
    assert run_with(world, REFUSED, LATER) == []


def test_what_could_not_be_handed_over_by_day_waits_for_the_next_day(
    reminded: Callable[..., World],
) -> None:
    """At night its step is given back; the next morning the same mail, with the same Message-ID, is taken up again."""
    world = reminded()
    (tried,) = run_with(world, WAITS, date(2026, 11, 13))
    assert remind(world, date(2026, 11, 14)) == [], "a Saturday"
    assert [one.state for one in reminders(world)] == [MessageState.OVERTAKEN]
    assert "friendly" not in claims(world)
    sent = remind(world, LATER)
    assert len(sent) == 1
    assert tried.subject == "Invoice 1042: £840.00 left to pay"


def test_the_end_of_reminders_takes_one_click_and_looking_changes_nothing(reminded: Callable[..., World]) -> None:
    """RFC 8058; and mail programs that open every address end nothing."""
    world = reminded()
    (message,) = remind(world)
    found = re.search(rf"{re.escape(world.url)}/reminders\?stop=\S+", message.mail.text)
    assert found
    asked = requests.get(found[0], timeout=10)
    assert asked.status_code == 200
    assert "No more reminders?" in asked.text
    assert world.entries() == ()
    for _ in range(2):
        done = requests.post(found[0], data={"List-Unsubscribe": "One-Click"}, timeout=10)
        assert done.status_code == 200
    assert [entry.kind for entry in world.entries()] == [EntryKind.REMINDERS_STOPPED]
    assert held_by(world, LATER) is HoldReason.STOPPED
    assert remind(world, LATER) == []
    page = world.page()
    assert "You asked us on" in page
    assert "Pay £840.00 now" in page
    mails = [one for one in world.open().ledger.messages() if one.cause.kind is not MailKind.REMINDER]
    assert {one.mail.to for one in mails} == {"owner@example.com"}, "who wants no mail gets none about that"
    assert "no more email reminders" in mails[-1].mail.text
    said = {"token": world.form(page)["token"], "want": "take_back", "answer": world.entries()[0].external_id}
    requests.post(f"{world.url}/answer", data=said, timeout=10)
    assert outcome(world, LATER).verdict is Verdict.SEND


@pytest.mark.parametrize("code", ["", "0" * 40, "zz", "0123456789abcdef" + "a" * 24])
def test_an_address_nobody_made_ends_nothing(reminded: Callable[..., World], code: str) -> None:
    world = reminded()
    remind(world)
    assert requests.post(f"{world.url}/reminders?stop={code}", timeout=10).status_code == 404
    assert world.entries() == ()


def test_without_reminders_none_is_sent_and_the_command_says_how(reminded: Callable[..., World]) -> None:
    world = reminded(SETTINGS.replace("[reminders]\n", ""))
    on(world, MONDAY).post_office().attend(hurry=True, remind=True)
    assert reminders(world) == []
    told = CliRunner().invoke(
        main, ["remind", "--content", str(world.folders.content), "--state", str(world.folders.state)]
    )
    assert told.exit_code == 1
    assert "Add [reminders] to portal.toml" in told.output


def test_the_command_says_who_gets_what_who_is_held_and_what_comes_next(reminded: Callable[..., World]) -> None:
    world = reminded()
    world.write("invoices/1050.md", INVOICE.format(number="1050", name="Other Customer", email=""))
    world.write("invoices/1051.md", INVOICE.format(number="1051", name="Third", email='email = "c@example.org"'))
    world.build()
    folders = ["--content", str(world.folders.content), "--state", str(world.folders.state)]
    folders += ["--output", str(world.folders.output), "--as-of", MONDAY.isoformat()]
    dry = CliRunner().invoke(main, ["remind", "--dry-run", *folders]).output
    assert re.search(r"friendly +Sample Customer Ltd +1042 +GBP 840.00 +2026-10-31\n", dry)
    assert re.search(r"1050 +Other Customer +friendly +the customer has no e-mail address", dry)
    assert reminders(world) == []
    real = CliRunner().invoke(main, ["remind", *folders]).output
    assert re.search(r"1042 .* written", real)
    assert re.search(r"Next:\n.*\n +2026-11-16 +personal +1042", real), "not on Saturday, the 14th"
    assert len(reminders(world)) == 2
    story = CliRunner().invoke(main, ["explain", "1042", *folders]).output
    assert 'reminder friendly to accounts@example.com was written to a file: "Invoice 1042: £840.00' in story
    assert "reminder due was passed over" in story
    assert "Next: the reminder personal, on 2026-11-16 at the earliest." in story


INVOICE = """+++
number = "{number}"
customer = "{name}"
{email}
issued_on = 2026-10-01
due_on = 2026-10-31
currency = "GBP"
total = "10.00"
+++
"""
