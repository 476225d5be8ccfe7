"""A built portal whose owner types commands; what happened to its invoices is written straight into the ledger."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from world import DAY, World

from portal.cli import main
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from pathlib import Path


class Desk:
    """A built portal whose owner types commands."""

    def __init__(self, root: Path) -> None:
        self.world = World(root)
        self.seen = 0

    def entry(self, kind: EntryKind, key: str, minor: int, on: str, **more: Any) -> None:  # noqa: ANN401  fields
        self.seen += 1
        at = datetime.fromisoformat(f"{on}T10:00:00+00:00")
        entry = Entry(kind, key, Money(minor, more.pop("currency", "GBP")), at, f"x{self.seen}", **more)
        with self.world.open().ledger.transaction() as tx:
            tx.append(entry)

    def run(self, *arguments: str, as_of: date = DAY) -> str:
        folders = self.world.folders
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        every = [*arguments, *map(str, where), "--as-of", as_of.isoformat()]
        result = CliRunner().invoke(main, every, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *arguments: str) -> str:
        """What a command that ends with status 1 says."""
        folders = self.world.folders
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        result = CliRunner().invoke(main, [*arguments, *map(str, where)], catch_exceptions=False)
        assert result.exit_code == 1, result.output
        return result.output

    def json(self, *arguments: str, as_of: date = DAY) -> Any:  # noqa: ANN401  JSON
        return json.loads(self.run(*arguments, "--json", as_of=as_of))

    def page(self, name: str = "report.html") -> str:
        return (self.world.folders.state / name).read_text(encoding="utf-8")
