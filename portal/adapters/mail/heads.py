"""The head of a mail, written by hand and read back, so that no value can ever become a header of its own.

Python's email package let an encoded word that decodes to a line break become a header (CVE-2024-6923, fixed in 3.12.5
and later). So values are refused or encoded here, whatever the Python, and the finished head is compared with what it
was made from. Sources: RFC 5322, 2.2 and 2.2.3 (lines); RFC 2047 (encoded words).
"""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import TYPE_CHECKING

from portal.errors import MailError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 200
"""Characters of a subject or a name."""
LONGEST_LINE = 998
"""Of any line of a mail, without its line break: RFC 5322, 2.1.1."""
FOLDED_AT = 76
_WORD_BYTES = 42
"""Of UTF-8 in one encoded word: 56 characters of base64 and 12 around them stay below 75."""
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories: controls, invisible formatting, halves of characters, private ones, line breaks."""
_JOINERS_AND_MARKS = frozenset("\u200c\u200d\u200e\u200f\u061c")
"""Of the invisible ones, those that Persian, Hindi, Arabic and Hebrew are written with."""
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def text_value(text: str, what: str) -> str:
    """A subject as a header's value: as it is, or in encoded words.

    Raises:
        MailError: it has what no subject has: control characters, or what looks encoded already.
    """
    plain = checked(text, what)
    return plain if plain.isascii() else _encoded(plain)


def name_and_address(name: str, address: str) -> str:
    """A mailbox with its name: ``Harbour & Pine <hello@example.com>``.

    Raises:
        MailError: the name has what no name has.
    """
    plain = checked(name, "name")
    if not plain.isascii():
        shown = _encoded(plain)
    elif _ATOMS.fullmatch(plain):
        shown = plain
    else:
        shown = '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{shown} <{address}>"


def checked(text: str, what: str) -> str:
    """The text, where it can safely stand in a header."""
    plain = text.strip()
    if not plain or len(plain) > LONGEST_TEXT:
        raise _refused(what, f"it has {len(plain)} characters; 1 to {LONGEST_TEXT} are possible")
    if any(unicodedata.category(char) in _FORBIDDEN and char not in _JOINERS_AND_MARKS for char in text):
        raise _refused(what, "it has control characters or invisible ones")
    if "=?" in plain or "?=" in plain:
        raise _refused(what, "it looks like an encoded word of a mail header")
    return plain


def head_of(fields: Mapping[str, str]) -> bytes:
    """The head of these fields, each once, folded at spaces, without the empty line after it.

    Raises:
        MailError: read back, it would be anything else than these fields.
    """
    lines = [line for name, value in fields.items() for line in _folded(f"{name}: {value}")]
    head = "\r\n".join(lines) + "\r\n"
    if _read_back(head) != list(fields.items()):
        raise _refused("head", "it would have other headers than it is to have")
    return head.encode("ascii")


def _read_back(head: str) -> list[tuple[str, str]]:
    """The fields of a head, by the rules of RFC 5322 alone and as strictly as possible."""
    fields: list[tuple[str, str]] = []
    for line in head.removesuffix("\r\n").split("\r\n"):
        if not _PRINTABLE.fullmatch(line) or len(line) > LONGEST_LINE or not line.strip():
            return []
        if line.startswith(" ") and fields:
            name, value = fields[-1]
            fields[-1] = name, value + line
            continue
        name, colon, value = line.partition(": ")
        if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z-]*", name):
            return []
        fields.append((name, value))
    return fields


def _folded(line: str) -> list[str]:
    """A field in lines short enough, broken before single spaces; a word that is too long keeps a line of its own."""
    lines: list[str] = []
    rest = line
    while len(rest) > FOLDED_AT:
        # Not before the value itself begins, and never so that a line of spaces alone would come to be.
        begin = len(rest) - len(rest.lstrip(" ")) + 1 if lines else rest.index(": ") + 3
        cut = rest.rfind(" ", begin, FOLDED_AT + 1)
        if cut < 0:
            cut = rest.find(" ", max(begin, FOLDED_AT))
        if cut < 0 or not rest[cut:].strip():
            break
        lines.append(rest[:cut])
        rest = rest[cut:]
    return [*lines, rest]


def _encoded(text: str) -> str:
    """RFC 2047 encoded words, each of whole characters."""
    words: list[bytes] = [b""]
    for char in text:
        piece = char.encode()
        if len(words[-1]) + len(piece) > _WORD_BYTES:
            words.append(b"")
        words[-1] += piece
    return " ".join(f"=?utf-8?B?{base64.b64encode(word).decode('ascii')}?=" for word in words)


def _refused(what: str, why: str) -> MailError:
    return MailError(Problem(f"The {what} of a mail cannot be sent: {why}.", "Change it where it comes from."))
