"""A copy of a ledger to try things on: whatever is done to it, the ledger itself stays as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.engine import make_url

from portal.adapters.ledger.backup import copy_file
from portal.adapters.ledger.engine import open_engine, reading, writing
from portal.adapters.ledger.privacy import metadata
from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.ledger.sqlite import unusable
from portal.adapters.ledger.versions import VERSIONS, version_of
from portal.errors import LedgerError, Problem

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

_ROWS_AT_ONCE = 5_000


def copy_ledger(path_or_url: Path | str, target: Path) -> SqlLedger:
    """A copy in an SQLite file of the ledger as it is at this moment; an empty one where there is no ledger yet.

    Args:
        path_or_url: the ledger, which is only read.
        target: where the copy goes; there is no such file yet.

    Raises:
        LedgerError: the ledger cannot be read; or it is in PostgreSQL, and an older portal wrote it.
    """
    if not isinstance(path_or_url, Path) and path_or_url.startswith("sqlite:///"):
        path_or_url = Path(make_url(path_or_url).database or "")
    if isinstance(path_or_url, Path):
        if path_or_url.is_file():
            _copy_file(path_or_url, target)
        return open_ledger(target)
    copy = open_ledger(target)
    _copy_rows(open_engine(path_or_url), copy)
    return copy


def _copy_file(ledger: Path, target: Path) -> None:
    try:
        copy_file(ledger, target)
    except sqlite3.Error as error:
        raise unusable(ledger, error) from error


def _copy_rows(source: Engine, copy: SqlLedger) -> None:
    try:
        with reading(source) as reader:
            version = version_of(reader)
            if version is None:
                return
            if version != VERSIONS[-1]:
                raise LedgerError(
                    Problem(
                        f"The ledger is of version {version}, and this portal's is {VERSIONS[-1]}.",
                        "Any command that writes, such as `portal build`, brings it up to date.",
                    )
                )
            with writing(copy.engine) as writer:
                for table in metadata.sorted_tables:
                    found = reader.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table)).mappings()
                    for some in found.partitions():
                        writer.execute(table.insert(), [dict(row) for row in some])
    finally:
        source.dispose()
