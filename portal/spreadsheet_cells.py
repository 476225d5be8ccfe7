"""Cells of CSV files as spreadsheets take them: a text stays a text, whoever wrote it (CWE-1236; ASVS 5, 1.2.10)."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[\r\n\t\0]+")
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula would begin; the last four signs are the first four in full width.

Programs set to half the languages of Europe part a file at ``;``, within quotation marks too, so that the middle of a
text may be the beginning of a cell.
"""


def harmless(cell: str) -> str:
    """A text on one line and without tabs, an apostrophe wherever a spreadsheet would see a formula begin."""
    return _FORMULA.sub(r"\1'\2", _BREAKS.sub(" ", cell))
