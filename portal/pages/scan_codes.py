"""Symbols for banking apps, as pictures inside the page: they need no script and no other file.

A picture can also be kept with a long press, to be opened in the banking app of the same phone.
"""

from __future__ import annotations

from functools import lru_cache

from portal.pages.pictures import picture_address
from portal.pages.scan_masks import symbol_rows
from portal.pages.way_models import ScanCode


def scan_code(text: str, heading: str | None, alt: str, *, is_swiss: bool = False) -> ScanCode:
    """The symbol that carries a text: error correction M and no other, as both payment standards ask.

    The white edge and the Swiss cross are the style sheet's and the template's: ``static/codes.css``.

    Args:
        text: the payload, at most what a symbol of version 25 holds.
        heading: which sum, where there are several.
        alt: the symbol in words.
        is_swiss: whether it is a QR-bill's, with the cross in its middle.
    """
    return ScanCode(heading=heading, alt=alt, picture=_picture_of(text), is_swiss=is_swiss)


@lru_cache(maxsize=32)
def _picture_of(text: str) -> str:
    """Kept, for the page in each language carries the same symbol."""
    return picture_address(symbol_rows(text))
