"""Symbols for banking apps, drawn as SVG paths: they need no style, no script and no other file."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from portal.pages.scan_masks import symbol_rows
from portal.pages.way_models import ScanCode

if TYPE_CHECKING:
    from collections.abc import Sequence

QUIET_ZONE = 4
"""Modules of white on each side that readers need (ISO/IEC 18004)."""
SWISS_SIDE_MM, SWISS_QUIET_MM, SWISS_CROSS_MM = 46, 5, 7
"""Sizes that a QR-bill's symbol, its white edge and the cross in it have on paper (SIX IG QR-bill 2.3, 6.4)."""
_PRINTED_MM = 32


def scan_code(text: str, heading: str | None, alt: str, *, is_swiss: bool = False) -> ScanCode:
    """The symbol that carries a text: error correction M and no other, as both payment standards ask.

    Args:
        text: the payload, at most what a symbol of version 25 holds.
        heading: which sum, where there are several.
        alt: the symbol in words.
        is_swiss: whether it is a QR-bill's, with the cross in its middle.
    """
    rows = _rows_of(text)
    modules = len(rows)
    quiet = math.ceil(SWISS_QUIET_MM * modules / SWISS_SIDE_MM) if is_swiss else QUIET_ZONE
    side = modules + 2 * quiet
    cross = SWISS_CROSS_MM * modules / SWISS_SIDE_MM
    return ScanCode(
        heading=heading,
        alt=alt,
        side=side,
        path=_strokes(rows, quiet),
        cross=(round((side - cross) / 2, 3), round(cross, 3)) if is_swiss else None,
        inner=f"{quiet} {quiet} {modules} {modules}",
        print_width=f"{SWISS_SIDE_MM * side / modules:.1f}mm" if is_swiss else f"{_PRINTED_MM}mm",
    )


def _strokes(rows: Sequence[str], quiet: int) -> str:
    """Each run of dark modules as one horizontal stroke, through the middle of its row; each move from the last end."""
    path: list[str] = []
    x, y = 0, -0.5
    for number, row in enumerate(rows, start=quiet):
        dark = row.strip("0")
        if not dark:
            continue
        begins = quiet + row.index("1")
        path.append(f"m{begins - x} {number - y}")
        path += map(_STROKES.__getitem__, dark.replace("01", "0 1").split(" "))
        x, y = begins + len(dark), number
    return "".join(path)


class _Strokes(dict[str, str]):
    """A run of dark modules, and the light ones behind it, as a stroke and a move: ``1110`` is ``h3m1 0``."""

    def __missing__(self, run: str) -> str:
        dark, light = run.count("1"), run.count("0")
        stroke = self[run] = f"h{dark}m{light} 0" if light else f"h{dark}"
        return stroke


_STROKES = _Strokes()


@lru_cache(maxsize=32)
def _rows_of(text: str) -> list[str]:
    """The modules, row by row; kept, for the page in each language carries the same symbol."""
    return symbol_rows(text)
