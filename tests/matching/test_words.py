"""Which invoices words name, and which names are one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.matching.words import Basis, Vocabulary, same_name
from portal.receivables.bookings import Booking
from portal.receivables.money import Money
from portal.transfers.references import ReferenceKind, matching_form, reference_for

if TYPE_CHECKING:
    from portal.receivables.invoice import Invoice

Make = Callable[..., "Invoice"]
DAY = date(2026, 11, 19)


def booking(text: str = "", *references: str) -> Booking:
    return Booking("k", "l", Money(1, "EUR"), DAY, DAY, text, "s.xml", references=references)


def vocabulary(make_invoice: Make, *numbers: str) -> Vocabulary:
    invoices = [make_invoice(key=number, number=number) for number in numbers]
    references = {matching_form(reference_for(one.key, ReferenceKind.RF).text): [one.key] for one in invoices}
    return Vocabulary(invoices, references)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Rechnung 1042 vom 20.11.2026", {"1042"}),
        ("RE-NR.1042/danke", {"1042"}),
        ("re1042", {"1042"}),
        ("inv 2026 0042", {"INV-2026/0042"}),
        ("INV20260042", {"INV-2026/0042"}),
        ("10 42", set()),
        ("110421", set()),
        ("1042 and INV-2026-0042", {"1042", "INV-2026/0042"}),
        ("2026-1042", {"2026-1042"}),
        ("nothing at all", set()),
    ],
)
def test_numbers_among_words(make_invoice: Make, text: str, names: set[str]) -> None:
    found = vocabulary(make_invoice, "1042", "INV-2026/0042", "2026-1042").named_by(booking(text))
    assert set(found) == names
    assert all(one.basis is Basis.NUMBER and one.is_distinctive for one in found.values())


@given(st.integers(0, 10**9), st.sampled_from(["", " ", "-", "\n"]), st.integers(1, 7))
def test_a_reference_is_found_however_it_is_grouped(number: int, between: str, size: int) -> None:
    reference = reference_for(f"A{number}", ReferenceKind.RF)
    words = Vocabulary([], {matching_form(reference.text): ["it"]})
    text = between.join(reference.text[start : start + size] for start in range(0, len(reference.text), size))
    found = words.named_by(booking(f"SVWZ+{text.lower()} thank you"))
    assert found["it"].basis is Basis.QUOTED
    assert words.named_by(booking("", text.replace("\n", " ")))["it"].basis is Basis.REFERENCE


def test_long_digit_references_may_stand_in_groups(make_invoice: Make) -> None:
    swiss = reference_for("1042", ReferenceKind.SWISS)
    words = Vocabulary([make_invoice()], {matching_form(swiss.text): ["1042"]})
    assert words.named_by(booking("", swiss.shown))["1042"].basis is Basis.REFERENCE
    belgian = reference_for("7654321", ReferenceKind.BELGIAN)
    words = Vocabulary([], {matching_form(belgian.text): ["x"]})
    assert words.named_by(booking(belgian.shown))["x"].basis is Basis.QUOTED


def test_a_short_number_tells_little(make_invoice: Make) -> None:
    words = vocabulary(make_invoice, "17", "1042")
    assert not words.named_by(booking("17 chairs"))["17"].is_distinctive
    assert set(words.named_by(booking("1042, 17 chairs"))) == {"1042"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SAMPLE CUSTOMER LIMITED", "Sample Customer Ltd", True),
        ("Müller & Söhne GmbH", "MUELLER UND SOEHNE", True),
        ("Meyer, Anna", "Frau Anna Meyer", True),
        ("PLACEHOLDER SAILING CLU", "Placeholder Sailing Club", True),
        ("Example Ltd", "Sample Ltd", False),
        ("A. Person", "Another Person", False),
        ("", "Sample", False),
        ("GmbH", "Sample GmbH", False),
    ],
)
def test_names(one: str, other: str, same: bool) -> None:  # noqa: FBT001  a table of cases
    assert same_name(one, other) is same
    assert same_name(other, one) is same
