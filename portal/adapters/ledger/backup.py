"""A copy of the ledger in one file, taken and put back while the portal runs.

The file is a tar with the ledger as SQLite's ``VACUUM INTO`` writes it and, where asked for, the link key. It is put
back through SQLite's own backup, which other connections see as one change.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from portal.adapters.ledger.health import database_trouble
from portal.adapters.ledger.sql_ledger import open_ledger
from portal.adapters.links import KEY_FILE
from portal.adapters.private_files import create_private_file, make_private_folder, sync_folder
from portal.counting import counted
from portal.errors import LedgerError, Problem

if TYPE_CHECKING:
    from portal.errors import PortalError

_LEDGER = "ledger.sqlite"
_KEY = "link.key"
_ONLY_OWNER = 0o600
_BUSY_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: how many entries there are, whether the link key came too, and where the old ledger went."""

    entries: int
    with_key: bool
    kept: Path | None


def back_up(ledger: Path, target: Path, *, key: bytes | None) -> int:
    """Write a copy of the ledger as it is at this moment, and of the key if given; how many entries it has.

    Raises:
        LedgerError: there is no ledger, or the file exists or cannot be written.
    """
    if not ledger.is_file():
        raise _refused("There is no ledger yet.", "`portal build` makes it.", ledger)
    try:
        # Beside the target, so that the last step is a rename on one disk.
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
            copy, packed = Path(folder) / _LEDGER, Path(folder) / "packed"
            copy_file(ledger, copy)
            create_private_file(packed)
            with tarfile.open(packed, "w") as archive:
                archive.add(copy, _LEDGER, filter=_nobodys)
                if key is not None:
                    _add(archive, _KEY, key)
            create_private_file(target)
            packed.replace(target)
            sync_folder(target.parent)
            return _entries_in(copy)
    except FileExistsError:
        raise _refused("There is such a file already.", "Name another one.", target) from None
    except (OSError, sqlite3.Error) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise _refused(f"The backup cannot be written: {why}.", "Check the folder and the disk.", target) from error


def restore(source: Path, ledger: Path, state: Path, *, force: bool) -> Restored:
    """Put a backup in the place of the ledger; with ``force`` also over one that has entries, which is kept aside.

    Raises:
        LedgerError: it is no whole backup, a newer portal wrote it, or something would be lost.
    """
    make_private_folder(state)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=state) as folder:
        copy = Path(folder) / _LEDGER
        key = _unpack(source, copy)
        _check(copy, source)
        if not force:
            _refuse_to_lose(ledger, state / KEY_FILE, key)
        kept = _put_aside(ledger)
        open_ledger(ledger).close()
        with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(ledger, timeout=_BUSY_SECONDS)) as new:
            old.backup(new)
        if key is not None:
            _put_key(state / KEY_FILE, key)
        return Restored(entries=_entries_in(copy), with_key=key is not None, kept=kept)


def copy_file(ledger: Path, copy: Path) -> None:
    """A consistent copy of an SQLite ledger in a new private file, whoever writes meanwhile."""
    create_private_file(copy)
    with closing(sqlite3.connect(ledger, timeout=_BUSY_SECONDS)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = _ONLY_OWNER
    return member


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = _nobodys(tarfile.TarInfo(name))
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _unpack(source: Path, copy: Path) -> bytes | None:
    """Take the two parts out by name and nothing else; the ledger goes to ``copy``, the key is returned."""
    try:
        with tarfile.open(source, "r:") as archive:
            names = set(archive.getnames())
            with _part(archive, _LEDGER) as packed, copy.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
            return _part(archive, _KEY).read() if _KEY in names else None
    except FileNotFoundError as error:
        raise _refused("There is no such file.", "Check its name.", source) from error
    except (OSError, tarfile.TarError, KeyError) as error:
        raise _refused("This is no backup of a portal.", "Name a file that `portal backup` wrote.", source) from error


def _part(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    part = archive.extractfile(name)
    if part is None:
        raise KeyError(name)
    return part


def _check(copy: Path, source: Path) -> None:
    """Whole, of a version known here, and brought up to today's."""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            answers = connection.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.Error as error:
        answers = [(str(error),)]
    if answers != [("ok",)]:
        raise _refused(f"The backup is damaged: {answers[0][0]}.", "Take another backup; nothing was changed.", source)
    open_ledger(copy).close()
    said = ("It waited when the backup was taken, and may have been sent since.",)
    with closing(sqlite3.connect(copy)) as connection, connection:
        # Pages published since are not as the backup remembers them: all are to be frozen again.
        connection.execute("UPDATE pages SET fingerprint = '', seq = 0")
        # Mails that waited when the backup was taken may have been sent since, and so may others it never knew of.
        connection.execute(
            "UPDATE messages SET state = 'unknown', answer = ? WHERE state IN ('planned', 'sending')", said
        )
        connection.execute("DELETE FROM mail_switches")


def _refuse_to_lose(ledger: Path, key_file: Path, key: bytes | None) -> None:
    problems = []
    if trouble := database_trouble(ledger):
        remedy = "Stop the portal, then say --force: what is there is kept aside."
        problems.append(Problem(f"The ledger here is damaged: {trouble}.", remedy, file=str(ledger)))
    elif ledger.is_file() and (entries := _entries_in(ledger)):
        remedy = "Say --force to replace it; it is kept aside then."
        problems.append(
            Problem(f"The ledger here has {counted(entries, 'entry', 'entries')}.", remedy, file=str(ledger))
        )
    if key is not None and key_file.is_file() and key_file.read_bytes() != key:
        remedy = "Say --force to replace it: links sent with it then lead nowhere."
        problems.append(Problem("There is another link key here.", remedy, file=str(key_file)))
    if problems:
        raise LedgerError(problems)


def _put_aside(ledger: Path) -> Path | None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    kept = ledger.with_name(f"{ledger.stem}-before-{stamp}{ledger.suffix}")
    if database_trouble(ledger):
        # It cannot be copied as a ledger, so its files go aside as they are: somebody may still read them.
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                ledger.with_name(ledger.name + end).rename(kept.with_name(kept.name + end))
        return kept
    if not ledger.is_file() or not _entries_in(ledger):
        return None
    copy_file(ledger, kept)
    return kept


def _put_key(path: Path, key: bytes) -> None:
    if path.is_file() and path.read_bytes() == key:
        return
    path.unlink(missing_ok=True)
    create_private_file(path, key)


def _entries_in(ledger: Path) -> int:
    with closing(sqlite3.connect(ledger, timeout=_BUSY_SECONDS)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone():
            return 0
        return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])


def _refused(problem: str, remedy: str, file: Path) -> PortalError:
    return LedgerError(Problem(problem, remedy, file=str(file)))
