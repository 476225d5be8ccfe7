"""Symbols as pictures, framed and enlarged here as a page does it, and read back by a scanner."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from pixels import squares_in, symbols_in_grey

from portal.pages.scan_codes import scan_code
from portal.pages.scan_masks import symbol_rows
from portal.receivables.invoice import BankAccount
from portal.receivables.money import Money
from portal.transfers.accounts import Address, Payee
from portal.transfers.epc import epc_text
from portal.transfers.references import Reference, ReferenceKind
from portal.transfers.swiss import swiss_text

if TYPE_CHECKING:
    from portal.pages.way_models import ScanCode

ACCOUNT = BankAccount("Sample Business", iban="DE89370400440532013000")
SWISS = Payee(BankAccount("Robert Schneider AG", iban="CH5800791123000889012"), Address("2501", "Biel", "CH"))
SCALE = 4
QUIET_ZONE = 4
"""Modules of white on each side that readers need (ISO/IEC 18004)."""


def painted(code: ScanCode) -> bytes:
    """What is read in a symbol: its squares with white around them, the cross over its middle."""
    rows = squares_in(code.picture)
    modules = len(rows)
    assert {len(row) for row in rows} == {modules}
    if code.is_swiss:
        half = modules * 7 / 46 / 2
        first, last = int(modules / 2 - half), int(modules / 2 + half) + 1
        for row in rows[first:last]:
            row[first:last] = b"\xff" * (last - first)
    edge = bytes([255]) * QUIET_ZONE
    framed = [b"\xff" * (modules + 2 * QUIET_ZONE)] * QUIET_ZONE
    lines = [*framed, *(edge + row + edge for row in rows), *framed]
    wide = [bytes(one for one in line for _ in range(SCALE)) for line in lines]
    side = len(lines) * SCALE
    (said,) = symbols_in_grey(side, side, b"".join(line for line in wide for _ in range(SCALE)))
    return said


def test_the_picture_has_the_symbols_modules_and_nothing_else() -> None:
    code = scan_code("BCD\n002", None, "x")
    rows = [["1" if one == 0 else "0" for one in row] for row in squares_in(code.picture)]
    assert ["".join(row) for row in rows] == symbol_rows("BCD\n002")
    assert len(rows) == 21


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=80), st.text(max_size=150), st.integers(1, 10**11 - 1)
)
def test_what_a_sepa_symbol_says_is_read_back(name: str, reference: str, minor: int) -> None:
    account = replace(ACCOUNT, account_name=name)
    text = epc_text(account, Money(minor, "EUR"), Reference(ReferenceKind.TEXT, reference))
    if text is not None:
        assert painted(scan_code(text, None, "x")).decode() == text


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(max_codepoint=0x17F), max_size=90), st.integers(1, 10**11 - 1))
def test_what_a_swiss_symbol_says_is_read_back_in_spite_of_its_cross(message: str, minor: int) -> None:
    text = swiss_text(SWISS, Money(minor, "CHF"), Reference(ReferenceKind.TEXT, "R"), message)
    if text is not None:
        assert painted(scan_code(text, None, "x", is_swiss=True)).decode() == text
