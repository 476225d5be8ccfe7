"""What was read before is known again by what it was read from, and by nothing less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.sources.load import Loaded, load
from portal.sources.unchanged import Known

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "number,customer,email,currency,due_on,total\n"
ROWS = tuple(f"T-{number},Sample {number},{number}@example.com,GBP,2026-12-31,{number}0.00\n" for number in range(1, 5))


@pytest.fixture
def content(tmp_path: Path) -> Path:
    write(tmp_path, *ROWS)
    return tmp_path


def write(content: Path, *rows: str, header: str = HEADER) -> None:
    (content / "invoices").mkdir(exist_ok=True)
    (content / "invoices" / "table.csv").write_text(header + "".join(rows), encoding="utf-8")


def known_from(loaded: Loaded) -> Known:
    return Known({digest: key for key, digest in loaded.digests.items()}, loaded.tables)


def read_again(content: Path, known: Known) -> list[str]:
    """The numbers of the invoices that are read, of those in the folder now."""
    loaded = load(content, known=known)
    assert len(loaded.invoices) + len(loaded.unchanged) == len(load(content).invoices)
    return [invoice.number for invoice in loaded.invoices]


def test_only_rows_that_are_otherwise_are_read_again(content: Path) -> None:
    known = known_from(load(content))
    assert read_again(content, known) == []
    changed = ROWS[1].replace("20.00", "21.00")
    write(content, ROWS[0], changed, *ROWS[2:])
    assert read_again(content, known) == ["T-2"]
    write(content, *ROWS[1:])
    assert read_again(content, known) == ["T-2", "T-3", "T-4"], "an invoice says on which line it was read"


def test_what_the_whole_table_decides_is_part_of_what_was_read(content: Path) -> None:
    known = known_from(load(content))
    write(content, *ROWS, header=HEADER.replace("due_on", "issued_on"))
    assert len(read_again(content, known)) == len(ROWS)
    write(content, *ROWS)
    (content / "invoices" / "table.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    assert len(read_again(content, known)) == len(ROWS)


def test_what_something_is_told_of_is_not_known(content: Path) -> None:
    overdue_before_issued = "T-9,Sample 9,9@example.com,GBP,2026-01-01,10.00,2026-02-01\n"
    write(
        content,
        *(row.replace("\n", ",2026-11-01\n") for row in ROWS),
        overdue_before_issued,
        header=HEADER.replace("\n", ",issued_on\n"),
    )
    loaded = load(content)
    assert sorted(loaded.digests) == ["T-1", "T-2", "T-3", "T-4"]
    assert loaded.tables == {}
    assert load(content, known=known_from(loaded)).warnings == loaded.warnings != ()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("customers.csv", "Customer Name,Email\nSample 1,other@example.com\n"),
        ("T-1.pdf", "%PDF-1.4 sample"),
        ("other.csv", HEADER + ROWS[0].replace("10.00", "11.00")),
        (
            "newer.md",
            '+++\nnumber = "N"\ncustomer = "Sample 1"\ncurrency = "GBP"\ntotal = "1.00"\nreplaces = "T-1"\n+++\n',
        ),
    ],
)
def test_all_is_read_beside_what_may_have_to_do_with_it(content: Path, file: str, text: str) -> None:
    known = known_from(load(content))
    assert read_again(content, known) == []
    (content / "invoices" / file).write_text(text, encoding="utf-8")
    loaded = load(content, known=known)
    assert (loaded.unchanged, loaded.invoices) == (frozenset(), load(content).invoices)


def test_a_file_with_one_invoice_is_known_by_its_bytes(content: Path) -> None:
    text = '+++\nnumber = "M"\ncustomer = "C"\ncurrency = "GBP"\ntotal = "1.00"\n+++\n'
    file = content / "invoices" / "M.md"
    file.write_text(text, encoding="utf-8")
    known = known_from(load(content))
    assert read_again(content, known) == []
    file.write_text(text + "Thank you.\n", encoding="utf-8")
    assert read_again(content, known) == ["M"]
