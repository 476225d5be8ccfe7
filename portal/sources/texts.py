"""Numbers, names, addresses and prose as owners type them, made safe to show or refused with a reason."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

if TYPE_CHECKING:
    from portal.sources.findings import Findings, Place

LONGEST_NUMBER = 120
LONGEST_NAME = 300
_LONGEST_EMAIL = 254

# Direction marks and overrides can make a text read as another one; zero-width joiners belong to real names.
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff{_DIRECTION}]")
_CONTROL_BUT_NEWLINE = re.compile(rf"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff{_DIRECTION}]")
_EMAIL = re.compile(r"[^@\s<>()\[\]\\,;:\"=?]+@[^@\s<>()\[\]\\,;:\"=?.]+(?:\.[^@\s<>()\[\]\\,;:\"=?.]+)+")
_PLACEHOLDERS = frozenset({"n/a", "n.a.", "na", "none", "null", "nil", "nan", "unknown", "tbd", "x", "xxx", "?"})
_EMAIL_GAP = re.compile(r"[,;\s]+")


def folded(text: str) -> str:
    """The text as it is compared and kept: NFC, each run of white space one blank, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def number_of(text: str, findings: Findings, place: Place) -> str | None:
    """An invoice number: anything printable, up to 120 characters; None and a problem otherwise."""
    number = folded(text)
    if not number:
        findings.problem("The invoice number is missing.", "Write the number that is printed on the invoice.", place)
    elif len(number) > LONGEST_NUMBER:
        findings.problem(f"The invoice number has {len(number)} characters.", f"Use {LONGEST_NUMBER} at most.", place)
    elif _CONTROL.search(text.strip()) or not number.isprintable():
        findings.problem(
            "The invoice number holds a character that cannot be seen.", "Type the number again, on one line.", place
        )
    else:
        return number
    return None


def name_of(text: str, findings: Findings, place: Place) -> str | None:
    """A customer's name, on one line; None and a problem otherwise."""
    name = folded(text)
    if not name:
        findings.problem("The customer's name is missing.", "Write who owes this invoice.", place)
    elif len(name) > LONGEST_NAME:
        findings.problem(f"The customer's name has {len(name)} characters.", f"Use {LONGEST_NAME} at most.", place)
    elif _CONTROL.search(text.strip()):
        findings.problem(
            "The customer's name holds a line break or a character that cannot be seen.",
            "Type the name again, on one line.",
            place,
        )
    else:
        return name
    return None


def customer_reference(text: str | None) -> str | None:
    """The owner's number for a customer; None for what only fills the field, such as ``0``, ``-`` or ``n/a``.

    Two customers must never be taken for one, so what may be a placeholder is no number.
    """
    reference = line_of_text(text)
    if reference is None or len(reference) > LONGEST_NUMBER or reference.casefold() in _PLACEHOLDERS:
        return None
    return reference if any(mark.isalnum() and mark != "0" for mark in reference) else None


@lru_cache(maxsize=8192)
def line_of_text(text: str | None) -> str | None:
    """Text for one line: control characters and line breaks become blanks; None where nothing is left.

    What is sold often stands on many invoices, so that its words are kept once.
    """
    return folded(_CONTROL.sub(" ", text)) or None if text else None


def prose(text: str | None) -> str | None:
    """Text of several lines: other control characters become blanks; None where nothing is left."""
    if not text:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL_BUT_NEWLINE.sub(" ", unicodedata.normalize("NFC", lines)).strip() or None


def language_tag(text: str | None, findings: Findings, place: Place) -> str | None:
    """A language as ``de`` or ``de-AT``; a text that is none is a warning, for ``german`` would be read as English."""
    tag = line_of_text(text)
    if tag is None or _LANGUAGE.fullmatch(tag):
        return tag
    findings.warn(f"{tag!r} is not a language.", 'Write its short name, such as "de" or "de-AT".', place)
    return None


def time_zone(text: str | None, findings: Findings, place: Place) -> str | None:
    """A time zone as ``Europe/Rome``; a text that is none is a warning, for mails would come at the wrong hour."""
    zone = line_of_text(text)
    if zone is None or zone in available_timezones():
        return zone
    findings.warn(f"{zone!r} is not a time zone.", "Write its name, such as Europe/Rome.", place)
    return None


def email_of(text: str | None, findings: Findings, place: Place) -> str | None:
    """The first plausible address in a text; a second one, or none in a text that is there, is a warning."""
    if not text or not text.strip():
        return None
    if "'" not in text and is_email(text):  # one address and nothing else, as in most fields
        return text
    words = [word.strip("<>()[]\"'").removeprefix("mailto:") for word in _EMAIL_GAP.split(text)]
    found = [word for word in words if is_email(word)]
    if not found:
        findings.warn(
            f"{line_of_text(text)!r} is not an e-mail address.", "Correct it, or leave it empty to send no mail.", place
        )
        return None
    if len(found) > 1:
        findings.warn(
            f"There are {len(found)} e-mail addresses; {found[0]} is used.", "Leave the one that mail goes to.", place
        )
    return found[0]


def is_email(text: str) -> bool:
    """Whether a text can be one e-mail address."""
    return len(text) <= _LONGEST_EMAIL and text.isprintable() and bool(_EMAIL.fullmatch(text))
