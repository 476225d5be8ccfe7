"""``portal match``: nothing without a word, twice is once, and pages, checkouts and mails follow as after any entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from bank_files import Line, camt053
from click.testing import CliRunner, Result

from portal.bank_statements import Notation, read_statements
from portal.bookkeeping.bank_recording import record_transfer
from portal.bookkeeping.entries import OwnerEntries
from portal.cli import main
from portal.errors import EntryRefusedError
from portal.ports import LIVE_STATES
from portal.receivables.allocation import Allocation
from portal.receivables.money import Money
from portal.wiring.portal import now

if TYPE_CHECKING:
    from pathlib import Path

    from world import World

Run = Callable[..., Result]
PAID = Line("840.00", "INV 1042 thanks", "SAMPLE CUSTOMER", end_to_end="E2E-771")


@pytest.fixture
def run(world: World) -> Run:
    folders = world.folders

    def invoke(*arguments: object) -> Result:
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        every = [*map(str, (*arguments, *where)), "--as-of", world.day.isoformat()]
        return CliRunner(env={"PORTAL_STRIPE_KEY": None}).invoke(main, every, catch_exceptions=False)

    return invoke


@pytest.fixture
def bank(tmp_path: Path) -> Callable[..., Path]:
    """A statement as a file: ``bank(Line(...), name="a.xml")``."""

    def write(*lines: Line, name: str = "statement.xml") -> Path:
        path = tmp_path / name
        path.write_text(camt053(*lines), encoding="utf-8")
        return path

    return write


def said(result: Result, status: int = 0) -> Any:  # noqa: ANN401  JSON
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_nothing_is_recorded_without_a_word(world: World, run: Run, bank: Callable[..., Path]) -> None:
    shown = run("match", bank(PAID, Line("1.00", "gift", "A Person"), Line("2.00", sign=-1)))
    assert shown.exit_code == 0
    assert "Sure (1)" in shown.stdout
    assert "-> 1042: its number is in the text, and the amount settles it." in shown.stdout
    assert "Not matched (1)" in shown.stdout
    assert "Left aside: 1 outgoing." in shown.stdout
    assert world.entries() == ()


def test_what_is_sure_is_recorded_once_and_reaches_the_page(world: World, run: Run, bank: Callable[..., Path]) -> None:
    first = said(run("match", bank(PAID), "--accept", "--json"))
    assert [one["is_new"] for one in first["recorded"]] == [True]
    assert [one["verdict"] for one in first["lines"]] == ["recorded before"]
    (entry,) = world.entries()
    assert (entry.amount, entry.value_on) == (Money(84000, "GBP"), date(2026, 11, 19))
    assert entry.note == "statement.xml:7, SAMPLE CUSTOMER, INV 1042 thanks, E2E-771"
    assert "Paid in full" in world.page()
    again = said(run("match", "--accept", bank(PAID, Line("5.00", "x"), name="again.xml"), "--json"))
    assert again["recorded"] == []
    assert len(world.entries()) == 1
    told = run("match", "--recorded").stdout
    assert "statement.xml:7" in told
    assert "1042" in told


def test_a_checkout_that_is_open_is_closed_first(world: World, run: Run, bank: Callable[..., Path]) -> None:
    world.pay()
    shown = said(run("match", bank(PAID), "--accept", "--json"))
    assert any("checkout open" in one["problem"] for one in shown["warnings"])
    owner = OwnerEntries(world.served().ledger, world.served().gateway, now, lambda: world.day)
    booking = read_statements([bank(Line("5.00", "other"))], Notation()).bookings[0]
    record_transfer(owner, booking, (Allocation("1042", Money(500, "GBP")),), overpaid=True)
    assert world.open().ledger.holds_in(LIVE_STATES) == ()


def test_lines_are_accepted_one_by_one(world: World, run: Run, bank: Callable[..., Path]) -> None:
    path = bank(Line("300.00", "1042 first part"), Line("1.00", "gift", "A Person"))
    part, gift = said(run("match", path, "--json"))["lines"]
    assert (part["verdict"], gift["verdict"]) == ("to confirm", "not matched")
    assert said(run("match", path, "--accept", "--json"))["recorded"] == []
    found = said(run("match", path, "--accept", part["line"], "--accept", gift["line"], "--json"), 1)
    assert len(found["recorded"]) == 1
    assert "--assign" in found["problems"][0]["remedy"]
    assert world.balance().amount_remaining == Money(54000, "GBP")
    assert run("match", path, "--accept", "zzzzzz").exit_code == 1


def test_a_line_is_assigned_by_hand_in_parts_and_never_twice(world: World, run: Run, bank: Callable[..., Path]) -> None:
    world.invoice("1043", "500.00")
    world.build()
    path = bank(Line("900.00", "both", "A Person"))
    (line,) = (one["line"] for one in said(run("match", path, "--json"))["lines"])
    said(run("match", path, "--assign", line, "1042", "--amount", "840.00", "--json"))
    shown = said(run("match", path, "--json"))["lines"][0]
    assert "GBP 60.00 of it is for no invoice yet" in shown["why"]
    assert run("match", path, "--assign", line, "1043", "--amount", "61.00").exit_code == 1
    said(run("match", path, "--assign", line, "1043", "--json"))
    assert world.balance("1043").amount_paid == Money(6000, "GBP")
    assert run("match", path, "--assign", line, "1043", "--amount", "1.00").exit_code == 1
    assert run("match", path, "--assign", line, "9999").exit_code == 1
    more = bank(Line("900.00", "more", "A Person"), name="more.xml")
    (line,) = (one["line"] for one in said(run("match", more, "--json"))["lines"])
    assert "more than is left" in run("match", more, "--assign", line, "1043").stderr
    said(run("match", more, "--assign", line, "1043", "--overpaid", "--json"))


def test_one_transfer_over_two_invoices_is_one_payment(world: World, run: Run, bank: Callable[..., Path]) -> None:
    world.write("portal.toml", (world.folders.content / "portal.toml").read_text() + '[mail]\nfrom = "a@example.com"\n')
    world.invoice("1043", "160.00")
    world.build()
    world.open().post_office().begin()
    said(run("match", bank(Line("1000.00", "1042 1043")), "--accept", "--json"))
    first, second = world.entries("1042")[0], world.entries("1043")[0]
    assert first.external_id == second.external_id
    mails = said(run("mail", "--json"))
    assert [one["kind"] for one in mails if one["kind"] == "receipt"] == ["receipt"]


def test_the_bank_takes_a_transfer_back(world: World, run: Run, bank: Callable[..., Path]) -> None:
    back = Line("840.00", "Return", "SAMPLE CUSTOMER", sign=-1, reversal=True, end_to_end="E2E-771")
    both = bank(PAID, back)
    found = said(run("match", both, "--accept", "--json"))
    assert [one["entries"][0]["kind"] for one in found["recorded"]] == ["payment", "reversal"]
    assert world.balance().amount_remaining == Money(84000, "GBP")
    assert {one["verdict"] for one in found["lines"]} == {"recorded before"}
    assert said(run("match", both, "--accept", "--json"))["recorded"] == []
    assert "undone by the bank" in run("match", "--recorded").stdout
    assert "£840.00" in world.page()


def test_a_correction_of_the_owners_gives_the_line_back(world: World, run: Run, bank: Callable[..., Path]) -> None:
    path = bank(PAID)
    said(run("match", path, "--accept", "--json"))
    said(run("correct", "1042", "1", "--why", "wrong invoice", "--json"))
    (line,) = said(run("match", path, "--accept", "--json"))["lines"]
    assert (line["verdict"], "undone it before" in line["why"]) == ("to confirm", True)
    said(run("match", path, "--accept", line["line"], "--json"))
    assert world.balance().amount_remaining == Money(0, "GBP")
    assert [entry.kind.value for entry in world.entries()] == ["payment", "reversal", "payment"]


def test_what_was_paid_by_card_meanwhile_is_not_paid_again(world: World, run: Run, bank: Callable[..., Path]) -> None:
    booking = read_statements([bank(PAID)], Notation()).bookings[0]
    said(run("record", "1042", "840.00", "--on", "2026-11-20", "--by", "cash", "--reference", "x", "--json"))
    owner = OwnerEntries(world.open().ledger, None, now, lambda: world.day)
    with pytest.raises(EntryRefusedError, match=r"840.00 more than is left"):
        record_transfer(owner, booking, (Allocation("1042", booking.amount),))


def test_two_commands_at_once_record_one_payment(world: World, bank: Callable[..., Path]) -> None:
    booking = read_statements([bank(PAID)], Notation()).bookings[0]

    def record(_number: int) -> bool:
        owner = OwnerEntries(world.open().ledger, None, now, lambda: world.day)
        return record_transfer(owner, booking, (Allocation("1042", booking.amount),)).is_new

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(record, range(4))) == [False, False, False, True]


def test_a_statement_of_another_account_and_one_that_cannot_be_read(
    world: World, run: Run, bank: Callable[..., Path], tmp_path: Path
) -> None:
    settings = (world.folders.content / "portal.toml").read_text()
    world.write("portal.toml", f'{settings}[bank]\niban = "DE89370400440532013000"\n')
    assert "GB33BUKB20201555555555, which [bank] does not name" in run("match", bank(PAID)).stderr
    (tmp_path / "bad.xml").write_text("<Document>\n<")
    shown = run("match", bank(PAID), tmp_path / "bad.xml", "--accept")
    assert shown.exit_code == 1
    assert "bad.xml:2" in shown.stderr
    assert len(world.entries()) == 1
    assert "No money came in" not in run("match", tmp_path / "bad.xml").stdout, "nobody knows what came in"
    assert run("match").exit_code == 2


OFX = """OFXHEADER:100
<OFX><STMTRS><CURDEF>GBP<BANKACCTFROM><ACCTID>55555555</BANKACCTFROM><BANKTRANLIST>
{lines}
</BANKTRANLIST></STMTRS></OFX>
"""
FIRST = "<STMTTRN><DTPOSTED>20261119<TRNAMT>840.00<FITID>F-1<NAME>SAMPLE CUSTOMER<MEMO>1042</STMTTRN>"
RIGHT = (
    "<STMTTRN><DTPOSTED>20261119<TRNAMT>804.00<FITID>F-2<CORRECTFITID>F-1<CORRECTACTION>REPLACE"
    "<NAME>SAMPLE CUSTOMER<MEMO>1042</STMTTRN>"
)
GONE = "<STMTTRN><DTPOSTED>20261120<TRNAMT>0.00<FITID>F-3<CORRECTFITID>F-2<CORRECTACTION>DELETE</STMTTRN>"


def test_what_the_bank_corrects_changes_only_with_a_word_and_counts_once(
    world: World, run: Run, tmp_path: Path
) -> None:
    """OFX corrects what it listed before by its FITID."""

    def ofx(name: str, *lines: str) -> Path:
        path = tmp_path / name
        path.write_text(OFX.format(lines="\n".join(lines)), encoding="utf-8")
        return path

    first, later, last = ofx("1.ofx", FIRST), ofx("2.ofx", FIRST, RIGHT), ofx("3.ofx", FIRST, RIGHT, GONE)
    said(run("match", first, "--accept", "--json"))
    old, new = said(run("match", later, "--accept", "--json"))["lines"]
    assert (old["verdict"], new["verdict"], len(new["undoes"])) == ("recorded before", "to confirm", 1)
    assert world.balance().amount_paid == Money(84000, "GBP"), "nothing without a word"
    refused = said(run("match", later, "--assign", new["line"], "1042", "--json"), 1)
    assert "both would count" in refused["problems"][0]["problem"]
    shown = run("match", later).stdout
    assert "-> undo entry 1 of 1042, then 1042: the bank puts it in the place of GBP" in shown
    done = said(run("match", later, "--accept", new["line"], "--json"))
    assert [one["is_new"] for one in done["recorded"]] == [True]
    assert world.balance().amount_paid == Money(80400, "GBP")
    assert [one["verdict"] for one in done["lines"]] == ["recorded before", "recorded before"]
    assert said(run("match", later, "--accept", new["line"], "--accept", "--json"))["recorded"] == []
    assert said(run("match", first, "--accept", "--json"))["recorded"] == []
    deletion = said(run("match", last, "--json"))["lines"][-1]
    said(run("match", last, "--accept", deletion["line"], "--json"))
    assert world.balance().amount_paid == Money(0, "GBP")
    assert [one["verdict"] for one in said(run("match", last, "--json"))["lines"]] == ["recorded before"] * 3
    told = run("match", "--recorded").stdout
    assert told.count("undone by the bank") == 2


def test_what_the_bank_deleted_cannot_be_recorded(world: World, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "both.ofx"
    path.write_text(OFX.format(lines=FIRST + GONE.replace("F-2", "F-1")), encoding="utf-8")
    old, _deletion = said(run("match", path, "--accept", "--json"))["lines"]
    assert old["verdict"] == "corrected by the bank"
    said(run("match", path, "--assign", old["line"], "1042", "--json"), 1)
    said(run("match", path, "--accept", old["line"], "--json"), 1)
    assert world.entries() == ()
    assert "Corrected by the bank (2)" in run("match", path).stdout
