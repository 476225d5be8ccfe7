"""Which invoices a payer's words name, and whether two names are those of one person or firm."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.transfers.references import matching_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from portal.receivables.bookings import Booking
    from portal.receivables.invoice import Invoice

_RUN = re.compile(r"[A-Z]+|[0-9]+")
_MOST_RUNS = 25
"""A reference of 25 characters in which letters and digits take turns."""
_LONGEST = 40
_JOINED_FROM = 8
"""So many digits may stand in groups; of fewer, a chance neighbour could make another invoice's number."""
_DISTINCTIVE = 4
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_WORD = re.compile(r"[a-z0-9]+")
_FORMS = frozenset(
    """ltd limited llc llp inc incorporated corp corporation co company plc gmbh mbh ag kg ohg ug ek ev eg gbr sa sas
    sarl sl srl spa snc lda ltda bv nv vof ab as oy aps und and et e y the mr mrs ms herr frau dr sig""".split()
)
"""Legal forms, titles and small words, which banks and customers write or leave out as they like."""
_TELLING = 4
_KEPT_NAMES = 20_000
"""Names that are remembered: each payer's is compared with every customer's."""
_CUT_AT = 10
"""Banks cut names, but not shorter than this."""


class Basis(IntEnum):
    """What connects a booking with an invoice, the surest first."""

    REFERENCE = 1
    QUOTED = 2
    NUMBER = 3
    NAME = 4


@dataclass(frozen=True, slots=True)
class Named:
    """An invoice that a booking names: how, by which text, and whether that could hardly be something else."""

    basis: Basis
    form: str
    is_distinctive: bool = True


class Vocabulary:
    """The references and numbers of all invoices, to be found in words.

    Args:
        invoices: all there are.
        by_reference: the keys of the invoices behind each reference, as ``portal.payees.keys_by_reference`` has it.
    """

    def __init__(self, invoices: Iterable[Invoice], by_reference: Mapping[str, Sequence[str]]) -> None:
        self._by_reference = by_reference
        self._by_number: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for invoice in invoices:
            runs = tuple(_runs(invoice.number))
            if any(run.isdecimal() for run in runs):
                self._by_number[_form("".join(runs))].append((invoice.key, runs))

    def named_by(self, booking: Booking) -> dict[str, Named]:
        """The invoices that a booking names, by key; each by the surest sign."""
        found: dict[str, Named] = {}
        for text in booking.references:
            for key in self._by_reference.get(matching_form(text), ()):
                found.setdefault(key, Named(Basis.REFERENCE, matching_form(text)))
        words = " ".join((booking.words, *booking.references))
        signs = sorted(self._in_words(words), key=lambda sign: sign[1].basis)
        telling = [sign for sign in signs if sign[1].is_distinctive]
        for key, named in telling or signs:
            found.setdefault(key, named)
        return found

    def _in_words(self, text: str) -> list[tuple[str, Named]]:
        """What words name; not what is only a part of a longer name: of ``2026-1042``, not ``1042``."""
        runs = list(_runs(text))
        found: list[tuple[int, int, str, Named]] = []
        for start in range(len(runs)):
            for window in _windows(runs, start):
                found += [(start, start + len(window), key, named) for key, named in self._named(window)]
        spans = {(start, end) for start, end, _key, _named in found}
        within = {one for one in spans for other in spans if one != other and other[0] <= one[0] and one[1] <= other[1]}
        return [(key, named) for start, end, key, named in found if (start, end) not in within]

    def _named(self, window: tuple[str, ...]) -> Iterator[tuple[str, Named]]:
        joined = "".join(window)
        form = _form(joined)
        may_join = len(joined) >= _JOINED_FROM or joined.startswith("RF") or not _has_neighbours(window)
        numbered = set()
        for key, own in self._by_number.get(form, ()):
            if may_join or own == window:
                numbered.add(key)
                yield key, Named(Basis.NUMBER, form, _is_distinctive(form))
        for key in self._by_reference.get(form, ()) if may_join else ():
            if key not in numbered:
                yield key, Named(Basis.QUOTED, form, _is_distinctive(form))


def same_name(one: str, other: str) -> bool:
    """Whether two names can be those of one person or firm, as banks and people write them."""
    left, right = _name_words(one), _name_words(other)
    if not left or not right:
        return False
    few, many = sorted((frozenset(left), frozenset(right)), key=len)
    if few <= many and (len(few) > 1 or len(max(few)) >= _TELLING or few == many):
        return True
    short, long = sorted(("".join(left), "".join(right)), key=len)
    return len(short) >= _CUT_AT and long.startswith(short)


def name_words(name: str) -> frozenset[str]:
    """The words of a name that can tell it from others."""
    return frozenset(_name_words(name))


@lru_cache(_KEPT_NAMES)
def _name_words(name: str) -> tuple[str, ...]:
    """Without accents and legal forms; an umlaut is the same as its two letters."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(mark for mark in plain if not unicodedata.combining(mark))
    words = _WORD.findall(re.sub(r"(?<=[aou])e", "", bare.replace(".", "")))
    return tuple(word for word in words if word not in _FORMS) or tuple(words)


def _runs(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKD", text).upper()
    return (found.group() for found in _RUN.finditer("".join(c for c in plain if not unicodedata.combining(c))))


def _windows(runs: Sequence[str], start: int) -> Iterator[tuple[str, ...]]:
    """The runs from one on, one more at a time, as long as a reference could be that long."""
    length = 0
    for end in range(start, min(start + _MOST_RUNS, len(runs))):
        length += len(runs[end])
        if length > _LONGEST:
            return
        yield tuple(runs[start : end + 1])


def _form(joined: str) -> str:
    """As ``matching_form`` has it, which is slow, where it makes a difference."""
    return matching_form(joined) if joined.startswith("RF") or joined.isdecimal() else joined


def _has_neighbours(window: Sequence[str]) -> bool:
    """Whether two groups of digits stand side by side, as letters hardly ever do in a reference."""
    kinds = [run.isdecimal() for run in window]
    return any(one == next_one for one, next_one in pairwise(kinds))


def _is_distinctive(form: str) -> bool:
    return len(form) >= _DISTINCTIVE and not _YEAR.fullmatch(form)
