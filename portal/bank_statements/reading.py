"""What one statement gave, and how a movement gets the name by which it is known again."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from portal.receivables.bookings import Booking
from portal.sources.findings import Findings, Place
from portal.sources.texts import line_of_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from portal.errors import Problem
    from portal.receivables.money import Money
    from portal.sources.amounts import DecimalMark
    from portal.sources.dates import DateOrder

MOST_BYTES = 50 * 1024 * 1024
"""A statement may be so large, packed or not."""
_SAYS_NOTHING = frozenset({"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "NOREF", "NONE", "N/A", "0"})
"""What banks write where they have no reference."""
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_SHORTEST = 6
_BITS = 5


@dataclass(frozen=True, slots=True)
class Notation:
    """How a table is written, where its owner says so; a CSV file says less than other statements do.

    Attributes:
        currency: of movements that name none.
        order: whether the day or the month comes first in dates.
        mark: what stands before the cents.
    """

    currency: str | None = None
    order: DateOrder | None = None
    mark: DecimalMark | None = None


@dataclass(frozen=True, slots=True)
class StatementReading:
    """What statements gave.

    Attributes:
        bookings: credits and returns, in the order of the files.
        problems: what could not be read.
        warnings: what was read and deserves a look.
        passed_over: how many movements were left aside, by reason.
    """

    bookings: tuple[Booking, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    passed_over: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement as a reader found it; ``Sheet.reading`` makes a ``Booking`` of it. Attributes as there.

    Attributes:
        bank_reference: the bank's own name for it, where it gives one.
        batch_reference: the bank's own name for the batch that it is a part of.
        corrects: the bank's own name for the movement that this one replaces, or deletes where it is a return.
    """

    amount: Money
    value_on: date
    booked_on: date
    text: str = ""
    line: int | None = None
    references: tuple[str, ...] = ()
    payer: str | None = None
    end_to_end: str | None = None
    account: str | None = None
    bank_reference: str | None = None
    batch_reference: str | None = None
    payments: int = 1
    is_return: bool = False
    corrects: str | None = None


@dataclass(slots=True)
class Sheet:
    """On which the movements of one file are noted while it is read."""

    findings: Findings
    movements: list[Movement] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def pass_over(self, reason: str) -> None:
        """Leave a movement aside."""
        self.passed_over[reason] += 1

    def reading(self) -> StatementReading:
        """What the file gave."""
        bookings = bookings_of(self.movements, self.findings)
        return StatementReading(
            bookings, tuple(self.findings.problems), tuple(self.findings.warnings), self.passed_over
        )


def said(text: str | None) -> str | None:
    """A reference, or None where the bank writes that there is none."""
    plain = " ".join((text or "").split())
    return None if plain.upper().replace(" ", "") in _SAYS_NOTHING else plain


def bookings_of(movements: Iterable[Movement], findings: Findings) -> tuple[Booking, ...]:
    """The movements of one file under the names by which they are known again in any other.

    The bank's own reference with the account and the amount names a movement. Where there is none, all that is known of
    it does, and of several that are the same the first, second, third. A reference that a bank uses for several
    different movements names them together with what they say.
    """
    listed = list(movements)
    by_reference: dict[str, set[str]] = {}
    for one in listed:
        by_reference.setdefault(_referenced(one), set()).add(_said_of(one))
    seen: Counter[str] = Counter()
    found: dict[str, Booking] = {}
    for one in listed:
        name, content = _referenced(one), _said_of(one)
        named = bool(one.bank_reference)
        if named and len(by_reference[name]) > 1:
            name = f"{name}/{_digest(content)}"
        elif not named:
            name = f"{_joined(one.account, one.batch_reference)}/#{_digest(content)}"
        seen[name] += 1
        if named and seen[name] > 1:
            findings.warn(
                f"The bank lists {one.bank_reference} of {one.amount} twice, alike in everything.",
                "It is counted once; if it was two payments, `portal record` takes the other.",
                Place(one.line),
            )
            continue
        key = name if named or seen[name] == 1 else f"{name}/{seen[name]}"
        found[key] = _booking(one, key, findings.file)
    return tuple(found.values())


def with_line_ids(bookings: Sequence[Booking]) -> tuple[Booking, ...]:
    """The bookings with names as short as tells them apart, six characters at least."""
    names = [_letters(booking.key) for booking in bookings]
    size = _SHORTEST
    while len({name[:size] for name in names}) < len(set(names)):
        size += 1
    return tuple(replace(one, line_id=name[:size]) for one, name in zip(bookings, names, strict=True))


def _booking(one: Movement, key: str, file: str) -> Booking:
    """What a payer wrote is free of control characters, which would command the owner's terminal; the key knows all."""
    return Booking(
        key=key,
        line_id="",
        amount=one.amount,
        value_on=one.value_on,
        booked_on=one.booked_on,
        text=line_of_text(one.text) or "",
        file=file,
        line=one.line,
        references=tuple(filter(None, map(line_of_text, one.references))),
        payer=line_of_text(one.payer),
        end_to_end=line_of_text(one.end_to_end),
        account=one.account,
        batch=_joined(one.account, one.batch_reference) if one.batch_reference else None,
        payments=one.payments,
        is_return=one.is_return,
        corrects=_joined(one.account, one.corrects) if one.corrects else None,
    )


def _referenced(one: Movement) -> str:
    """Account, batch, reference and amount: what the bank itself names the movement by."""
    kind = "return" if one.is_return else ""
    if one.payments > 1 and one.bank_reference:
        return _joined(one.account, one.bank_reference)
    return _joined(one.account, one.batch_reference, one.bank_reference, kind, str(one.amount))


def _said_of(one: Movement) -> str:
    return "\n".join(
        (
            str(one.amount),
            one.value_on.isoformat(),
            "".join(one.text.split()).casefold(),
            (one.payer or "").casefold(),
            one.end_to_end or "",
            *one.references,
            "return" if one.is_return else "",
        )
    )


def _joined(*parts: str | None) -> str:
    return "/".join(part.replace("/", "-") for part in parts if part)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def _letters(key: str) -> str:
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=20).digest())
    return "".join(_LETTERS[number >> (_BITS * place) & 31] for place in range(20 * 8 // _BITS))
