"""Months of customers who pay, promise, complain and stop, mail servers that fail, and days on which nothing ran."""

from __future__ import annotations

import random
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from portal.adapters.holiday_calendars import is_holiday
from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.mail import Sender, compose
from portal.config import Settings
from portal.mailing.sending import Mailing
from portal.mails import MailWriter
from portal.ports.mail import Delivery, Handover, MailKind, MessageState
from portal.receivables.balance import balance_of
from portal.receivables.dunning import Verdict
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money
from portal.wiring.reminders import reminding_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.mailing.reminding import Reminding
    from portal.ports.mail import Mail

FIRST = date(2026, 8, 3)
MORNING = datetime.combine(FIRST, time(9), UTC)
CUSTOMERS = (
    Customer("Maya R.", "maya@example.org", "en-GB", reference="C-1"),
    Customer("Tokio KK", "tokio@example.org", "en", reference="C-2", timezone="Asia/Tokyo"),
    Customer("Bäckerei", "brot@example.org", "de-DE", reference="C-3", timezone="Europe/Berlin"),
)
SETTINGS = Settings.model_validate(
    {
        "business": {"name": "Sample Business"},
        "portal": {"timezone": "Europe/London", "base_url": "https://pay.example.com"},
        "mail": {"from": "hello@example.com"},
        "reminders": {
            "holidays": "GB-ENG",
            "consequences": {"work_pauses": {}, "final_date": {"then": "After that day we ask the court to decide."}},
        },
    }
)


@dataclass
class Clock:
    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at

    def day(self) -> date:
        return self.at.astimezone(ZoneInfo("Europe/London")).date()


@dataclass
class Server:
    """A mail server of moods; it keeps what it took, or may have taken."""

    clock: Clock
    mood: Handover = Handover.SENT
    taken: list[tuple[datetime, Mail]] = field(default_factory=list)

    def send(self, mail: Mail, at: datetime) -> Delivery:
        compose(mail, Sender("Sample Business", "hello@example.com"), at)
        if self.mood in {Handover.SENT, Handover.UNKNOWN}:
            self.taken.append((self.clock(), mail))
        return Delivery(self.mood, self.mood.value)


@dataclass
class Life:
    """A portal's reminders without its pages."""

    ledger: SqlLedger
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.server = Server(self.clock)
        writer = MailWriter(SETTINGS, lambda key: f"https://pay.example.com/i/{key}/", is_live=True)
        self.reminding: Reminding = reminding_of(
            SETTINGS,
            Path("/nowhere"),
            self.ledger,
            b"k" * 32,
            writer,
            page_over=lambda some: writer.url_of(some[0].key) if len(some) == 1 else None,
            opens=lambda key: key != "unlinked",
            refresh=lambda: None,
            now=self.clock,
            today=self.clock.day,
            fixed_day=None,
        )
        self.mailing = Mailing(self.ledger, self.server, self.reminding.rewrite, self.clock)

    def begin(self, *invoices: Invoice) -> None:
        self.ledger.replace_invoices(invoices, [])
        self.ledger.switch_mail({MailKind.REMINDER}, (), self.clock())

    def run(self) -> None:
        self.reminding.post_due()
        self.mailing.deliver_waiting(hurry=True)

    def note(self, kind: EntryKind, key: str, minor: int = 100, **fields: object) -> None:
        with self.ledger.transaction() as tx:
            number = f"{kind.value} {len(tx.entries(key))}"
            plain = Entry(kind, key, Money(minor, "GBP"), self.clock(), number)
            tx.append(replace(plain, **fields))  # type: ignore[arg-type]

    def left(self, key: str) -> int:
        invoice = self.ledger.invoice(key)
        assert invoice is not None
        return balance_of(invoice, self.ledger.entries_of(key), self.clock.day()).amount_remaining.minor


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with closing(open_ledger(tmp_path / "ledger.db")) as ledger:
        yield Life(ledger)


def invoice(key: str, customer: Customer, due_on: date, minor: int = 84000) -> Invoice:
    total = Money(minor, "GBP")
    return Invoice(key, key, customer, total, total, due_on - timedelta(30), due_on, f"invoices/{key}.md")


def london(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo("Europe/London")).astimezone(UTC)


def test_it_is_daytime_where_the_customer_lives(life: Life) -> None:
    """At the wrong hour, in the wrong zone: invoiceninja, issue 8974."""
    life.begin(*(invoice(str(n), customer, FIRST - timedelta(1)) for n, customer in enumerate(CUSTOMERS)))
    for hour in range(48):
        life.clock.at = datetime.combine(FIRST + timedelta(14), time(0), UTC) + timedelta(hours=hour)
        life.run()
    when = {mail.to: f"{at:%a %H:%M}" for at, mail in life.server.taken}
    assert when == {"tokio@example.org": "Mon 00:00", "brot@example.org": "Mon 06:00", "maya@example.org": "Mon 07:00"}


def test_holidays_are_those_of_the_owner_and_of_the_customers_country(life: Life) -> None:
    """1 January is everybody's, 31 August the owner's (England), 5 October nobody's; 3 October is on a Saturday."""
    life.begin(*(invoice(str(n), customer, date(2026, 8, 24)) for n, customer in enumerate(CUSTOMERS)))
    life.clock.at = london(date(2026, 8, 31))
    life.run()
    assert life.server.taken == []
    life.clock.at = london(date(2026, 9, 1))
    life.run()
    assert {mail.to for _at, mail in life.server.taken} == {"maya@example.org", "brot@example.org"}, "Tokyo: evening"


def test_a_mail_that_waits_for_days_is_the_only_one(life: Life) -> None:
    """Another invoice of the same customer falls due while the first one's mail waits for the server."""
    life.begin(
        invoice("1", CUSTOMERS[0], FIRST - timedelta(1)), invoice("2", CUSTOMERS[0], FIRST + timedelta(16), 5000)
    )
    life.server.mood = Handover.WAITS
    for day in (14, 15, 23):
        life.clock.at = london(FIRST + timedelta(day))
        life.run()
    life.server.mood = Handover.SENT
    life.run()
    assert len(life.server.taken) == 1


def test_headers_of_a_reminder_say_how_to_end_it(life: Life) -> None:
    life.begin(invoice("1", CUSTOMERS[0], FIRST))
    life.clock.at = london(FIRST + timedelta(7))
    life.run()
    ((_at, mail),) = life.server.taken
    raw = compose(mail, Sender("Sample Business", "hello@example.com"), life.clock()).decode()
    assert "List-Unsubscribe: <https://pay.example.com/reminders?stop=" in raw
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw
    assert f"Message-ID: <{mail.message_id}@example.com>" in raw


def test_names_are_never_headers_or_markup(life: Life) -> None:
    nasty = Customer("Eve\r\nBcc: x@example.org <b>=?utf-8?q?hi?=", "eve@example.org", "it-IT", reference="C-9")
    life.begin(invoice("1", nasty, FIRST))
    life.clock.at = london(FIRST + timedelta(7))
    life.run()
    ((_at, mail),) = life.server.taken
    head = compose(mail, Sender("Sample Business", "hello@example.com"), life.clock()).partition(b"\r\n\r\n")[0]
    assert b"Bcc" not in head
    assert "<b>" not in mail.html


def test_invoices_in_two_currencies_are_one_mail_with_a_way_to_each(life: Life) -> None:
    euro = Money(12000, "EUR")
    other = replace(invoice("2", CUSTOMERS[0], FIRST), total=euro, stated_due=euro)
    life.begin(invoice("1", CUSTOMERS[0], FIRST), other)
    life.clock.at = london(FIRST + timedelta(7))
    life.run()
    ((_at, mail),) = life.server.taken
    assert "£840.00 and €120.00" in mail.text
    for key in ("1", "2"):
        assert f"See and pay invoice {key}:\nhttps://pay.example.com/i/{key}/" in mail.text


def test_two_programs_at_once_send_one(life: Life) -> None:
    life.begin(invoice("1", CUSTOMERS[0], FIRST))
    life.clock.at = london(FIRST + timedelta(7))
    with closing(open_ledger(Path(str(life.ledger._engine.url.database)))) as second:
        other = Life(second, life.clock)
        looked = other.reminding.look()
        life.run()
        assert looked[0].decision.to_send, "it had been decided before"
        other.run()
    assert len(life.server.taken) == 1
    assert other.server.taken == []


@pytest.mark.parametrize("seed", range(8))
def test_months_of_anything(life: Life, seed: int) -> None:
    """Never twice within the gap, never the same step twice, never at night, nothing about what is paid or held."""
    dice = random.Random(seed)  # noqa: S311  a replayable history
    invoices = [invoice(str(n), CUSTOMERS[n % 3], FIRST + timedelta(dice.randint(-60, 90)), 10000) for n in range(7)]
    owner_of = {one.key: one.customer.email for one in invoices}
    life.begin(*invoices)
    stopped: set[str] = set()
    promised: dict[str, date] = {}
    mails: dict[str, list[date]] = defaultdict(list)
    for number in range(200):
        day = FIRST + timedelta(number)
        life.clock.at = datetime.combine(day, time(dice.randint(0, 23)), UTC)
        key = dice.choice(invoices).key
        match dice.randint(0, 30):
            case 0 if life.left(key) > 0:
                life.note(EntryKind.PAYMENT, key, dice.choice([2500, life.left(key)]))
            case 1:
                promised[key] = life.clock.day() + timedelta(dice.randint(0, 20))
                life.note(EntryKind.PROMISED, key, max(life.left(key), 1), value_on=promised[key])
            case 2:
                stopped.add(key)
                life.note(EntryKind.REMINDERS_STOPPED, key)
        life.server.mood = dice.choice([Handover.SENT] * 5 + [Handover.WAITS] * 2 + [Handover.UNKNOWN])
        if dice.random() < 0.3:
            continue
        before = len(life.server.taken)
        life.run()
        for at, mail in life.server.taken[before:]:
            claimed = [claim.invoice_key for claim in life.ledger.claims_of_reminder(mail.message_id)]
            assert claimed
            assert {owner_of[one] for one in claimed} == {mail.to}
            assert all(life.left(one) > 0 for one in claimed)
            assert not stopped.intersection(claimed)
            assert all(promised.get(one, date.min) < life.clock.day() for one in claimed)
            zone = next(one.customer.timezone for one in invoices if one.customer.email == mail.to) or "Europe/London"
            local = at.astimezone(ZoneInfo(zone))
            assert 8 <= local.hour < 18
            assert local.weekday() < 5
            assert not is_holiday(["GB-ENG"], local.date())
            mails[mail.to].append(life.clock.day())
    for days in mails.values():
        assert all((later - earlier).days >= 7 for earlier, later in pairwise(days)), days
    names = [
        (claim.invoice_key, claim.name) for some in life.ledger.reminder_claims_by_invoice().values() for claim in some
    ]
    assert len(names) == len(set(names))
    assert sum(map(len, mails.values())) >= 5, "it is about something"
    assert {one.state for one in life.ledger.messages()} <= {
        MessageState.SENT,
        MessageState.UNKNOWN,
        MessageState.OVERTAKEN,
        MessageState.PLANNED,
    }
    assert all(one.verdict in Verdict for looked in life.reminding.look() for one in looked.decision.outcomes)
