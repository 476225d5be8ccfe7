"""Symbols as single large numbers, and how one symbol is told from others without drawing it.

A symbol of ISO/IEC 18004 is linear in its message: the error correction is (Reed and Solomon), and both are laid out
bit by bit. So where messages of one length differ in the same bits, their symbols differ in the same modules. The
messages of a portal differ in the digits of amounts and numbers: after some sixty symbols, each further one is a sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno

if TYPE_CHECKING:
    from collections.abc import Sequence

EDGE = "0000"
"""What stands around each row and between rows: no run goes on in the next row, and beyond the edge all is light."""
_MOST_KEPT = 400
"""Differences of messages of one length; they are some hundred bytes each."""
_DIGITS = bytes.maketrans(b"\0\1", b"01")


def drawn(message: bytes, *, version: int | None = None, mask: int = 0) -> list[str]:
    """The modules of a symbol with one mask, row by row, ``1`` dark: error correction M, the message as bytes."""
    symbol = segno.make_qr(message, version=version, error="m", mode="byte", boost_error=False, mask=mask)
    return [row.translate(_DIGITS).decode() for row in symbol.matrix]


def both_ways(rows: Sequence[str]) -> tuple[int, int]:
    """A symbol as a number, by rows and by columns."""
    return as_number(rows), as_number(["".join(column) for column in zip(*rows, strict=True)])


def as_number(rows: Sequence[str]) -> int:
    """Rows as one number, the first module in the highest bit."""
    return int(EDGE + EDGE.join(rows) + EDGE, 2)


def bits_of(width: int) -> int:
    """How many bits the number of a symbol has that is so many modules wide."""
    return (width + len(EDGE)) * width + len(EDGE)


def symbol_of(message: bytes) -> tuple[int, tuple[int, int]]:
    """The width of the symbol with the first mask that carries a message, and its numbers by rows and by columns."""
    known = _by_length.get(len(message))
    if known is None:
        known = _by_length[len(message)] = _Symbols(message)
    return known.symbol_of(message)


class _Symbols:
    """The symbols of messages of one length.

    Here a message and its symbol both ways are one number, the message in the highest bits, so that what two differ in
    is found, and added to a third, in one step.

    Args:
        first: the message that all others are compared with.
    """

    def __init__(self, first: bytes) -> None:
        rows = drawn(first)
        self._width = len(rows)
        self._bits = bits_of(self._width)
        self._first = int.from_bytes(first) << 2 * self._bits | self._joined(rows)
        self._differences: dict[int, int] = {}
        """Of messages, with that of their symbols; by the highest bit, which no other has as its highest."""

    def symbol_of(self, message: bytes) -> tuple[int, tuple[int, int]]:
        """See ``symbol_of``; drawn where the message differs from all before in some bit of its own."""
        rest = self._first ^ int.from_bytes(message) << 2 * self._bits
        while (highest := rest.bit_length()) > 2 * self._bits:
            difference = self._differences.get(highest)
            if difference is None:
                difference = rest ^ self._joined(drawn(message))
                if len(self._differences) < _MOST_KEPT:
                    self._differences[highest] = difference
            rest ^= difference
        return self._width, divmod(rest, 1 << self._bits)

    def _joined(self, rows: Sequence[str]) -> int:
        by_row, by_column = both_ways(rows)
        return by_row << self._bits | by_column


_by_length: dict[int, _Symbols] = {}
