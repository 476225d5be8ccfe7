"""Which format a file is in, by what it holds; several in a ZIP archive, as banks pack camt messages."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

from portal.bank_statements.camt import is_camt, read_camt
from portal.bank_statements.ofx import is_ofx, read_ofx
from portal.bank_statements.reading import MOST_BYTES, StatementReading, with_line_ids
from portal.bank_statements.swift import is_swift, read_swift
from portal.bank_statements.table import read_bank_table, read_bank_workbook
from portal.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from portal.bank_statements.reading import Notation

_PACKED = b"PK\x03\x04"
_WORKBOOKS = (b"xl/workbook", b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""How workbooks begin (xls), or what an archive of one holds (xlsx, ods)."""
_MOST_PACKED = 1000
"""Messages in one archive."""


def read_statements(paths: Iterable[Path], notation: Notation) -> StatementReading:
    """The bookings of these files together; what several of them list is there once.

    Args:
        paths: the files, of any format.
        notation: of tables.
    """
    readings = [one for path in paths for one in _readings(path, notation)]
    bookings = {booking.key: booking for one in reversed(readings) for booking in reversed(one.bookings)}
    return StatementReading(
        with_line_ids(tuple(reversed(bookings.values()))),
        tuple(problem for one in readings for problem in one.problems),
        tuple(problem for one in readings for problem in one.warnings),
        sum((one.passed_over for one in readings), Counter()),
    )


def read_statement(raw: bytes, file: str, notation: Notation) -> StatementReading:
    """The bookings of one statement, as it stands in a file."""
    if len(raw) > MOST_BYTES:
        return _refused(file, f"It is larger than {MOST_BYTES // 1024**2} MB.", "Export a shorter time.")
    if not raw.strip():
        return _refused(file, "It is empty.", "Export the statement again.")
    if is_ofx(raw):
        return read_ofx(raw, file)
    if is_camt(raw) or raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_camt(raw, file)
    return read_swift(raw, file) if is_swift(raw) else read_bank_table(raw, file, notation)


def _readings(path: Path, notation: Notation) -> Iterator[StatementReading]:
    file = str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as error:
        yield _refused(file, f"It cannot be read: {error.strerror}.", "Check its name, and that you may read it.")
        return
    if raw.startswith(_OLD_WORKBOOK) or (raw.startswith(_PACKED) and any(mark in raw for mark in _WORKBOOKS)):
        yield read_bank_workbook(path, file, notation)
    elif raw.startswith(_PACKED) and len(raw) <= MOST_BYTES:
        yield from _unpacked(raw, file, notation)
    else:
        yield read_statement(raw, file, notation)


def _unpacked(raw: bytes, file: str, notation: Notation) -> Iterator[StatementReading]:
    """The statements of an archive; together they may be as large as one file."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for member in [one for one in archive.infolist() if not one.is_dir()][:_MOST_PACKED]:
                with archive.open(member) as opened:
                    content = opened.read(left + 1)
                left -= len(content)
                if left < 0:
                    yield _refused(file, "It unpacks to more than a statement may have.", "Unpack it yourself.")
                    return
                yield read_statement(content, f"{file}/{member.filename}", notation)
    # The second is what zipfile raises for a way of packing that it does not know, the third for a password.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        yield _refused(file, "This archive cannot be unpacked.", "Unpack it yourself, and name the files in it.")


def _refused(file: str, problem: str, remedy: str) -> StatementReading:
    return StatementReading(problems=(Problem(problem, remedy, file=file),))
