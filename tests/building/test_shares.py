"""Builds of all shares together make what one build makes, each page once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from world import World

from portal.building.build import build
from portal.building.shares import Share, parse_share

if TYPE_CHECKING:
    from pathlib import Path


def pages(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".portal")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_shares_together_are_the_whole(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(20):
        world.invoice(f"2{number:03}")
    world.build()
    found: dict[str, bytes] = {}
    for number in (1, 2, 3):
        folders = replace(world.folders, output=tmp_path / f"share{number}")
        report = build(replace(world.open(), folders=folders), share=Share(number, 3))
        own = pages(folders.output)
        assert own
        assert len(own) == report.pages.written
        assert not found.keys() & own.keys()
        found |= own
    assert found == pages(world.folders.output)


def test_a_share_takes_away_no_page_of_another_and_strikes_no_note(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.invoice("1043")
    world.build()
    before = pages(world.folders.output)
    with world.open().ledger.transaction() as tx:
        tx.enqueue_freeze("1042")
    report = build(world.open(), share=Share(1, 7))
    assert report.pages.removed == 0
    assert pages(world.folders.output) == before
    assert world.open().ledger.stale_invoices() == ("1042",)


def test_a_share_is_written_as_a_fraction() -> None:
    assert parse_share("2/4") == Share(2, 4)
    for wrong in ("0/4", "5/4", "1", "a/b", "1/0", "1/1001"):
        with pytest.raises(ValueError, match="share"):
            parse_share(wrong)
