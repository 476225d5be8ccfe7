"""``[[parts]]`` of an invoice in Markdown: split exactly, and refused where that cannot be."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from portal.receivables.invoice import DuePart
from portal.receivables.money import Money
from portal.sources.markdown import read_markdown

if TYPE_CHECKING:
    from portal.sources.reading import Reading

FRONT = """+++
number = "1042"
customer = "Rivera Landscaping"
issued_on = 2026-09-01
currency = "GBP"
total = "{total}"
{more}
{parts}
+++
"""


def reading(parts: str, total: str = "1000.01", more: str = "") -> Reading:
    text = FRONT.format(total=total, parts=parts, more=more)
    return read_markdown(text.encode(), file="invoices/1042.md", currency=None)


def part(day: str, share: str = "") -> str:
    return f"[[parts]]\n{share}\ndue_on = 2026-{day}\n"


@pytest.mark.parametrize(
    ("shares", "amounts"),
    [
        (('percent = "40"', ""), (40000, 60001)),
        (('amount = "100.00"', ""), (10000, 90001)),
        (('percent = "33.33"', 'percent = "33.33"', 'percent = "33.34"'), (33330, 33330, 33341)),
        (('percent = "40"', 'amount = "100"', ""), (40000, 10000, 50001)),
        (('amount = "1000.00"', 'amount = "0.01"'), (100000, 1)),
    ],
)
def test_the_parts_are_the_total(shares: tuple[str, ...], amounts: tuple[int, ...]) -> None:
    found = reading("".join(part(f"1{place}-01", share) for place, share in enumerate(shares)))
    assert found.problems == ()
    invoice = found.invoices[0]
    days = (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1))
    assert invoice.parts == tuple(DuePart(day, Money(minor, "GBP")) for day, minor in zip(days, amounts, strict=False))
    assert invoice.due_on == invoice.parts[-1].due_on


@pytest.mark.parametrize(
    ("parts", "more", "problem", "line"),
    [
        (part("10-01"), "", "One part is none.", 8),
        (part("11-01", 'percent = "40"') + part("10-01"), "", "not in order", 8),
        (
            part("10-01", 'percent = "40"') + part("11-01"),
            "due_on = 2026-10-31",
            "The last part is due on 2026-11-01",
            7,
        ),
        (part("10-01") + part("11-01", 'percent = "40"'), "", "Only the last part can be what is left", 8),
        (part("10-01", 'percent = "40"') + part("11-01", 'percent = "50"'), "", "must sum to 100", 8),
        (part("10-01", 'amount = "2000"') + part("11-01"), "", "zero or less", 8),
        (part("10-01", 'amount = "1"\npercent = "4"') + part("11-01"), "", "not both", 10),
        (part("10-01", 'percent = "40"') + part("11-01", "rest = true"), "", "There is no such field", 12),
        (part("10-01", 'percent = "40"') + "[[parts]]\n", "", "The due date is missing", 11),
        (part("10-01", 'percent = "x"') + part("11-01"), "", "'x' is not a number", 9),
    ],
)
def test_what_cannot_be_split_is_refused(parts: str, more: str, problem: str, line: int) -> None:
    found = reading(parts, more=more)
    assert found.invoices == ()
    assert [problem in one.problem for one in found.problems] == [True], found.problems
    assert found.problems[0].line == line
    assert found.problems[0].remedy


def test_a_credit_note_has_no_parts() -> None:
    found = reading(part("10-01", 'percent = "40"') + part("11-01"), total="-10.00")
    assert "zero or less" in found.problems[0].problem
