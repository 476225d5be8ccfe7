from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.transfers.fields import single_line


@pytest.mark.parametrize(
    "mark", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1e", "\x85", "\u2028", "\u2029", "\x00", "\u202e", "\ud800"]
)
def test_no_mark_begins_another_line(mark: str) -> None:
    assert single_line(f"A{mark}DE89370400440532013000", 70) == "A DE89370400440532013000"


@given(st.text(st.characters()), st.integers(1, 200))
def test_whatever_comes_it_is_one_short_line(text: str, longest: int) -> None:
    line = single_line(text, longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    line.encode()
