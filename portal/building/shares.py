"""A share of all pages: builds of every share together make what one build makes, each page once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MOST_SHARES = 1000
_PLACE = 2
"""Folders that name a link; all its pages, one per language, are in one share."""


@dataclass(frozen=True, slots=True)
class Share:
    """One of so many shares; the first is number 1."""

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of <= MOST_SHARES:
            raise ValueError(f"shares are numbered from 1 to as many as there are, {MOST_SHARES} at most")

    def has(self, path: str) -> bool:
        """Whether a page belongs to it, by its place below the output folder; always the same on every machine."""
        place = "/".join(path.split("/")[:_PLACE])
        return int.from_bytes(hashlib.blake2b(place.encode(), digest_size=8).digest()) % self.of == self.number - 1


def parse_share(text: str) -> Share:
    """``"1/4"`` is the first of four.

    Raises:
        ValueError: it names no share.
    """
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal()):
        raise ValueError(f"{text!r} is no share")
    return Share(int(number), int(of))
