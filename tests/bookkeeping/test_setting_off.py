"""A credit is set off where the owner says so: two entries, never more than there is, undone together."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from portal.bookkeeping.entries import OwnerEntries
from portal.bookkeeping.setting_off import CreditSetOff, set_off
from portal.bookkeeping.wishes import CorrectEntry, PaidBy, RecordPayment
from portal.cli import main
from portal.errors import EntryRefusedError, UnknownInvoiceError
from portal.ports.links import LinkKind
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.money import Money
from portal.receivables.statement import credit_of
from portal.receivables.statuses import InvoiceStatus
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World


@pytest.fixture
def credited(world: World) -> World:
    """Invoices 1042 (840.00) and 1043 (100.00) of one customer, and credit note CN-1 of 45.00."""
    world.invoice("1043", total="100.00", due_on="2026-11-30")
    world.invoice("CN-1", total="-45.00")
    world.build()
    return world


def owner(world: World) -> OwnerEntries:
    portal = world.served()
    return OwnerEntries(portal.ledger, portal.gateway, now, portal.today)


def apply(world: World, credit: str, invoice: str, minor: int | None = None) -> CreditSetOff:
    return set_off(owner(world), credit, invoice, None if minor is None else Money(minor, "GBP"))


def credit_left(world: World, key: str) -> int:
    invoice = world.open().ledger.invoice(key)
    assert invoice is not None
    return credit_of(invoice, world.entries(key), world.balance(key)).minor


def overpay(world: World, key: str, minor: int) -> None:
    wish = RecordPayment(Money(minor, "GBP"), date(2026, 11, 20), PaidBy.TRANSFER, "RF 1", overpaid=True)
    owner(world).write(key, wish)


def test_a_credit_note_is_taken_off_an_invoice_and_used_up(credited: World) -> None:
    done = apply(credited, "CN-1", "1043")
    assert (done.is_new, done.used.amount, done.credit_left) == (True, Money(4500, "GBP"), Money(0, "GBP"))
    assert credited.balance("1043").amount_remaining == Money(5500, "GBP")
    assert [entry.kind for entry in credited.entries("CN-1")] == [EntryKind.CREDIT_USED]
    assert [entry.kind for entry in credited.entries("1043")] == [EntryKind.CREDIT_NOTE]
    with pytest.raises(EntryRefusedError, match="nothing left"):
        apply(credited, "CN-1", "1042")


def test_an_overpayment_moves_to_another_invoice(credited: World) -> None:
    overpay(credited, "1043", 13000)
    assert credit_left(credited, "1043") == 3000
    apply(credited, "1043", "1042")
    assert credited.balance("1042").amount_remaining == Money(81000, "GBP")
    balance = credited.balance("1043")
    assert (balance.amount_paid, balance.amount_overpaid) == (Money(10000, "GBP"), Money(0, "GBP"))
    assert balance.status is InvoiceStatus.PAID
    assert credit_left(credited, "1043") == 0


def test_never_more_than_the_credit_or_the_invoice_has(credited: World) -> None:
    credited.invoice("1044", total="20.00")
    credited.build()
    with pytest.raises(EntryRefusedError, match="more than can be set off"):
        apply(credited, "CN-1", "1044", 2001)
    with pytest.raises(EntryRefusedError, match="more than can be set off"):
        apply(credited, "CN-1", "1042", 4501)
    assert apply(credited, "CN-1", "1044").used.amount == Money(2000, "GBP")
    assert credit_left(credited, "CN-1") == 2500
    with pytest.raises(EntryRefusedError, match="Nothing is left to pay"):
        apply(credited, "CN-1", "1044", 100)


def test_twice_is_once_and_undone_can_be_done_again(credited: World) -> None:
    first = apply(credited, "CN-1", "1043", 1000)
    again = apply(credited, "CN-1", "1043", 1000)
    assert (again.is_new, again.used) == (False, first.used)
    owner(credited).write("1043", CorrectEntry(first.applied.seq, "wrong invoice"))
    assert credit_left(credited, "CN-1") == 4500
    assert credited.balance("1043").amount_remaining == Money(10000, "GBP")
    assert apply(credited, "CN-1", "1043", 1000).is_new
    assert apply(credited, "CN-1", "1043").used.amount == Money(3500, "GBP")
    assert not apply(credited, "CN-1", "1043").is_new


@pytest.mark.parametrize("side", ["CN-1", "1043"])
def test_correcting_either_side_undoes_both(credited: World, side: str) -> None:
    done = apply(credited, "CN-1", "1043")
    seq = {"CN-1": done.used.seq, "1043": done.applied.seq}[side]
    for is_new in (True, False):
        assert owner(credited).write(side, CorrectEntry(seq, "a slip")).is_new is is_new
    assert in_force(credited.entries("CN-1")) == in_force(credited.entries("1043")) == ()


def test_only_for_the_same_customer_and_currency(credited: World) -> None:
    other = credited.invoice("2000")
    other.write_text(other.read_text().replace("accounts@example.com", "else@example.com"), encoding="utf-8")
    credited.invoice("3000", currency="EUR")
    credited.build()
    for key in ("2000", "3000"):
        with pytest.raises(EntryRefusedError, match="not of one customer"):
            apply(credited, "CN-1", key)
    with pytest.raises(EntryRefusedError, match="against itself"):
        apply(credited, "CN-1", "CN-1")
    with pytest.raises(UnknownInvoiceError):
        apply(credited, "CN-1", "nothing")


def test_an_open_checkout_is_closed_first(credited: World) -> None:
    opened = credited.pay("1043").headers["Location"]
    apply(credited, "CN-1", "1043")
    credited.at_checkout(opened)
    assert credited.balance("1043").amount_remaining == Money(5500, "GBP")
    assert credited.balance("1043").amount_paid == Money(0, "GBP")


def test_a_checkout_just_paid_is_settled_and_the_owner_asked_again(credited: World) -> None:
    credited.at_checkout(credited.pay("1043").headers["Location"], webhook="lose")
    with pytest.raises(EntryRefusedError, match="just paid"):
        apply(credited, "CN-1", "1043")
    assert credited.balance("1043").status is InvoiceStatus.PAID
    assert credit_left(credited, "CN-1") == 4500


def test_the_command_freezes_every_page(credited: World) -> None:
    folders = credited.folders
    where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
    arguments = ["apply", "CN-1", "1043", "40", "--json", *map(str, where), "--as-of", credited.day.isoformat()]
    runner = CliRunner(env={"PORTAL_STRIPE_KEY": None})
    said = json.loads(runner.invoke(main, arguments, catch_exceptions=False).stdout)
    assert (said["is_new"], said["credit_left"], said["amount_remaining"]) == (True, "5.00", "60.00")
    assert said["used"]["kind"] == "credit used"
    arguments.remove("--json")
    told = runner.invoke(main, arguments, catch_exceptions=False)
    assert "Already recorded" in told.stdout
    assert "Left of the credit: GBP 5.00." in told.stdout
    portal = credited.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    statement = (folders.output / "s" / link.token / "index.html").read_text(encoding="utf-8")
    assert "£5.00" in statement
    assert "£60.00" in statement
    assert "Set off against another invoice" in credited.page("CN-1")
