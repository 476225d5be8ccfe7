"""Transfers in the ledger, on each database: however many commands record at once, none is spent twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.bookkeeping.bank_recording import note_of, record_return, record_transfer
from portal.bookkeeping.entries import OwnerEntries
from portal.errors import EntryRefusedError
from portal.receivables.allocation import Allocation
from portal.receivables.bookings import Booking
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.receivables.invoice import Invoice

DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
KEYS = ("1042", "1043", "1044")


def booking(minor: int = 84000, key: str = "a/K") -> Booking:
    return Booking(key, "kline0", Money(minor, "GBP"), DAY, DAY, "words", "/home/me/s.xml", 7, payer="Payer Ltd")


def part(key: str, minor: int) -> Allocation:
    return Allocation(key, Money(minor, "GBP"))


@pytest.fixture
def owner(ledger_address: str, make_invoice: Callable[..., Invoice]) -> Iterator[OwnerEntries]:
    with closing(open_ledger(ledger_address)) as ledger:
        ledger.replace_invoices([make_invoice(key=key, number=key) for key in KEYS], [])
        yield OwnerEntries(ledger, None, lambda: NOW, NOW.date)


def on_invoices(owner: OwnerEntries) -> int:
    ledger = owner.ledger
    assert isinstance(ledger, SqlLedger)
    facts = (entry for some in ledger.entries_by_invoice().values() for entry in some)
    return sum(entry.amount.minor for entry in facts if entry.kind is EntryKind.PAYMENT)


def test_one_transfer_is_not_spent_on_two_invoices_at_once(owner: OwnerEntries) -> None:
    def record(number: int) -> bool:
        try:
            return record_transfer(owner, booking(50000), (part(KEYS[number % 3], 30000),)).is_new
        except EntryRefusedError:
            return False

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(record, range(12)))
    assert sum(results) == 1
    assert on_invoices(owner) == 30000


def test_all_parts_are_recorded_or_none(owner: OwnerEntries) -> None:
    with pytest.raises(EntryRefusedError, match="more than is left"):
        record_transfer(owner, booking(90000), (part("1042", 1000), part("1043", 89000)))
    assert on_invoices(owner) == 0
    record_transfer(owner, booking(90000), (part("1042", 1000), part("1043", 84000)))
    assert on_invoices(owner) == 85000


def test_a_return_undoes_all_parts_once(owner: OwnerEntries) -> None:
    done = record_transfer(owner, booking(), (part("1042", 40000), part("1043", 44000)))
    back = booking(key="a/R")
    with ThreadPoolExecutor(4) as pool:
        news = list(pool.map(lambda _number: record_return(owner, back, done.entries).is_new, range(4)))
    assert sorted(news) == [False, False, False, True]
    reversals = [entry for entry in owner.ledger.entries_of("1043") if entry.kind is EntryKind.REVERSAL]
    assert [entry.reverses for entry in reversals] == [done.entries[1].seq]
    with pytest.raises(EntryRefusedError, match="undone meanwhile"):
        record_return(owner, booking(key="a/R2"), done.entries)


def test_notes_name_file_and_line_and_no_folder() -> None:
    assert note_of(booking()) == "s.xml:7, Payer Ltd, words"
