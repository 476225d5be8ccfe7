"""Headings and words of a table as they are compared, however they are spelt."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_KEPT_WORDS = 4096
"""Words that are remembered: types and statuses are compared in every row."""


@lru_cache(_KEPT_WORDS)
def heading(text: str) -> str:
    """A heading as it is compared: letters and digits alone, without accents; ``#`` is ``no``, ``Nº`` is ``n``."""
    plain = unicodedata.normalize("NFKD", re.sub("[°º]", "", text.replace("#", "no")).casefold())
    return re.sub(r"[\W_]+", "", "".join(mark for mark in plain if not unicodedata.combining(mark)))
