from __future__ import annotations

from decimal import Decimal

import pytest

from portal.receivables.invoice import StatedDiscount
from portal.receivables.money import Money
from portal.sources.skonto import malformed_lines, prose_without_skonto, read_skonto

TEXT = """Payable within 30 days, 3% discount within 20 days.
  #SKONTO#TAGE=7#PROZENT=2.00#
#SKONTO#TAGE=14#PROZENT=1.00#BASISBETRAG=2.53#
#SKONTO#TAGE=14#PROZENT=1.00#BASISBETRAG=-5.53#
#SKONTO#TAGE=30#PROZENT=0.00#
"""


def test_only_structured_lines_are_computed_with() -> None:
    """A negative base says nothing that can be offered; prose contradicts itself too often."""
    assert read_skonto(TEXT, "EUR") == (
        StatedDiscount(7, Decimal("2.00")),
        StatedDiscount(14, Decimal("1.00"), Money(253, "EUR")),
        StatedDiscount(30, Decimal("0.00")),
    )
    assert prose_without_skonto(TEXT) == "Payable within 30 days, 3% discount within 20 days."


@pytest.mark.parametrize(
    "line",
    [
        "#SKONTO#Tage=7#PROZENT=2.00#",
        "#SKONTO#TAGE=7#PROZENT=2,00#",
        "#SKONTO#TAGE=7#PROZENT=2.000#",
        "#SKONTO#TAGE=7#PROZENT=2.00#BASISBETRAG=23#",
        "#SKONTO#TAGE=7#PROZENT=2.00##SKONTO#TAGE=14#PROZENT=1.00#",
        "#skonto#TAGE=7#PROZENT=2.00#",
    ],
)
def test_a_line_that_breaks_the_rule_gives_nothing_and_is_pointed_out(line: str) -> None:
    assert read_skonto(line, "EUR") == ()
    assert malformed_lines(line) == (line,)
    assert prose_without_skonto(line) == line
