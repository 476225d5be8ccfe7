"""Which of a symbol's eight masks a reader reads best, found with whole symbols as single large numbers.

ISO/IEC 18004:2015, 7.8.3, has all eight tried and scored. Module by module that is most of the work of a symbol,
and a symbol is on every page that can be paid in euros or francs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from portal.pages.scan_symbols import EDGE, as_number, bits_of, both_ways, drawn, symbol_of

_MASKS = range(8)
_RUN, _SAME_COLOUR, _BLOCK, _FINDER_LIKE, _UNEVEN = 5, 3, 3, 40, 10
"""Modules of one colour in a row that count, and the scores N1 to N4 of table 11."""
_FORMAT = 9
"""Modules from a corner in which a symbol says which mask it has; they are blank while masks are scored."""
_WITH_VERSION = 45
"""From this width on, a symbol names its version in two blocks, blank too while masks are scored."""


@dataclass(frozen=True, slots=True)
class _Masks:
    """What the masks change in any symbol of one version, seen by rows and by columns.

    Attributes:
        every: all modules.
        scored: the modules that are looked at while masks are scored.
        changes: what is different with each mask from the first, what the symbol says of its mask included.
    """

    width: int
    every: int
    scored: tuple[int, int]
    changes: tuple[tuple[int, int], ...]


def symbol_rows(text: str) -> list[str]:
    """The modules of the symbol that carries a text, row by row, ``1`` dark: error correction M, in UTF-8.

    The same symbol to the module as ``segno.make_qr`` finds it for bytes.
    """
    width, first = symbol_of(text.encode())
    masks = _masks((width - 17) // 4)
    scores = [_score(masks, first, change) for change in masks.changes]
    best = first[0] ^ masks.changes[scores.index(min(scores))][0]
    stride = masks.width + len(EDGE)
    digits = f"{best:b}".zfill(bits_of(masks.width))
    return [digits[start : start + masks.width] for start in range(len(EDGE), len(digits), stride)]


@lru_cache(maxsize=16)
def _masks(version: int) -> _Masks:
    symbols = [both_ways(drawn(b"x", version=version, mask=mask)) for mask in _MASKS]
    width = version * 4 + 17
    scored = ["".join(_is_scored(width, row, place) for place in range(width)) for row in range(width)]
    return _Masks(
        width=width,
        every=as_number(["1" * width] * width),
        scored=both_ways(scored),
        changes=tuple((by_row ^ symbols[0][0], by_column ^ symbols[0][1]) for by_row, by_column in symbols),
    )


def _is_scored(width: int, row: int, place: int) -> str:
    """``0`` for a module that says which mask or version it is, and is blank while masks are scored."""
    for one, other in ((row, place), (place, row)):
        if one == _FORMAT - 1 and other != 6 and not _FORMAT <= other < width - _FORMAT + 1:  # noqa: PLR2004  the timing
            return "0"
        if width >= _WITH_VERSION and one < 6 and width - 11 <= other < width - 8:  # noqa: PLR2004  6 by 3 (7.10)
            return "0"
    return "1"


def _score(masks: _Masks, first: tuple[int, int], change: tuple[int, int]) -> int:
    """The penalty of one mask; the lowest is taken."""
    stride = masks.width + len(EDGE)
    dark = (first[0] ^ change[0]) & masks.scored[0]
    turned = (first[1] ^ change[1]) & masks.scored[1]
    light, turned_light = masks.every ^ dark, masks.every ^ turned
    runs = _run_score(dark) + _run_score(light) + _run_score(turned) + _run_score(turned_light)
    blocks = _BLOCK * (_blocks(dark, stride) + _blocks(light, stride))
    likes = _FINDER_LIKE * (_finder_likes(dark) + _finder_likes(turned))
    percent = float(dark.bit_count()) / masks.width**2 * 100
    return runs + blocks + likes + _UNEVEN * int(abs(percent - 50) / 5)


def _run_score(some: int) -> int:
    """3 for each run of five modules of one colour, and 1 for each module more."""
    whole = some & some >> 1 & some >> 2 & some >> 3 & some >> 4
    return whole.bit_count() + (_SAME_COLOUR - 1) * (whole & ~(whole >> 1)).bit_count()


def _blocks(some: int, stride: int) -> int:
    """How many blocks of two by two are of one colour."""
    beside = some & some >> 1
    return (beside & beside >> stride).bit_count()


def _finder_likes(dark: int) -> int:
    """How often something looks like a finder, 1:1:3:1:1, with four light modules before or behind it."""
    light = ~dark
    middle = dark >> 2 & dark >> 3 & dark >> 4
    like = dark & light >> 1 & middle & light >> 5 & dark >> 6
    quiet = light & light << 1 & light << 2 & light << 3
    found = like & (quiet << 1 | light >> 7 & light >> 8 & light >> 9 & light >> 10)
    return found.bit_count() if not found & (found >> 4 | found >> 6) else _apart(found)


def _apart(found: int) -> int:
    """How many there are that do not overlap with one that is counted before them."""
    count = 0
    while found:
        count += 1
        found &= (1 << max(found.bit_length() - 7, 0)) - 1
    return count
