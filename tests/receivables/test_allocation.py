"""What goes back out of one payment over several invoices is split exactly, and alike in whatever order it is heard.

``PORTAL_EXAMPLES=10000`` sets how many examples each property is tried with.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
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
    import random
    from collections.abc import Mapping, Sequence

EXAMPLES = int(os.environ.get("PORTAL_EXAMPLES", "100"))
BEGAN = datetime(2026, 11, 21, 9, tzinfo=UTC)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def line(*minors: int) -> Allocations:
    return tuple(Allocation(f"INV-{number}", gbp(minor)) for number, minor in enumerate(minors))


def at(hour: int) -> datetime:
    return BEGAN + timedelta(hours=hour)


def back(number: int, minor: int, *, failed: int | None = None) -> Taking:
    """A refund, by the hour that it began, and the hour that it failed."""
    return Taking(f"re_{number}", gbp(minor), at(number), failed_at=None if failed is None else at(failed))


def moved(number: int, minor: int, dispute: str = "du_1", *, returns: bool = False) -> Taking:
    return Taking(f"txn_{number}", gbp(minor), at(number), dispute, returns=returns)


def minors(parts: Sequence[Allocation]) -> dict[str, int]:
    return {part.invoice_key: part.amount.minor for part in parts}


def split(allocations: Allocations, *takings: Taking) -> list[dict[str, int]]:
    found = split_takings(allocations, takings, {})
    return [minors(found[one.external_id]) for one in takings]


LINE = line(300, 200, 100)


def test_what_goes_back_is_taken_from_the_end() -> None:
    assert split(LINE, back(1, 150), back(2, 300)) == [{"INV-2": 100, "INV-1": 50}, {"INV-1": 150, "INV-0": 150}]


def test_a_refund_that_failed_keeps_its_place_until_it_is_needed() -> None:
    assert split(LINE, back(1, 100, failed=1), back(2, 200)) == [{"INV-2": 100}, {"INV-1": 200}]
    assert split(LINE, back(1, 100, failed=1), back(2, 600)) == [
        {"INV-2": 100},
        {"INV-2": 100, "INV-1": 200, "INV-0": 300},
    ]


def test_what_fails_later_makes_no_difference_to_what_began_before() -> None:
    """Found by chance among 20,000 lives: places depended on whether the failing of the third was known yet."""
    parts, first, disputed = line(1, 434, 95), back(0, 96, failed=1), moved(2, 1)
    before = split(parts, first, disputed, back(3, 528), back(4, 1))
    after = split(parts, first, disputed, back(3, 528, failed=5), back(4, 1))
    assert after == before
    assert after[-1] == {"INV-1": 1}


def test_what_frees_places_comes_first_within_a_second() -> None:
    assert split(LINE, back(1, 600, failed=2), back(2, 600))[1] == {"INV-0": 300, "INV-1": 200, "INV-2": 100}
    assert split(LINE, back(1, 600, failed=2), back(2, 50))[1] == {"INV-2": 50}


def test_what_a_dispute_took_last_comes_back_first() -> None:
    taken, half, rest = moved(1, 250), moved(2, 100, returns=True), moved(3, 150, returns=True)
    assert split(LINE, taken, half, rest) == [
        {"INV-2": 100, "INV-1": 150},
        {"INV-1": 100},
        {"INV-2": 100, "INV-1": 50},
    ]


def test_a_return_that_is_heard_of_first_frees_what_will_be_taken() -> None:
    returned = Taking("txn_a", gbp(250), at(1), "du_1", returns=True)
    taken = Taking("txn_b", gbp(250), at(1), "du_1")
    assert split(LINE, returned) == [{"INV-2": 100, "INV-1": 150}]
    assert split(LINE, returned, taken) == [{"INV-2": 100, "INV-1": 150}] * 2


def test_more_than_was_paid_is_borne_by_the_first() -> None:
    assert split(LINE, back(1, 600), moved(2, 50)) == [{"INV-0": 300, "INV-1": 200, "INV-2": 100}, {"INV-0": 50}]


def test_a_split_that_stands_in_the_ledger_is_never_changed() -> None:
    posted = {"re_2": (Allocation("INV-0", gbp(100)),)}
    found = split_takings(LINE, [back(1, 600 - 100), back(2, 100)], posted)
    assert minors(found["re_2"]) == {"INV-0": 100}
    assert minors(found["re_1"]) == {"INV-2": 100, "INV-1": 200, "INV-0": 200}


def test_what_stands_on_the_places_of_a_failed_refund_leaves_no_room_there() -> None:
    """The places of the failed one were free twice where what stands in the ledger differs from today's rule."""
    posted = {
        "re_1": (Allocation("INV-2", gbp(100)),),
        "re_2": (Allocation("INV-2", gbp(100)),),
    }
    found = split_takings(LINE, [back(1, 100, failed=1), back(2, 100), back(3, 500)], posted)
    assert minors(found["re_3"]) == {"INV-1": 200, "INV-0": 300}


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


Life = tuple[Allocations, list[tuple[Taking, ...]]]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """A payment and what goes back of it, as snapshots: each is all that was known at one moment."""
    parts = line(*draw(st.lists(st.integers(1, 500), min_size=1, max_size=4)))
    left, known, snapshots = total_of(parts).minor, list[Taking](), list[tuple[Taking, ...]]()
    for hour in range(draw(st.integers(1, 9))):
        refunds = [one for one in known if one.dispute_id is None and one.failed_at is None]
        returned = {one.dispute_id for one in known if one.returns}
        disputes = [one for one in known if one.dispute_id not in returned | {None}]
        over = draw(st.sampled_from([None, None, *refunds, *disputes]))
        if over is not None:
            left += over.amount.minor
        if over in refunds and over is not None:
            known[known.index(over)] = replace(over, failed_at=at(hour))
        elif over is not None:
            known.append(Taking(f"won_{hour}", over.amount, at(hour), over.dispute_id, returns=True))
        elif left:
            minor = draw(st.integers(1, left))
            known.append(back(hour, minor) if draw(st.booleans()) else moved(hour, minor, f"du_{hour}"))
            left -= minor
        snapshots.append(tuple(known))
    return parts, snapshots


def check_sums(parts: Allocations, takings: Sequence[Taking], found: Mapping[str, Allocations]) -> None:
    """Each split is exact, and no invoice gives more than it got."""
    gone: Counter[str] = Counter()
    for taking in takings:
        split_parts = minors(found[taking.external_id])
        assert sum(split_parts.values()) == taking.amount.minor
        assert all(minor > 0 for minor in split_parts.values())
        if taking.failed_at is None:
            gone.update({key: -minor if taking.returns else minor for key, minor in split_parts.items()})
    got = minors(parts)
    assert all(0 <= gone[key] <= got[key] for key in gone)


@settings(max_examples=EXAMPLES, deadline=None)
@given(lives())
def test_each_split_is_exact_and_no_invoice_gives_more_than_it_got(life: Life) -> None:
    parts, snapshots = life
    check_sums(parts, snapshots[-1], split_takings(parts, snapshots[-1], {}))


@settings(max_examples=EXAMPLES, deadline=None)
@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_the_news_makes_no_difference(life: Life, chance: random.Random) -> None:
    """Snapshots arrive in any order, the last one among them; what each posts stands."""
    parts, snapshots = life
    final = split_takings(parts, snapshots[-1], {})
    order = list(snapshots)
    chance.shuffle(order)
    posted: dict[str, Allocations] = {}
    for snapshot in [*order, snapshots[-1]]:
        for one, split_parts in split_takings(parts, snapshot, posted).items():
            assert posted.setdefault(one, split_parts) == split_parts
    assert posted == final


@settings(max_examples=EXAMPLES, deadline=None)
@given(lives(), st.data())
def test_without_the_time_of_a_failure_sums_are_exact_all_the_same(life: Life, news: st.DataObject) -> None:
    """The provider does not say when refunds failed, and some snapshots are never seen; what is posted stands."""
    parts, snapshots = life
    posted: dict[str, Allocations] = {}
    for snapshot in snapshots:
        known = [replace(one, failed_at=one.began_at) if one.failed_at else one for one in snapshot]
        if snapshot is snapshots[-1] or news.draw(st.booleans()):
            found = split_takings(parts, known, posted)
            check_sums(parts, known, found)
            posted |= found


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(1, 1000), st.lists(st.tuples(st.integers(1, 2000), st.none() | st.integers(0, 9)), max_size=5))
def test_of_a_payment_on_one_invoice_everything_is_that_invoices(paid: int, gone: list[tuple[int, int | None]]) -> None:
    takings = [back(number, minor, failed=failed) for number, (minor, failed) in enumerate(gone)]
    found = split_takings(line(paid), takings, {})
    assert {one: minors(parts) for one, parts in found.items()} == {
        one.external_id: {"INV-0": one.amount.minor} for one in takings
    }
