"""A file is taken for what it holds, whatever it is called; and nothing that can be in a file brings a reader down."""

from __future__ import annotations

import zipfile
from datetime import date
from typing import TYPE_CHECKING

from bank_files import Line, camt053
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.bank_statements import Notation, read_statements
from portal.bank_statements.files import read_statement

if TYPE_CHECKING:
    from pathlib import Path

TEXT = camt053(Line("840.00", "1042"), Line("5.00", bank_reference="A-1"))


def test_an_archive_of_messages(tmp_path: Path) -> None:
    path = tmp_path / "camt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.xml", TEXT)
        archive.writestr("b.xml", camt053(Line("7.00")))
    found = read_statements([path], Notation())
    assert [one.amount.minor for one in found.bookings] == [84000, 500, 700]
    assert found.bookings[0].file.endswith("camt.zip/a.xml")


def test_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    page = book.create_sheet("Account")
    page.append(["Date", "Amount", "Currency", "Payer", "Details"])
    page.append([date(2026, 11, 19), 840.0, "GBP", "Sample", 1042])
    page.append([date(2026, 11, 20), -5, "GBP", "", "x"])
    book.save(tmp_path / "bank.xlsx")
    found = read_statements([tmp_path / "bank.xlsx"], Notation())
    (booking,) = found.bookings
    assert (booking.amount.minor, booking.payer, booking.text) == (84000, "Sample", "1042")
    assert booking.value_on == date(2026, 11, 19)
    assert found.passed_over == {"outgoing": 1}


def test_what_two_files_list_is_there_once(tmp_path: Path) -> None:
    for name in ("a.xml", "b.xml"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    found = read_statements([tmp_path / "a.xml", tmp_path / "b.xml"], Notation())
    assert len(found.bookings) == 2
    assert len({one.line_id for one in found.bookings}) == 2
    assert all(one.file.endswith("a.xml") for one in found.bookings)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04nothing")
    paths = [tmp_path / name for name in ("none", "empty", "bad.zip")]
    problems = read_statements(paths, Notation()).problems
    assert [one.file for one in problems] == [str(path) for path in paths]


PIECES = st.sampled_from(
    [b":20:A\n", b":61:261119C5,00NTRFNONREF\n", b":86:x?20y\n", b"<OFX>", b"<STMTTRN><TRNAMT>", b"<Ntry>", b"\xff\x00",
     b"Date;Amount\n", b"2026-01-01;5\n", b'"', b"camt.05", b"<Document>", b"</Ntry>", b"-", b"999999999999999999,99"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.binary(max_size=20), max_size=12).map(b"".join))
@example(b":20:\n:61:\n")
def test_no_file_brings_a_reader_down(raw: bytes) -> None:
    found = read_statement(raw, "f", Notation())
    assert all(one.amount.minor > 0 for one in found.bookings)
