"""What the owner gives up while a discount for early payment is still on offer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from portal.bookkeeping.cases import Case
from portal.bookkeeping.wishes import GiveCredit, WriteOff
from portal.errors import EntryRefusedError
from portal.receivables.balance import balance_of
from portal.receivables.discounts import Discount
from portal.receivables.money import Money
from portal.receivables.statuses import InvoiceStatus
from portal.receivables.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.bookkeeping.wishes import Wish
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

DAY, LATER = date(2026, 10, 10), date(2026, 12, 1)
TERMS = Terms(discounts=(Discount(last_on=date(2026, 10, 20), percent=Decimal(2)),))


@pytest.fixture
def invoice(make_invoice: Callable[..., Invoice]) -> Invoice:
    """840.00, and 2 % less until 20 October."""
    return make_invoice(terms=TERMS)


def case_of(invoice: Invoice, *entries: Entry) -> Case:
    return Case(invoice, entries, balance_of(invoice, entries, DAY), DAY)


def written(invoice: Invoice, wish: Wish, *before: Entry) -> tuple[Entry, ...]:
    case = case_of(invoice, *before)
    assert wish.known(case) is None
    entry = wish.draft(case).entry(case, datetime(2026, 10, 10, 9, tzinfo=UTC))
    return (*before, replace(entry, seq=len(before) + 1))


def test_a_write_off_leaves_nothing_of_the_discount_either(invoice: Invoice) -> None:
    """It left the discount itself open: the customer was asked for 16.80 of what had been given up."""
    entries = written(invoice, WriteOff())
    for day in (DAY, LATER):
        balance = balance_of(invoice, entries, day)
        assert (balance.amount_remaining.minor, balance.status) == (0, InvoiceStatus.WRITTEN_OFF)
    assert WriteOff().known(case_of(invoice, *entries)) == entries[0]


def test_a_write_off_after_a_credit_note_is_of_the_rest(invoice: Invoice) -> None:
    credited = written(invoice, GiveCredit(Money(80000, "GBP"), "C-1"))
    entries = written(invoice, WriteOff(), *credited)
    assert entries[-1].amount == Money(4000, "GBP")
    assert not balance_of(invoice, entries, LATER).amount_remaining


def test_a_credit_note_may_be_of_all_that_is_asked_for(invoice: Invoice) -> None:
    entries = written(invoice, GiveCredit(Money(84000, "GBP"), "C-1"))
    assert not balance_of(invoice, entries, LATER).amount_remaining
    with pytest.raises(EntryRefusedError, match=r"GBP 0\.01 more than is left: GBP 840\.00"):
        written(invoice, GiveCredit(Money(84001, "GBP"), "C-1"))
