from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.receivables.invoice import BankAccount
from portal.receivables.money import Money
from portal.transfers.epc import LARGEST_MINOR, epc_text
from portal.transfers.references import Reference, ReferenceKind, reference_for

ACCOUNT = BankAccount("Sample Business", iban="DE89370400440532013000")
RF = reference_for("1042", ReferenceKind.RF)
TEXT = Reference(ReferenceKind.TEXT, "HP-1042")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_checked_reference_has_a_field_of_its_own() -> None:
    said = epc_text(ACCOUNT, eur(123450), RF)
    assert said == "BCD\n002\n1\nSCT\n\nSample Business\nDE89370400440532013000\nEUR1234.5\n\nRF971042"


def test_any_other_reference_is_text() -> None:
    said = epc_text(ACCOUNT, eur(100), TEXT)
    assert said is not None
    assert said.split("\n")[7:] == ["EUR1", "", "", "HP-1042"]
    belgian = epc_text(ACCOUNT, eur(100), reference_for("0108068171", ReferenceKind.BELGIAN))
    assert belgian is not None
    assert belgian.endswith("\n\n\n+++010/8068/17183+++")


@pytest.mark.parametrize(
    ("account", "amount"),
    [
        (ACCOUNT, Money(100, "CHF")),
        (ACCOUNT, eur(0)),
        (ACCOUNT, eur(-1)),
        (ACCOUNT, eur(LARGEST_MINOR + 1)),
        (replace(ACCOUNT, iban=None, account_number="1"), eur(100)),
        (replace(ACCOUNT, iban="DE88370400440532013000"), eur(100)),
        (replace(ACCOUNT, iban="BR1500000000000010932840814P2", bic="BANKBRRJ"), eur(100)),
        (replace(ACCOUNT, iban="GB29NWBK60161331926819"), eur(100)),
        (replace(ACCOUNT, iban="CH4431999123000889012", bic="POFICHBEXXX"), eur(100)),
        (replace(ACCOUNT, account_name="\n"), eur(100)),
        (replace(ACCOUNT, account_name="\N{GRINNING FACE}" * 70), eur(100)),
    ],
)
def test_there_is_no_symbol_where_the_standard_has_none(account: BankAccount, amount: Money) -> None:
    assert epc_text(account, amount, RF if account.account_name != "\N{GRINNING FACE}" * 70 else TEXT) is None


def test_outside_the_eea_the_bic_is_in_it() -> None:
    said = epc_text(replace(ACCOUNT, iban="GB29NWBK60161331926819", bic="NWBKGB2L"), eur(LARGEST_MINOR), RF)
    assert said is not None
    assert said.split("\n")[4:8] == ["NWBKGB2L", "Sample Business", "GB29NWBK60161331926819", "EUR999999999.99"]


@settings(max_examples=1000)
@given(st.text(st.characters()), st.text(st.characters()), st.integers(-5, LARGEST_MINOR + 5))
def test_no_name_and_no_reference_reaches_another_field(name: str, reference: str, minor: int) -> None:
    said = epc_text(replace(ACCOUNT, account_name=name), eur(minor), Reference(ReferenceKind.TEXT, reference))
    if said is None:
        return
    lines = said.splitlines()
    assert len(lines) in (10, 11)
    assert lines[:5] == ["BCD", "002", "1", "SCT", ""]
    assert 1 <= len(lines[5]) <= 70
    assert lines[6] == ACCOUNT.iban
    assert lines[7].startswith("EUR")
    assert lines[8:10] == ["", ""]
    assert len("".join(lines[10:])) <= 140
    assert len(said.encode()) <= 331
