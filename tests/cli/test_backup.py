"""A backup is whole, private and taken in passing; put back, the ledger is as it was, and nothing is lost unasked."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from world import World

Run = Callable[..., Result]


@pytest.fixture
def run(world: World) -> Run:
    return commands(world.folders.content, world.folders.output, world.folders.state)


def commands(content: Path, output: Path, state: Path) -> Run:
    where = ("--content", str(content), "--output", str(output), "--state", str(state), "--as-of", "2026-11-21")

    def invoke(*arguments: str | Path, **environment: str) -> Result:
        every = [*map(str, arguments), *where]
        clean = {"PORTAL_STRIPE_KEY": None, "PORTAL_LEDGER_URL": None} | environment
        return CliRunner(env=clean).invoke(main, every, catch_exceptions=False)

    return invoke


def said(result: Result) -> Any:  # noqa: ANN401  JSON
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def record(run: Run, amount: str) -> None:
    done = run("record", "1042", amount, "--on", "2026-11-20", "--by", "cash", "--reference", f"till {amount}")
    assert done.exit_code == 0, done.output


def test_a_ledger_is_put_back_as_it_was(world: World, run: Run, tmp_path: Path) -> None:
    record(run, "100")
    before = world.entries()
    assert said(run("backup", tmp_path / "b.tar", "--json")) == {
        "file": str(tmp_path / "b.tar"),
        "entries": 1,
        "with_key": False,
    }
    record(run, "200")
    refused = run("restore", tmp_path / "b.tar")
    assert refused.exit_code == 1
    assert "has 2 entries" in refused.stderr
    assert len(world.entries()) == 2
    told = said(run("restore", tmp_path / "b.tar", "--force", "--json"))
    assert world.entries() == before
    assert world.open().ledger.invoice("1042") is not None
    with closing(sqlite3.connect(told["kept"])) as kept:
        assert kept.execute("SELECT count(*) FROM entries").fetchone() == (2,)
    run("build")
    assert "£740.00" in world.page(), "pages published since are frozen again"
    record(run, "200")
    assert world.balance().amount_remaining == Money(54000, "GBP")


def test_what_stripe_knows_comes_back_with_sync(world: World, run: Run, tmp_path: Path) -> None:
    record(run, "100")
    run("backup", tmp_path / "b.tar")
    world.come_back(world.at_checkout(world.pay().headers["Location"], webhook="lose"))
    facts = [(entry.kind, entry.external_id, entry.amount) for entry in world.entries()]
    assert len(facts) == 2
    assert run("restore", tmp_path / "b.tar", "--force").exit_code == 0
    assert len(world.entries()) == 1
    assert run("sync").exit_code == 0
    assert [(entry.kind, entry.external_id, entry.amount) for entry in world.entries()] == facts


def test_a_backup_is_private_and_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    run("backup", file)
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    again = run("backup", file)
    assert again.exit_code == 1
    assert "such a file already" in again.stderr
    assert file.read_bytes() == content
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".backup-")]
    nowhere = run("backup", tmp_path / "no" / "such" / "folder.tar")
    assert nowhere.exit_code == 1
    assert "cannot be written" in nowhere.stderr


def test_the_key_is_in_it_only_where_asked_for(world: World, run: Run, tmp_path: Path) -> None:
    key = (world.folders.state / "link.key").read_bytes().strip()
    run("backup", tmp_path / "without.tar")
    run("backup", tmp_path / "with.tar", "--with-key")
    assert key not in (tmp_path / "without.tar").read_bytes()
    assert key in (tmp_path / "with.tar").read_bytes()
    content = world.folders.content
    for name, same in (("with.tar", True), ("without.tar", False)):
        elsewhere = commands(content, tmp_path / name[:-4] / "build", tmp_path / name[:-4] / "var")
        assert elsewhere("restore", tmp_path / name).exit_code == 0
        links = said(elsewhere("links", "--json"))
        assert (links[0]["url"] == world.open().url_of("1042")) is same
    assert (tmp_path / "with" / "var" / "link.key").stat().st_mode & 0o777 == 0o600


def test_another_key_is_replaced_only_with_force(world: World, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "b.tar", "--with-key")
    elsewhere = commands(world.folders.content, tmp_path / "other" / "build", tmp_path / "other" / "var")
    elsewhere("links")
    refused = elsewhere("restore", tmp_path / "b.tar")
    assert refused.exit_code == 1
    assert "another link key" in refused.stderr
    assert elsewhere("restore", tmp_path / "b.tar", "--force").exit_code == 0
    assert said(elsewhere("links", "--json"))[0]["url"] == world.open().url_of("1042")


def test_a_copy_taken_while_others_write_is_whole(world: World, run: Run, tmp_path: Path) -> None:
    stop, ledger = threading.Event(), world.open().ledger

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with ledger.transaction() as tx:
                for half in ("a", "b"):
                    now = datetime(2026, 11, 20, tzinfo=UTC)
                    tx.append(Entry(EntryKind.PAYMENT, "1042", Money(1, "GBP"), now, f"pi_{number}{half}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [said(run("backup", tmp_path / f"{number}.tar", "--json"))["entries"] for number in range(5)]
    finally:
        stop.set()
        writer.join()
    assert all(count % 2 == 0 for count in counts), "never half a transaction"
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def packed(path: Path, **parts: bytes) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_a_damaged_ledger_is_said_to_be_and_gives_way_to_a_backup(world: World, run: Run, tmp_path: Path) -> None:
    record(run, "100")
    said(run("backup", tmp_path / "b.tar", "--json"))
    world.parts.stop()
    ledger = world.folders.state / "ledger.sqlite"
    for end in ("-wal", "-shm"):
        ledger.with_name(ledger.name + end).unlink(missing_ok=True)
    ledger.write_bytes(b"not a database, not any more" * 1000)
    for command in ("list", "doctor", "build"):
        told = run(command)
        assert (told.exit_code, "file is not a database" in told.stderr) == (1, True)
        assert "`portal restore` the newest backup" in " ".join(told.stderr.split())
    refused = run("restore", tmp_path / "b.tar")
    assert (refused.exit_code, "damaged: file is not a database" in refused.stderr) == (1, True)
    told = said(run("restore", tmp_path / "b.tar", "--force", "--json"))
    assert Path(told["kept"]).read_bytes().startswith(b"not a database")
    assert run("list").exit_code == 0
    assert [entry.amount.decimal_text for entry in world.entries()] == ["100.00"]
    world.assemble().start()


def test_what_is_no_backup_changes_nothing(world: World, run: Run, tmp_path: Path) -> None:
    record(run, "100")
    run("backup", tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    with tarfile.open(tmp_path / "b.tar") as archive:
        database = bytearray(archive.extractfile("ledger.sqlite").read())  # type: ignore[union-attr]  # it is there
    database[4096:40960] = b"\xff" * 36864
    (tmp_path / "noise").write_bytes(b"noise" * 1000)
    (tmp_path / "short").write_bytes(whole[: len(whole) // 2])
    bad = [
        tmp_path / "missing",
        tmp_path / "noise",
        tmp_path / "short",
        packed(tmp_path / "empty"),
        packed(tmp_path / "damaged", ledger__sqlite=bytes(database)),
        packed(tmp_path / "foreign", ledger__sqlite=b"not a database at all" * 300),
    ]
    for file in bad:
        refused = run("restore", file, "--force")
        assert refused.exit_code == 1, file
        assert "Traceback" not in refused.output
        assert len(world.entries()) == 1


def test_a_newer_backup_is_refused(world: World, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        (tmp_path / "ledger").write_bytes(archive.extractfile("ledger.sqlite").read())  # type: ignore[union-attr]  # it is there
    with closing(sqlite3.connect(tmp_path / "ledger")) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    newer = packed(tmp_path / "newer.tar", ledger__sqlite=(tmp_path / "ledger").read_bytes())
    refused = run("restore", newer, "--force")
    assert refused.exit_code == 1
    assert "newer portal" in refused.stderr
    assert world.open().ledger.invoice("1042") is not None


def test_postgresql_has_a_backup_of_its_own(run: Run, tmp_path: Path) -> None:
    refused = run("backup", tmp_path / "b.tar", PORTAL_LEDGER_URL="postgresql://portal@db.example/portal")
    assert refused.exit_code == 1
    assert "pg_dump" in refused.stderr
