"""What an invoice lists, line by line, kept as one text.

A build reads every invoice and shows the lines of few; as objects they would take most of its time and memory.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, overload

from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PackedLine = tuple[str, int, str, str | None, str | None]
"""A line as it is written down: description, minor units, currency, quantity as text, unit."""
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class LineItem:
    """One thing that was delivered; ``amount`` as stated, before or after tax as the invoice has it."""

    description: str
    amount: Money
    quantity: Decimal | None = None
    unit: str | None = None


class LineItems(Sequence[LineItem]):
    """Line items in their order; equal to a tuple of the same.

    Args:
        packed: a JSON array with ``[description, minor, currency, quantity, unit]`` for each, the quantity as text.
    """

    __slots__ = ("packed",)

    def __init__(self, packed: str) -> None:
        self.packed = packed

    @classmethod
    def of(cls, lines: Iterable[LineItem]) -> LineItems:
        """These items."""
        return cls.packing(map(_fields, lines))

    @classmethod
    def packing(cls, lines: Iterable[PackedLine]) -> LineItems:
        """The items with these fields, none of which is made on the way."""
        return cls(_encode(list(lines)))

    def fields(self) -> list[PackedLine]:
        """What the lines are written down as, one by one; an item with its amount takes three times as long to make."""
        lines: list[PackedLine] = json.loads(self.packed)
        return lines

    def __iter__(self) -> Iterator[LineItem]:
        for description, minor, currency, quantity, unit in self.fields():
            amount = Money(minor, currency)
            yield LineItem(description, amount, None if quantity is None else Decimal(quantity), unit)

    def __len__(self) -> int:
        return len(json.loads(self.packed))

    def __bool__(self) -> bool:
        return self.packed != "[]"

    @overload
    def __getitem__(self, place: int) -> LineItem: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[LineItem, ...]: ...
    def __getitem__(self, place: int | slice) -> LineItem | tuple[LineItem, ...]:
        return tuple(self)[place]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LineItems) and self.packed == other.packed:
            return True
        return tuple(self) == tuple(other) if isinstance(other, LineItems | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"LineItems({self.packed!r})"


NO_LINES = LineItems("[]")


def _fields(line: LineItem) -> PackedLine:
    amount, quantity = line.amount, line.quantity
    return line.description, amount.minor, amount.currency, None if quantity is None else str(quantity), line.unit
