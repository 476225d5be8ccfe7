"""Pictures of a page, and what a scanner reads in them."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import zxingcpp

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = {2: 3, 6: 4}
"""Bytes of a pixel, by the colour type of the PNG: as Chromium writes them, eight bits a channel."""


def symbols_in(png: bytes) -> list[bytes]:
    """What each QR symbol in a picture says, from top to bottom; dark on light only, as banking apps read them."""
    return symbols_in_grey(*_grey(png))


def symbols_in_grey(width: int, height: int, grey: bytes) -> list[bytes]:
    """The same for a picture of one byte a pixel, line by line from the top."""
    image = memoryview(grey).cast("B", shape=[height, width])
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(image, formats=kinds, try_invert=False)
    return [one.bytes for one in sorted(found, key=lambda one: (one.position.top_left.y, one.position.top_left.x))]


def squares_in(address: str) -> list[bytearray]:
    """The pixels of a picture of one bit each, line by line, a byte for each: 0 is dark, 255 is light."""
    chunks = dict(_chunks(base64.b64decode(address.removeprefix("data:image/png;base64,"))))
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (1, 0)
    raw, stride = zlib.decompress(chunks[b"IDAT"]), -(-width // 8) + 1
    assert len(raw) == stride * height
    lines = (raw[start : start + stride] for start in range(0, len(raw), stride))
    return [bytearray(255 * (line[1 + at // 8] >> 7 - at % 8 & 1) for at in range(width)) for line in lines]


def _grey(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and one byte for each pixel."""
    chunks = list(_chunks(png))
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    assert depth == 8
    size = _COLOURS[colour]
    raw = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    stride = width * size
    grey, before = bytearray(), bytearray(stride)
    for row in range(height):
        start = row * (stride + 1)
        before = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), before, size)
        grey += bytes((before[i] + before[i + 1] + before[i + 2]) // 3 for i in range(0, stride, size))
    return width, height, bytes(grey)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert png.startswith(_SIGNATURE)
    place = len(_SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12


def _unfiltered(kind: int, line: bytearray, before: bytearray, size: int) -> bytearray:
    """One line of the picture from what PNG stores of it (PNG, third edition, 9.2)."""
    for i in range(len(line)):
        left = line[i - size] if i >= size else 0
        above = before[i]
        corner = before[i - size] if i >= size else 0
        guess = (0, left, above, (left + above) // 2, _paeth(left, above, corner))[kind]
        line[i] = (line[i] + guess) & 255
    return line


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))
