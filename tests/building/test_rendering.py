"""Pages are the same however many processes make them, and what goes wrong in one of them reaches the owner."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from world import World

from portal.adapters.publish import FolderPublisher
from portal.building import rendering
from portal.building.build import build
from portal.cli.build import built
from portal.config import load_settings
from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from portal.adapters.publish import Page, Published
    from portal.building.rendering import WantedPages

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def world_of(root: Path, key: bytes) -> World:
    world = World(root)
    for number in range(1, 40):
        world.invoice(str(number), total=f"{number}.50", due_on=f"2026-11-{number % 28 + 1:02}")
    world.folders.state.mkdir()
    world.folders.state.joinpath("link.key").touch(mode=0o600)
    world.folders.state.joinpath("link.key").write_bytes(key)
    return world


def in_processes(monkeypatch: pytest.MonkeyPatch, processes: int) -> None:
    monkeypatch.setattr(rendering, "WORTH_SHARING", 1)
    monkeypatch.setattr(rendering, "_processors", lambda: processes)


def pages_of(world: World) -> dict[str, bytes]:
    root = world.folders.output
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_pages_are_the_same_to_the_byte_however_many_processes_make_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees, reports = [], []
    for processes in (1, 2, 3):
        in_processes(monkeypatch, processes)
        world = world_of(tmp_path / str(processes), b"k" * 64)
        reports.append(world.build().pages)
        assert world.build().pages.written == 0, "each page was noted by the process that made it"
        trees.append(pages_of(world))
    assert len(trees[0]) > 40
    assert trees[0] == trees[1] == trees[2]
    assert reports[0] == reports[1] == reports[2]


def test_progress_counts_every_page_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_processes(monkeypatch, 2)
    world = world_of(tmp_path, b"k" * 64)
    told: list[tuple[int, int]] = []
    written = build(world.open(), progress=lambda done, to_do: told.append((done, to_do))).pages.written
    assert told[0] == (0, written), "what waits for the first count may let processes be forked"
    assert told[-1] == (written, written)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert len(told) > 2


def test_what_goes_wrong_in_a_process_reaches_the_owner_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = Problem("The disk is full.", "Make room.", file="build")

    def refuse(_publisher: FolderPublisher, _pages: Iterable[Page]) -> Published:
        raise PortalError((trouble, trouble))

    in_processes(monkeypatch, 2)
    monkeypatch.setattr(FolderPublisher, "publish", refuse)
    with pytest.raises(PortalError) as caught:
        world_of(tmp_path, b"k" * 64).build()
    assert caught.value.problems == (trouble, trouble)


def test_a_process_that_is_ended_is_a_problem_and_the_next_build_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, publish, here = world_of(tmp_path / "whole", b"k" * 64), FolderPublisher.publish, os.getpid()
    whole.build()
    world = world_of(tmp_path / "ended", b"k" * 64)

    def ended(publisher: FolderPublisher, pages: Iterable[Page]) -> Published:
        done = publish(publisher, pages)
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    in_processes(monkeypatch, 2)
    with monkeypatch.context() as broken:
        broken.setattr(FolderPublisher, "publish", ended)
        with pytest.raises(PortalError, match="Build again"):
            world.build()
    world.build()
    assert pages_of(world) == pages_of(whole)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_the_command_shares_pages_out_although_it_tells_the_time_in_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared: list[int] = []
    by_processes, here = rendering._by_processes, set(threading.enumerate()) - {threading.main_thread()}

    def noted(publish: rendering.Publish, shares: Iterable[Sequence[WantedPages]], workers: int) -> Iterator[int]:
        shared.append(workers)
        return by_processes(publish, shares, workers)

    monkeypatch.setattr(rendering, "WORTH_SHARING", 1)
    monkeypatch.setattr("threading.active_count", lambda: len(started_since(here)))
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0, 1})
    monkeypatch.setattr(rendering, "_by_processes", noted)
    world = world_of(tmp_path, b"k" * 64)
    built(load_settings(world.folders.content, {}), world.folders, world.day)
    assert shared == [2]


def started_since(before: set[threading.Thread]) -> list[threading.Thread]:
    """The threads but for those that the tests' own machinery had before."""
    return [thread for thread in threading.enumerate() if thread not in before]


def test_a_process_with_threads_is_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 2)
    assert rendering._processors() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_machine_with_many_processors_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: set(range(64)))
    assert rendering._processors() == rendering.MOST_PROCESSES
