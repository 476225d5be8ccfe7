"""What every ledger promises, whichever database it lives in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.ports import LIVE_STATES, GatewayEvent, Hold, HoldState, Ledger, Link, PageRecord
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 5, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[Ledger]:
    with closing(open_ledger(ledger_address)) as opened:
        yield opened


def invoice(key: str, source: str = "invoices/a.md") -> Invoice:
    total = Money(84000, "GBP")
    return Invoice(key, key, Customer("Ada"), total, total, date(2026, 10, 1), date(2026, 10, 31), source)


def payment(external_id: str, key: str = "A-1", kind: EntryKind = EntryKind.PAYMENT) -> Entry:
    return Entry(kind, key, Money(500, "GBP"), NOW, external_id, "Visa ending 4242")


def hold(hold_id: str = "h1", key: str = "A-1", state: HoldState = HoldState.CREATING) -> Hold:
    return Hold(hold_id, (Allocation(key, Money(500, "GBP")),), state, NOW, NOW + timedelta(hours=1))


def link(token: str, key: str) -> Link:
    return Link(token * 32, key)


def append(ledger: Ledger, *facts: Entry) -> list[bool]:
    with ledger.transaction() as transaction:
        return [transaction.append(entry) for entry in facts]


def test_entries_come_back_in_order_with_their_place(ledger: Ledger) -> None:
    first, second = payment("pi_1"), replace(payment("pi_2"), method=None)
    assert append(ledger, first, second) == [True, True]
    found = ledger.entries_of("A-1")
    assert [replace(entry, seq=0) for entry in found] == [first, second]
    assert 0 < found[0].seq < found[1].seq


def test_an_entry_counts_once_on_an_invoice_by_kind_and_external_id(ledger: Ledger) -> None:
    assert append(ledger, payment("pi_1"), payment("pi_1")) == [True, False]
    assert append(ledger, replace(payment("pi_1"), amount=Money(900, "GBP"))) == [False]
    assert append(ledger, payment("pi_1", "B-2"), payment("pi_1", "B-2")) == [True, False]
    assert append(ledger, payment("pi_1", kind=EntryKind.PAYMENT_STARTED)) == [True]
    assert [entry.amount.minor for entry in ledger.entries_of("A-1")] == [500, 500]
    assert [entry.amount.minor for entry in ledger.entries_of("B-2")] == [500]


def test_entries_by_invoice_agrees_with_entries_of(ledger: Ledger) -> None:
    append(ledger, payment("pi_1"), payment("pi_2", "B-2"), payment("pi_3"))
    assert dict(ledger.entries_by_invoice()) == {key: ledger.entries_of(key) for key in ("A-1", "B-2")}


def test_moments_come_back_aware_and_in_utc(ledger: Ledger) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    append(
        ledger,
        replace(payment("pi_1"), occurred_at=elsewhere),
        replace(payment("pi_2"), occurred_at=NOW.replace(microsecond=0)),
    )
    moments = [entry.occurred_at for entry in ledger.entries_of("A-1")]
    assert moments == [NOW, NOW.replace(microsecond=0)]
    assert all(moment.tzinfo is UTC for moment in moments)


def test_a_moment_without_a_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Exception, match="has no time zone"):
        append(ledger, replace(payment("pi_1"), occurred_at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize("minor", [0, -1])
def test_an_amount_that_is_not_positive_is_refused(ledger: Ledger, minor: int) -> None:
    with pytest.raises(Exception, match="amount_positive"):
        append(ledger, replace(payment("pi_1"), amount=Money(minor, "GBP")))
    with pytest.raises(Exception, match="amount_positive"), ledger.transaction() as transaction:
        transaction.add_hold(replace(hold(), allocations=(Allocation("A-1", Money(minor, "GBP")),)))
    assert ledger.entries_of("A-1") == ()


def test_a_transaction_sees_what_it_wrote_and_others_do_not(ledger: Ledger) -> None:
    ledger.replace_invoices([invoice("A-1")], [])
    with ledger.transaction() as transaction:
        transaction.append(payment("pi_1"))
        transaction.add_hold(hold())
        assert transaction.invoice("A-1") == invoice("A-1")
        assert [entry.external_id for entry in transaction.entries("A-1")] == ["pi_1"]
        assert transaction.holds("A-1", [HoldState.CREATING]) == (hold(),)
        assert ledger.entries_of("A-1") == ()
    assert len(ledger.entries_of("A-1")) == 1


def test_a_transaction_that_raises_leaves_nothing(ledger: Ledger) -> None:
    def fail_at_the_end() -> None:
        with ledger.transaction() as transaction:
            transaction.append(payment("pi_1"))
            transaction.add_hold(hold())
            transaction.record_event(GatewayEvent("evt_1", "k", NOW, None, "{}"), "applied")
            transaction.enqueue_freeze("A-1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_at_the_end()
    assert ledger.entries_of("A-1") == ()
    assert ledger.stale_invoices() == ()
    with ledger.transaction() as transaction:
        assert transaction.hold("h1") is None


def test_holds_change_state_and_are_found_by_it(ledger: Ledger) -> None:
    older = replace(hold("h2"), created_at=NOW - timedelta(seconds=1))
    opened = replace(hold(), state=HoldState.OPEN, checkout_id="cs_1", url="https://checkout.stripe.com/c/1")
    with ledger.transaction() as transaction:
        for each in (hold(), older, hold("h3", "B-2")):
            transaction.add_hold(each)
        transaction.update_hold(replace(opened, allocations=(Allocation("A-1", Money(1, "GBP")),)))
    with ledger.transaction() as transaction:
        assert transaction.hold("h1") == opened, "the amount never changes"
        assert transaction.holds("A-1", HoldState) == (older, opened)
        assert transaction.holds("A-1", {HoldState.OPEN}) == (opened,)
        assert transaction.holds("A-1", ()) == ()
        with pytest.raises(KeyError):
            transaction.update_hold(hold("nobody"))


def test_an_event_is_kept_once(ledger: Ledger) -> None:
    event = GatewayEvent("evt_1", "checkout.session.completed", NOW, "cs_1", '{"é": 1}')
    for outcome in ("applied", "again"):
        with ledger.transaction() as transaction:
            transaction.record_event(event, outcome)


def test_stale_invoices_wait_until_a_page_shows_their_last_entry(ledger: Ledger) -> None:
    with ledger.transaction() as transaction:
        transaction.enqueue_freeze("A-1")  # before the entry: the note still asks for it
        transaction.append(payment("pi_1"))
        transaction.enqueue_freeze("B-2")
        transaction.enqueue_freeze("A-1")
    seq = ledger.entries_of("A-1")[-1].seq
    assert ledger.stale_invoices() == ("A-1", "B-2")
    ledger.freeze_done("A-1", seq - 1)
    assert ledger.stale_invoices() == ("A-1", "B-2")
    ledger.freeze_done("A-1", seq)
    ledger.freeze_done("B-2", 0)
    assert ledger.stale_invoices() == ()


def test_a_note_outlives_the_freeze_of_an_older_page(ledger: Ledger) -> None:
    for external_id in ("pi_1", "pi_2"):
        with ledger.transaction() as transaction:
            transaction.append(payment(external_id))
            transaction.enqueue_freeze("A-1")
    first, second = (entry.seq for entry in ledger.entries_of("A-1"))
    ledger.freeze_done("A-1", first)
    assert ledger.stale_invoices() == ("A-1",)
    ledger.freeze_done("A-1", second)
    assert ledger.stale_invoices() == ()


def test_invoices_are_replaced_all_at_once(ledger: Ledger) -> None:
    ledger.replace_invoices([invoice("A-1"), invoice("B-2"), invoice("C-3")], [])
    append(ledger, payment("pi_1"))
    ledger.replace_invoices([invoice("B-2", "moved.csv:3")], [], keep=["C-3", "never-seen"])
    assert dict(ledger.invoice_sources()) == {"B-2": "moved.csv:3", "C-3": "invoices/a.md"}
    assert ledger.invoice("A-1") is None
    assert ledger.invoice("B-2") == invoice("B-2", "moved.csv:3")
    assert len(ledger.entries_of("A-1")) == 1, "what happened stays"


def test_two_invoices_of_one_key_are_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="same key"):
        ledger.replace_invoices([invoice("A-1"), invoice("A-1", "b.md")], [])


def test_links_are_revoked_with_their_invoice_and_hold_again_with_it(ledger: Ledger) -> None:
    a, b, c = link("a", "A-1"), replace(link("b", "B-2"), expires_on=date(2027, 1, 1)), link("c", "C-3")
    all_three = [invoice("A-1"), invoice("B-2"), invoice("C-3")]
    ledger.replace_invoices(all_three, [a, b, c])
    assert [ledger.link(each.token) for each in (a, b, c)] == [a, b, c]
    ledger.replace_invoices([invoice("B-2")], [b], keep=["C-3"])
    revoked = ledger.link(a.token)
    assert revoked is not None
    assert revoked.revoked_at is not None
    assert replace(revoked, revoked_at=None, ended=None) == a
    assert [ledger.link(each.token) for each in (b, c)] == [b, c]
    ledger.replace_invoices([invoice("B-2")], [b], keep=["C-3"])
    assert ledger.link(a.token) == revoked, "the moment of revoking stays"
    ledger.replace_invoices(all_three, [a, b, c])
    assert ledger.link(a.token) == a


def test_a_link_that_a_newer_one_replaced_is_revoked(ledger: Ledger) -> None:
    old, new = link("a", "A-1"), replace(link("b", "A-1"), version=2)
    ledger.replace_invoices([invoice("A-1")], [old])
    ledger.replace_invoices([invoice("A-1")], [new], keep=["A-1"])
    replaced = ledger.link(old.token)
    assert replaced is not None
    assert replaced.revoked_at is not None
    assert ledger.link(new.token) == new


def test_a_token_that_was_never_issued_has_no_link(ledger: Ledger) -> None:
    ledger.replace_invoices([invoice("A-1")], [link("a", "A-1")])
    assert [ledger.link(text) for text in ("", "A" * 32, "a" * 31, "a" * 32 + "=", "' OR 1=1 --")] == [None] * 5


def test_pages_are_noted_per_output_and_never_go_back(ledger: Ledger) -> None:
    page, newer = PageRecord("i/a/index.html", "f1", 3), PageRecord("i/b/index.html", "f2", 4)
    ledger.record_pages("build", published=[page, newer], removed=[])
    ledger.record_pages("other", published=[replace(page, fingerprint="x")], removed=[])
    ledger.record_pages("build", published=[replace(newer, fingerprint="old", seq=3)], removed=["not/there"])
    assert dict(ledger.pages("build")) == {page.path: page, newer.path: newer}
    assert dict(ledger.pages("build", [newer.path, "c"])) == {newer.path: newer}
    assert ledger.pages("build", []) == {}
    ledger.record_pages("build", published=[replace(page, fingerprint="same seq")], removed=[newer.path])
    assert dict(ledger.pages("build")) == {page.path: replace(page, fingerprint="same seq")}
    assert len(ledger.pages("other")) == 1


def test_many_pages_can_be_asked_for_by_path(ledger: Ledger) -> None:
    records = [PageRecord(f"i/{number}", "f", 0) for number in range(1500)]
    ledger.record_pages("build", published=records, removed=[])
    assert set(ledger.pages("build", (page.path for page in records[:1200]))) == {p.path for p in records[:1200]}


def over_both(hold_id: str = "h1", *keys: str) -> Hold:
    parts = tuple(Allocation(key, Money(100 * n, "GBP")) for n, key in enumerate(keys or ("B-2", "A-1"), start=1))
    return replace(hold(hold_id), allocations=parts)


def test_a_hold_over_several_invoices_is_found_by_each_of_them(ledger: Ledger) -> None:
    both, alone = over_both(), replace(hold("h2", "B-2"), created_at=NOW + timedelta(seconds=1))
    with ledger.transaction() as transaction:
        transaction.add_hold(both)
        transaction.add_hold(alone)
        transaction.update_hold(replace(both, state=HoldState.OPEN))
    opened = replace(both, state=HoldState.OPEN)
    with ledger.transaction() as transaction:
        assert transaction.holds("A-1", HoldState) == (opened,)
        assert transaction.holds("B-2", HoldState) == (opened, alone)
        assert transaction.hold("h1") == opened
        assert opened.amount == Money(300, "GBP")
    assert ledger.holds_in({HoldState.OPEN}) == (opened,)


def test_a_payment_is_known_by_the_invoices_it_is_posted_on(ledger: Ledger) -> None:
    started = payment("pi_2", kind=EntryKind.PAYMENT_STARTED)
    append(ledger, payment("pi_1"), payment("pi_1", "B-2"), started, payment("pi_1", "C-3", EntryKind.REFUND))
    with ledger.transaction() as transaction:
        assert transaction.paid_on("pi_1") == {"A-1", "B-2"}
        assert transaction.paid_on("pi_2") == {"A-1"}
        assert transaction.paid_on("pi_3") == frozenset()


def test_transactions_over_the_same_invoices_never_wait_for_each_other(ledger: Ledger) -> None:
    """One names them A, B and the other B, A; without an order of locks PostgreSQL would undo one of them."""
    rounds = 30
    meet = threading.Barrier(2)

    def reserve(name: str, *keys: str) -> int:
        made = 0
        for number in range(rounds):
            meet.wait(10)
            with ledger.transaction() as transaction:
                transaction.lock(*keys)
                if not transaction.holds(keys[0], LIVE_STATES):
                    transaction.add_hold(over_both(f"{name}-{number}", *keys))
                    made += 1
            meet.wait(10)
            with ledger.transaction() as transaction:
                for each in transaction.holds("A-1", LIVE_STATES):
                    transaction.update_hold(replace(each, state=HoldState.RELEASED))
        return made

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(reserve, ("one", "two"), ("A-1", "B-2"), ("B-2", "A-1"))) == rounds


def test_a_hold_locks_all_its_invoices(ledger: Ledger) -> None:
    """Whoever changes it is alone with each of them, also where only one of them was named."""
    with ledger.transaction() as transaction:
        transaction.add_hold(over_both())
    meet = threading.Barrier(2)

    def settle(_name: str) -> None:
        for _ in range(20):
            meet.wait(10)
            with ledger.transaction() as transaction:
                found = transaction.hold("h1")
                assert found is not None
                transaction.append(payment(f"pi_{_name}", "B-2"))
                transaction.append(payment(f"pi_{_name}", "A-1"))
                transaction.update_hold(found)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(settle, ("one", "two")))
    assert len(ledger.entries_of("A-1")) == len(ledger.entries_of("B-2")) == 2
