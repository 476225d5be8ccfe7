"""Whether a ledger's database is whole, by its own account."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

_BUSY_SECONDS = 15


def database_trouble(path_or_url: Path | str) -> str | None:
    """What an SQLite file says is wrong with itself; None where it is whole, not there, or on a PostgreSQL server.

    PostgreSQL checks its pages itself where its owner has it do so, and says so in its log.
    """
    if not isinstance(path_or_url, Path):
        if not path_or_url.startswith("sqlite:///"):
            return None
        path_or_url = Path(make_url(path_or_url).database or "")
    if not path_or_url.is_file():
        return None
    try:
        with closing(sqlite3.connect(path_or_url, timeout=_BUSY_SECONDS)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if said == "ok" else str(said)
