"""``portal play``: what a story tells happens in the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.common import portal_command
from portal.cli.serve import port_of, refuse_taken_port
from portal.config import load_settings
from portal.stories import load_story
from portal.stories import play as play_story

if TYPE_CHECKING:
    from datetime import date

    from portal.wiring.portal import Folders

_HOST = "127.0.0.1"


@click.command()
@click.argument("story", type=click.Path(dir_okay=False, path_type=Path))
@portal_command
def play(story: Path, folders: Folders, as_of: date | None) -> None:
    """Let happen in the sandbox what the file STORY tells, once: customers pay, banks take back."""
    told = load_story(story)
    port = port_of(load_settings(folders.content))
    refuse_taken_port(_HOST, port)
    if played := play_story(told, folders, as_of, host=_HOST, port=port):
        click.echo(f"Played in the sandbox: the {played} steps of {story}.", err=True)
