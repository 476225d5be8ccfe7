"""The payment part of a QR-bill says what its symbol says, in words that the standard has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.pages.payment_part import payment_part
from portal.receivables.invoice import BankAccount
from portal.receivables.money import Money
from portal.texts import LANGUAGES, speaking
from portal.transfers.accounts import Address, Payee
from portal.transfers.references import Reference, ReferenceKind, reference_for
from portal.transfers.swiss import swiss_text

PAYEE = Payee(
    BankAccount("Robert Schneider AG", iban="CH5800791123000889012"),
    Address("2501", "Biel", "CH", "Rue du Lac", "1268"),
)
RF = reference_for("1042", ReferenceKind.RF)
TEXT = Reference(ReferenceKind.TEXT, "HP-1042")


def text_of(minor: int = 194970, payee: Payee = PAYEE, reference: Reference = RF) -> str:
    said = swiss_text(payee, Money(minor, "CHF"), reference, "Invoice 1042")
    assert said is not None
    return said


def test_it_says_what_the_symbol_says() -> None:
    with speaking("en-GB"):
        found = payment_part(text_of(), RF.shown)
    assert found.account == ("CH58 0079 1123 0008 8901 2", "Robert Schneider AG", "Rue du Lac 1268", "2501 Biel")
    assert (found.reference, found.message) == (RF.shown, "Invoice 1042")
    assert (found.currency, found.amount) == ("CHF", "1\N{NO-BREAK SPACE}949.70")


@pytest.mark.parametrize(("minor", "amount"), [(5, "0.05"), (99900, "999.00"), (123456700, "1 234 567.00")])
def test_amounts_are_written_as_the_guidelines_ask(minor: int, amount: str) -> None:
    assert payment_part(text_of(minor), RF.shown).amount.replace("\N{NO-BREAK SPACE}", " ") == amount


def test_a_reference_without_a_field_of_its_own_is_in_the_message() -> None:
    found = payment_part(text_of(reference=TEXT), TEXT.shown)
    assert (found.reference, found.message) == (None, "HP-1042 Invoice 1042")


def test_an_address_abroad_names_its_country() -> None:
    abroad = replace(PAYEE, address=Address("EX4 0MP", "Exampleton", "GB"))
    assert payment_part(text_of(payee=abroad), RF.shown).account[2:] == ("GB-EX4 0MP Exampleton",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_the_languages_of_the_standard(language: str) -> None:
    with speaking(language):
        found = payment_part(text_of(), RF.shown)
    titles = {"de": "Zahlteil", "it": "Sezione pagamento"}
    assert found.words.part == titles.get(language, "Payment part")
    assert found.lang == (language if language in titles else "en")
