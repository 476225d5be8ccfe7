"""Whatever a text says, no spreadsheet runs it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.spreadsheet_cells import harmless


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 20", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\0=1", "\uff1d1+1", "\uff20SUM(A1)"]
)
def test_a_formula_is_a_text(text: str) -> None:
    assert harmless(text).startswith("'")


def test_nor_is_there_one_where_a_semicolon_parts_cells() -> None:
    assert harmless("A; =HYPERLINK(1);b\t+1") == "A;' =HYPERLINK(1);b +1"


def test_other_texts_stay_as_they_are() -> None:
    assert harmless("Example & Sons; a-b (c@d) 1+1=2") == "Example & Sons; a-b (c@d) 1+1=2"


@given(st.text() | st.text(alphabet="=+-@;\t ab\uff1d"))
def test_no_cell_begins_a_formula_or_a_line(text: str) -> None:
    cell = harmless(text)
    assert not any(part.lstrip().startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")) for part in cell.split(";"))
    assert "\n" not in cell
    assert "\r" not in cell
    assert "\t" not in cell
