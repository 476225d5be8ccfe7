"""What is wrong with the words of a call, and a call that is stopped in the middle."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from portal.cli import main


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize(
    "words",
    [
        ["record", "1042", "1", "--on", "2026-11-20", "--reference", "x", "--by", "a-card-of-somebody-else-entirely"],
        ["build", "--as-of", "the-day-after-the-day-after-tomorrow"],
        ["--an-option-of-the-group-that-does-not-exist-and-is-long", "build"],
        ["a-command-that-does-not-exist-and-has-a-name-of-some-length"],
    ],
)
def test_what_is_wrong_with_a_call_fits_the_terminal(
    columns: int, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 2
    assert told.stderr.startswith("Usage: ")
    assert "\nError: " in told.stderr
    assert all(len(line) <= columns or " " not in line.strip() for line in told.stderr.splitlines())


def test_without_any_words_the_help_is_shown() -> None:
    assert "Begin:" in CliRunner().invoke(main, []).output


def test_all_that_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    told = CliRunner().invoke(main, ["record", "1042"])
    missing = "AMOUNT, --on DATE, --by [transfer|cash|cheque|other], --reference TEXT"
    assert told.stderr.splitlines()[-1] == f"Error: These are missing: {missing}."
    one = CliRunner().invoke(main, ["record", "1042", "1.00", "--on", "2026-11-20", "--reference", "x"])
    assert "Missing option '--by'. Choose from: transfer, cash, cheque, other" in one.stderr


def test_a_command_that_is_stopped_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_words: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("portal.cli.init.begin", stop)
    told = CliRunner().invoke(main, ["init", "somewhere", "--name", "Sample"])
    assert (told.exit_code, "Stopped. What was written until now is whole." in told.stderr) == (130, True)
