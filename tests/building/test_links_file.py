"""The table for mail merge: complete, private, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import stat
from typing import TYPE_CHECKING

import pytest
from world import World

from portal.building.links_file import COLUMNS, LINKS_FILE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unserved(tmp_path: Path) -> World:
    return World(tmp_path, port=8000)


def rows_of(world: World) -> list[dict[str, str]]:
    with (world.folders.state / LINKS_FILE).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_open_invoice_has_a_row_with_its_links(unserved: World) -> None:
    unserved.invoice("1043", total="10.00")
    report = unserved.build()
    assert report.links_file == unserved.folders.state / LINKS_FILE
    portal = unserved.open()
    first = portal.ledger.invoice("1042")
    assert first is not None
    statement = portal.statement_link(first)
    assert statement is not None
    rows = rows_of(unserved)
    assert tuple(rows[0]) == COLUMNS
    assert rows[0] == {
        "number": "1042",
        "customer": "Sample Customer Ltd",
        "email": "accounts@example.com",
        "amount_left": "840.00",
        "currency": "GBP",
        "due_on": "2026-10-31",
        "state": "overdue",
        "link": portal.url_of("1042"),
        "statement_link": portal.url_of_link(statement),
    }
    assert [row["number"] for row in rows] == ["1042", "1043"]


def test_what_asks_for_nothing_has_no_row(unserved: World) -> None:
    unserved.invoice("1043", total="0.00")
    path = unserved.invoice("1044")
    unserved.build()
    path.unlink()
    unserved.build()
    assert [row["number"] for row in rows_of(unserved)] == ["1042"]


def test_it_is_private_begins_with_the_mark_and_is_replaced_whole(unserved: World) -> None:
    unserved.build()
    path = unserved.folders.state / LINKS_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    before = path.stat().st_ino
    unserved.build()
    assert path.stat().st_ino != before
    assert {file.name for file in path.parent.iterdir()} >= {LINKS_FILE}
    assert not list(path.parent.glob(f".{LINKS_FILE}*"))


def test_a_hostile_name_stays_in_its_cell(unserved: World) -> None:
    path = unserved.folders.content / "invoices/1042.md"
    path.write_text(path.read_text().replace("Sample Customer Ltd", "=HYPERLINK(1)"))
    unserved.build()
    assert rows_of(unserved)[0]["customer"] == "'=HYPERLINK(1)"
