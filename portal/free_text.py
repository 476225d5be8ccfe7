"""What people type in their own words: cleaned, bounded, and never a card number."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from stdnum import luhn

MOST_CHARACTERS = 1000
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c]")
_BLANK_LINES = re.compile(r"\n{3,}")
_CARD = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){12,18}(?!\d)")
_KEPT_CONTROLS = "\n"


class WordsRefusal(StrEnum):
    """Why words cannot be taken."""

    TOO_LONG = "too long"
    CARD_NUMBER = "holds a card number"


def cleaned(text: str) -> str:
    """The words without control characters, invisible marks and needless blanks; letters are composed (NFC)."""
    broken = _BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    kept = "".join(c for c in broken if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    lines = (" ".join(line.split()) for line in kept.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def refusal_of_words(words: str) -> WordsRefusal | None:
    """Why these words cannot be taken. A card number has 13 to 19 digits and passes the Luhn check (ISO/IEC 7812-1)."""
    if len(words) > MOST_CHARACTERS:
        return WordsRefusal.TOO_LONG
    runs = (re.sub(r"\D", "", found.group()) for found in _CARD.finditer(words))
    return WordsRefusal.CARD_NUMBER if any(luhn.is_valid(digits) for digits in runs) else None
