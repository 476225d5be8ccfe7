"""A workbook in Excel's binary form (.xlsb), as small as it may be: one sheet of texts and numbers.

Texts stand in a table of their own, as Excel writes them. Source: [MS-XLSB] 2.1.4 (records), BrtBundleSh, BrtRowHdr,
BrtCellReal, BrtCellIsst, BrtSSTItem.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xlsb(rows: Sequence[Sequence[str | float]], name: str = "Invoices") -> bytes:
    """The file with these cells."""
    texts = list(dict.fromkeys(value for row in rows for value in row if isinstance(value, str)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("_rels/.rels", _related("officeDocument", "xl/workbook.bin"))
        archive.writestr("xl/_rels/workbook.bin.rels", _related("worksheet", "worksheets/sheet1.bin"))
        archive.writestr("xl/workbook.bin", _workbook(name))
        archive.writestr("xl/sharedStrings.bin", _shared(texts))
        archive.writestr("xl/worksheets/sheet1.bin", _sheet(rows, texts))
    return stream.getvalue()


def _related(kind: str, target: str) -> str:
    one = f'<Relationship Id="rId1" Type="{_KINDS}/{kind}" Target="{target}"/>'
    return f'<?xml version="1.0"?><Relationships xmlns="{_RELATIONS}">{one}</Relationships>'


def _workbook(name: str) -> bytes:
    sheet = struct.pack("<II", 0, 1) + _text("rId1") + _text(name)
    return b"".join(
        (_record(0x83), _record(0x8F), _record(0x9C, sheet), _record(0x90), _record(0x9D, bytes(26)), _record(0x84))
    )  # fmt: skip  begin, begin sheets, the sheet, end sheets, how to reckon, end


def _shared(texts: Sequence[str]) -> bytes:
    counts = struct.pack("<II", len(texts), len(texts))
    items = b"".join(_record(0x13, b"\0" + _text(text)) for text in texts)
    return _record(0x9F, counts) + items + _record(0xA0)


def _sheet(rows: Sequence[Sequence[str | float]], texts: Sequence[str]) -> bytes:
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    body = b"".join(_row(place, row, texts) for place, row in enumerate(rows))
    return b"".join((_record(0x81), _record(0x94, size), _record(0x91), body, _record(0x92), _record(0x82)))


def _row(place: int, row: Sequence[str | float], texts: Sequence[str]) -> bytes:
    cells = []
    for column, value in enumerate(row):
        head = struct.pack("<II", column, 0)
        if isinstance(value, str):
            cells.append(_record(0x07, head + struct.pack("<I", texts.index(value))))
        else:
            cells.append(_record(0x05, head + struct.pack("<d", value)))
    return _record(0x00, struct.pack("<I", place) + bytes(13)) + b"".join(cells)


def _text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def _record(number: int, content: bytes = b"") -> bytes:
    """A record: its number and the size of what it holds, each in seven bits a byte."""
    return _sevens(number) + _sevens(len(content)) + content


def _sevens(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
