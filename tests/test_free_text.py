"""Free words are cleaned, bounded, and never hold a card number."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.free_text import MOST_CHARACTERS, WordsRefusal, cleaned, refusal_of_words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two\t words ", "two words"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("bell\x07 and null\x00", "bell and null"),
        ("right\u202eto left", "rightto left"),
        ("cafe\u0301", "café"),
        ("\u200b", ""),
    ],
)
def test_words_are_cleaned(typed: str, kept: str) -> None:
    assert cleaned(typed) == kept


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_leaves_no_controls(typed: str) -> None:
    words = cleaned(typed)
    assert cleaned(words) == words
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf"} for c in words)


@pytest.mark.parametrize(
    "words",
    [
        "4242424242424242",
        "my card 4242 4242 4242 4242, thanks",
        "4000-0566-5566-5556",
        "378282246310005",
        "4242.4242.4242.4242",
    ],
)
def test_a_card_number_is_refused(words: str) -> None:
    assert refusal_of_words(words) is WordsRefusal.CARD_NUMBER


@pytest.mark.parametrize(
    "words", ["", "4242 4242 4242 4241", "call 01632 960 142", "order 1234567890123", "IBAN DE89370400440532013000"]
)
def test_other_numbers_are_taken(words: str) -> None:
    assert refusal_of_words(words) is None


def test_words_are_bounded() -> None:
    assert refusal_of_words("x" * MOST_CHARACTERS) is None
    assert refusal_of_words("x" * (MOST_CHARACTERS + 1)) is WordsRefusal.TOO_LONG
