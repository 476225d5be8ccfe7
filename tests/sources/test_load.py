from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import pytest

from portal.sources import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.sources import Loaded

    Read = Callable[..., Loaded]


def markdown(number: str = "7", *, customer: str = "Ada", total: str = "10.00", issued_on: str = "2026-01-02") -> str:
    return (
        f'+++\nnumber = "{number}"\ncustomer = "{customer}"\ncurrency = "EUR"\ntotal = "{total}"\n'
        f"issued_on = {issued_on}\n+++\n"
    )


def test_a_missing_folder_is_a_problem_an_empty_one_is_not(tmp_path: Path) -> None:
    assert [problem.file for problem in load(tmp_path).problems] == ["invoices"]
    (tmp_path / "invoices").mkdir()
    assert load(tmp_path) == type(load(tmp_path))((), (), (), 0)


def test_folders_are_read_recursively_and_invoices_sorted(read: Read) -> None:
    loaded = read({"b/2.md": markdown("2"), "10.MD": markdown("10"), "a/c/1.markdown": markdown("1")})
    assert [(invoice.key, invoice.source) for invoice in loaded.invoices] == [
        ("1", "invoices/a/c/1.markdown"),
        ("10", "invoices/10.MD"),
        ("2", "invoices/b/2.md"),
    ]


@pytest.mark.parametrize(
    "name", [".hidden.md", "_draft.md", "README.md", "readme.txt", ".git/config", "_old/1.pdf", "Thumbs.db", "~$1.docx"]
)
def test_what_is_passed_over(read: Read, name: str) -> None:
    assert read({name: "x", "1.md": markdown()}).problems == ()


@pytest.mark.parametrize("name", ["1.docx", "1.numbers", "1", "1.txt", "1.json", "1.toml", "1.md.bak"])
def test_other_files_are_problems_that_say_what_is_read(read: Read, name: str) -> None:
    loaded = read({name: "x", "2.md": markdown()})
    assert [(problem.file, problem.line) for problem in loaded.problems] == [(f"invoices/{name}", None)]
    assert ".md" in loaded.problems[0].remedy
    assert (len(loaded.invoices), loaded.rejected) == (1, 1)


@pytest.mark.parametrize("name", ["1.md", "1.csv", "1.xml"])
@pytest.mark.parametrize(
    ("raw", "word"),
    [(b"", "empty"), (b" \n", "empty"), (b"x" * (64 * 1024 * 1024 + 1), "larger")],
    ids=["0", "blank", "big"],
)
def test_empty_and_huge_files(read: Read, name: str, raw: bytes, word: str) -> None:
    loaded = read({name: raw})
    assert (loaded.problems[0].file, loaded.rejected) == (f"invoices/{name}", 1)
    assert word in loaded.problems[0].problem


def test_what_is_no_file_is_a_problem(read: Read, tmp_path: Path) -> None:
    (tmp_path / "invoices").mkdir()
    (tmp_path / "invoices" / "gone.md").symlink_to("nowhere")
    os.mkfifo(tmp_path / "invoices" / "pipe.xml")
    loaded = read({"1.md": markdown()})
    assert [problem.file for problem in loaded.problems] == ["invoices/gone.md", "invoices/pipe.xml"]
    assert len(loaded.invoices) == 1


def test_a_file_that_may_not_be_read_is_a_problem(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(path: Path, mode: str = "r") -> IO[bytes]:
        if path.name == "2.md" and mode == "rb":
            raise PermissionError(13, "Permission denied")
        return cast("IO[bytes]", opened(path, mode))

    monkeypatch.setattr(Path, "open", refuse)
    loaded = read({"1.md": markdown(), "2.md": markdown("2")})
    assert [(problem.file, problem.field) for problem in loaded.problems] == [("invoices/2.md", None)]
    assert (len(loaded.invoices), loaded.rejected) == (1, 1)


def test_a_folder_that_may_not_be_listed_is_a_problem(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("no"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    loaded = read({"1.md": markdown(), "no/2.md": markdown("2")})
    assert [problem.file for problem in loaded.problems] == ["invoices/no"]
    assert (len(loaded.invoices), loaded.rejected) == (1, 1)


def test_the_same_claim_is_taken_once(read: Read) -> None:
    loaded = read({"b.md": markdown(), "a.md": markdown(), "c.md": markdown("8")})
    assert [(invoice.key, invoice.source) for invoice in loaded.invoices] == [
        ("7", "invoices/a.md"),
        ("8", "invoices/c.md"),
    ]
    assert [(problem.file, problem.field) for problem in loaded.warnings] == [("invoices/b.md", "number")]
    assert loaded.warnings[0].problem == "Invoice 7 is already in invoices/a.md, just the same: it is counted once."
    assert (loaded.problems, loaded.rejected) == ((), 0)


def test_different_claims_under_one_number_get_keys_of_their_own(read: Read) -> None:
    loaded = read(
        {
            "a.md": markdown(issued_on="2026-03-01"),
            "b.md": markdown(total="11.00", issued_on="2026-02-01"),
            "x/c.md": markdown(customer="Bo", issued_on="2026-04-01"),
            "y/c.md": markdown(customer="Cy", issued_on="2026-05-01"),
            "z.md": markdown("7 (a.md)"),
        }
    )
    assert {invoice.source: invoice.key for invoice in loaded.invoices} == {
        "invoices/b.md": "7",
        "invoices/a.md": "7 (invoices/a.md)",
        "invoices/x/c.md": "7 (c.md)",
        "invoices/y/c.md": "7 (invoices/y/c.md)",
        "invoices/z.md": "7 (a.md)",
    }
    assert loaded.problems == ()
    assert [warning.file for warning in loaded.warnings] == ["invoices/a.md", "invoices/x/c.md", "invoices/y/c.md"]


def test_rows_of_one_table_get_keys_of_their_own(read: Read) -> None:
    rows = "".join(f"7,{name},2026-01-0{day},5\n" for day, name in enumerate("ABC", start=1))
    loaded = read({"t.csv": f"Number,Customer,Date,Total\n{rows}"}, "EUR")
    assert [invoice.key for invoice in loaded.invoices] == ["7", "7 (t.csv)", "7 (t.csv:4)"]


def test_numbers_compare_after_folding(read: Read) -> None:
    loaded = read({"a.md": markdown("Caf\u00e9  1"), "b.md": markdown(" Cafe\u0301 1 ")})
    assert [invoice.key for invoice in loaded.invoices] == ["Caf\u00e9 1"]
    assert len(loaded.warnings) == 1


def test_numbers_may_hold_anything_printable(read: Read) -> None:
    number = "061828591|01/10/2020|0|1.1|0|1 ../../\u4e00<b>#?%"
    assert read({"a.md": markdown(number)}).invoices[0].key == number


def test_the_currency_is_for_those_that_name_none(read: Read) -> None:
    files = {"a.md": markdown().replace('currency = "EUR"\n', ""), "b.md": markdown("8")}
    assert [invoice.currency for invoice in read(files, "GBP").invoices] == ["GBP", "EUR"]


def test_the_dates_are_dates(read: Read) -> None:
    assert read({"a.md": markdown()}).invoices[0].issued_on == date(2026, 1, 2)
