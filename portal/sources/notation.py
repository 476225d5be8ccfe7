"""How a table writes dates and amounts: decided once for the whole table, or asked; never guessed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from portal.sources.amounts import DecimalMark, is_ambiguous, mark_of, votes_of
from portal.sources.column_names import AMOUNT_FIELDS, CLAIM_FIELDS, DATE_FIELDS, NUMBER_FIELDS
from portal.sources.dates import DateOrder, orders_of
from portal.sources.findings import Place
from portal.sources.headings import heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from portal.sources.columns import Header
    from portal.sources.csv_text import Row
    from portal.sources.dates import Orders
    from portal.sources.findings import Findings
    from portal.sources.runs import Run
    from portal.sources.table_settings import TableSettings

_ORDER_NAMES = {DateOrder.DAY_FIRST: "day first", DateOrder.MONTH_FIRST: "month first"}


@dataclass(frozen=True, slots=True)
class Notation:
    """How a table writes dates and amounts.

    Attributes:
        order: of dates whose year is last.
        decided: how that order was found out, in words.
        marks: the decimal mark of each column of amounts.
        currency: of rows that name none.
        only: the one currency whose rows can be taken, where amounts are in the owner's own, whatever a row says.
    """

    order: DateOrder
    decided: str
    marks: Mapping[str, DecimalMark]
    currency: str | None
    only: str | None = None


class _Rows:
    """The rows of claims; of what belongs to the whole invoice, the first row of a run speaks for all of it."""

    def __init__(self, header: Header, runs: Sequence[Run]) -> None:
        self._header = header
        self._runs = runs
        self._firsts = [run.rows[0] for run in runs]
        self._all = [row for run in runs for row in run.rows]

    def saying(self, field: str) -> Sequence[Row]:
        """Those that say all there is of a field."""
        return self._firsts if field in CLAIM_FIELDS else self._all

    def texts(self, field: str) -> list[str]:
        """What these say."""
        return self._header.column(self.saying(field), field)

    def votes(self, field: str) -> Counter[DecimalMark]:
        """How many of all rows show which decimal mark."""
        times = [len(run.rows) for run in self._runs] if field in CLAIM_FIELDS else None
        return votes_of(self.texts(field), times)

    def dates(self) -> Iterable[str]:
        """Each text in a column of dates, in the order of the table."""
        there = [field for field in DATE_FIELDS if field in self._header.places]
        rows = self._firsts if set(there) <= set(CLAIM_FIELDS) else self._all
        columns = (self._header.column(rows, field) for field in there)
        return dict.fromkeys(chain.from_iterable(zip(*columns, strict=True)))


def notation_of(
    header: Header, runs: Sequence[Run], settings: TableSettings, currency: str | None, findings: Findings
) -> Notation | None:
    """How the rows of claims are written, or None with what has to be asked noted as a problem.

    Args:
        header: of the table.
        runs: those that are claims.
        settings: what the owner says.
        currency: that of rows whose table and settings name none.
        findings: where questions go.
    """
    rows = _Rows(header, runs)
    decided = _order(header, rows, settings.date_order, findings)
    marks = _marks(header, rows, settings.decimal, findings)
    own = settings.currency or currency
    mixed = _mixed_currencies(header, rows)
    if mixed and own is None:
        findings.problem(
            f"{header.title(mixed)} is in your own currency, whatever the currency of a row; nothing says which.",
            f'Export "Total in Currency Signed" and "Amount Due", or say yours in {findings.settings_beside}: '
            'currency = "EUR".',
            Place(header.row.line, header.title(mixed)),
        )
        return None
    if decided is None or marks is None:
        return None
    return Notation(*decided, marks, own, own if mixed else None)


def _mixed_currencies(header: Header, rows: _Rows) -> str | None:
    """The field whose amounts are in the owner's currency where rows name several; None where all is clear."""
    own = header.profile.in_own_currency
    field = next((name for name in ("total", "balance") if heading(header.title(name)) in own), None)
    return field if field and len(set(map(str.upper, rows.texts("currency")))) > 1 else None


def _order(header: Header, rows: _Rows, stated: DateOrder | None, findings: Findings) -> tuple[DateOrder, str] | None:
    """Which of day and month comes first and how that is known, or None and a question to the owner."""
    if stated:
        return stated, f"{_ORDER_NAMES[stated]}, as you say"
    orders = orders_of(rows.dates())
    place = Place(header.row.line, "date_order")
    remedy = f'Say it in {findings.settings_beside}: date_order = "dmy" or date_order = "mdy".'
    if orders.day_first and orders.month_first:
        findings.problem(f"{orders.day_first} has its day first, {orders.month_first} its month.", remedy, place)
        return None
    if orders.order is None and orders.undecided:
        question = f"Nothing says whether {orders.undecided} has its day or its month first."
        findings.problem(question, remedy, place)
        return None
    return orders.order or DateOrder.DAY_FIRST, _decided_by(orders)


def _decided_by(orders: Orders) -> str:
    if orders.order is None:
        return "no date needs one"
    proof = orders.day_first or orders.month_first
    return f"{_ORDER_NAMES[orders.order]}, decided by {proof or f'the points in {orders.undecided}'}"


def _marks(
    header: Header, rows: _Rows, stated: DecimalMark | None, findings: Findings
) -> dict[str, DecimalMark] | None:
    """The decimal mark of each column of amounts; None and a question where ``1.234`` stands alone."""
    fields = [field for field in (*AMOUNT_FIELDS, *NUMBER_FIELDS) if field in header.places]
    if stated:
        return dict.fromkeys(fields, stated)
    votes = {field: rows.votes(field) for field in fields}
    own = {field: mark_of(votes[field]) for field in fields}
    common = mark_of(sum((votes[field] for field in fields if field not in NUMBER_FIELDS), Counter()))
    for field in fields:
        if own[field] or common:
            continue
        unclear = next((place for place, text in enumerate(rows.texts(field)) if is_ambiguous(text)), None)
        if unclear is not None:
            findings.problem(
                f"Nothing says whether {rows.texts(field)[unclear]!r} has thousands or cents behind its mark.",
                f'Say it in {findings.settings_beside}: decimal = "." or decimal = ",".',
                Place(rows.saying(field)[unclear].line, header.title(field)),
            )
            return None
    return {field: own[field] or common or DecimalMark.POINT for field in fields}
