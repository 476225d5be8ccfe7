"""What goes back out of one payment over several invoices is split exactly, and alike in whatever order it is heard."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.allocation import (
    MOST_INVOICES,
    Allocation,
    Allocations,
    Taking,
    card_takes,
    check_allocations,
    split_takings,
    total_of,
)
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGAN = datetime(2026, 11, 21, 9, tzinfo=UTC)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def line(*minors: int) -> Allocations:
    return tuple(Allocation(f"INV-{number}", gbp(minor)) for number, minor in enumerate(minors))


def back(number: int, minor: int, *, failed: bool = False) -> Taking:
    return Taking(f"re_{number}", gbp(minor), BEGAN + timedelta(hours=number), failed=failed)


def moved(number: int, minor: int, dispute: str = "du_1", *, returns: bool = False) -> Taking:
    return Taking(f"txn_{number}", gbp(minor), BEGAN + timedelta(hours=number), dispute, returns=returns)


def minors(parts: Sequence[Allocation]) -> dict[str, int]:
    return {part.invoice_key: part.amount.minor for part in parts}


def split(allocations: Allocations, *takings: Taking) -> list[dict[str, int]]:
    found = split_takings(allocations, takings, {})
    return [minors(found[one.external_id]) for one in takings]


LINE = line(300, 200, 100)


def test_what_goes_back_is_taken_from_the_end() -> None:
    assert split(LINE, back(1, 150), back(2, 300)) == [{"INV-2": 100, "INV-1": 50}, {"INV-1": 150, "INV-0": 150}]


def test_a_refund_that_failed_keeps_its_place_until_it_is_needed() -> None:
    assert split(LINE, back(1, 100, failed=True), back(2, 200)) == [{"INV-2": 100}, {"INV-1": 200}]
    assert split(LINE, back(1, 100, failed=True), back(2, 600)) == [
        {"INV-2": 100},
        {"INV-2": 100, "INV-1": 200, "INV-0": 300},
    ]


def test_what_a_dispute_took_last_comes_back_first() -> None:
    taken, half, rest = moved(1, 250), moved(2, 100, returns=True), moved(3, 150, returns=True)
    assert split(LINE, taken, half, rest) == [
        {"INV-2": 100, "INV-1": 150},
        {"INV-1": 100},
        {"INV-2": 100, "INV-1": 50},
    ]


def test_a_return_that_is_heard_of_first_frees_what_will_be_taken() -> None:
    at = BEGAN + timedelta(hours=1)
    returned = Taking("txn_a", gbp(250), at, "du_1", returns=True)
    taken = Taking("txn_b", gbp(250), at, "du_1")
    assert split(LINE, returned) == [{"INV-2": 100, "INV-1": 150}]
    assert split(LINE, returned, taken) == [{"INV-2": 100, "INV-1": 150}] * 2


def test_more_than_was_paid_is_borne_by_the_first() -> None:
    assert split(LINE, back(1, 600), moved(2, 50)) == [{"INV-0": 300, "INV-1": 200, "INV-2": 100}, {"INV-0": 50}]


def test_a_split_that_stands_in_the_ledger_is_never_changed() -> None:
    posted = {"re_2": (Allocation("INV-0", gbp(100)),)}
    found = split_takings(LINE, [back(1, 600 - 100), back(2, 100)], posted)
    assert minors(found["re_2"]) == {"INV-0": 100}
    assert minors(found["re_1"]) == {"INV-2": 100, "INV-1": 200, "INV-0": 200}


def test_a_split_that_lacks_parts_of_an_unknown_invoice_is_completed() -> None:
    posted = {"re_1": (Allocation("INV-1", gbp(50)),)}
    assert minors(split_takings(LINE, [back(1, 150)], posted)["re_1"]) == {"INV-1": 50, "INV-2": 100}


@pytest.mark.parametrize(
    "wrong",
    [(), (*LINE, LINE[0]), (*LINE, Allocation("INV-9", Money(1, "EUR"))), line(*[1] * (MOST_INVOICES + 1))],
)
def test_parts_that_cannot_be_of_one_payment_are_refused(wrong: Allocations) -> None:
    with pytest.raises(ValueError, match="part"):
        check_allocations(wrong)


def test_a_card_takes_what_sums_up_to_a_card_payment() -> None:
    assert card_takes(line(10, 20))
    assert not card_takes(line(10, 19))
    assert not card_takes(line(100, 0))
    assert not card_takes((Allocation("A", Money(10005, "KWD")), Allocation("B", Money(10005, "KWD"))))


# ---- properties: lives that Stripe allows, for it never gives back more than is left of a payment


@st.composite
def lives(draw: st.DrawFn) -> tuple[Allocations, list[tuple[Taking, ...]]]:
    """A payment and what goes back of it, as snapshots: each is all that was known at one moment."""
    parts = line(*draw(st.lists(st.integers(1, 500), min_size=1, max_size=4)))
    left, known, snapshots = total_of(parts).minor, list[Taking](), list[tuple[Taking, ...]]()
    for number in range(draw(st.integers(1, 7))):
        pending = [one for one in known if one.dispute_id is None and not one.failed]
        if draw(st.booleans()) and pending:
            over = pending[draw(st.integers(0, len(pending) - 1))]
            known[known.index(over)] = back(int(over.external_id[3:]), over.amount.minor, failed=True)
            left += over.amount.minor
        elif left:
            minor = draw(st.integers(1, left))
            if draw(st.booleans()):
                known.append(back(number, minor))
                left -= minor
            else:
                known.append(moved(number, minor, f"du_{number}"))
                if draw(st.booleans()):
                    known.append(Taking(f"won_{number}", gbp(minor), known[-1].began_at, f"du_{number}", returns=True))
                else:
                    left -= minor
        snapshots.append(tuple(known))
    return parts, snapshots


@given(lives())
def test_each_split_is_exact_and_no_invoice_gives_more_than_it_got(
    life: tuple[Allocations, list[tuple[Taking, ...]]],
) -> None:
    parts, snapshots = life
    found = split_takings(parts, snapshots[-1], {})
    gone: Counter[str] = Counter()
    for taking in snapshots[-1]:
        split_parts = minors(found[taking.external_id])
        assert sum(split_parts.values()) == taking.amount.minor
        assert all(minor > 0 for minor in split_parts.values())
        if not taking.failed:
            gone.update({key: -minor if taking.returns else minor for key, minor in split_parts.items()})
    got = minors(parts)
    assert all(0 <= gone[key] <= got[key] for key in gone)


@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_the_news_makes_no_difference(
    life: tuple[Allocations, list[tuple[Taking, ...]]], chance: object
) -> None:
    """Snapshots arrive in any order, the last one among them; what each posts stands."""
    parts, snapshots = life
    final = split_takings(parts, snapshots[-1], {})
    order = list(snapshots)
    chance.shuffle(order)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    posted: dict[str, Allocations] = {}
    for snapshot in [*order, snapshots[-1]]:
        for one, split_parts in split_takings(parts, snapshot, posted).items():
            assert posted.setdefault(one, split_parts) == split_parts
    assert posted == final


@given(st.integers(1, 1000), st.lists(st.tuples(st.integers(1, 2000), st.booleans()), max_size=5))
def test_of_a_payment_on_one_invoice_everything_is_that_invoices(paid: int, gone: list[tuple[int, bool]]) -> None:
    takings = [back(number, minor, failed=failed) for number, (minor, failed) in enumerate(gone)]
    found = split_takings(line(paid), takings, {})
    assert {one: minors(parts) for one, parts in found.items()} == {
        one.external_id: {"INV-0": one.amount.minor} for one in takings
    }
