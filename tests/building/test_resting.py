"""Invoices that rest: whatever happens, a build leaves the same as one that looks at everything."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from world import World

from portal.adapters.ledger.tables import invoices, links, outbox, pages
from portal.building.build import build
from portal.building.kept_builds import KEPT_FILE
from portal.building.shares import Share
from portal.links.issuing import LinkPlace
from portal.papers.report_page import write_report
from portal.ports.links import LinkKind
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from pathlib import Path

    from portal.building.build import BuildReport
    from portal.wiring.portal import Portal

HEADER = (
    "Invoice Number,Customer Name,Email,Customer Number,Invoice Date,Due Date,Currency,Invoice Total,Amount Paid,"
    "Item Description,Line Amount"
)
CUSTOMERS = ("Ann,ann@example.com,", "Ben,ben@example.com,", "Cleo,cleo@example.com,C-3", "Dan,,")


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report says when it was made: the two of a pair are made at one time. And it does not list all that is open."""
    monkeypatch.setattr("portal.papers.report_page.now", lambda: datetime(2026, 11, 21, 12, tzinfo=UTC))
    for name in ("portal.reporting.report.SHOWN", "portal.papers.report_page.MOST_ROWS"):
        monkeypatch.setattr(name, 5)


class Table:
    """An owner's table of invoices, and what else they have, as it changes."""

    def __init__(self, root: Path, seed: int) -> None:
        self.world = World(root / "here")
        self.random = Random(seed)  # noqa: S311  a repeatable life, no secret
        self.rows = {str(number): self.row() for number in range(1, 13)}
        self.last = 12
        self.world.open().ledger.close()  # now there is a link key, which the twin has as well

    def row(self) -> str:
        """What a row says besides its number."""
        due = date(2026, 11, 21) + timedelta(self.random.randrange(-40, 40))
        total = self.random.randrange(100, 900)
        paid = self.random.choice([0, 0, 0, total, total // 2])
        customer = self.random.choice(CUSTOMERS)
        return f"{customer},2026-10-0{self.random.randrange(1, 9)},{due},GBP,{total}.00,{paid}.00,Oak shelf,{total}.00"

    def write(self) -> None:
        lines = [HEADER, *(f"{number},{row}" for number, row in self.rows.items())]
        self.world.write("invoices/table.csv", "\n".join(lines) + "\n")

    def some(self) -> str:
        return self.random.choice([*self.rows, "1042"])

    # ---- what may happen between two builds

    def nothing(self) -> None:
        """As it was."""

    def change_one(self) -> None:
        self.rows[self.random.choice(list(self.rows))] = self.row()

    def add_one(self) -> None:
        self.last += 1
        self.rows[str(self.last)] = self.row()

    def add_one_first(self) -> None:
        self.last += 1
        self.rows = {str(self.last): self.row(), **self.rows}

    def remove_one(self) -> None:
        if len(self.rows) > 4:
            del self.rows[self.random.choice(list(self.rows))]

    def break_one(self) -> None:
        self.rows[self.random.choice(list(self.rows))] = (
            "Eve,eve@example.com,,2026-10-01,soon,GBP,many,0,Oak shelf,many"
        )

    def doubt_one(self) -> None:
        """Due before it was issued."""
        row = "Fay,fay@example.com,,2026-10-05,2026-10-01,GBP,10.00,0.00,Oak shelf,10.00"
        self.rows[self.random.choice(list(self.rows))] = row

    def doubtful_customer(self) -> None:
        """Another name and address under a customer's number."""
        row = "Cleopatra,other@example.com,C-3,2026-10-05,2026-12-01,GBP,10.00,0.00,Oak shelf,10.00"
        self.rows[self.random.choice(list(self.rows))] = row

    def a_file(self) -> None:
        self.world.invoice(f"M-{self.random.randrange(3)}", total=f"{self.random.randrange(1, 99)}.00")

    def a_file_with_a_number_that_is_there(self) -> None:
        self.world.invoice(self.random.choice(list(self.rows)), total="5.00")

    def no_files(self) -> None:
        for path in (self.world.folders.content / "invoices").glob("*.*"):
            path.unlink()

    def a_list_of_customers(self) -> None:
        self.world.write("invoices/customers.csv", "Customer Name,Email\nDan,dan@example.com\nAnn,ann@example.com\n")

    def a_document(self) -> None:
        (self.world.folders.content / "invoices" / f"{self.some()}.pdf").write_bytes(b"%PDF-1.4 sample")

    def a_successor(self) -> None:
        text = self.world.invoice("R-1", total="7.00").read_text(encoding="utf-8")
        self.world.write("invoices/R-1.md", text.replace("total", f'replaces = "{self.some()}"\ntotal', 1))

    def money(self) -> None:
        at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        key, name = self.some(), f"pi_{self.random.random()}"
        with self.world.open().ledger.transaction() as tx:
            tx.append(Entry(EntryKind.PAYMENT, key, Money(self.random.randrange(1, 90_000), "GBP"), at, name, "Visa"))
            tx.enqueue_freeze(key)

    def money_without_a_note(self) -> None:
        at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        with self.world.open().ledger.transaction() as tx:
            tx.append(
                Entry(EntryKind.PAYMENT, self.some(), Money(100, "GBP"), at, f"pi_{self.random.random()}", "Visa")
            )

    def rotate(self) -> None:
        key = self.some()
        self.world.open().issuing().rotate(LinkPlace(LinkKind.INVOICE, key, key))

    def revoke(self) -> None:
        key = self.some()
        self.world.open().issuing().revoke(LinkPlace(LinkKind.INVOICE, key, key))

    def pay_only(self) -> None:
        key = self.some()
        self.world.open().issuing().issue(LinkPlace(LinkKind.PAY_ONLY, key, key))

    def next_day(self) -> None:
        self.world.day += timedelta(self.random.choice([1, 1, 20]))

    def the_day_before(self) -> None:
        self.world.day -= timedelta(1)

    def other_settings(self) -> None:
        settings = self.world.folders.content / "portal.toml"
        text = settings.read_text(encoding="utf-8").partition("[terms]")[0]
        settings.write_text(f'{text}[terms]\nsummary = "{self.random.random()}"\n', encoding="utf-8")

    def own_words(self) -> None:
        self.world.write("pages/terms.md", f"Terms {self.random.random()}")

    def a_page_is_lost(self) -> None:
        some = sorted(self.world.folders.output.glob("[ips]/*/index.html"))
        if some:
            self.random.choice(some).unlink()

    def all_pages_are_lost(self) -> None:
        shutil.rmtree(self.world.folders.output, ignore_errors=True)

    def the_ledger_is_lost(self) -> None:
        (self.world.folders.state / "ledger.sqlite").unlink(missing_ok=True)

    def a_build_that_dies(self) -> None:
        """And what was changed for it is taken back."""
        before = dict(self.rows)
        self.change_one()
        self.write()
        portal = self.world.open()
        with pytest.raises(KeyboardInterrupt):
            build(portal, say=_interrupt)
        portal.ledger.close()
        self.rows = before

    def two_builds_at_once(self) -> None:
        """Of which only one sees a change, which is taken back."""
        before = dict(self.rows)

        def meanwhile(step: str) -> None:
            if step.startswith("Freezing"):
                self.change_one()
                self.write()
                done(self.world.open())

        portal = self.world.open()
        build(portal, say=meanwhile)
        portal.ledger.close()
        self.rows = before

    def a_rehearsal(self) -> None:
        done(self.world.open(), rehearse=True)

    def a_share(self) -> None:
        done(self.world.open(), share=Share(1, 2))


def _interrupt(step: str) -> None:
    if step.startswith("Freezing"):
        raise KeyboardInterrupt


MAY_HAPPEN = [
    name for name, one in vars(Table).items() if callable(one) and name not in {"__init__", "row", "write", "some"}
]


def done(portal: Portal, *, rehearse: bool = False, share: Share | None = None) -> BuildReport:
    """A build with its report; nothing of the ledger stays open, so that it can be copied."""
    report = build(portal, rehearse=rehearse, share=share)
    if not rehearse:
        write_report(portal, report.documents.brought_up_to_date(portal.ledger))
    portal.ledger.close()
    return report


def left_by(world: World) -> dict[str, object]:
    """All that a build left: files, and the ledger but for moments."""
    root = world.folders.output.parent
    files = {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith("ledger.sqlite") and path.name != KEPT_FILE
    }
    ledger = world.open().ledger
    with ledger.engine.connect() as connection:
        kept = {
            table.name: sorted(
                map(repr, connection.execute(select(*(c for c in table.c if c.name not in {"revoked_at", "note"}))))
            )
            for table in (invoices, links, pages, outbox)
        }
    ledger.close()
    return {**files, **kept}


def told_by(report: BuildReport) -> dict[str, object]:
    changes = replace(report.changes, since=None)
    return {
        "invoices": report.invoices,
        "pages": asdict(report.pages),
        "changes": changes,
        "left": report.amount_remaining,
        "problems": report.problems,
        "warnings": report.warnings,
    }


def twin_of(table: Table) -> World:
    """The same portal beside it, that has to look at everything."""
    here = table.world.folders.content.parent
    there = here.parent / "there"
    shutil.rmtree(there, ignore_errors=True)
    shutil.copytree(here, there)
    (there / "var" / KEPT_FILE).unlink(missing_ok=True)
    twin = object.__new__(World)
    folders = table.world.folders
    moved = {name: there / getattr(folders, name).relative_to(here) for name in ("content", "output", "state")}
    twin.day, twin.folders = table.world.day, replace(folders, **moved)
    return twin


def builds_the_same(table: Table) -> BuildReport:
    twin = twin_of(table)
    expected = done(twin.open())
    report = done(table.world.open())
    assert told_by(report) == told_by(expected)
    assert left_by(table.world) == left_by(twin)
    return report


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_the_same_is_left(tmp_path: Path, seed: int) -> None:
    table = Table(tmp_path, seed)
    table.write()
    builds_the_same(table)
    for _ in range(8):
        for name in table.random.sample(MAY_HAPPEN, table.random.choice([1, 1, 2])):
            getattr(table, name)()
            if name != "no_files":
                table.write()
        builds_the_same(table)


@pytest.mark.parametrize("name", MAY_HAPPEN)
def test_after_each_thing_that_happens_the_same_is_left(tmp_path: Path, name: str) -> None:
    table = Table(tmp_path, 1)
    table.write()
    builds_the_same(table)
    for step in (table.change_one, getattr(table, name), table.nothing, table.change_one, table.nothing):
        step()
        if step.__name__ != "no_files":
            table.write()
        builds_the_same(table)
