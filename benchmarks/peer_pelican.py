"""Pelican, from PyPI: two Jinja templates, a JSON file a page read by a reader of its own, its slow parts off."""

from __future__ import annotations

import json
import shutil
import subprocess
import venv
from typing import TYPE_CHECKING

from measuring import HERE, WORK, timed
from peer_side import NotInReachError, Side, write_if_new

if TYPE_CHECKING:
    from pathlib import Path

    from peer_side import Frame, Invoices

VERSION = "4.12.0"


def install() -> Path:
    """Where Pelican's program is."""
    place = WORK / f"pelican-{VERSION}"
    program = place / "bin" / "pelican"
    try:
        if not place.exists():
            venv.create(place, with_pip=True)
        if not program.exists():
            subprocess.run([place / "bin" / "pip", "install", "--quiet", f"pelican=={VERSION}"], check=True)  # noqa: S603  fixed
    except subprocess.CalledProcessError as error:
        text = f"pip could not install pelican=={VERSION} ({error})"
        raise NotInReachError(text) from None
    return program


def side(root: Path, frame: Frame) -> Side:
    """Its site under ``root``."""
    program, site = install(), root / "pelican"
    shutil.copytree(HERE / "pelican", site, dirs_exist_ok=True)
    for name, text in frame.items():
        write_if_new(site / "theme" / "templates" / f"{name}.html", f"{{% raw %}}{text}{{% endraw %}}")
    return Side(
        name="Pelican, slow parts off",
        version=VERSION,
        pages=site / "output",
        build=lambda: timed([program, "--quiet", "--settings", "pelicanconf.py"], site),
        feed=lambda invoices: feed(site / "content", invoices),
        made=(site / "output",),
    )


def feed(folder: Path, invoices: Invoices) -> None:
    """A file an invoice and one a receipt, for Pelican makes a page of each file."""
    for invoice in invoices:
        text = json.dumps(invoice)
        write_if_new(folder / f"{invoice['number']}.json", text)
        if invoice["paid"]:
            write_if_new(folder / f"{invoice['number']}-receipt.json", text)
