from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.config import Settings, load_settings
from portal.errors import SettingsError
from portal.transfers.accounts import Address

if TYPE_CHECKING:
    from pathlib import Path

NAME = '[business]\nname = "B"\nlegal_name = "B Ltd"\n'
IBAN = 'iban = "DE89 3704 0044 0532 0130 00"\n'


def settings_of(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "portal.toml").write_text(NAME + text, encoding="utf-8")
    return load_settings(tmp_path, {})


def problem_of(tmp_path: Path, text: str) -> tuple[int | None, str | None, str]:
    with pytest.raises(SettingsError) as caught:
        settings_of(tmp_path, text)
    (problem,) = caught.value.problems
    return problem.line, problem.field, problem.problem


def test_one_account_or_several(tmp_path: Path) -> None:
    (one,) = settings_of(tmp_path, "[bank]\n" + IBAN).payees
    assert (one.account.account_name, one.account.iban, one.address) == ("B Ltd", "DE89370400440532013000", None)
    several = settings_of(tmp_path, f'[[bank]]\n{IBAN}account_name = "C"\n[[bank]]\naccount_number = "12345"\n').payees
    assert [payee.account.account_name for payee in several] == ["C", "B Ltd"]


def test_an_address_in_parts(tmp_path: Path) -> None:
    text = f'[bank]\n{IBAN}street = "Rue du Lac"\npostcode = "2501"\ntown = "Biel"\ncountry = "CH"\n'
    (payee,) = settings_of(tmp_path, text).payees
    assert payee.address == Address("2501", "Biel", "CH", street="Rue du Lac")


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ('[bank]\niban = "DE88 3704 0044 0532 0130 00"', 5, "bank.iban", "length or check digits"),
        ('[bank]\niban = "DE8937040044053201300"', 5, "bank.iban", "length or check digits"),
        (f'[[bank]]\n{IBAN}[[bank]]\niban = "XX00"', 7, "bank.iban", "length or check digits"),
        ('[bank]\nbic = "COBADEFFXXX"', 4, "bank", "an iban or an account_number"),
        (f'[bank]\n{IBAN}sort_code = "00-00-00"', 4, "bank", "needs its account_number"),
        ('[bank]\nrouting_number = "011000016"\naccount_number = "1234"', 5, "bank.routing_number", "check digit"),
        (f'[bank]\n{IBAN}town = "Biel"', 4, "bank", "a postcode, a town and a country"),
        (f'[bank]\n{IBAN}country = "Suisse"', 6, "bank.country", "ISO 3166"),
        ('[bank]\niban = "DE89370400440532013000"\nibann = "x"', 6, "bank.ibann", "no such setting"),
        ('[payments]\npaypal_me = "https://paypal.me/name/25EUR"', 5, "payments.paypal_me", "without an amount"),
        ('[payments]\npaypal_me = "https://paypal.example/name"', 5, "payments.paypal_me", "paypal.me/"),
        ('[payments]\ncheque_currency = "gbp"', 5, "payments.cheque_currency", "ISO 4217"),
        ('[payments]\nreferences = "rf"', 5, "payments.references", "'automatic', 'national' or 'number'"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path, text: str, line: int, field: str, words: str) -> None:
    found_line, found_field, problem = problem_of(tmp_path, text + "\n")
    assert (found_line, found_field) == (line, field)
    assert words in problem


@pytest.mark.parametrize(
    "text", ["paypal.me/Name", "https://www.paypal.me/Name/", "https://www.paypal.com/paypalme/Name"]
)
def test_a_paypal_page_has_one_address(tmp_path: Path, text: str) -> None:
    assert settings_of(tmp_path, f'[payments]\npaypal_me = "{text}"\n').payments.paypal_me == "https://paypal.me/Name"
