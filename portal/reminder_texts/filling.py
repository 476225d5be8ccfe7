"""Texts of reminders filled in: values are put in after the Markdown was read, so that no name can be markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from portal.markdown_text import html_of_notes

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MARKED = re.compile("\ue000(\\w+)\ue001")
_LINK = re.compile(r"^\{\{\s*link\s*\}\}\s*$", re.MULTILINE)
_POINT = re.compile(r"^[-*] ")
_EMPHASIS = re.compile(r"(\*\*|__|[*_`])(?=\S)(.+?)(?<=\S)\1")
_PARAGRAPH = re.compile(r"<p>(.*)</p>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph in both forms; ``points`` where it is a list."""

    text: str
    html: Markup
    points: tuple[Passage, ...] = ()


def filled(text: str, values: Mapping[str, str]) -> str:
    """A line of plain text, such as a subject."""
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def passages(body: str, values: Mapping[str, str]) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
    """The paragraphs before and after the link."""
    before, _, after = _LINK.sub("\f", body, count=1).partition("\f")
    return _blocks(before, values), _blocks(after, values)


def _blocks(text: str, values: Mapping[str, str]) -> tuple[Passage, ...]:
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    return tuple(_block(block, values) for block in blocks if block)


def _block(block: str, values: Mapping[str, str]) -> Passage:
    if not _POINT.match(block):
        return _passage(" ".join(block.split()), values)
    items = [" ".join(item.split()) for item in re.split(r"^[-*] ", block, flags=re.MULTILINE) if item.strip()]
    points = tuple(_passage(item, values) for item in items)
    return Passage("\n".join(point.text for point in points), Markup(), points)


def _passage(line: str, values: Mapping[str, str]) -> Passage:
    marked = _VARIABLE.sub("\ue000\\1\ue001", line)
    plain = _EMPHASIS.sub(r"\2", marked)
    found = _PARAGRAPH.fullmatch(html_of_notes(marked))
    inner = found[1] if found else str(escape(plain))
    return Passage(
        _MARKED.sub(lambda name: values[name[1]], plain),
        Markup(_MARKED.sub(lambda name: str(escape(values[name[1]])), inner)),  # noqa: S704  cleaned, and values escaped
    )
