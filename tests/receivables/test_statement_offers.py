"""One payment over several invoices: exact, oldest due first, and no rest that nobody can pay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.allocation import MOST_INVOICES, Allocation, card_takes
from portal.receivables.card_limits import card_limits
from portal.receivables.currencies import DECIMALS
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money
from portal.receivables.offers import NoCard, PartRefusal
from portal.receivables.statement import Document, statement_of
from portal.receivables.statement_offers import (
    ChoiceRefusal,
    StatementOffers,
    allocate,
    amount_parts,
    chosen_parts,
    mark_of,
    statement_offers,
)

DAY = date(2026, 11, 21)
MINIMUM = card_limits("GBP").minimum.minor
owed_minors = st.lists(st.integers(1, 400), min_size=1, max_size=8)
payable = st.lists(st.integers(2 * MINIMUM, 5000), min_size=1, max_size=8)


def offers(*minors: int, currency: str = "GBP", parts_allowed: bool = True) -> StatementOffers:
    """Invoices ``1``, ``2``... of these amounts, each due a day after the one before."""
    documents = []
    for at, minor in enumerate(minors, start=1):
        total, due_on = Money(minor, currency), DAY + timedelta(at)
        documents.append(Document(Invoice(str(at), str(at), Customer("Ada"), total, total, None, due_on, "a.csv"), ()))
    return statement_offers(statement_of(documents, DAY), parts_allowed=parts_allowed)


def owed(*minors: int) -> tuple[Allocation, ...]:
    return tuple(Allocation(str(at), Money(minor, "GBP")) for at, minor in enumerate(minors, start=1))


def gifts(amount: int, *minors: int) -> dict[str, int]:
    return {part.invoice_key: part.amount.minor for part in allocate(Money(amount, "GBP"), owed(*minors))}


@given(owed_minors, st.data())
def test_an_amount_is_spread_exactly_and_never_beyond_what_an_invoice_owes(
    minors: list[int], data: st.DataObject
) -> None:
    amount = data.draw(st.integers(1, sum(minors)))
    parts = gifts(amount, *minors)
    assert sum(parts.values()) == amount
    for at, minor in enumerate(minors, start=1):
        assert 0 <= parts.get(str(at), 0) <= minor
    assert list(parts) == sorted(parts, key=int)
    assert 0 not in parts.values()


@given(owed_minors, st.data())
def test_the_oldest_due_is_paid_first(minors: list[int], data: st.DataObject) -> None:
    """At most one invoice before the last one that gets anything is left partly paid, and it keeps the minimum."""
    amount = data.draw(st.integers(1, sum(minors)))
    parts = gifts(amount, *minors)
    unfinished = [at for at, minor in enumerate(minors, start=1) if parts.get(str(at), 0) < minor]
    reached = [at for at in unfinished if any(int(key) > at for key in parts)]
    assert len(reached) <= 1
    for at in reached:
        assert minors[at - 1] - parts.get(str(at), 0) >= MINIMUM


@given(payable, st.data())
def test_no_rest_is_stranded_where_the_amount_is_offered(minors: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(1, sum(minors)))
    parts = amount_parts(offers(*minors), Money(amount, "GBP"))
    if isinstance(parts, PartRefusal):
        rest = sum(minors) - amount
        assert amount < MINIMUM or 0 < rest < MINIMUM
        return
    given_to = {part.invoice_key: part.amount.minor for part in parts}
    rests = [minor - given_to.get(str(at), 0) for at, minor in enumerate(minors, start=1)]
    assert all(rest == 0 or rest >= MINIMUM for rest in rests)
    assert card_takes(parts)


@pytest.mark.parametrize(
    ("amount", "minors", "expected"),
    [
        (150, [100, 200], {"1": 100, "2": 50}),
        (100, [100, 200], {"1": 100}),
        (40, [100, 200], {"1": 40}),
        (90, [100, 200], {"1": 70, "2": 20}),  # 30 stay on the first
        (90, [100, 20], {"1": 70, "2": 20}),  # the second is settled
        (95, [100, 35], {"1": 60, "2": 35}),  # 10 would stay on the second: it is settled, the first keeps 40
        (90, [100, 5, 5, 200], {"1": 70, "2": 5, "3": 5, "4": 10}),
        (90, [100], {"1": 90}),  # nobody else could take it
        (10, [20, 25], {"1": 10}),  # small invoices stay small either way
    ],
)
def test_what_would_be_stranded_moves_on(amount: int, minors: list[int], expected: dict[str, int]) -> None:
    assert gifts(amount, *minors) == expected


def test_more_than_is_owed_is_refused() -> None:
    with pytest.raises(ValueError, match="more than is owed"):
        gifts(301, 100, 200)


def test_everything_is_offered_oldest_due_first() -> None:
    found = offers(500, 20, 7000)
    assert [part.amount.minor for part in found.owed] == [500, 20, 7000]
    assert found.sums.full == Money(7520, "GBP")
    assert found.sums.part is not None
    assert (found.sums.part.minimum.minor, found.sums.part.maximum.minor) == (30, 7490)
    assert offers(500, parts_allowed=False).sums.part is None


def test_one_payment_goes_over_a_hundred_invoices_at_the_most() -> None:
    found = offers(*[100] * (MOST_INVOICES + 3))
    assert len(found.owed) == MOST_INVOICES
    assert found.beyond == 3
    assert found.sums.full == Money(100 * MOST_INVOICES, "GBP")
    assert card_takes(found.owed)


@pytest.mark.parametrize(
    ("minors", "currency", "reason"),
    [
        ([10, 10], "GBP", NoCard.BELOW_MINIMUM),
        ([99_999_999, 1], "GBP", NoCard.ABOVE_MAXIMUM),
        ([1001], "KWD", NoCard.FRACTION),
    ],
)
def test_why_not_everything_at_once(minors: list[int], currency: str, reason: NoCard) -> None:
    found = offers(*minors, currency=currency)
    assert (found.sums.full, found.sums.no_card) == (None, reason)


def test_an_amount_whose_last_digit_no_card_carries_is_left_out_of_the_rest() -> None:
    found = offers(1001, 2000, currency="KWD")
    assert (found.sums.full, found.uneven) == (Money(2000, "KWD"), 1)


def test_chosen_invoices_are_settled() -> None:
    found = offers(500, 20, 7000)
    assert chosen_parts(found, {"3", "1"}) == (found.owed[0], found.owed[2])
    assert chosen_parts(found, set()) is ChoiceRefusal.NOTHING_CHOSEN
    assert chosen_parts(found, {"1", "9"}) is ChoiceRefusal.NOT_OFFERED
    assert chosen_parts(found, {"2"}) is ChoiceRefusal.BELOW_MINIMUM
    assert chosen_parts(offers(99_999_999, 1), {"1", "2"}) is ChoiceRefusal.ABOVE_MAXIMUM


@given(st.sampled_from(sorted(DECIMALS)), owed_minors, st.integers(1, 4000))
def test_what_is_offered_is_what_one_card_payment_carries(currency: str, minors: list[int], asked: int) -> None:
    found = offers(*(minor * 10 for minor in minors), currency=currency)
    for parts in (found.owed if found.sums.full else None, amount_parts(found, Money(asked, currency))):
        if isinstance(parts, tuple):
            assert card_takes(parts)


def test_the_mark_changes_with_any_part() -> None:
    marks = {mark_of(owed(*minors), "GBP") for minors in ([100, 200], [200, 100], [300], [100, 201], [])}
    assert len(marks) == 5
    assert mark_of(owed(100, 200), "GBP").startswith("GBP 3.00 ")
    assert offers(100, 200).shown == mark_of(owed(100, 200), "GBP")
