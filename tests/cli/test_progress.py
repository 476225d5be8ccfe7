"""Whoever waits longer than two seconds sees that something is going on; whoever does not is left alone."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

import pytest

from portal.cli import progress as progress_module
from portal.cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable


class Screen(io.StringIO):
    """What is written beside the output, at a terminal or not."""

    def __init__(self, *, at_a_terminal: bool) -> None:
        super().__init__()
        self._at_a_terminal = at_a_terminal

    def isatty(self) -> bool:
        return self._at_a_terminal


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    clock = [0.0]
    monkeypatch.setattr("portal.cli.progress.time.monotonic", lambda: clock[0])

    def go_on(by: float) -> None:
        clock[0] += by

    return go_on


def screen(monkeypatch: pytest.MonkeyPatch, *, at_a_terminal: bool) -> Screen:
    made = Screen(at_a_terminal=at_a_terminal)
    monkeypatch.setattr("sys.stderr", made)
    return made


def test_quick_work_is_quiet(monkeypatch: pytest.MonkeyPatch, seconds: Callable[[float], None]) -> None:
    shown = screen(monkeypatch, at_a_terminal=True)
    with Progress() as progress:
        progress.step("Freezing")
        seconds(1)
        progress.count(10, 20)
    assert shown.getvalue() == "Freezing\n"


def test_at_a_terminal_one_line_is_written_over_and_left_clean(
    monkeypatch: pytest.MonkeyPatch, seconds: Callable[[float], None]
) -> None:
    shown = screen(monkeypatch, at_a_terminal=True)
    with Progress() as progress:
        progress.step("Freezing")
        for done in (1_000, 1_001, 2_000):
            seconds(2 if done != 1_001 else 0.01)
            progress.count(done, 2_000)
    lines = shown.getvalue().split("\r\033[K")
    assert lines == ["Freezing\n", "  1,000 of 2,000 pages", "  2,000 of 2,000 pages", ""]


def test_elsewhere_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch, seconds: Callable[[float], None]) -> None:
    shown = screen(monkeypatch, at_a_terminal=False)
    with Progress() as progress:
        progress.step("Freezing")
        for done in range(30):
            seconds(1)
            progress.count(done, 30)
    assert shown.getvalue().splitlines() == ["Freezing", "  9 of 30 pages", "  19 of 30 pages", "  29 of 30 pages"]


def test_a_step_without_counts_tells_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "_TICK_SECONDS", 0.01)
    monkeypatch.setattr(progress_module, "_QUIET_SECONDS", 0.0)
    monkeypatch.setattr(progress_module, "_AT_A_TERMINAL_SECONDS", 0.0)
    shown = screen(monkeypatch, at_a_terminal=True)
    told = threading.Event()
    monkeypatch.setattr(shown, "flush", lambda: told.set() if " s" in shown.getvalue() else None)
    with Progress() as progress:
        progress.step("Reading")
        assert told.wait(10)
    assert "  0 s" in shown.getvalue()


def test_no_thread_runs_when_pages_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or they would be made by one process only."""
    screen(monkeypatch, at_a_terminal=True)
    before = threading.active_count()
    with Progress() as progress:
        progress.step("Freezing")
        assert threading.active_count() == before + 1
        progress.count(0, 10)
        assert threading.active_count() == before
    progress.step("and one that breaks off")
    progress.__exit__(None, None, None)
    assert threading.active_count() == before
