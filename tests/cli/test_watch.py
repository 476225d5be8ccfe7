"""``portal watch`` as its owner runs it, in a process of its own and at its pace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from watchfiles import Change
from world import World

from portal.cli import main
from portal.cli.watch import OwnersFiles, Watcher, told

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
# Tests may themselves have been started by something that ignores Ctrl-C, which programs inherit.
PROGRAM = """
import signal
from portal.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


class Running:
    """The command and what it has said so far."""

    def __init__(self, world: World) -> None:
        folders = world.folders
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        command = [sys.executable, "-c", PROGRAM, "watch", *map(str, where)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, words: str, times: int = 1) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.said.count(words) < times:
            assert time.monotonic() < deadline, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.05)
        return self.said

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[tuple[World, Running]]:
    world = World(tmp_path, port=8000)
    running = Running(world)
    yield world, running
    if running.process.poll() is None:
        running.process.kill()
        running.interrupt()


def test_it_builds_on_a_change_survives_a_mistake_and_ends_calmly(watching: tuple[World, Running]) -> None:
    world, running = watching
    running.wait_for("Ctrl-C ends it")
    time.sleep(0.5)  # until the file system's events are listened to
    for number in range(1043, 1053):
        world.invoice(str(number))
    running.wait_for("pages written", 2)
    said = running.wait_for("new             1043")
    assert "and 7 more" in said, "a burst is one build"
    settings = world.folders.content / "portal.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text("[business]\nnam = 1\n", encoding="utf-8")
    running.wait_for("Nothing was built")
    assert "portal.toml" in running.said
    settings.write_text(text, encoding="utf-8")
    running.wait_for("pages written", 3)
    (world.folders.content / "invoices/1043.md").unlink()
    running.wait_for("no longer open  1043")
    assert running.interrupt() == 0
    assert "Stopped watching" in running.said
    assert "Traceback" not in running.said


@pytest.mark.parametrize(
    ("name", "is_owners"),
    [("1042.md", True), (".1042.md.swp", False), ("~$open.xlsx", False), ("1042.md~", False), ("open.csv.part", False)],
)
def test_what_editors_write_is_left_out(name: str, is_owners: bool) -> None:  # noqa: FBT001  a column of the table
    assert OwnersFiles()(Change.modified, f"/content/invoices/{name}") is is_owners


def test_files_are_named_as_their_owner_knows_them(tmp_path: Path) -> None:
    changes = [(Change.added, str(tmp_path / "invoices" / f"{number}.md")) for number in range(5)]
    assert told(changes, tmp_path) == "invoices/0.md new, invoices/1.md new, invoices/2.md new and 2 more"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["watch"])
    assert result.exit_code == 1
    assert "--content" in result.output


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("", "It sends no mails; none are set up: docs/mail.md."),
        ('[mail]\nfrom = "a@example.com"\n', "It sends no mails; `portal build` sends those that are due."),
        (
            '[mail]\nfrom = "a@example.com"\n[reminders]\n[publish]\nto = "s3://pages"\n',
            (
                "It sends no mails; `portal build` sends those that are due, `portal remind` the reminders."
                " `portal publish` copies the pages to your object store."
            ),
        ),
    ],
)
def test_what_watching_leaves_undone_is_said_with_the_command_that_does_it(
    tmp_path: Path, settings: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text(encoding="utf-8") + settings, encoding="utf-8")

    def stop(_self: Watcher) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Watcher, "follow", stop)
    folders = world.folders
    where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
    said = CliRunner().invoke(main, ["watch", *map(str, where)], catch_exceptions=False).output
    assert words in " ".join(said.split())
    assert world.open().ledger.messages() == ()
