"""A ledger of any age is opened as one of today, whole or not at all; a newer one is refused."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table

from portal.adapters.ledger import versions as ledger_versions
from portal.adapters.ledger.engine import open_engine, writing
from portal.adapters.ledger.sql_ledger import open_ledger
from portal.adapters.ledger.versions import MIGRATIONS, VERSIONS, migrate, version_table
from portal.errors import LedgerError
from portal.ports import HoldState
from portal.ports.links import Link, LinkKind
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

PAYMENT = Entry(EntryKind.PAYMENT, "A-1", Money(500, "GBP"), datetime(2026, 11, 5, tzinfo=UTC), "pi_1")
NEXT_STEP = '''"""A step of a version to come."""

import os, signal
from alembic import op
import sqlalchemy as sa

revision = "9999"
down_revision = "{last}"
branch_labels = depends_on = None


def upgrade() -> None:
    for number in range(3):
        if os.environ.get("DIE_BEFORE") == str(number):
            os.kill(os.getpid(), signal.SIGKILL)
        op.add_column("holds", sa.Column(f"added_{{number}}", sa.Text()))
    if os.environ.get("DIE_BEFORE") == "3":
        os.kill(os.getpid(), signal.SIGKILL)
'''
POSTGRES = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length"
    " FROM information_schema.columns WHERE table_schema = current_schema()",
    "rules": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = current_schema()::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    " AND tgrelid::regclass::text IN (SELECT tablename FROM pg_tables WHERE schemaname = current_schema())",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
}


def shape_of(connection: Connection) -> dict[str, set[object]]:
    """Everything a database says of its tables, but for the order in which a table's rules are named."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
        return {
            f"{kind} {name}": {line.strip().rstrip(",") for line in (sql or "").splitlines()}
            for kind, name, sql in rows
        }
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    return {
        what: {
            tuple(str(value).replace(f"{schema}.", "") for value in row) for row in connection.exec_driver_sql(query)
        }
        for what, query in POSTGRES.items()
    }


def test_migrating_from_nothing_gives_todays_tables(ledger_address: str, tmp_path: Path) -> None:
    with closing(open_ledger(ledger_address)) as made, made._engine.connect() as connection:
        today = shape_of(connection)
    other = f"sqlite:///{tmp_path}/migrated/ledger.db"
    if not ledger_address.startswith("sqlite"):
        with closing(open_ledger(ledger_address)) as made, made._engine.begin() as connection:
            schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        other = ledger_address
    engine = open_engine(other)
    with writing(engine) as connection:
        migrate(connection)
        assert shape_of(connection) == today
    engine.dispose()
    with closing(open_ledger(other)) as ledger, ledger.transaction() as transaction:
        assert transaction.append(PAYMENT)


FIRST_HOLD = {
    "hold_id": "hold_1",
    "invoice_key": "A-1",
    "amount_minor": 500,
    "currency": "GBP",
    "state": "open",
    "created_at": "2026-11-05T12:00:00.000000+00:00",
    "expires_at": "2026-11-05T13:00:00.000000+00:00",
    "checkout_id": "cs_1",
    "url": "https://checkout.example/cs_1",
    "plan_id": None,
}


def first_ledger(address: str) -> None:
    """A ledger as the first version wrote it, with a hold, and with entries of which the second is the first undone."""
    engine = at_version(address, "0001")
    with writing(engine) as connection:
        before = Table("holds", MetaData(), autoload_with=connection)
        connection.execute(before.insert(), FIRST_HOLD)
        entries = Table("entries", MetaData(), autoload_with=connection)
        for kind, undone in (("payment", None), ("reversal", 1), ("refund", None)):
            row = {"kind": kind, "invoice_key": "A-1", "amount_minor": 500, "currency": "GBP", "external_id": "pi_1"}
            moment = {"occurred_at": FIRST_HOLD["created_at"], "reverses": undone}
            connection.execute(entries.insert(), {**row, **moment})
    engine.dispose()


def test_what_the_first_version_wrote_is_kept(ledger_address: str) -> None:
    first_ledger(ledger_address)
    with closing(open_ledger(ledger_address)) as ledger, ledger.transaction() as transaction:
        hold = transaction.hold("hold_1")
        assert hold is not None
        assert (hold.allocations, hold.state) == ((Allocation("A-1", Money(500, "GBP")),), HoldState.OPEN)
        assert transaction.holds("A-1", HoldState) == (hold,)
        assert hold.url == FIRST_HOLD["url"]
        kept = transaction.entries("A-1")
        assert [(entry.seq, entry.kind.value, entry.reverses) for entry in kept] == [
            (1, "payment", None),
            (2, "reversal", 1),
            (3, "refund", None),
        ]
        again = replace(PAYMENT, external_id="pi_1")
        assert [transaction.append(again), transaction.append(replace(again, invoice_key="B-2"))] == [False, True]
        assert transaction.entries("B-2")[0].seq > 3
    with (
        closing(open_ledger(ledger_address)) as ledger,
        ledger._engine.connect() as connection,
        pytest.raises(Exception, match="append-only"),
    ):
        connection.exec_driver_sql("DELETE FROM entries")


def test_each_version_has_its_step() -> None:
    steps = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert tuple(step.revision for step in steps)[::-1] == VERSIONS


def test_rows_of_an_older_ledger_are_kept(ledger_address: str) -> None:
    """Invoices and links of the first version, as its own statements wrote them."""
    engine = open_engine(ledger_address)
    with writing(engine) as connection:
        command.upgrade(ledger_versions.config_for(connection), VERSIONS[0])
        connection.exec_driver_sql("INSERT INTO invoices VALUES ('A-1', 'invoices/a.md', '{}')")
        connection.exec_driver_sql("INSERT INTO links VALUES ('t', 'A-1', 'invoice', 1, NULL, NULL)")
    engine.dispose()
    with closing(open_ledger(ledger_address)) as ledger:
        assert ledger.invoice_sources() == {"A-1": "invoices/a.md"}
        assert ledger.links_in_force(LinkKind.INVOICE) == (Link("t", "A-1"),)


def at_version(address: str, version: str) -> Engine:
    """A ledger with the tables of an earlier version."""
    engine = open_engine(address)
    with writing(engine) as connection:
        command.upgrade(ledger_versions.config_for(connection), version)
    return engine


PAYMENTS_AND_PLANS = (
    (
        "INSERT INTO entries (seq, kind, invoice_key, amount_minor, currency, occurred_at, external_id) VALUES"
        " (7, 'payment', 'A-1', 500, 'GBP', '2026-11-05T00:00:00.000000+00:00', 'pi_1')"
    ),
    (
        "INSERT INTO plans (plan_id, invoice_key, life, automatic, agreed_at, since_seq, grace_days, terms_version,"
        " consent_text, schedule, ended_at) VALUES"
        " ('p1', 'A-1', 'in force', true, '2026-11-05T08:00:00.000000+00:00', 6, 7, 't', 'I agree.',"
        """ '{"currency": "GBP", "payments": [["2026-11-05", 500], ["2026-12-05", 501]]}', NULL),"""
        " ('p2', 'A-2', 'stopped', true, '2026-11-06T08:00:00.000000+00:00', 0, 0, 't', 'I agree.',"
        """ '{"currency": "GBP", "payments": [["2026-11-06", 50]]}', '2026-11-09T08:00:00.000000+00:00'),"""
        " ('p3', 'A-3', 'proposed', true, '2026-11-06T08:00:00.000000+00:00', 0, 0, 't', 'I agree.',"
        """ '{"currency": "GBP", "payments": [["2026-11-06", 50]]}', NULL)"""
    ),
)


def test_plans_from_before_they_were_entries_are_entered(ledger_address: str) -> None:
    engine = at_version(ledger_address, "0001")
    with writing(engine) as connection:
        for statement in PAYMENTS_AND_PLANS:
            connection.exec_driver_sql(statement)
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("SELECT setval('entries_seq_seq', 7)")
    engine.dispose()
    with closing(open_ledger(ledger_address)) as ledger:
        payment, agreed = ledger.entries_of("A-1")
        assert (payment, agreed.seq) == (replace(PAYMENT, seq=7), 8)
        plan = ledger.plan_in_force("A-1")
        assert plan is not None
        assert (agreed.kind, agreed.schedule) == (EntryKind.PLAN_AGREED, plan.plan.schedule)
        assert (agreed.amount, agreed.occurred_at) == (plan.plan.total, plan.plan.agreed_at)
        stopped = ledger.entries_of("A-2")
        assert [entry.kind for entry in stopped] == [EntryKind.PLAN_AGREED, EntryKind.PLAN_STOPPED]
        assert stopped[1].occurred_at == datetime(2026, 11, 9, 8, tzinfo=UTC)
        assert ledger.entries_of("A-3") == ()
        with pytest.raises(Exception, match="append-only"), writing(ledger._engine) as connection:
            connection.exec_driver_sql("DELETE FROM entries")


@pytest.fixture
def portal_to_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations of a newer portal; call ``use`` to become it."""
    migrations = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "v9999.py").write_text(NEXT_STEP.format(last=VERSIONS[-1]))
    monkeypatch.delenv("DIE_BEFORE", raising=False)
    return migrations


def become(monkeypatch: pytest.MonkeyPatch, migrations: Path) -> None:
    monkeypatch.setattr(ledger_versions, "MIGRATIONS", migrations)
    monkeypatch.setattr(ledger_versions, "VERSIONS", (*VERSIONS, "9999"))


def test_an_older_ledger_is_migrated_when_it_is_opened(
    ledger_address: str, portal_to_come: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_ledger(ledger_address)) as ledger, ledger.transaction() as transaction:
        transaction.append(PAYMENT)
    with monkeypatch.context() as newer:
        become(newer, portal_to_come)
        for _ in range(2):
            with closing(open_ledger(ledger_address)) as ledger, ledger._engine.connect() as connection:
                connection.exec_driver_sql("SELECT added_0, added_1, added_2 FROM holds")
                assert len(ledger.entries_of("A-1")) == 1
                with pytest.raises(Exception, match="append-only"):
                    connection.exec_driver_sql("DELETE FROM entries")
    with pytest.raises(LedgerError, match=r"newer portal wrote this ledger: its version is 9999"):
        open_ledger(ledger_address)


MIGRATOR = """
import pathlib, sys
from portal.adapters.ledger import versions as ledger_versions
from portal.adapters.ledger.sql_ledger import open_ledger
ledger_versions.MIGRATIONS = pathlib.Path(sys.argv[1])
ledger_versions.VERSIONS = (*ledger_versions.VERSIONS, "9999")
open_ledger(pathlib.Path(sys.argv[2]))
"""


@pytest.mark.parametrize("die_before", ["0", "1", "2", "3"])
def test_a_killed_migration_leaves_the_old_ledger(tmp_path: Path, portal_to_come: Path, die_before: str) -> None:
    path = tmp_path / "state" / "ledger.db"
    with closing(open_ledger(path)) as ledger, ledger.transaction() as transaction:
        transaction.append(PAYMENT)
    command = [sys.executable, "-c", MIGRATOR, str(portal_to_come), str(path)]
    killed = subprocess.run(command, env={**os.environ, "DIE_BEFORE": die_before}, check=False)
    assert killed.returncode == -signal.SIGKILL
    with closing(open_ledger(path)) as ledger, ledger._engine.connect() as connection:
        assert connection.execute(version_table.select()).scalar_one() == VERSIONS[-1]
        columns = connection.exec_driver_sql("SELECT * FROM holds").keys()
        assert not [name for name in columns if name.startswith("added")]
        assert len(ledger.entries_of("A-1")) == 1
    subprocess.run(command, check=True)
    with pytest.raises(LedgerError, match="newer portal"):
        open_ledger(path)


def test_a_ledger_of_todays_version_needs_no_alembic(tmp_path: Path) -> None:
    script = "import sys, pathlib; from portal.adapters.ledger.sql_ledger import open_ledger; "
    script += "[open_ledger(pathlib.Path(sys.argv[1])).close() for _ in range(2)]; sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "state" / "ledger.db")], check=True)


def test_a_ledger_from_before_the_first_release_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
    with pytest.raises(LedgerError, match="before the first release"):
        open_ledger(path)
