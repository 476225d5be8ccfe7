"""A PostgreSQL server for tests: made in a folder of its own, reached by a socket in it, gone with the tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
_START_SECONDS = 30


def find_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, the newest version first."""
    folders = [Path(name) for place in _PLACES for name in sorted(glob(place), reverse=True)]  # noqa: PTH207  absolute
    if named := shutil.which("initdb"):
        folders.append(Path(named).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Server:
    """A running server; each test takes a schema of its own."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._user = _unprivileged()
        self._schemas = 0
        self._running: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the database files."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        options = ["--auth=trust", "--username=portal", "--encoding=UTF8", "--locale=C", "--no-sync"]
        command: list[str | Path] = [self._programs / "initdb", *options, "-D", self._folder / "files"]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd=self._folder)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        listen = ["-c", "listen_addresses=", "-k", str(self._folder), "-c", "max_connections=100"]
        with (self._folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "files", *listen],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._folder,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self._running.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it, breaking connections off in good order unless told otherwise."""
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(timeout=_START_SECONDS)

    def crash_and_start_again(self) -> None:
        """Break everything off at once, and recover."""
        self.stop(signal.SIGQUIT)
        self.start()

    def execute(self, statement: str) -> None:
        """Run one statement in the server's first database."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, database: str = "postgres", schema: str | None = None) -> str:
        """The address of a database, or of one schema in it."""
        path = f"?options={quote(f'-csearch_path={schema}')}&" if schema else "?"
        return f"postgresql://portal@/{database}{path}host={quote(str(self._folder))}"

    def new_schema(self) -> str:
        """The address of an empty schema."""
        self._schemas += 1
        self.execute(f"CREATE SCHEMA test_{self._schemas}")
        return self.url(schema=f"test_{self._schemas}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """A server that runs as long as the block does."""
    # Not below pytest's own folder: the path of a socket may have 107 bytes at the most.
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as folder:
        Path(folder).chmod(0o711)
        server = Server(programs, Path(folder) / "pg")
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; its own user, or nobody, does instead."""
    if os.geteuid() != 0:
        return None
    names = Path("/etc/passwd").read_text(encoding="utf-8")
    return "postgres" if "\npostgres:" in names else "nobody"
