"""TOML with line numbers: the standard parser says what is wrong, this says on which line a setting stands."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from portal.errors import ContentError, Problem

_SYNTAX_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")
_TABLE = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}")
_KEY = re.compile(r"""\s*(["']?)([^"'=\[\]#]+?)\1\s*=""")


def parse_toml(text: str, *, file: str, first_line: int = 1) -> dict[str, Any]:
    """The tables of a TOML text.

    Args:
        text: the whole document.
        file: its name, for the problem.
        first_line: the line of the file on which the text begins.

    Raises:
        ContentError: not TOML, with file and line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _SYNTAX_PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else len(text.splitlines())
        reason = _SYNTAX_PLACE.sub("", str(error))
        raise ContentError(
            Problem(
                f"This is not valid TOML: {reason}.",
                'Text goes in "quotes", dates and numbers stand without them.',
                file=file,
                line=line + first_line - 1,
            )
        ) from error


def line_of(text: str, path: tuple[str | int, ...]) -> int | None:
    """The 1-based line on which a setting stands: ``("business", "name")``, ``("lines", 1, "amount")``.

    Falls back to the line of the innermost table that is there, then to None.
    """
    table: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        here: tuple[str | int, ...]
        if heading := _TABLE.match(line):
            table = tuple(part.strip(" \"'") for part in heading[1].split("."))
            counts[table] = counts.get(table, -1) + 1
            here = _indexed(table, path, counts[table])
        elif key := _KEY.match(line):
            here = (
                *_indexed(table, path, counts.get(table, 0)),
                *(part.strip() for part in key[2].split(".")),
            )
        else:
            continue
        if path[: len(here)] == here and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _indexed(table: tuple[str, ...], path: tuple[str | int, ...], index: int) -> tuple[str | int, ...]:
    """A table's path with its position, where the wanted path counts positions there."""
    counted = len(path) > len(table) and isinstance(path[len(table)], int)
    return (*table, index) if counted else table
