"""A rehearsal says what a build would do, and does nothing at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from world import World

from portal.adapters.ledger.copy import copy_ledger
from portal.adapters.ledger.sql_ledger import open_ledger
from portal.building.build import BuildReport, build
from portal.cli import main
from portal.config import load_settings
from portal.ports import Link
from portal.receivables.entries import Entry, EntryKind
from portal.rehearsing import rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.receivables.invoice import Invoice


@pytest.fixture
def unserved(tmp_path: Path) -> World:
    return World(tmp_path, port=8000)


def everything_below(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file and folder, but for the memory in which SQLite's readers note that they read."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    found = {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes())
        for path in files
    }
    folders = (path for path in folder.rglob("*") if path.is_dir())
    return found | {str(path.relative_to(folder)): (0, path.stat().st_mode, b"") for path in folders}


def rehearse(world: World) -> BuildReport:
    with rehearsal(load_settings(world.folders.content, {}), world.folders, world.day) as portal:
        return build(portal, rehearse=True)


def test_before_the_first_build_nothing_is_made(unserved: World) -> None:
    report = rehearse(unserved)
    assert [one.invoice.key for one in report.changes.new] == ["1042"]
    assert report.pages.written > 1
    assert not unserved.folders.state.exists()
    assert not unserved.folders.output.exists()


def test_it_says_what_the_build_then_does_and_changes_nothing(unserved: World, tmp_path: Path) -> None:
    path = unserved.invoice("1043")
    portal = unserved.open()
    build(portal)
    portal.ledger.close()  # or SQLite tidies up after this process later, whoever reads then
    path.unlink()
    unserved.invoice("1042", total="900.00")
    unserved.invoice("1044")
    before = everything_below(tmp_path)
    tried = rehearse(unserved)
    assert everything_below(tmp_path) == before
    done = unserved.build()
    assert (tried.pages, tried.invoices, tried.changes) == (done.pages, done.invoices, done.changes)
    assert [one.problem for one in tried.warnings] == [one.problem for one in done.warnings]


def test_the_command_says_so_and_stripe_is_not_asked(unserved: World) -> None:
    folders = unserved.folders
    where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
    runner = CliRunner(env={"PORTAL_STRIPE_KEY": "sk_test_nobody", "PORTAL_STRIPE_API_BASE": "http://127.0.0.1:9"})
    told = runner.invoke(main, ["build", "--dry-run", *map(str, where)], catch_exceptions=False)
    assert told.exit_code == 0
    assert "nothing was changed" in told.output
    assert "to write" in told.output
    plain = json.loads(runner.invoke(main, ["build", "--dry-run", "--json", *map(str, where)]).stdout)
    assert (plain["dry_run"], plain["links_file"]) == (True, None)
    assert not folders.state.exists()


def test_a_copy_has_everything_on_both_databases(
    ledger_address: str, tmp_path: Path, make_invoice: Callable[..., Invoice], make_entry: Callable[..., Entry]
) -> None:
    invoice, link = make_invoice(), Link("a" * 32, "1042")
    ledger = open_ledger(ledger_address)
    ledger.replace_invoices([invoice], [link])
    with ledger.transaction() as tx:
        tx.append(make_entry(100))
        tx.append(make_entry(50, kind=EntryKind.REFUND, external_id="re_1"))
    target = tmp_path / "copy" / "ledger.sqlite"
    target.parent.mkdir()
    copy = copy_ledger(ledger_address, target)
    assert copy.entries_of("1042") == ledger.entries_of("1042")
    assert copy.invoice("1042") == invoice
    assert copy.link(link.token) == link
    copy.replace_invoices([], [])
    assert ledger.invoice("1042") == invoice
    copy.close()
    ledger.close()
