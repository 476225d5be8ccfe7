"""What commands say fits the terminal it is read in, and stays one line a row for other programs."""

from __future__ import annotations

import pytest

from portal.cli.layout import line_width, print_table, wrapped

ROWS = [
    ("Invoice", "Customer", "Why", "Amount"),
    ("1042", "Sample Customer Ltd", "a problem was reported and waits for your answer, until 2026-12-05", "GBP 1.00"),
    ("1043", "Example & Sons", "paused", "GBP 12,345.00"),
]


@pytest.fixture(params=[60, 80, 120])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return int(request.param)


def test_a_table_fits_and_loses_nothing(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    print_table(ROWS, right=frozenset({3}), loose=(2, 1))
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= columns
    words = {word for row in ROWS for cell in row for word in cell.split()}
    assert words <= set(shown.split())
    assert (len(shown.splitlines()) == len(ROWS)) is (columns == 120)


def test_amounts_stay_flush_right_beside_broken_cells(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(ROWS, right=frozenset({3}), loose=(2,))
    lines = capsys.readouterr().out.splitlines()
    ends = [len(line) for line in lines if line.endswith(("Amount", ".00"))]
    assert ends == [80, 80, 80]


def test_the_last_column_goes_below_where_nothing_can_give_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("Number", "Link"), ("1042", "http://example.com/" + "x" * 50)]
    monkeypatch.setenv("COLUMNS", "80")
    print_table(rows, below=True)
    assert capsys.readouterr().out.splitlines() == ["Number  Link", f"1042    {rows[1][1]}"]
    monkeypatch.setenv("COLUMNS", "60")
    print_table(rows, below=True)
    assert capsys.readouterr().out.splitlines() == ["Number", "1042", f"    {rows[1][1]}"]


def test_without_a_terminal_a_row_is_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda _number: (_ for _ in ()).throw(OSError()))
    print_table(ROWS, loose=(2, 1))
    assert len(capsys.readouterr().out.splitlines()) == len(ROWS)
    assert "\n" not in wrapped("  ", "word " * 100)
    assert "\n" in wrapped("  ", "word " * 100, otherwise=80)
    assert line_width(90) == 90


def test_sentences_hang_below_their_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    first, second = wrapped(
        "    -> ", "Run `portal build --dry-run` and look at https://example.com/a-b-c"
    ).splitlines()
    assert first == "    -> Run `portal build --dry-run` and look at"
    assert second == "       https://example.com/a-b-c"


def test_nobodys_words_look_like_a_row_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("entry", "note"), ("41", "wrong\n42     payment  GBP 840.00\r\n\u2028x")])
    assert len(capsys.readouterr().out.splitlines()) == 2
