"""Which mails a running portal writes, what they say, and that each is written once."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
import requests

from portal.adapters.stripe.plans import stripe_collector
from portal.bookkeeping.entries import OwnerEntries
from portal.bookkeeping.wishes import CorrectEntry, PaidBy, RecordPayment
from portal.config import Settings
from portal.mailing.dues import alarm_due
from portal.mails import MailWriter
from portal.payments.settlement import settle_payment
from portal.payments.syncing import sync
from portal.ports.alarms import Alarm, AlarmKind
from portal.ports.links import LinkKind
from portal.ports.mail import MailKind, MessageState
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money
from portal.settings.business import Brand, Business
from portal.theming.brand import contrast, palette_of
from portal.wiring.portal import Portal, now

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    from portal.ports.mail import Message

SECOND, THIRD = date(2026, 12, 21), date(2027, 1, 21)
MAIL = '\n[mail]\nfrom = "hello@example.com"\n'
PLAN = "\n[[plans]]\npayments = 3\n"


@pytest.fixture
def mailed(world: World) -> Callable[..., World]:
    """A world in which mail is set up, and a plan may be agreed."""

    def begin(settings: str = MAIL + PLAN) -> World:
        path = world.folders.content / "portal.toml"
        path.write_text(path.read_text() + settings, encoding="utf-8")
        world.build()
        world.serve_again()
        post(world)
        return world

    return begin


def on(world: World, day: date | None = None) -> Portal:
    return replace(world.served(), fixed_day=day or world.day)


def post(world: World, day: date | None = None) -> None:
    on(world, day).post_office().attend(hurry=True)


def messages(world: World) -> tuple[Message, ...]:
    return world.open().ledger.messages()


def kinds(world: World) -> list[str]:
    return [message.cause.kind.value for message in messages(world)]


def last(world: World) -> Message:
    return messages(world)[-1]


def files(world: World) -> list[email.message.EmailMessage]:
    found = []
    for path in sorted((world.folders.state / "mail").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP)
        assert isinstance(message, email.message.EmailMessage)
        found.append(message)
    return found


def plan_form(world: World, page: str, **fields: str) -> requests.Response:
    sent = world.form(page) | fields
    return requests.post(f"{world.url}/plan", data=sent, allow_redirects=False, timeout=60)


def agree(world: World, means: str = "4242") -> None:
    check = plan_form(world, world.page(), want="choose", plan="3-monthly-automatic")
    url = plan_form(world, check.text, want="agree").headers["Location"]
    paid = world.at_checkout(url, means)
    if "/approve" in paid.headers["Location"]:
        paid = requests.post(f"{url}/approve", data={"answer": "approve"}, allow_redirects=False, timeout=60)
    world.come_back(paid)
    post(world)


def collect(world: World, day: date) -> None:
    portal = on(world, day)
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings)
    assert collector is not None
    list(portal.collection(portal.gateway, collector).collect())
    post(world, day)


def test_without_mail_settings_nothing_is_written(world: World) -> None:
    paid = world.at_checkout(world.pay().headers["Location"])
    world.come_back(paid)
    post(world)
    assert messages(world) == ()
    assert not (world.folders.state / "mail").exists()


def test_a_receipt_says_what_came_and_what_is_left(mailed: Callable[..., World]) -> None:
    world = mailed()
    checkout = world.pay(want="part", amount="300.00", confirmed="1").headers["Location"]
    world.come_back(world.at_checkout(checkout))
    post(world)
    (message,) = messages(world)
    assert message.state is MessageState.WRITTEN
    assert message.mail.subject == "Invoice 1042: £300.00 received, thank you"
    assert message.mail.to == "accounts@example.com"
    for words in ("£300.00 of £840.00", "Left to pay: £540.00", "Visa ending 4242", world.open().url_of("1042")):
        assert words in message.mail.text, words
    (file,) = files(world)
    assert file["Message-ID"] == f"<{message.mail.message_id}@example.com>"
    assert file["From"] == "Sample Business <hello@example.com>"


def test_a_payment_has_one_receipt_however_many_doors_report_it(mailed: Callable[..., World]) -> None:
    """Confirmed twice, by return page and webhook at once: pretix, issue 1166."""
    world = mailed()
    world.come_back(world.at_checkout(world.pay().headers["Location"], webhook="twice"))
    for _ in range(3):
        post(world)
        portal = world.served()
        assert portal.gateway is not None
        (payment,) = [entry.external_id for entry in world.entries()]
        settle_payment(portal.gateway.fetch_payment(payment), portal.ledger, now())
        post(world)
    assert kinds(world) == ["receipt"]
    assert "It is paid in full." in last(world).mail.text


def test_all_that_was_there_when_mail_was_switched_on_is_the_past(world: World) -> None:
    """Payments, plans and alarms from before are not written about, however late somebody looks at them again."""
    paid = world.at_checkout(world.pay(want="part", amount="300.00", confirmed="1").headers["Location"])
    world.come_back(paid)
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + MAIL, encoding="utf-8")
    world.build()
    post(world)
    world.served().ledger.switch_mail((), (), now())
    with world.open().ledger.transaction() as tx:
        tx.enqueue_freeze("1042")
    post(world)
    assert messages(world) == ()
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    post(world)
    assert kinds(world) == ["receipt"]
    assert "£540.00" in last(world).mail.subject


def test_what_happens_while_mail_is_off_is_never_written_about(mailed: Callable[..., World]) -> None:
    world = mailed()
    path = world.folders.content / "portal.toml"
    text = path.read_text()
    path.write_text(text.replace(MAIL, "\n"), encoding="utf-8")
    post(world)
    world.come_back(world.at_checkout(world.pay(want="part", amount="100.00", confirmed="1").headers["Location"]))
    post(world)
    path.write_text(text, encoding="utf-8")
    post(world)
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    post(world)
    assert [message.mail.subject for message in messages(world)] == ["Invoice 1042: £740.00 received, thank you"]


def test_what_the_owner_records_has_a_receipt_whenever_it_came(mailed: Callable[..., World]) -> None:
    world = mailed()
    portal = world.open()
    wish = RecordPayment(Money(10000, "GBP"), date(2026, 11, 1), PaidBy.TRANSFER, "RF 77")
    OwnerEntries(portal.ledger, None, now, portal.today).write("1042", wish)
    post(world)
    assert "Bank transfer" in last(world).mail.text
    assert "1 November 2026" in last(world).mail.text


def test_a_corrected_payment_has_no_receipt(mailed: Callable[..., World]) -> None:
    world = mailed()
    portal = world.open()
    desk = OwnerEntries(portal.ledger, None, now, portal.today)
    desk.write("1042", RecordPayment(Money(10000, "GBP"), date(2026, 11, 1), PaidBy.CASH, "slip"))
    on(world).post_office().announcing.post_due()
    desk.write("1042", CorrectEntry(1, "wrong invoice"))
    post(world)
    assert [message.state for message in messages(world)] == [MessageState.OVERTAKEN]
    assert files(world) == []


def test_a_rebuilt_ledger_writes_to_nobody(mailed: Callable[..., World]) -> None:
    """Everything is in Stripe's lists again, and all of it is old."""
    world = mailed()
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    world.parts.stop()
    for file in world.folders.state.glob("ledger.sqlite*"):
        file.unlink()
    world.build()
    portal = world.served()
    replace(portal.post_office().announcing, now=lambda: now() + timedelta(minutes=10)).begin()
    assert portal.gateway is not None
    sync(portal.gateway, portal.ledger, now())
    assert world.entries()
    post(world)
    assert messages(world) == ()


def test_a_payment_over_several_invoices_has_one_receipt(mailed: Callable[..., World]) -> None:
    world = mailed()
    world.invoice("1043", total="100.00")
    world.build()
    ledger = world.open().ledger
    paid = Entry(EntryKind.PAYMENT, "1042", Money(30000, "GBP"), now(), "pi_both", "Visa ending 4242")
    with ledger.transaction() as tx:
        tx.lock("1042", "1043")
        for one in (paid, replace(paid, invoice_key="1043", amount=Money(10000, "GBP"))):
            tx.append(one)
            tx.enqueue_freeze(one.invoice_key)
    for _ in range(2):
        post(world)
    (message,) = messages(world)
    assert message.mail.subject == "£400.00 received, thank you"
    assert "Invoice 1042: £300.00, £540.00 left" in message.mail.text
    assert "Invoice 1043: £100.00, £0.00 left" in message.mail.text
    (statement,) = ledger.links_in_force(LinkKind.STATEMENT)
    assert world.open().url_of_link(statement) in message.mail.text
    assert world.open().url_of("1042") not in message.mail.text


# ---- payment plans


def test_an_agreed_plan_is_confirmed_with_all_that_was_agreed(mailed: Callable[..., World]) -> None:
    world = mailed()
    agree(world)
    assert kinds(world) == ["receipt", "plan agreed"]
    text = last(world).mail.text
    record = world.open().ledger.plan_in_force("1042")
    assert record is not None
    for one in (
        "21 November 2026: £280.00",
        "21 December 2026: £280.00",
        "21 January 2027: £280.00",
        "In all: £840.00",
    ):
        assert one in text
    quoted = " ".join(line.removeprefix("> ") for line in text.splitlines() if line.startswith(">"))
    assert " ".join(record.plan.consent_text.split()) == " ".join(quoted.replace(">", "").split())
    assert "stop the plan" in text
    assert "taken from your card on 21 December 2026" in " ".join(messages(world)[0].mail.text.split())


def test_a_charge_is_announced_once_some_days_before(mailed: Callable[..., World]) -> None:
    world = mailed()
    agree(world)
    collect(world, SECOND - timedelta(days=4))
    assert kinds(world).count("charge notice") == 0
    for days in (3, 2, 1, 0):
        collect(world, SECOND - timedelta(days=days))
    assert kinds(world).count("charge notice") == 1
    (notice,) = [one.mail for one in messages(world) if one.cause.kind is MailKind.CHARGE_NOTICE]
    assert "On 21 December 2026 we take £280.00 from your saved card" in notice.text
    assert kinds(world)[-1] == "receipt"


def test_an_announced_amount_is_what_is_then_charged(mailed: Callable[..., World]) -> None:
    world = mailed()
    agree(world)
    world.come_back(world.at_checkout(world.pay(want="part", amount="400.00", confirmed="1").headers["Location"]))
    collect(world, THIRD - timedelta(days=2))
    collect(world, THIRD)
    assert world.balance().amount_remaining.minor == 0
    (notice,) = [one.mail for one in messages(world) if one.cause.kind is MailKind.CHARGE_NOTICE]
    charged = world.entries()[-1].amount
    assert f"£{charged.decimal_text} from your saved card" in notice.text


def test_without_notice_days_nothing_is_announced(mailed: Callable[..., World]) -> None:
    world = mailed(MAIL + "notice_days = 0\n" + PLAN)
    agree(world)
    assert "days before" not in last(world).mail.text
    collect(world, SECOND - timedelta(days=1))
    assert "charge notice" not in kinds(world)


def test_a_declined_charge_is_written_about_after_each_try_until_it_is_given_up(mailed: Callable[..., World]) -> None:
    world = mailed()
    agree(world, "0341")
    days = [SECOND + timedelta(days=number) for number in range(5)]
    for day in days:
        collect(world, day)
        collect(world, day)
    told = [message for message in messages(world) if message.cause.kind.value.startswith("charge ")]
    assert [one.cause.kind.value for one in told] == ["charge declined", "charge declined", "charge given up"]
    first, given_up = " ".join(told[0].mail.text.split()), " ".join(told[-1].mail.text.split())
    assert "We couldn't take your payment of £280.00 on 21 December 2026. Let's get that fixed." in first
    assert "Nothing was charged." in first
    assert first.count("- ") >= 3
    assert "on 22 December 2026 at the earliest" in first
    assert "£560.00 on 21 January 2027" in given_up


def test_a_declined_charge_for_the_second_of_two_invoices_is_written_about(mailed: Callable[..., World]) -> None:
    """The plan's second charge is the second invoice's first one: it was told to nobody."""
    world = mailed()
    agree_over_two(world, "1680.00")
    collect(world, SECOND)
    told = [one for one in messages(world) if one.cause.kind.value == "charge declined"]
    assert [one.cause.invoice_key for one in told] == ["1043"]
    assert "your payment of £840.00 on 21 December 2026" in " ".join(told[0].mail.text.split())


def agree_over_two(world: World, total: str, means: str = "0341") -> str:
    """Agree on three monthly payments of invoice 1042 and another one, by default with a card that fails later.

    Returns:
        the address of the statement.
    """
    world.invoice("1043", total, due_on="2026-11-30")
    world.build()
    portal = world.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    url = portal.url_of_link(link)
    statement = requests.get(url, timeout=10).text.partition('id="spread"')[2]
    check = plan_form(world, unescape(statement), want="choose", plan="3-monthly-automatic")
    world.come_back(world.at_checkout(plan_form(world, check.text, want="agree").headers["Location"], means))
    return url


def test_a_declined_charge_over_two_invoices_is_one_mail(mailed: Callable[..., World]) -> None:
    """Each of them had a mail of its own, with a part of the sum that was tried."""
    world = mailed()
    statement = agree_over_two(world, "360.00")
    for day in (THIRD, THIRD + timedelta(days=1), THIRD + timedelta(days=2)):
        collect(world, day)
        collect(world, day)
    told = [one for one in messages(world) if one.cause.kind.value.startswith("charge ")]
    assert [one.cause.kind.value for one in told] == ["charge declined", "charge declined", "charge given up"]
    assert {one.cause.invoice_key for one in told} == {"1042"}
    assert told[0].mail.subject == "Invoices 1042, 1043: let's get your payment through"
    text = " ".join(told[0].mail.text.split())
    assert "We couldn't take your payment of £800.00 on 21 January 2027." in text
    assert "Invoice 1042: £440.00 Invoice 1043: £360.00" in text
    assert "Pay £800.00 now" in text
    assert statement in text
    assert told[-1].mail.subject == "Invoices 1042, 1043: your payment plan waits for you"


def test_a_coming_charge_over_two_invoices_is_announced_in_one_mail(mailed: Callable[..., World]) -> None:
    world = mailed()
    statement = agree_over_two(world, "360.00", "4242")
    collect(world, SECOND)
    for days in (3, 2):
        collect(world, THIRD - timedelta(days=days))
    notices = [one.mail for one in messages(world) if one.cause.kind is MailKind.CHARGE_NOTICE]
    assert [one.subject for one in notices] == ["Invoices 1042, 1043: your next payment is on 21 January 2027"]
    text = " ".join(notices[0].text.split())
    assert "On 21 January 2027 we take £400.00 from your saved card, as agreed." in text
    assert "Invoice 1042: £40.00 Invoice 1043: £360.00" in text
    assert statement in text


def test_a_declined_charge_that_was_paid_meanwhile_is_not_written_about(mailed: Callable[..., World]) -> None:
    world = mailed()
    agree(world, "0341")
    portal = on(world, SECOND)
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings)
    assert collector is not None
    list(portal.collection(portal.gateway, collector).collect())
    portal.post_office().announcing.post_due()
    assert last(world).state is MessageState.PLANNED
    world.come_back(world.at_checkout(world.pay(want="part", amount="280.00", confirmed="1").headers["Location"]))
    post(world, SECOND)
    states = {one.cause.kind.value: one.state for one in messages(world)}
    assert states["charge declined"] is MessageState.OVERTAKEN


def test_a_bank_that_asks_for_approval_is_written_about_once(mailed: Callable[..., World]) -> None:
    world = mailed()
    agree(world, "3184")
    for number in range(3):
        collect(world, SECOND + timedelta(days=number))
    told = [message for message in messages(world) if message.cause.kind.value.startswith("charge ")]
    assert [one.cause.kind.value for one in told] == ["charge needs approval"]
    assert "we do not try again by ourselves" in " ".join(told[0].mail.text.split())


def test_a_stopped_plan_is_confirmed(mailed: Callable[..., World]) -> None:
    world = mailed()
    agree(world)
    plan_form(world, world.page(), want="stop", confirmed="1")
    post(world)
    assert kinds(world)[-1] == "plan stopped"
    assert "Left to pay: £560.00" in last(world).mail.text
    assert "Nothing more is taken from your card." in last(world).mail.text


# ---- the owner


def test_the_owner_hears_of_money_that_fits_nothing(mailed: Callable[..., World]) -> None:
    world = mailed()
    raise_alarm(world, AlarmKind.UNMATCHED, "pi_1")
    for _ in range(2):
        post(world)
    raise_alarm(world, AlarmKind.GIVEN_BACK, "pi_1")
    post(world)
    (message,) = messages(world)
    assert (message.cause.kind, message.mail.to) == (MailKind.ALARM_NOTICE, "hello@example.com")
    assert message.mail.subject == "Worth a look: a payment without an invoice"
    assert "refund the payment in Stripe" in " ".join(message.mail.text.split())


def test_the_owner_hears_of_payments_where_that_is_wished(mailed: Callable[..., World]) -> None:
    world = mailed(MAIL + 'owner_notices = true\nreceipts = false\nowner = "jo@example.com"\n')
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    post(world)
    (message,) = messages(world)
    assert (message.cause.kind, message.mail.to) == (MailKind.PAYMENT_NOTICE, "jo@example.com")
    assert "Sample Customer Ltd has paid £840.00" in message.mail.text


def raise_alarm(world: World, kind: AlarmKind, external_id: str) -> None:
    with world.open().ledger.transaction() as tx:
        tx.raise_alarm(Alarm(kind, external_id, "A payment names an invoice.", now(), Money(500, "GBP"), "9"))


# ---- languages


def test_a_customer_reads_their_own_language(mailed: Callable[..., World]) -> None:
    world = mailed()
    customer = '{ name = "Sample Customer Ltd", language = "de-DE" }'
    text = world.invoice("1042").read_text().replace('"Sample Customer Ltd"', customer)
    world.write("invoices/1042.md", text)
    world.build()
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    post(world)
    assert last(world).mail.subject == "Rechnung 1042: 840,00\u00a0£ eingegangen, vielen Dank"
    assert '<html lang="de">' in last(world).mail.html
    assert "Guten Tag Sample Customer Ltd," in last(world).mail.text


# ---- form


def test_every_mail_is_plain_html_that_fetches_nothing(mailed: Callable[..., World]) -> None:
    world = mailed(MAIL + "owner_notices = true\n" + PLAN)
    agree(world, "0341")
    for number in range(-1, 3):
        collect(world, SECOND + timedelta(days=number))
    plan_form(world, world.page(), want="stop", confirmed="1")
    raise_alarm(world, AlarmKind.QUARANTINED, "pi_2")
    post(world, SECOND)
    seen = {message.cause.kind for message in messages(world)}
    elsewhere = {MailKind.ANSWER_NOTED, MailKind.ANSWER_NOTICE, MailKind.ANSWER_REPLY, MailKind.REMINDER}
    elsewhere |= {MailKind.FRESH_LINK, MailKind.LINK_NOTICE}
    assert seen >= set(MailKind) - {MailKind.CHARGE_APPROVAL} - elsewhere
    for message in messages(world):
        check = MailHtml()
        check.feed(message.mail.html)
        check.close()
        assert check.problems == [], message.cause
        assert check.links <= {world.open().url_of("1042"), f"{world.open().url_of('1042')}receipt/"}
        assert len(message.mail.html) < 20_000
        assert max(map(len, message.mail.text.splitlines())) <= 78
        assert "stripe" not in message.mail.html.lower() or message.cause.kind is MailKind.ALARM_NOTICE
        for sentence in re.split(r"(?<=[.:?])\s", " ".join(message.mail.text.split("\n> ")[0].split())):
            assert "!" not in sentence


class MailHtml(HTMLParser):
    """What mail programs need: everything closed, styles in place, one table of facts with headings, no fetching."""

    VOID = frozenset({"meta", "br"})
    ALLOWED = frozenset("html head meta title style body div p ul li table tbody tr th td a br blockquote".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.problems: list[str] = []
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.ALLOWED:
            self.problems.append(f"<{tag}>")
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in {"src", "srcset", "background", "poster", "action"} or name.startswith("on"):
                self.problems.append(f"{tag} {name}")
            if name == "href":
                self.links.add(value or "")
            if name == "style" and re.search(r"url\(|expression|position|flex|grid", value or ""):
                self.problems.append(f"style {value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style" and re.search(r"url\(|@import|@font-face", data):
            self.problems.append("a style that fetches")

    def close(self) -> None:
        super().close()
        self.problems += self.open


def test_a_hostile_name_stays_text(mailed: Callable[..., World]) -> None:
    world = mailed()
    text = world.invoice("1042").read_text().replace("Sample Customer Ltd", "<script>alert(1)</script> & Söhne")
    world.write("invoices/1042.md", text)
    world.build()
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    post(world)
    assert "<script>" not in last(world).mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Söhne" in last(world).mail.html
    assert "Hello <script>alert(1)</script> & Söhne," in last(world).mail.text


def test_the_owners_colour_is_in_it_and_legible() -> None:
    palette = palette_of("#ffcc00")
    assert contrast(palette.light.button, palette.light.on_button) >= 7
    settings = Settings(business=Business(name="Sample"), brand=Brand(colour="#ffcc00"), mail={"from": "a@example.com"})  # type: ignore[arg-type]
    alarm = Alarm(AlarmKind.OVERPAID, "pi_1", "Too much.", now(), Money(500, "GBP"), "1042")
    mail = MailWriter(settings, lambda key: f"https://pay.example.com/i/{key}/", is_live=True).write(
        alarm_due(1, alarm)
    )
    assert palette.light.line in mail.html
    assert palette.dark.line in mail.html
    assert "This is about a test" not in mail.html
