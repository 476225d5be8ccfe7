"""The mask of a symbol is the one that segno finds, module by module, from the smallest to the largest we draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.pages import scan_symbols
from portal.pages.scan_masks import symbol_rows

if TYPE_CHECKING:
    from random import Random

    import pytest

TEXTS = st.one_of(
    st.text(st.sampled_from("AZaz09\n /é€ü&\N{CJK UNIFIED IDEOGRAPH-4E00}"), min_size=1, max_size=300),
    st.text("0123456789", min_size=1, max_size=600),
    st.text("AB0 ", min_size=1, max_size=400),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_the_symbol_is_the_one_that_segno_finds(text: str) -> None:
    assert symbol_rows(text) == segnos_rows(text)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.sampled_from("0159AZ\n"), min_size=90, max_size=90), min_size=3, max_size=12), st.randoms())
def test_a_symbol_that_is_told_from_others_is_the_one_that_segno_finds(texts: list[str], order: Random) -> None:
    """Whatever was drawn before, and in whatever order."""
    mixed = [*texts, *("".join(map(order.choice, zip(*texts, strict=True))) for _ in range(9))]
    order.shuffle(mixed)
    for text in mixed:
        assert symbol_rows(text) == segnos_rows(text)


def test_few_symbols_are_drawn_where_messages_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bytes] = []
    drawn = scan_symbols.drawn

    def noted(message: bytes) -> list[str]:
        told.append(message)
        return drawn(message)

    monkeypatch.setattr(scan_symbols, "drawn", noted)
    for number in range(1000, 2000):
        symbol_rows(f"BCD\n002\nSCT\nSome other business\nEUR{number * 37 % 900 + 100}.5\nRF18{number}\n")
    assert 1 < len(told) < 40


def segnos_rows(text: str) -> list[str]:
    found = segno.make_qr(text, error="m", mode="byte", encoding="utf-8", boost_error=False)
    return ["".join(map(str, row)) for row in found.matrix]
