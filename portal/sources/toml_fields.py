"""One TOML table read field by field: each of the right type, nothing unknown, every problem noted."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from portal.errors import MoneyError
from portal.receivables.money import Money, decimals_of, parse_money
from portal.sources.amounts import DecimalMark, plain_minor
from portal.sources.findings import Place
from portal.toml_text import line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from portal.errors import Problem
    from portal.sources.findings import Findings

_MOST_DIGITS = 15
_NEAR = 0.5  # due_date is near due_on


@dataclass(frozen=True, slots=True)
class Fields:
    """A TOML table and where it lies in its file.

    Problems are noted by field alone; ``with_lines`` finds the lines afterwards, for few files have any.

    Attributes:
        values: the table.
        findings: where problems are noted.
        prefix: names and 1-based positions of the tables around it: ``"lines.2."``.
    """

    values: Mapping[str, object]
    findings: Findings
    prefix: str = ""

    def place(self, name: str) -> Place:
        """Where a field stands, its line still unknown."""
        return Place(None, self.prefix + name)

    def refuse(self, name: str, problem: str, remedy: str) -> None:
        """Note a problem with a field."""
        self.findings.problem(problem, remedy, self.place(name))

    def allow(self, known: Iterable[str], *, above: Iterable[str] = ()) -> None:
        """Note every field that is not known here, with the nearest that is.

        Args:
            known: the fields of this table.
            above: those of the table around it, which are often written below it by mistake.
        """
        names = tuple(known)
        for name in self.values:
            if name in names:
                continue
            if name in above:
                remedy = f"Move it up: the fields of the invoice stand above the first [[{self.prefix.split('.')[0]}]]."
            else:
                close = difflib.get_close_matches(name.lower(), names, n=1, cutoff=_NEAR)
                remedy = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(names)}."
            self.refuse(name, "There is no such field.", remedy)

    def text(self, name: str) -> str | None:
        """A text, or None where the field is missing."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        self.refuse(name, "This is not a text.", f'Put it in quotes: {name} = "...".')
        return None

    def flag(self, name: str) -> bool | None:
        """Yes or no, or None where the field is missing."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.refuse(name, "This is neither true nor false.", f"Write it without quotes: {name} = true.")
        return None

    def day(self, name: str) -> date | None:
        """A date, or None where the field is missing."""
        value = self.values.get(name)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            self.refuse(name, "This is not a date.", f"Write year, month and day: {name} = 2026-10-31.")
            return None

    def amount(self, name: str, currency: str) -> Money | None:
        """An amount of money, or None where the field is missing."""
        text = self._digits(name, f'{name} = "840.00"')
        if text is None:
            return None
        minor = plain_minor(text, DecimalMark.POINT, decimals_of(currency))
        if minor is not None:
            return Money(minor, currency)
        try:
            return parse_money(text, currency)
        except MoneyError as error:
            self.findings.refuse(error, self.place(name))
            return None

    def number(self, name: str) -> Decimal | None:
        """A plain number such as a quantity, or None where the field is missing."""
        text = self._digits(name, f'{name} = "1.5"')
        if text is None:
            return None
        whole, _, part = text.strip().removeprefix("-").partition(".")
        if f"{whole}{part}".isascii() and f"{whole}{part}".isdigit() and whole:
            return Decimal(text.strip())
        self.refuse(name, f"{text[:40]!r} is not a number.", f'Write digits and a decimal point: {name} = "1.5".')
        return None

    def _digits(self, name: str, example: str) -> str | None:
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_MOST_DIGITS:
            return str(value)
        if isinstance(value, float):
            self.refuse(name, "A decimal number without quotes is not exact.", f"Put it in quotes: {example}.")
        else:
            self.refuse(name, "This is not an amount.", f"Write digits in quotes: {example}.")
        return None

    def tables(self, name: str) -> Iterator[Fields]:
        """The tables of a list such as ``[[lines]]``, none where it is missing."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(name, "This is not a list of tables.", f"Begin each with a line of [[{name}]].")
            return
        for position, item in enumerate(value, start=1):
            yield Fields(item, self.findings, f"{self.prefix}{name}.{position}.")


def with_lines(problems: Iterable[Problem], text: str, first_line: int = 1) -> list[Problem]:
    """The problems with the lines on which their fields stand; the line above the text where a field is missing."""
    return [replace(found, line=_line(found, text, first_line)) if found.line is None else found for found in problems]


def _line(problem: Problem, text: str, first_line: int) -> int:
    parts = (problem.field or "").split(".")
    path = tuple(int(part) - 1 if part.isdecimal() and len(part) <= _MOST_DIGITS else part for part in parts)
    found = line_of(text, path)
    return max(found + first_line - 1 if found else first_line - 1, 1)
