"""Finds English on pages that should have none."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from babel.messages.pofile import read_po

from portal.texts import CATALOGUE, TRANSLATIONS


def english_in(page: str, *, own: str = "") -> list[str]:
    """The English texts of the portal that a page says.

    Args:
        page: its HTML.
        own: what the owner wrote, which is theirs to say in any language.
    """
    # What says that it is in English may be: the words of a Swiss payment part are given in four languages only.
    others = re.sub(r'<section[^>]* lang="en".*?</section>', "\n", page, flags=re.DOTALL)
    words = re.sub(r"<style>.*?</style>|<[^>]+>", "\n", unescape(others), flags=re.DOTALL)
    for line in filter(None, (piece.strip(" -") for piece in re.split(r"[\n\"#{}]", own))):
        words = words.replace(line, "")
    return [sentence for sentence in _sentences() if re.search(rf"\b{re.escape(sentence)}\b", words)]


@cache
def _sentences() -> frozenset[str]:
    """Texts of the catalogue, or their parts between what is filled in, too long to be alike by chance."""
    with (TRANSLATIONS / "de" / CATALOGUE).open("rb") as file:
        ids = [message.id for message in read_po(file, locale="de") if message.id]
    plain = [str(one) for text in ids for one in (text if isinstance(text, tuple) else (text,))]
    pieces = {piece.strip(" .,:;?") for text in plain for piece in re.split(r"%\(\w+\)s", text)}
    return frozenset(piece for piece in pieces if len(piece) > 7 and " " in piece)
