"""What a site generator brings to the comparison: how it is fed, how it builds, and where its pages are."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from measuring import WORK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from measuring import Run

Invoices = list[dict[str, Any]]
"""The sample's invoices as plain values (``sample.sample_invoices``)."""
Frame = dict[str, str]
"""What stands around the pages, by the name of the part: ``head``, ``foot``, ``paid_head``, ``receipt_foot`` ..."""
_MAIN = re.compile('<main id="main".*</main>', re.DOTALL)


_REMOVED = WORK / f"removed-{os.getpid()}"
_NUMBERS = itertools.count()
atexit.register(shutil.rmtree, _REMOVED, ignore_errors=True)


class NotInReachError(Exception):
    """A peer cannot be installed here; the text says why. It is left out, and the others run."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side."""

    name: str
    version: str
    pages: Path
    """The folder that has ``i/TOKEN/index.html`` and receipts below once it has built."""
    build: Callable[[], Run]
    feed: Callable[[Invoices], None]
    """Writes what it reads, only where it differs."""
    made: tuple[Path, ...]
    """All that goes before a first build."""

    def clean(self) -> None:
        """Out of the way with everything that was made.

        It is moved, and removed at the very end: where many files were removed a moment ago, ext4 takes twice the time
        to make new ones, which would be counted as the generator's.
        """
        _REMOVED.mkdir(parents=True, exist_ok=True)
        for path in self.made:
            if path.exists():
                path.rename(_REMOVED / str(next(_NUMBERS)))


def frame_of(folder: Path) -> Frame:
    """The heads and feet of the pages that the portal made there; its peers take them over, to be of one size.

    A page of an invoice that is paid in part has a look of its own, and a receipt below it.
    """
    receipt = next(folder.glob("i/*/receipt/index.html"))
    kinds = {
        "": next(page for page in folder.glob("i/*/index.html") if not (page.parent / "receipt").exists()),
        "paid_": receipt.parents[1] / "index.html",
        "receipt_": receipt,
    }
    around = {kind: _MAIN.split(page.read_text(encoding="utf-8")) for kind, page in kinds.items()}
    return {
        f"{kind}{part}": text.strip()
        for kind, texts in around.items()
        for part, text in zip(("head", "foot"), texts, strict=True)
    }


def write_if_new(path: Path, text: str) -> None:
    """Write a file unless it says so already, since generators look at the time of a change."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def feed_one_file(path: Path) -> Callable[[Invoices], None]:
    """All invoices in one JSON file."""
    return lambda invoices: write_if_new(path, json.dumps(invoices))
