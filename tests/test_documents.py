"""Documents: each balance is worked out once, and again where something happened since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from portal.documents import Documents
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal.receivables.invoice import Invoice

DAY = date(2026, 11, 21)
PAID = Entry(EntryKind.PAYMENT, "1042", Money(100, "GBP"), datetime(2026, 11, 20, tzinfo=UTC), "pi_1", seq=1)


class _Facts:
    def __init__(self, entries: Mapping[str, tuple[Entry, ...]]) -> None:
        self._entries = entries
        self.asked = 0

    def last_entry(self) -> int:
        return max((facts[-1].seq for facts in self._entries.values()), default=0)

    def entries_by_invoice(self) -> Mapping[str, tuple[Entry, ...]]:
        self.asked += 1
        return self._entries


def test_a_balance_is_worked_out_once_and_again_after_a_payment(make_invoice: Callable[..., Invoice]) -> None:
    first, other = make_invoice(key="1042"), make_invoice(key="1043")
    documents = Documents([first, other], {}, DAY)
    before, untouched = documents.balance("1042"), documents.balance("1043")
    assert documents.balance("1042") is before

    newer = documents.brought_up_to_date(_Facts({"1042": (PAID,)}))
    assert newer.seq == 1
    assert newer.balance("1042").amount_paid == before.amount_paid + PAID.amount
    assert newer.balance("1043") is untouched
    assert documents.balance("1042") is before, "the earlier ones stay as they were"


def test_nothing_is_read_again_where_nothing_happened(make_invoice: Callable[..., Invoice]) -> None:
    documents, facts = Documents([make_invoice(key="1042")], {"1042": (PAID,)}, DAY), _Facts({"1042": (PAID,)})
    assert documents.brought_up_to_date(facts) is documents
    assert not facts.asked
    later = _Facts({"1042": (PAID, replace(PAID, seq=2, external_id="pi_2"))})
    assert documents.brought_up_to_date(later).balance("1042").amount_paid == Money(200, "GBP")


def test_further_documents_come_with_their_facts(make_invoice: Callable[..., Invoice]) -> None:
    documents = Documents([make_invoice(key="1043")], {"1042": (PAID,)}, DAY).with_more([make_invoice(key="1042")])
    assert documents.balance("1042").amount_paid == Money(100, "GBP")
    assert list(documents.invoices) == ["1043", "1042"]
