"""TOML front matter between ``+++`` lines, and the text below it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from portal.errors import ContentError, Problem
from portal.toml_text import parse_toml

FENCE = "+++"
FIRST_LINE = 2
"""The line of the file on which front matter begins."""

_PARTS = re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)(.*)", re.DOTALL | re.MULTILINE)


class FrontMatter(NamedTuple):
    """The tables of the front matter, its text (for line numbers), and the body below it."""

    tables: dict[str, Any]
    text: str
    body: str


def split_front_matter(text: str, *, file: str) -> FrontMatter:
    """The front matter and body of a Markdown file.

    Raises:
        ContentError: no front matter, or front matter that is not TOML, with file and line.
    """
    parts = _PARTS.match(text)
    if parts is None:
        raise ContentError(_no_fence(text, file))
    try:
        tables = parse_toml(parts[1], file=file, first_line=FIRST_LINE)
    except (ValueError, RecursionError) as error:  # tomllib lets endless numbers and nested brackets through
        raise ContentError(
            Problem("This is not valid TOML: a value is far too long.", "Shorten it.", file=file, line=FIRST_LINE)
        ) from error
    return FrontMatter(tables, parts[1], parts[2])


def _no_fence(text: str, file: str) -> Problem:
    first = text.split("\n", 1)[0].strip()
    if not text.strip():
        return Problem("The file is empty.", "Write an invoice in it, or remove it.", file=file)
    if first == FENCE:
        return Problem("The front matter does not end.", "Close it with a line of +++.", file=file, line=1)
    remedy = "Begin the file with a line of +++, then the fields in TOML, then another line of +++."
    found = "The front matter is YAML." if first == "---" else "The file does not begin with front matter."
    return Problem(found, remedy, file=file, line=1)
