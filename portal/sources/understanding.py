"""How a file was understood: what the owner is shown before anything is taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.sources.amounts import DecimalMark
    from portal.sources.control_totals import ControlTotal


class ColumnRead(NamedTuple):
    """One column of a table: its heading, the field it was taken for (None: none), and its decimal mark."""

    heading: str
    field: str | None
    decimal: DecimalMark | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """How one file was understood.

    Attributes:
        kind: what the file is: ``table``, ``e-invoice``, and so on.
        facts: what else was found out or decided, by name: encoding, delimiter, profile, date order.
        columns: those of a table, in their order.
        passed_over: how many rows were no claims to take, by what they are.
        controls: the table's own totals, held against what was read.
    """

    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ColumnRead, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    controls: tuple[ControlTotal, ...] = ()
