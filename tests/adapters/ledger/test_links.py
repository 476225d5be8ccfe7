"""Links of both kinds, and the invoices of a statement with their facts, on each database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.ports.links import Link, LinkKind, StatementRecord, states_of
from portal.receivables.customers import statement_key
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

ADA, BOB = (Customer(name, f"{name}@example.com".lower()) for name in ("Ada", "Bob"))
TOTAL = Money(500, "GBP")


def invoice(key: str, customer: Customer = ADA, total: Money = TOTAL) -> Invoice:
    return Invoice(key, key, customer, total, total, None, None, "invoices/a.csv")


def payment(key: str, external_id: str) -> Entry:
    return Entry(EntryKind.PAYMENT, key, Money(100, "GBP"), datetime(2026, 11, 5, tzinfo=UTC), external_id)


KEY = statement_key(invoice("A-1")) or ""
STATEMENT = Link("s" * 32, KEY, LinkKind.STATEMENT)


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(ledger_address)) as made:
        yield made


def test_a_statement_has_the_invoices_of_one_customer_in_one_currency_with_their_facts(ledger: SqlLedger) -> None:
    mine = [invoice("A-2"), invoice("A-1")]
    others = [invoice("B-1", BOB), invoice("A-3", total=Money(500, "EUR")), invoice("C-1", Customer("Ada"))]
    ledger.replace_invoices([*mine, *others], [])
    with ledger.transaction() as tx:
        for key, external_id in [("A-2", "pi_1"), ("B-1", "pi_2"), ("A-2", "pi_3"), ("A-9", "pi_4")]:
            tx.append(payment(key, external_id))
    found = ledger.statement(KEY)
    (first, no_facts), (second, facts) = found.documents
    assert (first, second) == (mine[1], mine[0])
    assert no_facts == ()
    assert facts == ledger.entries_of("A-2")
    assert [entry.external_id for entry in facts] == ["pi_1", "pi_3"]
    assert found.seq == ledger.entries_of("A-9")[-1].seq == 4, "the last entry of all, not only of this customer"
    assert ledger.statement("nobody") == StatementRecord((), 4)


def test_a_statement_of_a_new_ledger(ledger: SqlLedger) -> None:
    ledger.replace_invoices([invoice("A-1")], [])
    assert ledger.statement(KEY) == StatementRecord(((invoice("A-1"), ()),), 0)


def test_an_invoice_moves_to_another_statement_with_its_customer(ledger: SqlLedger) -> None:
    ledger.replace_invoices([invoice("A-1"), invoice("A-2")], [])
    ledger.replace_invoices([invoice("A-1"), invoice("A-2", BOB)], [])
    assert [found.key for found, _facts in ledger.statement(KEY).documents] == ["A-1"]


def test_a_build_after_an_upgrade_fills_the_statement_keys(ledger: SqlLedger) -> None:
    ledger.replace_invoices([invoice("A-1")], [])
    with ledger._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE invoices SET statement_key = NULL")
    assert not ledger.statement(KEY).documents
    ledger.replace_invoices([invoice("A-1")], [])
    assert len(ledger.statement(KEY).documents) == 1


def test_links_of_both_kinds_are_issued_and_revoked(ledger: SqlLedger) -> None:
    of_invoice = Link("i" * 32, "A-1")
    ledger.replace_invoices([invoice("A-1")], [of_invoice, STATEMENT])
    assert ledger.link(STATEMENT.token) == STATEMENT
    assert ledger.links_in_force(LinkKind.STATEMENT) == (STATEMENT,)
    assert ledger.links_in_force(LinkKind.INVOICE) == (of_invoice,)
    ledger.replace_invoices([invoice("A-1")], [of_invoice])
    assert ledger.links_in_force(LinkKind.STATEMENT) == ()
    revoked = ledger.link(STATEMENT.token)
    assert revoked is not None
    assert revoked.revoked_at is not None
    ledger.replace_invoices([invoice("A-1")], [of_invoice, STATEMENT])
    assert ledger.links_in_force(LinkKind.STATEMENT) == (replace(revoked, revoked_at=None, ended=None),)


def test_links_that_are_otherwise_than_they_were(ledger: SqlLedger) -> None:
    first, second, third = (Link(letter * 32, f"A-{letter}") for letter in "abc")
    ledger.replace_invoices([invoice("A-a"), invoice("A-b"), invoice("A-c")], [first, second])
    before = states_of(ledger.links_issued())
    assert ledger.links_otherwise(before) == frozenset()
    ledger.replace_invoices(
        [invoice("A-a"), invoice("A-b"), invoice("A-c")], [replace(first, expires_on=date(2026, 11, 30)), third]
    )
    assert ledger.links_otherwise(before) == {"A-b", "A-c"}  # a link's day is the owner's, not a build's
    with ledger.transaction() as transaction:
        transaction.put_link(replace(first, expires_on=date(2026, 11, 30)))
    assert ledger.links_otherwise(before) == {"A-a", "A-b", "A-c"}
    assert ledger.links_otherwise(states_of(ledger.links_issued())) == frozenset()


def test_tokens_are_those_of_links_that_hold_on_the_day(ledger: SqlLedger) -> None:
    last = date(2026, 11, 30)
    held, ends, revoked = Link("a" * 32, "A-1"), Link("b" * 32, "A-2", expires_on=last), Link("c" * 32, "A-3")
    ledger.replace_invoices([invoice("A-1"), invoice("A-2")], [held, ends, STATEMENT, revoked])
    ledger.replace_invoices([invoice("A-1"), invoice("A-2")], [held, ends, STATEMENT])
    assert ledger.tokens_in_force(LinkKind.INVOICE, last) == {"A-1": held.token, "A-2": ends.token}
    assert ledger.tokens_in_force(LinkKind.INVOICE, last + timedelta(1)) == {"A-1": held.token}
    assert ledger.tokens_in_force(LinkKind.STATEMENT, last) == {KEY: STATEMENT.token}
