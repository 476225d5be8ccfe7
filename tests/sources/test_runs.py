"""Rows that follow each other are looked at once; what comes of them is what comes of each by itself."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.sources.column_names import CLAIM_FIELDS
from portal.sources.columns import header_of
from portal.sources.csv_text import Row, rows_of
from portal.sources.findings import Findings
from portal.sources.runs import runs_of
from portal.sources.table_words import RowKind, Sorter

HEADINGS = ("Number", "Customer", "Total", "Status", "Description", "Line amount")
CELLS = st.sampled_from(["", "A-1", "A-2", "Ada", "Draft", "5.00", "Total", *HEADINGS])
TABLES = st.lists(st.lists(CELLS, max_size=8), max_size=30).map(lambda rows: [[*HEADINGS], *rows])


def table_of(rows: list[list[str]]) -> list[Row]:
    return [Row(line, tuple(cells)) for line, cells in enumerate(rows, start=1)]


@given(TABLES)
def test_each_row_is_of_the_kind_that_it_is_by_itself(cells: list[list[str]]) -> None:
    rows = table_of(cells)
    header = header_of(rows, {})
    assert header is not None
    runs = runs_of(header, rows, ["draft"])
    assert [row for run in runs for row in run.rows] == rows
    sorter = Sorter(header, ["draft"])
    assert [run.kind for run in runs for _row in run.rows] == [sorter.kind_of(row) for row in rows]


@given(TABLES)
def test_the_rows_of_a_run_say_the_same_of_their_invoice(cells: list[list[str]]) -> None:
    rows = table_of(cells)
    header = header_of(rows, {})
    assert header is not None
    for run in runs_of(header, rows):
        for above, below in pairwise(run.rows):
            for field in ("number", *CLAIM_FIELDS):
                assert header.cell(above, field) == header.cell(below, field)


def test_the_lines_of_an_invoice_are_one_run_and_a_repeated_header_is_none() -> None:
    lines = [["A-1", "Ada", "8.00", "", "Wall", "3.00"], ["A-1", "Ada", "8.00", "", "Door", "5.00"]]
    rows = table_of([[*HEADINGS], *lines, [*HEADINGS], ["A-2", "Ada", "8.00"], ["A-2", "", "8.00"]])
    header = header_of(rows, {})
    assert header is not None
    found = [(len(run.rows), run.kind) for run in runs_of(header, rows[1:])]
    assert found == [
        (2, RowKind.INVOICE),
        (1, RowKind.NOTHING),
        (1, RowKind.INVOICE),
        (1, RowKind.INVOICE),
    ]


@given(st.lists(st.lists(st.sampled_from(["", "a", " b ", "c\nd", 'e"', "f, g"]), min_size=1, max_size=5)))
def test_cells_are_read_as_they_are_however_rows_repeat(cells: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(cells)
    read = rows_of(text.getvalue(), ",", Findings("open.csv"))
    assert [list(row.cells) for row in read] == [[cell.strip() for cell in row] for row in cells]


def test_what_a_row_repeats_is_kept_once() -> None:
    """A table of many lines would not fit otherwise, whichever of its columns belong to the invoice."""
    rows = rows_of("".join(f"{n},Ada Lovelace,{n % 3},2026-10-31,open\n" for n in range(9)), ",", Findings("x.csv"))
    assert len({id(row.cells[1]) for row in rows}) == len({id(row.cells[3]) for row in rows}) == 1
