"""The portal's two sides: its own build, and its site frozen by plain Frozen-Flask."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from measuring import HERE, timed
from peer_side import Side
from sample import AS_OF

if TYPE_CHECKING:
    from pathlib import Path

    from measuring import Run
    from peer_side import Invoices

BUILD = HERE.parent / "build.py"


def build(root: Path) -> Run:
    """Everything that ``python build.py`` does: reading, ledger, pages, report, table of links."""
    command: list[str | Path] = [sys.executable, BUILD, "--as-of", str(AS_OF)]
    return timed([*command, "--content", "content", "--output", "build", "--state", "var"], root)


def portal_side(root: Path) -> Side:
    """``python build.py`` on the sample's table."""
    return Side(
        name="portal",
        version="",
        pages=root / "build",
        build=lambda: build(root),
        feed=_has_its_table,
        made=(root / "build", *(root / "var" / f"ledger.sqlite{end}" for end in ("", "-wal", "-shm"))),
    )


def plain_side(root: Path) -> Side:
    """Frozen-Flask as its documentation shows; only invoices and receipts, no report, ledger or table of links."""
    return Side(
        name="plain Frozen-Flask",
        version=version("frozen-flask"),
        pages=root / "plain",
        build=lambda: timed([sys.executable, HERE / "plain_flask.py", root], root),
        feed=_has_its_table,
        made=(root / "plain",),
    )


def _has_its_table(_invoices: Invoices) -> None:
    """``sample.change_one`` writes it."""
