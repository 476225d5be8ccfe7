"""The owner's document names every field, setting and ending that is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.sources.column_names import FIELDS as COLUMNS
from portal.sources.load import MARKDOWN_ENDINGS, TABLE_ENDINGS
from portal.sources.markdown import (
    CUSTOMER_FIELDS,
    FIELDS,
    LINE_FIELDS,
    PAYMENT_FIELDS,
    STATUSES,
    TAX_FIELDS,
    read_markdown,
)
from portal.sources.table_settings import SETTINGS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "content-format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "word",
    sorted({*FIELDS, *CUSTOMER_FIELDS, *LINE_FIELDS, *TAX_FIELDS, *PAYMENT_FIELDS, *STATUSES, *COLUMNS, *SETTINGS}),
)
def test_every_field_is_documented(word: str) -> None:
    assert any(
        mark in DOCUMENT for mark in (f"`{word}`", f'`"{word}"`', f"`[[{word}]]`", f"`[{word}]`", f"\n{word} = ")
    )


@pytest.mark.parametrize("ending", sorted(MARKDOWN_ENDINGS | TABLE_ENDINGS | {".xml", ".pdf"}))
def test_every_ending_is_documented(ending: str) -> None:
    assert f"`{ending}`" in DOCUMENT


def test_the_example_is_read() -> None:
    example = DOCUMENT.split("```")[1].strip()
    reading = read_markdown(example.encode(), file="invoices/x.md", currency=None)
    assert (reading.problems, reading.warnings) == ((), ())
    assert str(reading.invoices[0].stated_due) == "GBP 668.00"
