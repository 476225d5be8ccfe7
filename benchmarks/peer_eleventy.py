"""Eleventy, from npm: two JavaScript templates, their pages made by pagination over one JSON file, with ``Intl``."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from measuring import HERE, WORK, timed
from peer_side import NotInReachError, Side, feed_one_file, write_if_new

if TYPE_CHECKING:
    from pathlib import Path

    from peer_side import Frame

VERSION = "3.1.8"
_INSTALL = ("install", "--no-audit", "--no-fund", "--loglevel=error", f"@11ty/eleventy@{VERSION}")


def install() -> list[str | Path]:
    """The command that runs Eleventy."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        text = "Node and npm are not installed: `apt-get install nodejs npm`"
        raise NotInReachError(text)
    place = WORK / f"eleventy-{VERSION}"
    program = place / "node_modules" / "@11ty" / "eleventy" / "cmd.cjs"
    if not program.exists():
        write_if_new(place / "package.json", json.dumps({"private": True}))
        done = subprocess.run([npm, *_INSTALL], cwd=place, check=False, capture_output=True, text=True)  # noqa: S603  fixed
        if done.returncode:
            text = f"npm could not install @11ty/eleventy@{VERSION}: {done.stderr.strip()[-300:]}"
            raise NotInReachError(text)
    return [node, program]


def side(root: Path, frame: Frame) -> Side:
    """Its site under ``root``."""
    command, site = install(), root / "eleventy"
    shutil.copytree(HERE / "eleventy", site, dirs_exist_ok=True)
    write_if_new(site / "_data" / "frame.json", json.dumps(frame))
    return Side(
        name="Eleventy",
        version=VERSION,
        pages=site / "_site",
        build=lambda: timed([*command, "--quiet"], site),
        feed=feed_one_file(site / "_data" / "invoices.json"),
        made=(site / "_site",),
    )
