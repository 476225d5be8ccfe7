"""The mask of a symbol is the one that segno finds, module by module, from the smallest to the largest we draw."""

from __future__ import annotations

import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.pages.scan_masks import symbol_rows

TEXTS = st.one_of(
    st.text(st.sampled_from("AZaz09\n /é€ü&\N{CJK UNIFIED IDEOGRAPH-4E00}"), min_size=1, max_size=300),
    st.text("0123456789", min_size=1, max_size=600),
    st.text("AB0 ", min_size=1, max_size=400),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_the_symbol_is_the_one_that_segno_finds(text: str) -> None:
    found = segno.make_qr(text, error="m", encoding="utf-8", boost_error=False)
    assert symbol_rows(text) == ["".join(map(str, row)) for row in found.matrix]
