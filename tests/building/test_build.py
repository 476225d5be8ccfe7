"""The build writes what changed, keeps what it must, and never exposes what is private."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from world import World

from portal.building.build import build
from portal.errors import ContentError, PortalError
from portal.ports.links import LinkKind
from portal.receivables.money import Money
from portal.wiring.portal import Folders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unserved(tmp_path: Path) -> World:
    return World(tmp_path, port=8000)


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()
    }


def test_a_second_build_renders_and_writes_nothing(unserved: World) -> None:
    first = unserved.build()
    assert first.pages.written > 1
    before = snapshot(unserved.folders.output)
    second = unserved.build()
    assert (second.pages.written, second.pages.unchanged) == (0, first.pages.written)
    assert snapshot(unserved.folders.output) == before


def test_one_changed_invoice_writes_its_page_and_its_statement(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    before = snapshot(unserved.folders.output)
    unserved.invoice("1043", total="100.00")
    report = unserved.build()
    after = snapshot(unserved.folders.output)
    assert report.pages.written == 2
    changed = {name for name in after if after[name] != before[name]}
    portal = unserved.open()
    (statement,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    assert changed == {portal.path_of("1043")[1:] + "index.html", f"s/{statement.token}/index.html"}
    assert report.amount_remaining == {"GBP": Money(94000, "GBP")}


def test_a_row_that_moves_within_its_table_keeps_its_page(unserved: World) -> None:
    header = "number,customer,email,total,due_on,currency\n"
    row = "{0},Sample {0},{0}@example.com,10.00,2026-12-31,GBP\n"
    table = unserved.folders.content / "invoices" / "export.csv"
    table.write_text(header + row.format("A-1") + row.format("A-2"), encoding="utf-8")
    unserved.build()
    table.write_text(header + row.format("A-3") + row.format("A-1") + row.format("A-2"), encoding="utf-8")
    report = unserved.build()
    assert (report.pages.written, report.pages.removed) == (1, 0), "only the new one's"
    moved = unserved.open().ledger.invoice("A-1")
    assert moved is not None
    assert moved.source == "invoices/export.csv:3", "the ledger knows where it is now"


def test_a_slip_in_a_file_keeps_its_page(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    unserved.write("invoices/1043.md", "+++\nnumber = \n+++\n")
    report = unserved.build()
    assert report.invoices.read == 1
    assert report.invoices.rejected == 1
    assert report.pages.removed == 0
    assert (unserved.folders.output / unserved.open().path_of("1043")[1:] / "index.html").exists()
    assert report.problems[0].file == "invoices/1043.md"


def test_a_missing_invoices_folder_takes_no_page_away(unserved: World) -> None:
    unserved.build()
    unserved.folders.content.joinpath("invoices").rename(unserved.folders.content / "elsewhere")
    report = unserved.build()
    assert report.problems
    assert report.pages.removed == 0


def test_same_content_and_key_give_the_same_links_and_pages_elsewhere(tmp_path: Path) -> None:
    here, there = World(tmp_path / "a", port=8000), World(tmp_path / "b", port=8000)
    here.build()
    there.folders.state.mkdir()
    key = there.folders.state / "link.key"
    key.write_bytes((here.folders.state / "link.key").read_bytes())
    key.chmod(0o600)
    there.build()
    pages = [
        {name: body for name, (_changed, body) in snapshot(world.folders.output).items()} for world in (here, there)
    ]
    assert pages[0] == pages[1]


def test_no_number_no_name_and_no_secret_is_in_a_path_or_on_another_page(unserved: World) -> None:
    unserved.write(
        "invoices/odd.md", (unserved.folders.content / "invoices/1042.md").read_text().replace("1042", "../../x?y#z")
    )
    unserved.build()
    names = [str(path.relative_to(unserved.folders.output)) for path in unserved.folders.output.rglob("*")]
    assert not any("1042" in name or name == "x" for name in names)
    assert (unserved.folders.output.parent / "x?y#z").exists() is False
    key = (unserved.folders.state / "link.key").read_text().strip()
    for path in unserved.folders.output.rglob("*.html"):
        body = path.read_text()
        assert key not in body
        assert "/s/" not in body, "nobody gets from an invoice, which may be forwarded, to the statement"
        if path.parent.parent.name not in {"i", "s"}:
            assert "Sample Customer" not in body
            assert "/i/" not in body


def test_folders_that_would_lay_the_ledger_open_are_refused(tmp_path: Path) -> None:
    world = World(tmp_path, port=8000)
    world.folders = Folders(world.folders.content, tmp_path / "build", tmp_path / "build" / "var")
    with pytest.raises(PortalError, match="var"):
        world.build()


def test_a_passing_day_re_renders_only_what_it_changes(unserved: World) -> None:
    unserved.invoice("1043", due_on="2026-12-01")
    unserved.build()
    unserved.day = date(2026, 12, 1)
    assert unserved.build().pages.written == 0
    unserved.day = date(2026, 12, 2)
    assert unserved.build().pages.written == 2, "the invoice that is overdue now, and its statement"


def test_a_strict_build_changes_nothing_where_something_is_not_taken(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    before = snapshot(unserved.folders.output)
    unserved.invoice("1044")
    unserved.write("invoices/open.csv", "Number,Customer,Currency,Total\n1,Ada,GBP,5\n2,Bo,GBP,?\nTotal,,,8\n")
    with pytest.raises(PortalError) as stopped:
        build(unserved.open(), strict=True)
    assert [problem.line for problem in stopped.value.problems] == [3, 4]
    assert snapshot(unserved.folders.output) == before
    assert unserved.open().ledger.invoice("1044") is None
    assert unserved.build().invoices.read == 4


def test_the_owners_pages_as_other_programs_save_them(world: World) -> None:
    page = world.folders.content / "pages" / "terms.md"
    page.parent.mkdir()
    page.write_bytes(b"\xef\xbb\xbf# Our terms\r\n\r\nPay in time.\r\n")
    world.build()
    assert "<h1>Our terms</h1>" in (world.folders.output / "terms" / "index.html").read_text(encoding="utf-8")
    page.write_bytes("# Our terms\n\nPay by Dom\xeanico.\n".encode("cp1252"))
    with pytest.raises(ContentError, match=r"pages/terms.md:3: The file is not UTF-8"):
        world.build()
