"""Line items kept as one text are like a tuple of the same."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.line_items import NO_LINES, LineItem, LineItems
from portal.receivables.money import Money

TEXT = st.text(max_size=20)
QUANTITIES = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=3)
LINES = st.lists(
    st.builds(LineItem, TEXT, st.builds(Money, st.integers(), st.just("EUR")), QUANTITIES, TEXT), max_size=4
)


@given(LINES)
def test_they_come_back_exactly(lines: list[LineItem]) -> None:
    packed = LineItems.of(lines)
    assert list(packed) == lines
    assert [repr(line) for line in packed] == [repr(line) for line in lines], "digits of quantities too"
    assert (len(packed), bool(packed), hash(packed)) == (len(lines), bool(lines), hash(tuple(lines)))
    assert [(one[0], Money(*one[1:3]), one[3] and Decimal(one[3]), one[4]) for one in packed.fields()] == [
        (line.description, line.amount, line.quantity, line.unit) for line in lines
    ]
    assert packed == tuple(lines)
    assert tuple(lines) == packed
    assert LineItems(packed.packed) == packed


@given(LINES, LINES)
def test_they_are_equal_where_their_items_are(one: list[LineItem], other: list[LineItem]) -> None:
    assert (LineItems.of(one) == LineItems.of(other)) == (one == other)


def test_single_ones_can_be_had() -> None:
    first, last = LineItem("a", Money(1, "EUR")), LineItem("b", Money(2, "EUR"), Decimal("1.50"), "h")
    packed = LineItems.of([first, last])
    assert (packed[0], packed[-1], packed[:1]) == (first, last, (first,))
    assert packed != [first, last]
    assert not NO_LINES
    assert repr(NO_LINES) == "LineItems('[]')"
