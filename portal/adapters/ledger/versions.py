"""Bringing a ledger's tables up to date: made where there are none, migrated where they are older, refused if newer.

A ledger says its version in Alembic's own table. Alembic itself is needed, and imported, only to migrate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, inspect, select

from portal.adapters.ledger.engine import writing
from portal.adapters.ledger.privacy import metadata
from portal.errors import LedgerError, Problem

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection, Engine

VERSIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
)
"""Every version, oldest first; each has its step in ``migrations/versions``."""
MIGRATIONS = Path(__file__).with_name("migrations")

version_table = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_BEFORE_RELEASE = "schema_version"


def bring_up_to_date(engine: Engine) -> None:
    """Make or migrate the tables, in one transaction, so that a program that is killed leaves the old or the new.

    Raises:
        LedgerError: another program's database, or a newer portal's; nothing was changed.
    """
    with engine.connect() as connection:
        if version_of(connection) == VERSIONS[-1]:
            return
    with writing(engine, "tables") as connection:
        version = version_of(connection)
        if version is None:
            metadata.create_all(connection)
            version_table.create(connection)
            connection.execute(version_table.insert(), {"version_num": VERSIONS[-1]})
        elif version != VERSIONS[-1]:
            migrate(connection)


def version_of(connection: Connection) -> str | None:
    """The version of the tables; None where there are none yet.

    Raises:
        LedgerError: another program's database, or a newer portal's.
    """
    names = inspect(connection).get_table_names()
    if version_table.name in names:
        version = connection.execute(select(version_table.c.version_num)).scalar_one_or_none()
        if version is not None:
            return _known(version)
    if _BEFORE_RELEASE in names:
        raise LedgerError(
            Problem("A portal from before the first release wrote this ledger.", "Move it away to have a new one made.")
        )
    if names:
        raise LedgerError(
            Problem("This database belongs to another program.", "Name another one, or none to have one made.")
        )
    return None


def migrate(connection: Connection) -> None:
    """Take the steps that are missing, from whatever version there is, in the connection's own transaction."""
    from alembic import command  # noqa: PLC0415  takes longer than all else, and is rarely needed

    command.upgrade(config_for(connection), "head")


def config_for(connection: Connection) -> Config:
    """Alembic's settings for this ledger's steps, in the connection's own transaction."""
    from alembic.config import Config  # noqa: PLC0415  as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _known(version: str) -> str:
    if version not in VERSIONS:
        raise LedgerError(
            Problem(
                f"A newer portal wrote this ledger: its version is {version}, this portal's is {VERSIONS[-1]}.",
                "Install the newer portal again; nothing was changed.",
            )
        )
    return version
