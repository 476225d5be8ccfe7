"""Publishing: whether pages can be written to their folder, and copied to the object store of ``[publish]``."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

from portal.counting import counted
from portal.doctor.findings import Look
from portal.errors import PortalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from portal.doctor.findings import Finding

_FOLDER, _STORE = Look("output folder"), Look("object store")
_MEGABYTE = 1024**2
_TRIAL = bytes(4096)
_LITTLE_ROOM = 200 * _MEGABYTE


def look_at_output(output: Path) -> Iterator[Finding]:
    """Whether pages can be written where they are published from, by a file without a name that nobody can see."""
    standing = next(path for path in (output.absolute(), *output.absolute().parents) if path.exists())
    if not standing.is_dir():
        yield _FOLDER.problem(f"{standing} is a file, so no pages can be written to {output}.", "Name another folder.")
        return
    if refused := _refusal(standing):
        remedy = "Let the user who runs the portal write there, or name another folder with --output."
        yield _FOLDER.problem(f"{standing} cannot be written to, so no pages can be published: {refused}.", remedy)
        return
    free = shutil.disk_usage(standing).free
    if free < _LITTLE_ROOM:
        what = f"Only {free // _MEGABYTE} MB are free on the disk of {standing}; pages that find no room are not made."
        yield _FOLDER.warning(what, "Make room on it.")
    else:
        yield _FOLDER.ok(f"Pages can be written to {output}.")


def _refusal(folder: Path) -> str | None:
    """What the system says to a file in a folder; None where it takes one."""
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(_TRIAL)
    except OSError as error:
        return error.strerror or str(error)
    return None


def look_at_store(
    to: str | None,
    ask: Callable[[], None],
    write: Callable[[], None],
    ask_as_anybody: Callable[[], None],
    differing: Callable[[], int],
) -> Iterator[Finding]:
    """Whether the object store takes keys and objects and keeps its list to itself, and whether it lacks pages.

    Args:
        to: its address; None where there is none.
        ask: asks it for some of what it holds; raises PortalError where that is refused.
        write: puts a small object there and removes it; raises PortalError where either is refused.
        ask_as_anybody: asks it without keys.
        differing: how many pages differ there, as far as is known here.
    """
    if to is None:
        yield _STORE.skipped("Pages are copied to no object store: [publish] names none.")
        return
    try:
        ask()
        write()
    except PortalError as error:
        yield from (_STORE.problem(one.problem, one.remedy) for one in error.problems)
        return
    yield _STORE.ok(f"{to} takes the keys, and a small object could be put there and removed.")
    if _is_answered(ask_as_anybody):
        what = f"Anybody may list what is in {to}, so every private link can be found."
        yield _STORE.problem(what, "Take the right to list away from the public, in the store's own settings.")
    if waiting := differing():
        yield _STORE.warning(f"{counted(waiting, 'page')} differ from those in the store.", "Run `portal publish`.")


def _is_answered(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except PortalError:
        return False
    return True
