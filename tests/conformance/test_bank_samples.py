"""Every sample statement of the public parsers' own tests: what came in is taken, and nothing brings a reader down."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.bank_statements import Notation, read_statements

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"there are no foreign samples in {SAMPLES}")

CAME_IN = {
    "camt053.v2.all-balance-types.xml": ["EUR 8.85"],
    "camt053.v2.minimal.ultimate.xml": ["EUR 8.85"],
    "camt053.v2.multi.statement.xml": ["EUR 8.85"],
    "camt053.v2.with-party-ids.xml": ["EUR 8.85"],
    "camt053.v3.xml": ["EUR 8.85"],
    "camt053.v8.xml": ["EUR 8.85"],
    "sepa_snippet_broken.sta": ["EUR 50990.05"],
    "ing.sta": ["EUR 3.68", "EUR 1.00"],
    "with_newline_in_tnr.sta": ["PLN 45.00", "PLN 44.00"],
}
NO_STATEMENT = {"empty_86.sta", "invalid_statement.sta"}
MARKS = {"raphaelm.sta"}
"""In German marks, which have been no currency since 2002."""


def samples() -> list[Path]:
    return sorted(path for folder in ("bank-camt", "bank-mt940") for path in (SAMPLES / folder).rglob("*.*"))


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_a_sample(path: Path) -> None:
    found = read_statements([path], Notation())
    assert [str(one.amount) for one in found.bookings] == CAME_IN.get(path.name, [])
    assert bool(found.problems) is (path.name in NO_STATEMENT | MARKS)
    assert all(one.line for one in found.problems)


def test_what_the_samples_say_besides_the_amount() -> None:
    (booking,) = read_statements([SAMPLES / "bank-camt" / "camt053.v8.xml"], Notation()).bookings
    assert (booking.payer, booking.references) == ("NAME NAME", ("4654654654654654",))
    assert (booking.end_to_end, booking.account) == ("MUELL/FINP/RA12345", "NL26VAYB8060476890")
    assert (str(booking.value_on), str(booking.booked_on)) == ("2015-01-02", "2014-12-31")
