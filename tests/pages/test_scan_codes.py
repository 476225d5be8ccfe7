"""Symbols drawn as SVG, painted here stroke by stroke and read back by a scanner."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from pixels import symbols_in_grey

from portal.pages.scan_codes import QUIET_ZONE, scan_code
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


def painted(code: ScanCode) -> bytes:
    """What is read in a symbol: its strokes on white, then the cross over its middle."""
    rows = [bytearray(b"\xff" * code.side) for _ in range(code.side)]
    x, y = 0.0, 0.0
    for right, down, length in re.findall(r"m(-?\d+) (-?[\d.]+)h(\d+)", code.path):
        x, y = x + int(right), y + float(down)
        start = round(x)
        rows[int(y)][start : start + int(length)] = bytes(int(length))
        x += int(length)
    if code.cross:
        first, last = int(code.cross[0]), int(code.cross[0] + code.cross[1]) + 1
        for row in rows[first:last]:
            row[first:last] = b"\xff" * (last - first)
    side = code.side * SCALE
    wide = [bytes(one for one in row for _ in range(SCALE)) for row in rows]
    (said,) = symbols_in_grey(side, side, b"".join(line for line in wide for _ in range(SCALE)))
    return said


def test_strokes_are_the_modules_with_a_white_edge() -> None:
    code = scan_code("BCD\n002", None, "x")
    assert code.path.startswith(f"m{QUIET_ZONE} {QUIET_ZONE}.5h7m")
    assert (code.side, code.cross, code.print_width) == (21 + 2 * QUIET_ZONE, None, "32mm")


def test_a_swiss_symbol_is_46_mm_wide_with_5_mm_of_white_around_it() -> None:
    code = scan_code("x" * 300, None, "x", is_swiss=True)
    millimetres = float(code.print_width.removesuffix("mm")) / code.side
    first = re.match(r"m(\d+) ", code.path)
    assert first is not None
    quiet = int(first[1])
    assert abs((code.side - 2 * quiet) * millimetres - 46) < 0.1
    assert 5 <= quiet * millimetres < 6
    assert code.cross is not None
    assert abs(code.cross[1] * millimetres - 7) < 0.1


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
