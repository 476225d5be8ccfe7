"""A build says what changed; an invoice that is gone is no longer open, never paid; changed amounts are kept."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from world import World

from portal.building.build import build
from portal.building.changes import BuildChanges, words_for
from portal.ports import LIVE_STATES, LinkKind
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money
from portal.receivables.statuses import InvoiceStatus, NothingToPay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.errors import Problem


@pytest.fixture
def unserved(tmp_path: Path) -> World:
    return World(tmp_path, port=8000)


def pounds(minor: int) -> Money:
    return Money(minor, "GBP")


def pay(world: World, key: str, minor: int, reference: str) -> None:
    fact = Entry(EntryKind.PAYMENT, key, pounds(minor), datetime(2026, 11, 20, tzinfo=UTC), reference, "transfer")
    with world.open().ledger.transaction() as tx:
        tx.append(fact)


def keys(changes: BuildChanges) -> dict[str, list[str]]:
    kinds = ("new", "changed", "paid", "no_longer_open")
    return {kind: [one.invoice.key for one in getattr(changes, kind)] for kind in kinds}


def about(problems: tuple[Problem, ...], words: str) -> list[Problem]:
    return [problem for problem in problems if words in problem.problem]


def test_the_first_build_has_only_new_ones_and_the_second_nothing(unserved: World) -> None:
    first = unserved.build().changes
    assert first.since is None
    assert keys(first) == {"new": ["1042"], "changed": [], "paid": [], "no_longer_open": []}
    again = unserved.build().changes
    assert again.since is not None
    assert keys(again) == {"new": [], "changed": [], "paid": [], "no_longer_open": []}


def test_each_kind_of_change_is_told_once(unserved: World) -> None:
    for number in ("1043", "1044", "1045"):
        unserved.invoice(number)
    unserved.build()
    unserved.invoice("1042", due_on="2026-12-31")
    pay(unserved, "1043", 84000, "full")
    (unserved.folders.content / "invoices/1044.md").unlink()
    unserved.invoice("1046")
    pay(unserved, "1045", 100, "a part")
    changes = unserved.build().changes
    assert keys(changes) == {"new": ["1046"], "changed": ["1042"], "paid": ["1043"], "no_longer_open": ["1044"]}
    assert changes.changed[0].what == ("due date",)
    assert changes.paid[0].paid == pounds(84000)
    assert changes.no_longer_open[0].left == pounds(84000)
    assert not any(keys(unserved.build().changes).values())


def test_an_invoice_that_is_gone_is_no_longer_open_and_never_paid(unserved: World) -> None:
    path = unserved.invoice("1043")
    unserved.build()
    portal = unserved.open()
    page = unserved.folders.output / portal.path_of("1043")[1:] / "index.html"
    path.unlink()
    report = unserved.build()
    assert (report.pages.removed, report.invoices.no_longer_open, report.invoices.paid) == (0, 1, 0)
    assert "No longer open" in page.read_text()
    assert "<form" not in page.read_text()
    assert "Paid" not in page.read_text()
    balance = unserved.balance("1043")
    assert (balance.status, balance.amount_remaining.minor) == (InvoiceStatus.NO_LONGER_OPEN, 0)
    assert portal.ledger.links_in_force(LinkKind.INVOICE)[1].subject == "1043"


def test_its_first_day_is_kept_and_it_comes_back(unserved: World) -> None:
    path = unserved.invoice("1043")
    text = path.read_text()
    unserved.build()
    path.unlink()
    unserved.build()
    unserved.day = date(2026, 11, 29)
    unserved.build()
    stored = unserved.open().ledger.invoice("1043")
    assert stored is not None
    assert stored.gone_on == date(2026, 11, 21)
    path.write_text(text)
    report = unserved.build()
    assert [(one.invoice.key, one.what) for one in report.changes.changed] == [("1043", ("it is back",))]
    assert unserved.balance("1043").amount_remaining == pounds(84000)


def test_what_was_paid_on_a_gone_invoice_is_not_overpaid_and_full_payment_is_paid(unserved: World) -> None:
    path = unserved.invoice("1043")
    unserved.build()
    pay(unserved, "1043", 30000, "a part")
    path.unlink()
    unserved.build()
    balance = unserved.balance("1043")
    assert (balance.amount_paid, balance.amount_overpaid, balance.amount_due) == (
        pounds(30000),
        pounds(0),
        pounds(30000),
    )
    pay(unserved, "1043", 54000, "the rest")
    changes = unserved.build().changes
    assert keys(changes)["paid"] == ["1043"]
    assert unserved.balance("1043").status is InvoiceStatus.PAID


def test_an_invoice_that_was_paid_and_then_left_is_told_as_paid(unserved: World) -> None:
    path = unserved.invoice("1043")
    unserved.build()
    pay(unserved, "1043", 84000, "full")
    path.unlink()
    changes = unserved.build().changes
    assert (keys(changes)["paid"], keys(changes)["no_longer_open"]) == (["1043"], [])
    assert unserved.balance("1043").status is InvoiceStatus.PAID


def test_a_changed_amount_is_kept_beside_the_old_and_warned_about(unserved: World) -> None:
    unserved.build()
    unserved.invoice("1042", total="900.00")
    report = unserved.build()
    (warning,) = about(report.warnings, "asked for")
    assert (warning.problem, warning.file) == (
        "Invoice 1042 asked for GBP 840.00 before, and asks for GBP 900.00 now.",
        "invoices/1042.md",
    )
    (earlier,) = unserved.open().ledger.earlier_claims("1042")
    assert earlier.invoice.claim == pounds(84000)
    assert unserved.balance().amount_remaining == pounds(90000)
    assert not about(unserved.build().warnings, "asked for")
    unserved.invoice("1042", total="900.00", due_on="2026-12-31")
    unserved.build()
    assert len(unserved.open().ledger.earlier_claims("1042")) == 1, "another date is no other amount"


def test_a_smaller_amount_after_a_payment_is_warned_about_as_perhaps_counted_twice(unserved: World) -> None:
    unserved.build()
    pay(unserved, "1042", 30000, "a part")
    unserved.invoice("1042", total="540.00")
    (warning,) = about(unserved.build().warnings, "asked for")
    assert "count twice" in warning.remedy


@pytest.mark.parametrize("change", ["another amount", "gone"])
def test_a_checkout_on_what_was_asked_before_is_closed(world: World, change: str) -> None:
    checkout = world.pay().headers["Location"]
    if change == "gone":
        (world.folders.content / "invoices/1042.md").unlink()
        world.invoice("1043")
    else:
        world.invoice("1042", total="100.00")
    build(world.served())
    assert world.open().ledger.holds_in(LIVE_STATES) == ()
    world.at_checkout(checkout)
    assert world.entries() == ()


def test_without_a_key_an_open_checkout_is_named(world: World) -> None:
    world.pay()
    world.invoice("1042", total="100.00")
    (warning,) = about(world.build().warnings, "checkout open")
    assert warning.field == "1042"


def test_an_export_that_was_cut_short_is_warned_about(unserved: World) -> None:
    paths = [unserved.invoice(str(number)) for number in range(1043, 1049)]
    unserved.build()
    for path in paths[:2]:
        path.unlink()
    assert not about(unserved.build().warnings, "not in your files"), "some are always settled elsewhere"
    for number in range(1043, 1049):
        unserved.invoice(str(number))
    unserved.build()
    for path in paths:
        path.unlink()
    (warning,) = about(unserved.build().warnings, "not in your files")
    assert warning.problem.startswith("6 of 7 open invoices")


def test_a_slip_in_a_file_leaves_its_invoice_open(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    unserved.write("invoices/1043.md", "+++\nnumber = \n+++\n")
    assert not any(keys(unserved.build().changes).values())
    assert unserved.balance("1043").status is InvoiceStatus.OVERDUE


def test_no_more_is_asked_whatever_is_known(make_invoice: Callable[..., Invoice]) -> None:
    gone = make_invoice(gone_on=date(2026, 11, 1))
    balance = balance_of(gone, (), date(2027, 1, 1))
    assert balance.reason is NothingToPay.NO_LONGER_OPEN
    assert balance.amount_due == balance.amount_paid == pounds(0)
    assert not balance.amount_offerable
    cancelled = make_invoice(gone_on=date(2026, 11, 1), cancelled_on=date(2026, 10, 20))
    assert balance_of(cancelled, (), date(2027, 1, 1)).status is InvoiceStatus.VOID


def test_what_moved_in_its_file_is_not_told_as_changed(make_invoice: Callable[..., Invoice]) -> None:
    before = make_invoice(source="invoices/open.csv:2")
    assert words_for(before, make_invoice(source="invoices/open.csv:7")) == ()
    other = make_invoice(customer=Customer("Other Ltd"), subject="New doors")
    assert set(words_for(before, other)) == {"customer", "subject"}


def test_the_page_of_a_gone_invoice_speaks_every_language(unserved: World) -> None:
    toml = unserved.folders.content / "portal.toml"
    toml.write_text(toml.read_text() + 'languages = ["en", "de", "it", "pt"]\n')
    unserved.build()
    (unserved.folders.content / "invoices/1042.md").unlink()
    unserved.invoice("1043")
    unserved.build()
    page = unserved.folders.output / unserved.open().path_of("1042")[1:]
    shown = {language: (page / language / "index.html").read_text() for language in ("de", "it", "pt")}
    for language, words in (("de", "Nicht mehr offen"), ("it", "Non più aperta"), ("pt", "Já não está em aberto")):
        assert re.search(words, shown[language])
