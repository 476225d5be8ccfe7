"""What is held on a customer is told, handed out and erased; bookkeeping and open claims stay."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desk import Desk

from portal.mailing.links import link_request_due
from portal.ports.mail import Cause, Mail, MailKind, Message, MessageState
from portal.ports.provider_reports import GatewayEvent
from portal.ports.reminders import ReminderClaim
from portal.receivables.entries import ERASED, EntryKind

if TYPE_CHECKING:
    from portal.receivables.entries import Entry

SECRET = "My knee hurts."
PAID_ON = datetime(2026, 11, 10, 10, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A customer with a settled invoice and an open one, on both of which words were said; and somebody else."""
    found = Desk(tmp_path)
    for number, name in (("1042", "Mary Ann"), ("1043", "Mary Ann"), ("7", "Somebody Else")):
        path = found.world.invoice(number)
        text = path.read_text(encoding="utf-8").replace("Sample Customer Ltd", name)
        path.write_text(text.replace("accounts@", f"{name.split()[0].lower()}@"), encoding="utf-8")
    found.world.build()
    for number in ("1042", "1043", "7"):
        found.entry(EntryKind.PROBLEM_REPORTED, number, 84000, "2026-11-05", method="work", note=SECRET)
        _mail(found, number, PAID_ON)
    found.entry(EntryKind.PAYMENT, "1042", 84000, "2026-11-10", note="RF 77", method="Visa ending 4242")
    event = GatewayEvent("evt_1", "payment_intent.succeeded", PAID_ON, None, '{"id": "x4", "name": "Mary Ann"}')
    with found.world.open().ledger.transaction() as tx:
        tx.record_event(event, "settled")
        tx.add_link_request("Mary@example.com", "I lost my link.", PAID_ON)
        tx.add_link_request("somebody@example.com", "I, too.", PAID_ON)
    return found


def _mail(desk: Desk, number: str, at: datetime) -> None:
    cause = Cause(MailKind.ANSWER_NOTED, number, "c", number)
    to = "mary@example.com" if number != "7" else "somebody@example.com"
    mail = Mail(to, "We have it", f"You wrote: {SECRET}", "<p>", cause.message_id, cause.kind)
    with desk.world.open().ledger.transaction() as tx:
        tx.add_message(Message(cause, mail, MessageState.WRITTEN, at))
    folder = desk.world.folders.state / "mail"
    folder.mkdir(exist_ok=True)
    (folder / f"20261110T100000Z-answer-noted-{cause.message_id}.eml").write_text(SECRET, encoding="utf-8")


def _words(desk: Desk, number: str) -> list[str | None]:
    return [entry.note for entry in desk.world.open().ledger.entries_of(number)]


def _letters(desk: Desk) -> int:
    return len(list((desk.world.folders.state / "mail").glob("*.eml")))


def test_the_settled_goes_the_open_stays_and_bookkeeping_is_as_it_was(desk: Desk) -> None:
    before: tuple[Entry, ...] = desk.world.open().ledger.entries_of("1042")
    told = desk.json("privacy", "erase", " MARY@example.com ", "--yes")
    assert (told["words"], told["mails"], told["files"], told["webhooks"]) == (1, 1, 1, 1)
    assert told["still_open"] == ["1043"]
    assert any("invoices/1042.md" in one for one in told["yours_to_do"])
    assert any("Backups" in one for one in told["yours_to_do"])
    after = desk.world.open().ledger.entries_of("1042")
    assert [entry.note for entry in after] == [ERASED, "RF 77"]
    assert [(one.kind, one.amount, one.external_id, one.method) for one in after] == [
        (one.kind, one.amount, one.external_id, one.method) for one in before
    ]
    assert _words(desk, "1043") == _words(desk, "7") == [SECRET]
    assert _letters(desk) == 2
    texts = {one.cause.invoice_key: one.mail.text for one in desk.world.open().ledger.messages()}
    assert texts == {"1042": ERASED, "1043": f"You wrote: {SECRET}", "7": f"You wrote: {SECRET}"}
    assert [one.words for one in desk.world.open().ledger.link_requests()] == ["I, too."]
    ledger = (desk.world.folders.state / "ledger.sqlite").read_bytes()
    assert b'Mary Ann"}' not in ledger
    assert desk.json("privacy", "erase", "mary@example.com", "--yes")["words"] == 0


def test_a_mail_about_an_open_invoice_too_stays(desk: Desk) -> None:
    """And so do the reasons of a pause on it, which go with the settled one."""
    (message,) = (one for one in desk.world.open().ledger.messages() if one.cause.invoice_key == "1042")
    with desk.world.open().ledger.transaction() as tx:
        tx.claim_reminder(ReminderClaim("1043", "friendly 1", PAID_ON.date(), message.mail.message_id))
    for number in ("1042", "1043"):
        desk.entry(EntryKind.REMINDERS_PAUSED, number, 84000, "2026-11-06", value_on=date(2026, 11, 30), note="Is ill")
    told = desk.json("privacy", "erase", "mary@example.com", "--yes")
    assert (told["words"], told["mails"]) == (2, 0)
    assert (_words(desk, "1042")[-1], _words(desk, "1043")[-1]) == (ERASED, "Is ill")


def test_the_mail_that_tells_the_owner_of_a_request_for_a_link_goes_with_it(desk: Desk) -> None:
    office = desk.world.open()
    for request in office.ledger.link_requests():
        cause = link_request_due(request).cause
        text = f"They typed: {request.email}\n\n> {request.words}"
        mail = Mail("owner@example.com", "Somebody asks", text, "<p>", cause.message_id, cause.kind)
        with office.ledger.transaction() as tx:
            tx.add_message(Message(cause, mail, MessageState.WRITTEN, PAID_ON))
    told = desk.json("privacy", "report", "mary@example.com")["held"]
    (asked,) = (one for one in told if one["what"].startswith("Requests"))
    assert (asked["number"], asked["until"]) == (1, "Until dealt with, 365 days at most")
    assert desk.json("privacy", "erase", "mary@example.com", "--yes")["mails"] == 2
    notices = [one for one in desk.world.open().ledger.messages() if one.cause.kind is MailKind.LINK_NOTICE]
    assert [one.mail.text == ERASED for one in notices] == [True, False]


def test_nothing_is_erased_without_being_asked(desk: Desk) -> None:
    assert "Say --yes." in desk.refused("privacy", "erase", "mary@example.com", "--json")
    assert _words(desk, "1042") == [SECRET, "RF 77"]


@pytest.mark.parametrize("who", ["Mary  ann", "1043", "mary@example.com"])
def test_a_customer_is_known_by_address_name_and_invoice(desk: Desk, who: str) -> None:
    assert desk.json("privacy", "report", who)["invoices"] == ["1042", "1043"]


def test_who_is_not_known_for_certain_is_not_touched(desk: Desk) -> None:
    assert "Nobody is known by 'Nemo'" in desk.refused("privacy", "erase", "Nemo", "--yes")
    path = desk.world.invoice("8")
    path.write_text(path.read_text(encoding="utf-8").replace("Sample Customer Ltd", "Mary Ann"), encoding="utf-8")
    desk.world.build()
    said = desk.refused("privacy", "erase", "Mary Ann", "--yes")
    assert "Several customers are known by 'Mary Ann'" in said
    assert desk.json("privacy", "report", "mary@example.com")["invoices"] == ["1042", "1043"]


def test_an_invoice_that_is_gone_is_known_by_its_number(desk: Desk) -> None:
    (desk.world.folders.content / "invoices" / "7.md").unlink()
    desk.world.build()
    assert desk.json("privacy", "erase", "7", "--yes")["words"] == 1
    assert _words(desk, "7") == [ERASED]


def test_everything_is_handed_out(desk: Desk, tmp_path: Path) -> None:
    told = desk.json("privacy", "export", "mary@example.com")
    folder = Path(told["folder"])
    assert sorted(path.name for path in folder.iterdir()) == ["case-1042.html", "case-1043.html", "export.json"]
    path = folder / "export.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = json.loads(path.read_text(encoding="utf-8"))
    assert [one["invoice"] for one in found["invoices"]] == ["1042", "1043"]
    paid = found["invoices"][0]
    assert paid["entries"][0]["note"] == SECRET
    assert paid["entries"][1]["amount"] == {"minor": 84000, "currency": "GBP"}
    assert paid["as_last_built"]["customer"]["email"] == "mary@example.com"
    assert paid["settled_on"] == "2026-11-10"
    assert len(found["mails"]) == 2
    assert [one["words"] for one in found["requests_for_a_link"]] == ["I lost my link."]
    assert "Mary Ann" in found["reports_of_the_payment_provider"][0]["body"]
    assert "Somebody" not in path.read_text(encoding="utf-8")
    assert "published pages" in desk.refused("privacy", "export", "7", "--to", str(tmp_path / "build" / "x"))


def test_what_is_held_is_told_with_its_end(desk: Desk) -> None:
    held = {one["what"]: one for one in desk.json("privacy", "report", "mary@example.com")["held"]}
    assert held["Answers in the customer's words, and yours"]["number"] == 2
    desk.entry(EntryKind.PAYMENT, "1043", 84000, "2026-11-12")
    held = {one["what"]: one for one in desk.json("privacy", "report", "mary@example.com")["held"]}
    assert held["Invoices with their entries"]["until"] == "Until 2036-12-31"
    assert held["Answers in the customer's words, and yours"]["until"] == "Until 2027-11-12 at the latest"
    shown = desk.run("privacy", "report", "mary@example.com")
    assert "Backups" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("days", "erased"),
    [(180, (0, 0, 0)), (181, (0, 0, 1)), (365, (0, 0, 1)), (366, (1, 0, 1)), (730, (1, 0, 1)), (731, (1, 1, 1))],
)
def test_what_was_kept_long_enough_goes_by_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, days: int, erased: tuple[int, int, int]
) -> None:
    """Counted from the day of the payment; the open invoice keeps its words, however old."""
    later = datetime(2026, 11, 10, 9, tzinfo=UTC) + timedelta(days)
    monkeypatch.setattr("portal.forgetting.now", lambda: later)
    told = desk.json("privacy", "tidy")
    assert (told["words"], told["mails"], told["webhooks"]) == erased
    assert _words(desk, "1043") == [SECRET]
    assert {one.why for one in desk.world.open().ledger.erasures()} <= {"kept for as long as the settings say"}


def test_the_day_asked_for_erases_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.forgetting.now", lambda: PAID_ON)
    assert desk.json("privacy", "tidy", as_of=date(2036, 1, 1))["words"] == 0
    desk.run("build", as_of=date(2036, 1, 1))
    assert _words(desk, "1042") == [SECRET, "RF 77"]


def test_a_build_tidies_and_the_page_no_longer_has_the_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.entry(EntryKind.ANSWER_CLOSED, "1042", 84000, "2026-11-11", note="Sorry about your knee.")
    with desk.world.open().ledger.transaction() as tx:
        said = tx.entries("1042")[0]
    desk.entry(EntryKind.ANSWER_CLOSED, "1042", 84000, "2026-11-12", note="We painted it.")
    assert said.external_id == "x1"
    monkeypatch.setattr("portal.forgetting.now", lambda: PAID_ON + timedelta(400))
    desk.run("build")
    assert _words(desk, "1042") == [ERASED, "RF 77", ERASED, ERASED]
    pages = "".join(path.read_text(encoding="utf-8") for path in desk.world.folders.output.rglob("index.html"))
    assert "knee" not in pages.replace(SECRET, "")
