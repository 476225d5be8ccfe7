"""What the owner records reaches ledger and page at once, each thing once, and never beside an open checkout."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from portal.bookkeeping.entries import OwnerEntries, Written
from portal.bookkeeping.wishes import CorrectEntry, PaidBy, RecordPayment, WriteOff
from portal.cli import main
from portal.errors import EntryRefusedError
from portal.ports import LIVE_STATES, HoldState
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.receivables.statuses import InvoiceStatus
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World

    from portal.bookkeeping.wishes import Wish

Run = Callable[..., Result]
TRANSFER = ("--on", "2026-11-20", "--by", "transfer", "--reference", "RF 77")


@pytest.fixture
def run(world: World) -> Run:
    """A command on a portal that is built and served: ``run("record", "1042", ...)``."""
    folders = world.folders

    def invoke(*arguments: str) -> Result:
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        every = [*arguments, *map(str, where), "--as-of", world.day.isoformat()]
        return CliRunner(env={"PORTAL_STRIPE_KEY": None}).invoke(main, every, catch_exceptions=False)

    return invoke


def said(result: Result) -> Any:  # noqa: ANN401  JSON
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def kinds(world: World) -> list[str]:
    return [entry.kind.value for entry in world.entries()]


# ---- recording


def test_a_transfer_reaches_the_page_at_once(world: World, run: Run) -> None:
    assert "£840.00" in world.page()
    told = said(run("record", "1042", "840.00", *TRANSFER, "--json"))
    assert told["is_new"]
    assert told["amount_remaining"] == "0.00"
    assert told["status"] == "paid"
    assert told["warnings"] == []
    assert told["entry"] == {
        "entry": 1,
        "kind": "payment",
        "amount": "840.00",
        "currency": "GBP",
        "on": "2026-11-20",
        "method": "Bank transfer",
        "note": "RF 77",
        "reverses": None,
        "external_id": "owner/1042/GBP 840.00/2026-11-20/rf 77",
    }
    page = unescape(world.page())
    assert "Paid in full" in page
    assert "20 November 2026, bank transfer" in page
    assert 'action="' not in page


def test_a_command_given_twice_counts_once(run: Run) -> None:
    first = run("record", "1042", "100", *TRANSFER)
    assert "Payment of GBP 100.00 recorded: entry 1 of invoice 1042." in first.stdout
    assert "Left to pay: GBP 740.00" in first.stdout
    again = run("record", "1042", "100.00", "--on", "2026-11-20", "--by", "transfer", "--reference", " rf   77 ")
    assert again.exit_code == 0
    assert "Nothing was written" in again.stdout
    other = said(run("record", "1042", "100", "--on", "2026-11-20", "--by", "cash", "--reference", "RF 78", "--json"))
    assert other["is_new"]
    assert other["amount_remaining"] == "640.00"


def test_the_same_command_many_times_at_once_counts_once(world: World) -> None:
    wish = RecordPayment(Money(10000, "GBP"), date(2026, 11, 20), PaidBy.CASH, "receipt 5")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: writer(world).write("1042", wish), range(16)))
    assert sum(written.is_new for written in found) == 1
    assert len(world.entries()) == 1


def test_more_than_is_left_is_refused_with_the_sum(world: World, run: Run) -> None:
    refused = run("record", "1042", "900.50", *TRANSFER)
    assert refused.exit_code == 1
    assert "GBP 60.50 more than is left: GBP 840.00" in refused.stderr
    assert "--overpaid" in refused.stderr
    assert world.entries() == ()
    told = said(run("record", "1042", "900.50", *TRANSFER, "--overpaid", "--json"))
    assert told["amount_overpaid"] == "60.50"


@pytest.mark.parametrize(
    ("amount", "options", "told"),
    [
        ("84O", (), "not an amount"),
        ("840,00", (), "not an amount"),
        ("£840", (), "not an amount"),
        ("1e2", (), "not an amount"),
        ("10.005", (), "decimals"),
        ("0", (), "more than nothing"),
        ("840", ("--currency", "EUR"), "is in GBP, not in EUR"),
        ("840", ("--currency", "POUND"), "is not a currency"),
        ("840", ("--on", "2026-11-22"), "in the future"),
        ("840", ("--reference", "  "), "reference is empty"),
        ("840", ("--reference", "x" * 201), "too long"),
        ("840", ("--reference", "a\nb"), "not plain text"),
    ],
)
def test_what_would_not_be_right_is_refused(
    world: World, run: Run, amount: str, options: tuple[str, ...], told: str
) -> None:
    refused = run("record", "1042", amount, *TRANSFER, *options, "--json")
    assert refused.exit_code == 1, refused.output
    assert told in json.loads(refused.stdout)["problems"][0]["problem"]
    assert world.entries() == ()


def test_an_invoice_that_was_not_built_is_unknown(run: Run) -> None:
    for command in (("record", "9", "1", *TRANSFER), ("write-off", "9"), ("void", "9", "--why", "x")):
        refused = run(*command)
        assert refused.exit_code == 1
        assert "portal build" in refused.stderr


# ---- giving up


def test_a_credit_note_lowers_what_is_due(world: World, run: Run) -> None:
    told = said(run("credit", "1042", "40", "--reference", "CN-1", "--json"))
    assert told["amount_remaining"] == "800.00"
    assert not said(run("credit", "1042", "40", "--reference", "CN-1", "--json"))["is_new"]
    assert run("credit", "1042", "800.01", "--reference", "CN-2").exit_code == 1
    assert "£800.00" in world.page()
    assert world.balance().amount_credited == Money(4000, "GBP")


def test_a_write_off_is_of_what_is_left(world: World, run: Run) -> None:
    run("record", "1042", "300", *TRANSFER)
    told = said(run("write-off", "1042", "--why", "insolvent", "--json"))
    assert told["entry"]["amount"] == "540.00"
    assert told["entry"]["note"] == "insolvent"
    assert told["status"] == "written_off"
    assert not said(run("write-off", "1042", "--json"))["is_new"]
    assert "no longer ask for payment" in world.page()
    run("correct", "1042", "2", "--why", "they paid after all")
    assert world.balance().amount_remaining == Money(54000, "GBP")
    assert said(run("write-off", "1042", "--json"))["is_new"], "what was undone may be written again"


def test_nothing_is_left_to_write_off(run: Run) -> None:
    run("record", "1042", "840", *TRANSFER)
    refused = run("write-off", "1042")
    assert refused.exit_code == 1
    assert "Nothing is left" in refused.stderr


def test_a_void_invoice_asks_for_nothing(world: World, run: Run) -> None:
    assert said(run("void", "1042", "--why", "issued twice", "--json"))["status"] == "void"
    assert not said(run("void", "1042", "--why", "again", "--json"))["is_new"]
    assert "cancelled" in world.page()


def with_late_fee(world: World) -> None:
    """An invoice that is overdue costs 25.00 more."""
    settings = (world.folders.content / "portal.toml").read_text()
    late = '[terms.late]\nmode = "charged"\nbusiness_only = false\nflat = { GBP = "25.00" }\n'
    world.write("portal.toml", settings + late)
    world.build()


def test_a_fee_is_waived_once_a_day(world: World, run: Run) -> None:
    with_late_fee(world)
    assert "£865.00" in world.page()
    told = said(run("waive-fee", "1042", "10", "--json"))
    assert told["amount_remaining"] == "855.00"
    assert not said(run("waive-fee", "1042", "10.00", "--json"))["is_new"]
    too_much = run("waive-fee", "1042", "15.01")
    assert too_much.exit_code == 1
    assert "more than the late fees, GBP 15.00" in too_much.stderr
    assert said(run("waive-fee", "1042", "--json"))["amount_remaining"] == "840.00"
    assert not said(run("waive-fee", "1042", "--json"))["is_new"]
    assert "£840.00" in world.page()
    assert kinds(world) == ["fee waived", "fee waived"]


def test_where_there_is_no_fee_none_is_waived(run: Run) -> None:
    for amount in ((), ("12.50",)):
        refused = run("waive-fee", "1042", *amount)
        assert refused.exit_code == 1
        assert "no late fee" in refused.stderr


# ---- correcting


def test_an_entry_is_corrected_by_one_more(world: World, run: Run) -> None:
    run("record", "1042", "480", *TRANSFER)
    told = said(run("correct", "1042", "1", "--why", "digits swapped", "--json"))
    assert told["entry"]["reverses"] == 1
    assert told["amount_remaining"] == "840.00"
    assert not said(run("correct", "1042", "1", "--why", "again", "--json"))["is_new"]
    assert kinds(world) == ["payment", "reversal"]
    assert "Bank transfer" not in world.page()
    assert said(run("record", "1042", "480", *TRANSFER, "--json"))["amount_remaining"] == "360.00"
    assert not said(run("record", "1042", "480", *TRANSFER, "--json"))["is_new"]
    shown = said(run("show", "1042", "--json"))
    assert [(entry["entry"], entry["kind"]) for entry in shown["entries"]] == [
        (1, "payment"),
        (2, "reversal"),
        (3, "payment"),
    ]
    assert "digits swapped" in run("show", "1042").stdout


def test_what_the_provider_said_is_not_corrected_here(world: World, run: Run) -> None:
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    refused = run("correct", "1042", "1", "--why", "no")
    assert refused.exit_code == 1
    assert "payment provider" in refused.stderr
    assert "no entry 7" in run("correct", "1042", "7", "--why", "no").stderr


def test_a_correction_is_not_corrected(world: World, run: Run) -> None:
    run("credit", "1042", "40", "--reference", "CN-1")
    run("correct", "1042", "1", "--why", "wrong invoice")
    assert "correction itself" in run("correct", "1042", "2", "--why", "no").stderr
    assert len(world.entries()) == 2


# ---- beside an open checkout


def writer(world: World) -> OwnerEntries:
    """What the commands use where a key is set."""
    portal = world.served()
    return OwnerEntries(portal.ledger, portal.gateway, now, portal.today)


def write(world: World, wish: Wish) -> Written:
    return writer(world).write("1042", wish)


CASH = RecordPayment(Money(84000, "GBP"), date(2026, 11, 20), PaidBy.CASH, "till")


def test_an_open_checkout_is_closed_first(world: World) -> None:
    checkout = world.pay().headers["Location"]
    written = write(world, CASH)
    assert written.is_new
    assert not written.unclosed
    assert written.balance.status is InvoiceStatus.PAID
    with world.open().ledger.transaction() as tx:
        assert tx.holds("1042", LIVE_STATES) == ()
    too_late = world.at_checkout(checkout)
    assert "/return" not in too_late.headers.get("Location", ""), "the checkout cannot be paid any more"
    assert len(world.entries()) == 1


def test_a_refused_entry_closes_no_checkout(world: World) -> None:
    world.pay()
    with pytest.raises(EntryRefusedError, match="more than is left"):
        write(world, RecordPayment(Money(84001, "GBP"), date(2026, 11, 20), PaidBy.CASH, "till"))
    write(world, WriteOff())
    assert not write(world, WriteOff()).is_new


def test_a_checkout_that_was_just_paid_is_settled_and_the_owner_asked_again(world: World) -> None:
    world.at_checkout(world.pay().headers["Location"], webhook="lose")
    assert world.entries() == ()
    with pytest.raises(EntryRefusedError, match=r"paid by card.*GBP 0\.00 is left"):
        write(world, CASH)
    assert [entry.method for entry in world.entries()] == ["Visa ending 4242"]
    with pytest.raises(EntryRefusedError, match="more than is left"):
        write(world, CASH)


def test_a_click_whose_checkout_is_not_there_yet_is_given_up(world: World) -> None:
    world.pay()
    with world.open().ledger.transaction() as tx:
        (hold,) = tx.holds("1042", LIVE_STATES)
    with world.open().ledger.transaction() as tx:
        tx.add_hold(replace(hold, hold_id="hold_lost", state=HoldState.CREATING, checkout_id=None, url=None))
    assert write(world, CASH).is_new
    with world.open().ledger.transaction() as tx:
        lost = tx.hold("hold_lost")
        assert lost is not None
        assert lost.state is HoldState.RELEASED


def test_without_a_key_the_open_checkout_is_told_of(world: World, run: Run) -> None:
    world.pay()
    told = said(run("record", "1042", "840", *TRANSFER, "--json"))
    assert "could not be closed" in told["warnings"][0]["problem"]
    assert world.balance().amount_paid == Money(84000, "GBP")


def test_a_page_that_cannot_be_frozen_is_told_of(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr("portal.cli.levelling.PageFreezer.freeze_stale", fail)
    told = said(run("record", "1042", "840", *TRANSFER, "--json"))
    assert "the disk is full" in told["warnings"][0]["problem"]
    assert world.open().ledger.stale_invoices() == ("1042",)


def test_a_correction_names_the_entry_it_undoes(world: World) -> None:
    write(world, CASH)
    undone = write(world, CorrectEntry(1, "forged note"))
    assert (undone.entry.kind, undone.entry.reverses, undone.entry.amount) == (EntryKind.REVERSAL, 1, CASH.amount)


def test_an_invoice_is_shown_without_what_is_nothing(run: Run) -> None:
    run("record", "1042", "100", *TRANSFER)
    shown = run("show", "1042").stdout
    assert re.search(r"^left to pay +GBP 740\.00$", shown, re.MULTILINE)
    assert re.search(r"^state +overdue, partly paid$", shown, re.MULTILINE)
    assert "overpaid" not in shown
    assert "paid back" not in shown


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("credit", "1042", "40", "--reference", "x"), "Credit of GBP 40.00 recorded: entry 1 of invoice 1042."),
        (("write-off", "1042"), "GBP 840.00 written off: entry 1 of invoice 1042."),
        (("void", "1042", "--why", "x"), "Cancelled, GBP 840.00 is no longer asked for: entry 1 of invoice 1042."),
    ],
)
def test_what_was_written_is_said_in_words(run: Run, command: tuple[str, ...], words: str) -> None:
    assert words in run(*command).stdout
