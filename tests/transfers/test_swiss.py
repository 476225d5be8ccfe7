from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.receivables.invoice import BankAccount
from portal.receivables.money import Money
from portal.transfers.accounts import Address, Payee
from portal.transfers.references import Reference, ReferenceKind, reference_for
from portal.transfers.swiss import swiss_text

ADDRESS = Address("2501", "Biel", "CH", "Rue du Lac", "1268")
PAYEE = Payee(BankAccount("Robert Schneider AG", iban="CH5800791123000889012"), ADDRESS)
QR_PAYEE = Payee(BankAccount("Robert Schneider AG", iban="CH4431999123000889012"), ADDRESS)
RF = reference_for("1042", ReferenceKind.RF)
TEXT = Reference(ReferenceKind.TEXT, "HP-1042")


def chf(minor: int) -> Money:
    return Money(minor, "CHF")


def test_a_creditor_reference() -> None:
    said = swiss_text(PAYEE, chf(194970), RF, "Invoice 1042")
    assert said is not None
    lines = said.split("\r\n")
    assert len(lines) == 31
    assert lines[:11] == [
        *("SPC", "0200", "1", "CH5800791123000889012", "S", "Robert Schneider AG"),
        *("Rue du Lac", "1268", "2501", "Biel", "CH"),
    ]
    assert lines[11:18] == [""] * 7
    assert lines[18:20] == ["1949.70", "CHF"]
    assert lines[20:27] == [""] * 7
    assert lines[27:] == ["SCOR", "RF971042", "Invoice 1042", "EPD"]


def test_a_qr_iban_takes_a_qr_reference_and_nothing_else() -> None:
    qr = reference_for("1042", ReferenceKind.SWISS)
    said = swiss_text(QR_PAYEE, chf(100), qr, "")
    assert said is not None
    assert said.split("\r\n")[27:29] == ["QRR", "000000000000000000000010420"[:26] + qr.text[-1]]
    assert swiss_text(QR_PAYEE, chf(100), RF, "") is None
    assert swiss_text(QR_PAYEE, chf(100), TEXT, "") is None


def test_an_unchecked_reference_is_in_the_message() -> None:
    said = swiss_text(PAYEE, Money(100, "EUR"), TEXT, "Invoice 1042")
    assert said is not None
    assert said.split("\r\n")[27:] == ["NON", "", "HP-1042 Invoice 1042", "EPD"]


@pytest.mark.parametrize(
    ("payee", "amount"),
    [
        (PAYEE, Money(100, "GBP")),
        (PAYEE, chf(0)),
        (PAYEE, chf(10**11)),
        (Payee(PAYEE.account), chf(100)),
        (Payee(BankAccount("A", iban="DE89370400440532013000"), ADDRESS), chf(100)),
        (Payee(BankAccount("A", iban="CH5900791123000889012"), ADDRESS), chf(100)),
        (Payee(BankAccount("\N{CYRILLIC CAPITAL LETTER ZHE}", iban="CH5800791123000889012"), ADDRESS), chf(100)),
    ],
)
def test_there_is_no_symbol_where_the_guidelines_have_none(payee: Payee, amount: Money) -> None:
    assert swiss_text(payee, amount, RF, "") is None


@settings(max_examples=1000)
@given(st.lists(st.text(st.characters(max_codepoint=0x2100)), min_size=6, max_size=6))
def test_no_text_reaches_another_field(texts: list[str]) -> None:
    name, street, number, postcode, town, message = texts
    payee = replace(
        PAYEE, account=replace(PAYEE.account, account_name=name), address=Address(postcode, town, "CH", street, number)
    )
    said = swiss_text(payee, chf(100), TEXT, message)
    if said is None:
        return
    lines = said.split("\r\n")
    assert len(lines) == len(said.splitlines()) == 31
    assert (lines[3], lines[10], lines[18], lines[30]) == (PAYEE.account.iban, "CH", "1.00", "EPD")
    assert [len(line) <= most for line, most in zip(lines[5:10], (70, 70, 16, 16, 35), strict=True)] == [True] * 5
    assert len(lines[29]) <= 140
