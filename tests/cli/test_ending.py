"""A command ends at once, and leaves everything put away."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = '[business]\nname = "Ada"\nemail = "ada@example.com"\n\n[portal]\nbase_url = "http://127.0.0.1:8000"\n'
INVOICE = '+++\nnumber = "1"\ncustomer = "Bob"\ncurrency = "EUR"\ntotal = "7.00"\n+++\n'
RUN = "from portal.cli import main; main({arguments!r})"
LATER = "import atexit, gc; import portal.cli; atexit.register(lambda: print(gc.get_freeze_count()))"


def run(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_ledger_is_one_file_after_a_command(tmp_path: Path) -> None:
    """SQLite's journal goes into the ledger with the last connection: whoever copies the file has all of it."""
    (tmp_path / "content" / "invoices").mkdir(parents=True)
    (tmp_path / "content" / "portal.toml").write_text(SETTINGS)
    (tmp_path / "content" / "invoices" / "1.md").write_text(INVOICE)
    for command in (
        ["build"],
        ["list"],
        ["record", "1", "2.00", "--on", "2026-11-02", "--by", "cash", "--reference", "x"],
    ):
        run(RUN.format(arguments=command), tmp_path)
        assert [path.name for path in (tmp_path / "var").glob("ledger*")] == ["ledger.sqlite"]
    assert "5.00" in run(RUN.format(arguments=["show", "1"]), tmp_path)


def test_cycles_are_not_looked_for_in_what_was_imported(tmp_path: Path) -> None:
    """What modules register later runs before, while everything still works."""
    assert run(LATER, tmp_path) == "0\n"
    first = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 1000)); import portal.cli"
    assert run(first, tmp_path) == "True\n"
