"""Foreign test vectors for references and symbols; each names its own source in the file they come from."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from stdnum.iso11649 import is_valid

from portal.receivables.invoice import BankAccount
from portal.receivables.money import Money
from portal.transfers.accounts import Address, Payee
from portal.transfers.epc import epc_text
from portal.transfers.references import Reference, ReferenceKind, creditor_reference, is_right, read_reference
from portal.transfers.swiss import swiss_text

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = Path(__file__).parents[3] / "shared" / "samples" / "vectors.json"
Vector = dict[str, Any]


def vectors(*kinds: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One case for each vector of these kinds; one skipped case where the file is absent."""
    if not FILE.is_file():
        absent = pytest.param({}, marks=pytest.mark.skip(reason=f"{FILE.name} is absent"))
        return pytest.mark.parametrize("vector", [absent])
    listed = [vector for vector in json.loads(FILE.read_text(encoding="utf-8"))["vectors"] if vector["kind"] in kinds]
    assert listed
    return pytest.mark.parametrize("vector", listed, ids=[vector["id"] for vector in listed])


def minor_of(text: str) -> int:
    """Cents, rounded up: what does not fit is still out of bounds."""
    return int((Decimal(text) * 100).to_integral_value("ROUND_CEILING"))


def sepa_text(amount: str, **fields: str) -> str | None:
    account = BankAccount(fields.get("name", "A"), iban=fields.get("iban", "DE89370400440532013000"))
    reference = Reference(ReferenceKind.TEXT, fields.get("text", ""))
    return epc_text(account, Money(minor_of(amount), "EUR"), reference)


@vectors("iso11649")
def test_creditor_references(vector: Vector) -> None:
    stated, valid = vector["input"]["reference"], vector["expected"]["valid"]
    assert is_right(stated, ReferenceKind.RF) is is_valid(stated) is valid
    assert (read_reference(stated).kind is ReferenceKind.RF) is valid


@vectors("iso11649_make")
def test_creditor_references_that_are_made(vector: Vector) -> None:
    assert creditor_reference(vector["input"]["body"]) == vector["expected"]["reference"]


@vectors("qrr")
def test_qr_references(vector: Vector) -> None:
    found = read_reference(vector["input"]["reference"], ReferenceKind.SWISS)
    assert (found.kind is ReferenceKind.SWISS) is vector["expected"]["valid"]
    assert found.shown == vector["expected"]["formatted"]


@vectors("ogm_vcs")
def test_belgian_references(vector: Vector) -> None:
    found = read_reference(vector["input"]["reference"])
    assert (found.kind is ReferenceKind.BELGIAN) is vector["expected"]["valid"]
    assert found.text == vector["expected"]["compact"]


@vectors("epc_qr")
def test_sepa_symbols(vector: Vector) -> None:
    """The vector is written in ISO 8859-1, which is character set 2; the portal writes UTF-8, which is 1."""
    given, expected = vector["input"], vector["expected"]
    text = sepa_text(given["amount"], name=given["name"], iban=given["iban"], text=given["text"])
    assert text is not None
    lines = text.replace("\n1\n", f"\n{expected['charset']}\n", 1).split("\n")
    assert (lines[1], lines[7], len(lines)) == (expected["version"], expected["amount"], expected["lines"])
    assert len("\n".join(lines).encode(given["encoding"])) == expected["bytes"]


@vectors("epc_amount")
def test_amounts_in_sepa_symbols(vector: Vector) -> None:
    text = sepa_text(vector["input"]["amount"])
    assert text is not None
    assert text.split("\n")[7] == vector["expected"]["text"]


@vectors("epc_qr_invalid")
def test_amounts_that_no_sepa_symbol_carries(vector: Vector) -> None:
    assert sepa_text(vector["input"]["amount"]) is None


@vectors("swiss_qr")
def test_swiss_symbols(vector: Vector) -> None:
    """The portal leaves the debtor out, whose address it does not know in parts; all other lines are the vector's."""
    given = vector["input"]
    name, street, number, postcode, town, country = given["creditor"]
    payee = Payee(BankAccount(name, iban=given["account"]), Address(postcode, town, country, street, number))
    reference = read_reference(given["reference"], ReferenceKind.SWISS)
    amount = Money(minor_of(given["amount"]), given["currency"])
    text = swiss_text(payee, amount, reference, given["message"])
    assert text is not None
    expected = vector["expected"]["payload"].split("\r\n")
    expected[20:27] = [""] * 7
    assert text.split("\r\n") == expected
