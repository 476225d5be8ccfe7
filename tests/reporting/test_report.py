"""The report: from the ledger to the terminal, to other programs and to a private page; as of any day."""

from __future__ import annotations

import csv
import io
import re
import stat
from datetime import UTC, date, datetime
from html import unescape
from typing import TYPE_CHECKING

import pytest
from desk import Desk

from portal.ports.alarms import Alarm, AlarmKind
from portal.ports.mail import Cause, Mail, MailKind, Message, MessageState
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<script>alert(1)</script> & "quoted"'


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real clock says the tests' day."""
    monkeypatch.setattr("portal.papers.report_page.now", lambda: datetime(2026, 11, 21, 9, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path)
    found.world.invoice("7", total="100000", currency="JPY", due_on="2026-12-31")
    found.world.write(
        "invoices/8.md",
        f"+++\nnumber = \"8\"\ncustomer = '{HOSTILE}'\nissued_on = 2026-09-01\ndue_on = 2026-09-30\n"
        'currency = "GBP"\ntotal = "10.00"\n+++\n',
    )
    found.world.invoice("9", total="50.00")
    found.world.build()
    return found


def test_each_currency_stands_alone_and_comes_to_what_list_says(desk: Desk) -> None:
    told = desk.json("report", as_of=date(2026, 11, 21))
    assert [(one["currency"], one["total"], one["late"]) for one in told["aging"]] == [
        ("GBP", "900.00", "900.00"),
        ("JPY", "100000", "0"),
    ]
    gbp = told["aging"][0]
    assert {row["bucket"]: row["amount"] for row in gbp["buckets"] if row["invoices"]} == {
        "1-30": "890.00",
        "31-60": "10.00",
    }


def test_a_day_that_is_past_is_told_as_it_stood(desk: Desk) -> None:
    desk.entry(EntryKind.PAYMENT, "1042", 84000, "2026-11-20")
    assert desk.json("report", as_of=date(2026, 11, 19))["aging"][0]["total"] == "900.00"
    told = desk.json("report", as_of=date(2026, 11, 20))
    assert told["aging"][0]["total"] == "60.00"
    assert told["next_steps"] is None
    assert told["customers"][0] | {"customer": ""} == {
        "customer": "",
        "invoices": 1,
        "days_to_pay": 50,
        "days_late": 20,
        "promises_kept": 0,
        "promises_broken": 0,
    }
    assert desk.json("report", as_of=date(2026, 9, 15))["open"][0]["invoice"] == "8"


def test_what_waits_for_the_owner_comes_first(desk: Desk) -> None:
    desk.entry(EntryKind.PROBLEM_REPORTED, "1042", 84000, "2026-11-02", method="work", note=HOSTILE)
    desk.entry(EntryKind.SAID_PAID, "9", 5000, "2026-11-02", method="cash", value_on=date(2026, 11, 1))
    desk.entry(EntryKind.PROMISED, "8", 1000, "2026-11-02", value_on=date(2026, 11, 5))
    cause = Cause(MailKind.CHARGE_NOTICE, "8", "c1", "8")
    mail = Mail("", "Your payment", "text", "html", cause.message_id, cause.kind)
    with desk.world.open().ledger.transaction() as tx:
        tx.add_message(Message(cause, mail, MessageState.NO_ADDRESS, datetime(2026, 11, 3, tzinfo=UTC)))
        tx.add_link_request("mary@example.com", "I lost it.", datetime(2026, 11, 3, tzinfo=UTC))
        tx.raise_alarm(
            Alarm(AlarmKind.UNMATCHED, "pi_77", "A payment names no invoice", datetime(2026, 11, 3, tzinfo=UTC))
        )
    steps = desk.json("report")["next_steps"]
    assert [step["what"] for step in steps] == [
        "1 problem waits for your answer.",
        "1 customer says it is paid already.",
        "1 alarm holds: money set aside, too much of it, or disputed.",
        "1 promised day has passed without the money.",
        "1 person asks for a link.",
        "1 invoice has mails but no address to send them to.",
    ]
    assert [step["subjects"][0]["invoice"] for step in steps] == ["1042", "9", None, "8", None, "8"]
    shown = desk.run("report")
    assert "* 1 problem waits for your answer." in shown
    assert max(len(line) for line in shown.splitlines() if "With charts" not in line) <= 80


def test_with_nothing_owed_and_nothing_waiting_it_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.world.build()
    desk.entry(EntryKind.PAYMENT, "1042", 84000, "2026-11-01")
    shown = desk.run("report")
    assert "Nothing waits for you." in shown
    assert "Nothing is owed to you on any invoice." in shown
    assert "Nothing is owed to you on any invoice." in desk.page()


def test_the_page_is_private_self_contained_and_runs_nothing(desk: Desk) -> None:
    desk.entry(EntryKind.PROBLEM_REPORTED, "8", 1000, "2026-11-02", method="other", note=HOSTILE)
    desk.run("report")
    path = desk.world.folders.state / "report.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(desk.world.folders.output.rglob("report*"))
    page = desk.page()
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    assert "default-src 'none'; style-src 'sha256-" in unescape(page)
    assert set(re.findall(r'href="(https?://[^"]+)"', page)) <= {
        desk.world.open().url_of(key) for key in ("1042", "7", "8", "9")
    }
    assert re.search(r'\b(?:src|action|style)="(?!data:)', page) is None
    widths = [float(width) for width in re.findall(r'class="c\d" x="[\d.]+%" width="([\d.]+)%"', page)]
    assert widths
    assert all(0 < width <= 100 for width in widths)


def test_another_day_has_a_file_of_its_own(desk: Desk) -> None:
    desk.run("report", as_of=date(2026, 10, 31))
    assert "As of 31 October 2026" in desk.page("report-2026-10-31.html")
    assert "What to do next" not in desk.page("report-2026-10-31.html")


def test_the_table_has_a_row_per_open_invoice_and_no_formula(desk: Desk) -> None:
    desk.world.write(
        "invoices/66.md",
        '+++\nnumber = "66"\ncustomer = "=HYPERLINK(1)"\ndue_on = 2026-12-01\ncurrency = "GBP"\ntotal = "1.00"\n+++\n',
    )
    desk.world.build()
    rows = list(csv.DictReader(io.StringIO(desk.run("report", "--csv", as_of=date(2026, 11, 21)))))
    assert [row["invoice"] for row in rows] == ["8", "1042", "9", "66", "7"]
    assert rows[0]["days_late"] == "52"
    assert rows[0]["bucket"] == "31-60"
    assert rows[3]["customer"] == "'=HYPERLINK(1)"


def test_the_build_writes_it_too(desk: Desk) -> None:
    told = desk.run("build")
    assert "report.html" in told
    assert "Money owed to you" in desk.page()
