"""One statement never shows two customers' invoices, whatever their names and addresses have in common."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.customers import customer_key, statement_key
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

texts = st.text(min_size=1, max_size=8)
customers = st.builds(Customer, texts, st.none() | texts, reference=st.none() | texts)


def invoice(customer: Customer, currency: str = "GBP") -> Invoice:
    total = Money(100, currency)
    return Invoice("1", "1", customer, total, total, None, None, "invoices/1.md")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Customer("Ada Lovelace", "ada@example.com"), Customer("ada  LOVELACE ", "Ada@Example.com")),
        (Customer("Ada", "a@example.com", reference="17"), Customer("A. Lovelace", "b@example.com", reference=" 17 ")),
        (Customer("Ada", reference="17"), Customer("Ada", "a@example.com", reference="17")),
        (Customer("Cafe\u0301", "a@example.com"), Customer("Caf\u00e9", "a@example.com")),
    ],
)
def test_one_customer(one: Customer, other: Customer) -> None:
    assert customer_key(one) == customer_key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Customer("Ada", "home@example.com"), Customer("Charles", "home@example.com")),
        (Customer("Ada", "ada@example.com"), Customer("Ada", "other@example.com")),
        (Customer("Ada", "a@example.com", reference="17"), Customer("Ada", "a@example.com", reference="18")),
        (Customer("Ada", "a@example.com", reference="17"), Customer("Ada", "a@example.com")),
        (Customer("Ada", "a@example.com", reference="c-17"), Customer("Ada", "a@example.com", reference="C-17")),
        (Customer("17", "a@example.com"), Customer("a@example.com", reference="17")),
    ],
)
def test_two_customers(one: Customer, other: Customer) -> None:
    assert customer_key(one) != customer_key(other)


@pytest.mark.parametrize("customer", [Customer("Ada"), Customer("Ada", ""), Customer("Ada", reference="  ")])
def test_a_name_alone_is_nobody_for_certain(customer: Customer) -> None:
    assert customer_key(customer) is None
    assert statement_key(invoice(customer)) is None


def test_a_statement_has_one_currency() -> None:
    ada = Customer("Ada", "ada@example.com")
    assert statement_key(invoice(ada, "GBP")) != statement_key(invoice(ada, "EUR"))
    assert statement_key(invoice(ada, "GBP")) == statement_key(invoice(Customer("ADA", "ada@example.com")))


@given(customers, customers)
def test_only_the_same_words_make_one_customer(one: Customer, other: Customer) -> None:
    """No two customers meet in one key because of how their words are put together."""
    key = customer_key(one)
    same = (words(one.reference) or words(one.name, one.email)) == (
        words(other.reference) or words(other.name, other.email)
    )
    if key is not None and key == customer_key(other):
        assert bool(words(one.reference)) == bool(words(other.reference))
        assert same


def words(*texts: str | None) -> list[str]:
    return [
        " ".join(unicodedata.normalize("NFC", text or "").split()).casefold() for text in texts if (text or "").split()
    ]
