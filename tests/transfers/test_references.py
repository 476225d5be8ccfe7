from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from portal.transfers.references import (
    Reference,
    ReferenceKind,
    claims_to_be_rf,
    creditor_reference,
    is_right,
    matching_form,
    read_reference,
    reference_for,
    short_reference,
)

MADE = [kind for kind in ReferenceKind if kind is not ReferenceKind.TEXT]
KEYS = st.text(min_size=1, max_size=130)


def test_a_creditor_reference_is_made_as_the_standard_says() -> None:
    assert creditor_reference("539007547034") == "RF18539007547034"
    assert creditor_reference("2348231") == "RF712348231"  # SIX, IG QR-bill, annex B


@pytest.mark.parametrize(
    ("key", "kind", "text"),
    [
        ("1042", ReferenceKind.RF, "RF971042"),
        ("hp-10/42", ReferenceKind.RF, creditor_reference("HP1042")),
        ("1234", ReferenceKind.FINNISH, "12344"),
        ("0107", ReferenceKind.FINNISH, "1070"),
        ("0108068171", ReferenceKind.BELGIAN, "010806817183"),
        ("21000000000313947143000901", ReferenceKind.SWISS, "210000000003139471430009017"),
        ("123456", ReferenceKind.NORWEGIAN, "1234566"),
    ],
)
def test_a_number_that_fits_is_in_the_reference(key: str, kind: ReferenceKind, text: str) -> None:
    assert reference_for(key, kind).text == text


@pytest.mark.parametrize("key", ["---", "0", "é", "A" * 22, "061828591|01/10/2020|0|1.1|0|1|2"])
def test_a_number_that_does_not_fit_has_a_digest_of_twelve(key: str) -> None:
    made = reference_for(key, ReferenceKind.RF)
    assert re.fullmatch("RF[0-9]{2}[0-9A-HJKMNP-TV-Z]{12}", made.text)
    assert made == reference_for(key, ReferenceKind.RF)
    assert len(short_reference(key).text) == 16


@given(KEYS, st.sampled_from(MADE))
def test_whatever_the_key_the_reference_is_right_and_recognised(key: str, kind: ReferenceKind) -> None:
    made = reference_for(key, kind)
    assert is_right(made.text, kind)
    assert len(made.text) <= 27
    assert read_reference(made.shown, kind) == made
    assert matching_form(made.shown) == matching_form(made.text)


@given(st.sampled_from(MADE), st.integers(1, 10**9), st.data())
def test_one_wrong_digit_is_noticed(kind: ReferenceKind, number: int, data: st.DataObject) -> None:
    text = reference_for(str(number), kind).text
    place = data.draw(st.integers(2 if kind is ReferenceKind.RF else 0, len(text) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[place]]))
    wrong = text[:place] + other + text[place + 1 :]
    # A KID may be of modulus 10 or 11, so a slip in one can be right in the other.
    assert not is_right(wrong, kind) or kind is ReferenceKind.NORWEGIAN


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (ReferenceKind.RF, "RF18539007547034", "RF18 5390 0754 7034"),
        (ReferenceKind.SWISS, "210000000003139471430009017", "21 00000 00003 13947 14300 09017"),
        (ReferenceKind.FINNISH, "1234561", "12 34561"),
        (ReferenceKind.BELGIAN, "010806817183", "+++010/8068/17183+++"),
        (ReferenceKind.NORWEGIAN, "1234566", "1234566"),
        (ReferenceKind.TEXT, "HP 1042", "HP 1042"),
    ],
)
def test_references_are_shown_in_groups(kind: ReferenceKind, text: str, shown: str) -> None:
    assert Reference(kind, text).shown == shown


@pytest.mark.parametrize(
    ("stated", "expected", "kind"),
    [
        ("rf18 5390 0754 7034", None, ReferenceKind.RF),
        ("RF17539007547034", None, ReferenceKind.TEXT),
        ("REF-2026-7", None, ReferenceKind.TEXT),
        ("+++010/8068/17183+++", None, ReferenceKind.BELGIAN),
        ("***010/8068/17183***", None, ReferenceKind.BELGIAN),
        ("+++010/8068/17184+++", None, ReferenceKind.TEXT),
        ("010806817183", None, ReferenceKind.TEXT),
        ("010806817183", ReferenceKind.BELGIAN, ReferenceKind.BELGIAN),
        ("21 00000 00003 13947 14300 09017", ReferenceKind.SWISS, ReferenceKind.SWISS),
        ("21 00000 00003 13947 14300 09016", ReferenceKind.SWISS, ReferenceKind.TEXT),
        ("3139471430009017", ReferenceKind.SWISS, ReferenceKind.TEXT),
        ("000 1234566", ReferenceKind.NORWEGIAN, ReferenceKind.NORWEGIAN),
        ("0003434323213231", ReferenceKind.NORWEGIAN, ReferenceKind.TEXT),
        ("", ReferenceKind.FINNISH, ReferenceKind.TEXT),
    ],
)
def test_what_is_stated_is_of_a_kind_only_if_its_check_digits_hold(
    stated: str, expected: ReferenceKind | None, kind: ReferenceKind
) -> None:
    found = read_reference(stated, expected)
    assert found.kind is kind
    if kind is ReferenceKind.TEXT:
        assert found.text == stated


def test_modulus_11_of_a_kid_writes_ten_as_a_hyphen() -> None:
    by_eleven = {
        body: [last for last in "0123456789-" if is_right(f"{body}{last}", ReferenceKind.NORWEGIAN)] for body in "1268"
    }
    assert all(1 <= len(found) <= 2 for found in by_eleven.values())
    assert "-" in by_eleven["6"]


def test_zeros_that_carry_nothing_do_not_hinder_matching() -> None:
    assert matching_form("RF18 0000 5390 0754 7034") == matching_form("RF18539007547034")
    assert matching_form("0001042") == matching_form(" 1042 ") == "1042"
    assert matching_form("hp-10 42") == matching_form("HP1042")


@pytest.mark.parametrize(
    ("text", "claims"), [("RF17539007547034", True), ("rf17 5390", True), ("RF-17", False), ("Ref 17", False)]
)
def test_what_claims_to_be_rf(text: str, claims: bool) -> None:  # noqa: FBT001  a column of the table
    assert claims_to_be_rf(text) is claims


@given(st.from_regex(r"[A-Z0-9]{1,21}", fullmatch=True))
def test_every_body_gives_a_right_creditor_reference(body: str) -> None:
    assert iso11649.is_valid(creditor_reference(body))
