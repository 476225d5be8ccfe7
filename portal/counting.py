"""Numbers with the word that they count."""

from __future__ import annotations


def counted(number: int, one: str, several: str | None = None) -> str:
    """How many of a thing: ``1 page``, ``2,000 pages``; ``several`` where that is not ``one`` with an s."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
