"""Pictures of dark and light squares as PNG (W3C, third edition), one bit each, to stand inside a page.

Nothing in them is packed: a page is packed as a whole on its way, and this takes a tenth of the time.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY_OF_ONE_BIT = bytes((1, 0, 0, 0, 0))
"""Bit depth, colour type, and the one way there is to pack, to filter and to order (11.2.1)."""
_NO_FILTER = b"\0"
_NOT_PACKED = 0


def picture_address(rows: Sequence[str]) -> str:
    """A ``data:`` address of the picture, a pixel for each module.

    Args:
        rows: of one length, ``1`` for dark and ``0`` for light.
    """
    width = len(rows[0])
    header = struct.pack(">II", width, len(rows)) + _GREY_OF_ONE_BIT
    body = zlib.compress(b"".join(_lines(rows, width)), _NOT_PACKED)
    png = _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _lines(rows: Sequence[str], width: int) -> list[bytes]:
    """Each row as bytes, the first pixel in the highest bit; in grey, a bit that is set is light."""
    size = -(-width // 8)
    all_light = (1 << width) - 1
    return [_NO_FILTER + ((int(row, 2) ^ all_light) << size * 8 - width).to_bytes(size) for row in rows]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
