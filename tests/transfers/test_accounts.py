from __future__ import annotations

import pytest

from portal.receivables.invoice import BankAccount
from portal.transfers.accounts import claims_to_be_iban, grouped, is_qr_iban, takes


@pytest.mark.parametrize(
    ("account", "currency", "fits"),
    [
        (BankAccount("A", sort_code="00-00-00", account_number="1"), "GBP", True),
        (BankAccount("A", sort_code="00-00-00", account_number="1"), "EUR", False),
        (BankAccount("A", routing_number="000000000", account_number="1"), "USD", True),
        (BankAccount("A", routing_number="000000000", account_number="1"), "GBP", False),
        (BankAccount("A", iban="DE89370400440532013000"), "EUR", True),
        (BankAccount("A", iban="DE89370400440532013000"), "GBP", False),
        (BankAccount("A", iban="CH9300762011623852957"), "CHF", True),
        (BankAccount("A", iban="GB82WEST12345698765432", sort_code="00-00-00"), "EUR", True),
        (BankAccount("A", account_number="12345"), "JPY", True),
    ],
)
def test_an_account_is_shown_for_currencies_it_takes(account: BankAccount, currency: str, fits: bool) -> None:  # noqa: FBT001  a column of the table
    assert takes(account, currency) is fits


@pytest.mark.parametrize(
    ("number", "is_qr"),
    [
        ("CH4431999123000889012", True),
        ("CH5800791123000889012", False),
        ("LI0430000000000000000", True),
        ("DE89370400440532013000", False),
        (None, False),
    ],
)
def test_a_qr_iban_has_an_institution_from_30000_to_31999(number: str | None, is_qr: bool) -> None:  # noqa: FBT001  a column of the table
    assert is_qr_iban(number) is is_qr


@pytest.mark.parametrize(
    ("text", "claims"),
    [("DE00 5121 0800 1245 1261 99", True), ("dk1212341234123412", True), ("IBAN32423940", False), ("123456", False)],
)
def test_what_claims_to_be_an_iban(text: str, claims: bool) -> None:  # noqa: FBT001  a column of the table
    assert claims_to_be_iban(text) is claims


def test_long_numbers_are_read_in_fours() -> None:
    assert grouped("DE89370400440532013000") == "DE89 3704 0044 0532 0130 00"
