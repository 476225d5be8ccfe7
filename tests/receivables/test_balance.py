"""What is left to pay, and why nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, DocumentKind, Invoice, PaymentMeans, StatedPayment
from portal.receivables.money import Money, zero
from portal.receivables.statuses import InvoiceStatus, NothingToPay

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Make = Callable[..., Invoice]
    MakeEntry = Callable[..., Entry]
    Fact = tuple[EntryKind, int, str]

DUE = date(2026, 10, 31)
MOMENT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def make(make_invoice: Make, make_entry: MakeEntry) -> tuple[Make, MakeEntry]:
    return make_invoice, make_entry


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


@pytest.mark.parametrize(
    ("as_of", "paid", "status"),
    [
        (DUE, 0, InvoiceStatus.OPEN),
        (DUE + timedelta(1), 0, InvoiceStatus.OVERDUE),
        (DUE, 100, InvoiceStatus.PARTLY_PAID),
        (DUE + timedelta(1), 100, InvoiceStatus.OVERDUE),
        (DUE, 84000, InvoiceStatus.PAID),
        (DUE + timedelta(1000), 84000, InvoiceStatus.PAID),
        (DUE, 84001, InvoiceStatus.PAID),
    ],
)
def test_status(make_invoice: Make, make_entry: MakeEntry, as_of: date, paid: int, status: InvoiceStatus) -> None:
    entries = [make_entry(paid)] if paid else []
    assert balance_of(make_invoice(), entries, as_of).status is status


def test_without_a_due_date_nothing_is_overdue(make_invoice: Make) -> None:
    assert balance_of(make_invoice(due_on=None), [], date(2099, 1, 1)).status is InvoiceStatus.OPEN


def test_after_a_part_payment_only_the_rest_is_asked_for(make_invoice: Make, make_entry: MakeEntry) -> None:
    """odoo#29286, dolibarr#11966, erpnext#44346: asked for the whole total after a part payment."""
    stated = StatedPayment(gbp(56000), date(2026, 10, 3))
    invoice = make_invoice(total=gbp(140000), stated_due=gbp(84000), payments=(stated,))
    balance = balance_of(invoice, [make_entry(30000)], DUE)
    assert (balance.amount_due, balance.amount_paid, balance.amount_remaining) == (
        gbp(140000),
        gbp(86000),
        gbp(54000),
    )


def test_what_the_document_asks_for_is_not_recomputed(make_invoice: Make) -> None:
    """BT-115 may differ from total less prepayment, by rounding or by payments of others, and is right."""
    invoice = make_invoice(total=gbp(100001), stated_due=gbp(100000))
    assert balance_of(invoice, [], DUE).amount_remaining == gbp(100000)
    assert invoice.adjustment == gbp(-1)


def test_paid_beyond_what_was_due_is_kept_in_sight(make_invoice: Make, make_entry: MakeEntry) -> None:
    """invoiceninja#7267: an overpayment must become a credit."""
    balance = balance_of(make_invoice(), [make_entry(84000), make_entry(100, external_id="pi_2")], DUE)
    assert balance.amount_overpaid == gbp(100)
    assert balance.amount_remaining == gbp(0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": DocumentKind.CREDIT_NOTE}, NothingToPay.CREDIT_NOTE),
        ({"total": gbp(0)}, NothingToPay.ZERO),
        ({"total": gbp(-5)}, NothingToPay.NEGATIVE),
        ({"means": PaymentMeans.DIRECT_DEBIT}, NothingToPay.DIRECT_DEBIT),
        ({"cancelled_on": DUE}, NothingToPay.CANCELLED),
    ],
)
def test_some_documents_ask_for_nothing(make_invoice: Make, fields: dict[str, object], reason: NothingToPay) -> None:
    balance = balance_of(make_invoice(**fields), [], DUE)
    assert balance.reason is reason
    assert balance.amount_remaining == gbp(0)
    expected = InvoiceStatus.VOID if reason is NothingToPay.CANCELLED else InvoiceStatus.NOTHING_TO_PAY
    assert balance.status is expected


def test_a_payment_on_a_cancelled_invoice_is_not_lost(make_invoice: Make, make_entry: MakeEntry) -> None:
    balance = balance_of(make_invoice(cancelled_on=DUE), [make_entry(500)], DUE)
    assert balance.amount_overpaid == gbp(500)


def test_what_is_on_its_way_is_not_offered_again(make_invoice: Make, make_entry: MakeEntry) -> None:
    started = make_entry(84000, kind=EntryKind.PAYMENT_STARTED)
    failed = make_entry(84000, kind=EntryKind.PAYMENT_FAILED)
    arrived = make_entry(84000)
    assert balance_of(make_invoice(), [started], DUE).amount_offerable == gbp(0)
    assert balance_of(make_invoice(), [started], DUE).amount_remaining == gbp(84000)
    assert balance_of(make_invoice(), [started, failed], DUE).amount_offerable == gbp(84000)
    assert balance_of(make_invoice(), [started, arrived], DUE).amount_on_its_way == gbp(0)


PAID = (EntryKind.PAYMENT, 84000, "pi_1")


@pytest.mark.parametrize(
    ("facts", "amounts", "status"),
    [
        ([(EntryKind.REFUND, 84000, "re_1")], (0, 84000, 0), InvoiceStatus.OPEN),
        ([(EntryKind.REFUND, 14000, "re_1")], (70000, 14000, 0), InvoiceStatus.PARTLY_PAID),
        (
            [(EntryKind.REFUND, 84000, "re_1"), (EntryKind.REFUND_FAILED, 84000, "re_1")],
            (84000, 0, 0),
            InvoiceStatus.PAID,
        ),
        ([(EntryKind.REFUND_FAILED, 84000, "re_1")], (84000, 0, 0), InvoiceStatus.PAID),
        ([(EntryKind.DISPUTE_WITHDRAWN, 84000, "txn_1")], (0, 84000, 0), InvoiceStatus.OPEN),
        ([(EntryKind.DISPUTE_OPENED, 84000, "du_1")], (84000, 0, 0), InvoiceStatus.PAID),
        ([(EntryKind.CREDIT_NOTE, 4000, "cn_1")], (84000, 0, 4000), InvoiceStatus.PAID),
        ([(EntryKind.CREDIT_NOTE, 84000, "cn_1")], (84000, 0, 84000), InvoiceStatus.NOTHING_TO_PAY),
        ([(EntryKind.WRITE_OFF, 84000, "w_1")], (84000, 0, 0), InvoiceStatus.PAID),
        ([(EntryKind.FEE_WAIVED, 84000, "f_1")], (84000, 0, 0), InvoiceStatus.PAID),
        ([(EntryKind.VOID, 84000, "v_1")], (84000, 0, 84000), InvoiceStatus.VOID),
    ],
)
def test_what_happens_after_the_payment(
    make: tuple[Make, MakeEntry], facts: list[Fact], amounts: tuple[int, int, int], status: InvoiceStatus
) -> None:
    """Paid, remaining, overpaid. Paymenter#709: a refund left the invoice paid."""
    invoice, entry = make
    entries = [entry(minor, kind=kind, external_id=external_id) for kind, minor, external_id in [PAID, *facts]]
    balance = balance_of(invoice(), entries, DUE)
    assert (balance.amount_paid, balance.amount_remaining, balance.amount_overpaid) == tuple(map(gbp, amounts))
    assert balance.status is status


def test_a_refund_of_one_of_two_charges_leaves_the_other(make_invoice: Make, make_entry: MakeEntry) -> None:
    """pretix#343: a refund of one of two charges marked all of it refunded."""
    charges = [make_entry(42000, external_id="pi_1"), make_entry(42000, external_id="pi_2")]
    refund = make_entry(42000, kind=EntryKind.REFUND, external_id="re_1")
    balance = balance_of(make_invoice(), [*charges, refund], DUE)
    assert (balance.amount_paid, balance.amount_remaining) == (gbp(42000), gbp(42000))
    assert balance.amount_refunded == gbp(42000)
    assert balance.status is InvoiceStatus.PARTLY_PAID


def test_a_reinstatement_before_its_withdrawal_is_no_new_money(make_invoice: Make, make_entry: MakeEntry) -> None:
    """Kill Bill: the reversal of a chargeback came before the chargeback."""
    payment = make_entry(84000)
    back = make_entry(84000, kind=EntryKind.DISPUTE_REINSTATED, external_id="txn_2")
    early = balance_of(make_invoice(), [payment, back], DUE)
    assert (early.amount_overpaid, early.status) == (gbp(0), InvoiceStatus.PAID)
    withdrawn = make_entry(84000, kind=EntryKind.DISPUTE_WITHDRAWN, external_id="txn_1")
    later = balance_of(make_invoice(), [payment, back, withdrawn], DUE)
    assert (later.amount_disputed, later.status) == (gbp(0), InvoiceStatus.PAID)


def test_a_refund_known_before_its_payment_asks_for_no_more_than_the_invoice(
    make_invoice: Make, make_entry: MakeEntry
) -> None:
    refund = make_entry(10000, kind=EntryKind.REFUND, external_id="re_1")
    assert balance_of(make_invoice(), [refund], DUE).amount_remaining == gbp(84000)
    assert balance_of(make_invoice(), [refund, make_entry(84000)], DUE).amount_remaining == gbp(10000)


def test_an_open_dispute_is_seen_until_it_closes(make_invoice: Make, make_entry: MakeEntry) -> None:
    opened = make_entry(84000, kind=EntryKind.DISPUTE_OPENED, external_id="du_1")
    closed = make_entry(84000, kind=EntryKind.DISPUTE_CLOSED, external_id="du_1")
    assert balance_of(make_invoice(), [opened], DUE).is_disputed
    assert not balance_of(make_invoice(), [closed, opened], DUE).is_disputed


def test_a_write_off_takes_what_is_left_and_money_that_comes_after_all_was_owed(
    make_invoice: Make, make_entry: MakeEntry
) -> None:
    part = make_entry(30000)
    write_off = make_entry(54000, kind=EntryKind.WRITE_OFF, external_id="w_1")
    balance = balance_of(make_invoice(), [part, write_off], DUE)
    assert (balance.status, balance.reason) == (InvoiceStatus.WRITTEN_OFF, NothingToPay.WRITTEN_OFF)
    assert (balance.amount_due, balance.amount_written_off) == (gbp(30000), gbp(54000))
    recovered = balance_of(make_invoice(), [part, write_off, make_entry(20000, external_id="pi_2")], DUE)
    assert (recovered.amount_paid, recovered.amount_overpaid) == (gbp(50000), gbp(0))
    assert recovered.amount_written_off == gbp(34000)


def test_a_credit_note_lowers_what_is_left(make_invoice: Make, make_entry: MakeEntry) -> None:
    credit = make_entry(4000, kind=EntryKind.CREDIT_NOTE, external_id="cn_1")
    assert balance_of(make_invoice(), [credit], DUE).amount_remaining == gbp(80000)
    whole = make_entry(80000, kind=EntryKind.CREDIT_NOTE, external_id="cn_2")
    assert balance_of(make_invoice(), [credit, whole], DUE).reason is NothingToPay.CREDITED


def test_a_reversed_payment_does_not_count(make_invoice: Make, make_entry: MakeEntry) -> None:
    payment = replace(make_entry(84000), seq=7)
    reversal = replace(make_entry(84000, kind=EntryKind.REVERSAL, external_id="x"), seq=8, reverses=7)
    assert balance_of(make_invoice(), [payment, reversal], DUE).amount_remaining == gbp(84000)


_parts = st.lists(st.tuples(st.sampled_from(EntryKind), st.integers(1, 10**7), st.sampled_from("abcd")), max_size=8)


@given(
    st.integers(-(10**6), 10**8),
    st.integers(0, 10**7),
    _parts,
    st.integers(-400, 400),
    st.randoms(use_true_random=False),
)
def test_amounts_add_up_in_any_order(
    due: int, prepaid: int, facts: list[tuple[EntryKind, int, str]], days: int, order: Random
) -> None:
    entries = [Entry(kind, "1", gbp(minor), MOMENT, external_id) for kind, minor, external_id in dict.fromkeys(facts)]
    invoice = Invoice(
        key="1",
        number="1",
        customer=Customer("Sample"),
        total=gbp(due + prepaid),
        stated_due=gbp(due),
        issued_on=None,
        due_on=DUE,
        source="x",
        payments=(StatedPayment(gbp(prepaid)),) if prepaid else (),
    )
    as_of = DUE + timedelta(days)
    balance = balance_of(invoice, entries, as_of)
    assert balance.amount_due == balance.amount_paid + balance.amount_remaining - balance.amount_overpaid
    assert zero("GBP") <= balance.amount_offerable <= balance.amount_remaining <= max(gbp(due + prepaid), gbp(0))
    assert not (balance.amount_remaining and balance.amount_overpaid)
    order.shuffle(entries)
    assert balance_of(invoice, entries, as_of) == balance
