"""The case file: everything on one invoice, with its sums and sources, in one file that can be shown unchanged."""

from __future__ import annotations

import re
import stat
from datetime import UTC, date, datetime
from html import unescape
from typing import TYPE_CHECKING

import pytest
from desk import Desk
from world import DAY

from portal.ports.mail import Cause, Mail, MailKind, Message, MessageState
from portal.ports.plans import PlanLife, PlanRecord
from portal.ports.reminders import ReminderClaim
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script></main> & more"
TERMS = """
[terms]
summary = "Payable within 30 days."
[terms.late]
mode = "charged"
business_only = false
grace_days = 7
flat = { GBP = "25.00" }
[terms.late.interest]
surcharge = "8"
[[terms.late.interest.rates]]
valid_from = 2026-01-01
percent = "4.00"
source = "Bank of Somewhere"
"""
TAXED = """+++
number = "A/7 ü"
customer = "Sample Customer Ltd"
email = "accounts@example.com"
issued_on = 2026-08-01
due_on = 2026-08-31
currency = "GBP"
total = "120.00"
[[taxes]]
label = "VAT at 20%"
amount = "20.00"
+++
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path)
    settings = found.world.folders.content / "portal.toml"
    found.world.write("portal.toml", settings.read_text(encoding="utf-8") + TERMS)
    found.world.write("invoices/taxed.md", TAXED)
    found.world.build()
    return found


def text_of(page: str) -> str:
    """What a reader sees, on one line."""
    body = page[page.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def written(desk: Desk, as_of: date = DAY) -> tuple[str, str]:
    """The path of a case file, and its page."""
    path = desk.json("case", "1042", as_of=as_of)["file"]
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  a path as a command prints it
        return path, file.read()


def plan() -> PlanRecord:
    days = (date(2026, 11, 1), date(2026, 12, 1))
    installments = tuple(Installment(n, day, Money(42000, "GBP")) for n, day in enumerate(days, start=1))
    agreed = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    return PlanRecord(
        PaymentPlan("plan1", "1042", installments, True, 5, agreed, "I agree to two payments.", "v-77", 0),
        PlanLife.PROPOSED,
    )


def test_everything_is_told_in_order_with_time_and_source(desk: Desk) -> None:
    desk.entry(EntryKind.PROBLEM_REPORTED, "1042", 84000, "2026-11-05", method="work", note=HOSTILE)
    desk.entry(EntryKind.PROMISED, "1042", 84000, "2026-11-02", value_on=date(2026, 11, 20))
    desk.entry(EntryKind.PAYMENT, "1042", 10000, "2026-11-10", method="Visa ending 4242")
    desk.entry(EntryKind.PAYMENT, "taxed", 1, "2026-11-11")
    cause = Cause(MailKind.ANSWER_NOTED, "1042", "c1", "1042")
    mail = Mail("accounts@example.com", "We have it", f"Hello,\n{HOSTILE}", "h", cause.message_id, cause.kind)
    at = datetime(2026, 11, 5, 10, 1, tzinfo=UTC)
    with desk.world.open().ledger.transaction() as tx:
        tx.add_message(Message(cause, mail, MessageState.SENT, at, 1, at, "250 ok"))
        tx.add_plan(plan())
    path, page = written(desk)
    shown = text_of(page)
    assert "<script" not in page
    assert page.count("</main>") == 1
    places = [
        shown.index(what)
        for what in (
            "Invoice issued £840.00 1 October 2026. Kept as invoice file invoices/1042.md.",
            "It was due 31 October 2026.",
            "The customer agreed to a payment plan £840.00 1 November 2026, 09:30. Kept as plan plan1, terms v-77.",
            "I agree to two payments.",
            "The customer promised to pay on 20 November 2026",
            "something about the work is not right £840.00 5 November 2026, 10:00. Kept as ledger entry 1, x1.",
            f"The customer's words: {HOSTILE}",
            "Mail, answer noted: We have it 5 November 2026, 10:01.",
            f"Its text: Hello, {HOSTILE}",
            "Payment received £100.00 10 November 2026, 10:00. Kept as ledger entry 3, x3. Visa ending 4242",
        )
    ]
    assert places == sorted(places)
    assert "ledger entry 4" not in shown
    assert stat.S_IMODE(desk.world.folders.state.joinpath(path).stat().st_mode) == 0o600


def test_what_has_no_time_of_its_own_says_so(desk: Desk) -> None:
    desk.entry(EntryKind.DISPUTE_OPENED, "1042", 10000, "2026-11-10")
    desk.entry(EntryKind.DISPUTE_CLOSED, "1042", 10000, "2026-11-10")
    shown = text_of(written(desk)[1])
    assert "Card dispute closed £100.00 10 November 2026, 10:00." in shown
    assert "The time is that of its opening: Stripe does not say when it was closed." in shown


def test_reminders_sent_passed_over_and_held_are_told(desk: Desk) -> None:
    """A reminder about several invoices is named by one of them, and stands in the file of each."""
    cause = Cause(MailKind.REMINDER, "taxed", "follow-up 1", "taxed")
    mail = Mail("accounts@example.com", "Two invoices", "Dear customer", "h", cause.message_id, cause.kind)
    at = datetime(2026, 11, 9, 10, tzinfo=UTC)
    with desk.world.open().ledger.transaction() as tx:
        tx.add_message(Message(cause, mail, MessageState.SENT, at, 1, at, "250 ok"))
        tx.claim_reminder(ReminderClaim("1042", "friendly 1", at.date(), None))
        tx.claim_reminder(ReminderClaim("1042", "follow-up 1", at.date(), cause.message_id))
    desk.entry(EntryKind.REMINDERS_PAUSED, "1042", 84000, "2026-11-10", value_on=date(2026, 12, 1), note="On holiday")
    shown = text_of(written(desk)[1])
    assert "The reminder friendly 1 was passed over, for a later one was due 9 November 2026." in shown
    assert "Mail, reminder follow-up 1: Two invoices 9 November 2026, 10:00." in shown
    assert "The owner paused reminders up to 1 December 2026" in shown
    desk.json("write-off", "1042")
    latest = max((desk.world.folders.state / "cases").glob("1042-*.html"), key=lambda path: path.stat().st_mtime_ns)
    assert "Reminders sent or written 1: 9 November 2026" in text_of(latest.read_text(encoding="utf-8"))


def test_the_late_fee_can_be_checked_line_by_line(desk: Desk) -> None:
    desk.entry(EntryKind.PAYMENT, "1042", 14000, "2026-11-05")
    shown = text_of(written(desk, date(2026, 12, 30))[1])
    assert "Base rate from 1 January 2026: 4 % (Bank of Somewhere)." in shown
    # 700.00 open, the least in the first period: 700.00 x 12 % x 30 / 365 = 6.9041 each time
    assert "1 November 2026 to 30 November 2026 £700.00 30 12 % / 365 6.9041" in shown
    assert "A fixed sum, once, since 8 November 2026 £25.00" in shown
    assert "Total of the invoice £840.00 Late fees £38.81 Amount due £878.81" in shown
    assert "Paid in all £140.00 Left to pay £738.81" in shown


def test_a_write_off_leaves_the_record_a_tax_adviser_asks_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cli.entries.now", lambda: datetime(2026, 11, 21, 9, tzinfo=UTC))
    desk.entry(EntryKind.PAYMENT, "A/7 ü", 6000, "2026-08-20")
    told = desk.json("write-off", "A/7 ü", "--why", "Insolvent")
    path = told["record_for_your_tax_adviser"]
    assert re.fullmatch(r"A-7-[0-9a-f]{8}-2026-11-21\.html", path.rsplit("/", 1)[1])
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  as above
        shown = text_of(file.read())
    fees = Money(2500, "GBP").minor + 118  # 60.00 x 12 % x 60 / 365 = 1.1836
    assert f"Written off £{(6000 + fees) / 100:.2f} Of it late fees £{fees / 100:.2f}" in shown
    assert "VAT at 20% in it, in proportion £10.00 of £20.00" in shown
    assert "Why Insolvent" in shown
    assert "Due on 31 August 2026" in shown
    assert "Reminders sent or written None through the portal." in shown
    assert "Left to pay now £0.00" in shown
    again = desk.json("write-off", "A/7 ü", "--why", "Insolvent")
    assert not again["is_new"]


def test_a_record_is_never_replaced_and_a_change_is_seen(desk: Desk, tmp_path: Path) -> None:
    first, second = written(desk)[0], written(desk)[0]
    assert [path.rsplit("/", 1)[1] for path in (first, second)] == ["1042-2026-11-21.html", "1042-2026-11-21-2.html"]
    assert "is unchanged" in desk.run("case", "--check", first)
    page = (tmp_path / "var" / "cases" / "1042-2026-11-21.html").read_text(encoding="utf-8")
    changed = tmp_path / "changed.html"
    changed.write_text(page.replace("£840.00", "£940.00", 1), encoding="utf-8")
    assert "was CHANGED" in desk.refused("case", "--check", str(changed))
    other = tmp_path / "other.html"
    other.write_text("<p>Hello</p>", encoding="utf-8")
    assert "no case file that can be checked" in desk.refused("case", "--check", str(other))
    assert "There is such a file already." in desk.refused("case", "1042", "--to", str(other))
    assert "the folder of the published pages" in desk.refused(
        "case", "1042", "--to", str(tmp_path / "build" / "c.html")
    )


def test_an_unknown_invoice_and_none_are_told(desk: Desk) -> None:
    assert "4711" in desk.refused("case", "4711")
    assert "Which invoice?" in desk.refused("case")


@pytest.mark.filterwarnings("ignore::DeprecationWarning:weasyprint.*")
def test_it_is_printed_as_a_pdf(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.json("case", "1042", "--pdf")["file"]
    with open(path, "rb") as file:  # noqa: PTH123  as above
        assert file.read(5) == b"%PDF-"
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    assert 'pip install "invoice-payment-portal[pdf]"' in desk.refused("case", "1042", "--pdf")


REMINDERS = """
[mail]
from = "a@example.com"
[reminders]
"""


def test_what_comes_next_and_what_holds_it(desk: Desk) -> None:
    assert "Reminders, as of 21 November 2026 Reminders are not switched on." in text_of(written(desk)[1])
    settings = (desk.world.folders.content / "portal.toml").read_text(encoding="utf-8")
    desk.world.write("portal.toml", settings + REMINDERS)
    monday = date(2026, 11, 23)
    assert "The reminder “friendly” is due, and was not sent yet." in text_of(written(desk, monday)[1])
    desk.entry(EntryKind.PROMISED, "1042", 84000, "2026-11-02", value_on=date(2026, 12, 4))
    desk.run("pause", "1042", "--until", "2026-11-30", "--why", "we talk", as_of=monday)
    shown = text_of(written(desk, monday)[1])
    assert "The reminder “friendly” has been due since 23 November 2026, and is held back." in shown
    assert "Held back: the owner paused its reminders, up to 30 November 2026 (we talk)." in shown
    assert "Held back: a day was promised, up to 4 December 2026." in shown
    story = desk.run("explain", "1042", as_of=monday)
    assert "Held: you paused its reminders, until 2026-11-30 (we talk)." in story
    desk.world.write("reminders/friendly.md", "+++\nnonsense = 1\n+++\n")
    assert "What comes next is not known: the ladder of reminders" in text_of(written(desk, monday)[1])
    assert "the customer promised GBP 840.00 by 2026-12-04" in desk.run("explain", "1042", as_of=monday)
    assert desk.json("explain", "1042", as_of=monday)["problems"][0]["file"] == "reminders/friendly.md"
    desk.entry(EntryKind.PAYMENT, "1042", 100000, "2026-11-23")
    (desk.world.folders.content / "reminders" / "friendly.md").unlink()
    assert "Nothing is left to ask for, so nobody is reminded." in text_of(written(desk, monday)[1])
