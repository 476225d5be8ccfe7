"""Text for one field of a message to a bank: whatever it held, it is one line and never reaches the next field."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(maxsize=256)
def single_line(text: str, longest: int) -> str:
    """The text on one line, cut to ``longest`` characters.

    Line breaks of every kind, control characters and characters that cannot be seen become blanks, for a break inside
    a name would begin the next field of the message, which may be the account. The owner's name is in each of them.
    """
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in composed)
    return " ".join(seen.split())[:longest].rstrip()
