"""A folder that web servers read: files appear in it whole, never half written, and never anywhere else."""

# Paths are plain text here: a build makes several calls for each of ten thousand pages.
# ruff: noqa: PTH101, PTH102, PTH104, PTH106, PTH108

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from portal.adapters.packing import COPIES
from portal.adapters.private_files import sync_folder
from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MARKER = ".portal"
"""The file that says a folder is the portal's; drafts end in the same name, so no page can be called like one."""

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_NO_NAMES = frozenset({"", ".", ".."})


class OutputFolder:
    """Single files below ``root``. With ``sync`` a step is on disk when it returns; without, after ``os.sync()``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._root = str(root)

    def write_draft(self, path: str, body: bytes, *, sync: bool) -> bool:
        """Write what is to stand at ``path`` beside it; a draft that an earlier run left there is overwritten.

        Returns whether its folder was made for it, and so has nothing else in it.
        """
        *folders, name = parts_of(path)
        folder, is_new = self._enter_or_make(folders, sync=sync)
        file = os.open(f"{folder}/{_draft_of(name)}", _NEW_FILE, _FILE_MODE)
        try:
            os.fchmod(file, _FILE_MODE)
            _write_all(file, body)
            if sync:
                os.fsync(file)
        finally:
            os.close(file)
        return is_new

    def put_in_place(self, path: str, *, sync: bool) -> None:
        """Let the draft take the place of the file at ``path``, in one step."""
        folder, name = self._place(path)
        os.rename(f"{folder}/{_draft_of(name)}", f"{folder}/{name}")
        if sync:
            sync_folder(folder)

    def discard_draft(self, path: str) -> None:
        """Remove a draft, if there is one."""
        folder, name = self._place(path)
        _remove(f"{folder}/{_draft_of(name)}")

    def delete_copies(self, path: str, *, sync: bool) -> None:
        """Remove the packed copies of a file, if there are any, before the file itself changes."""
        folder, name = self._place(path)
        gone = [_remove(f"{folder}/{name}{ending}") for ending in COPIES]
        if sync and any(gone):
            sync_folder(folder)

    def delete(self, path: str, *, sync: bool) -> None:
        """Remove a file, its packed copies, all drafts, and the folders that are empty then; what is gone is fine."""
        *folders, name = parts_of(path)
        try:
            folder = self._enter(folders)
        except FileNotFoundError:
            return
        names = [*(f"{name}{ending}" for ending in COPIES), name]  # never a copy without its page
        for each in (*names, *map(_draft_of, names)):
            _remove(f"{folder}/{each}")
        if sync:
            sync_folder(folder)
        with suppress(OSError):  # a folder that is not empty stays
            for depth in range(len(folders), 0, -1):
                os.rmdir("/".join((self._root, *folders[:depth])))

    def has(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        try:
            return stat.S_ISREG(os.lstat(f"{self._root}/{path}").st_mode)
        except OSError:
            return False

    def make(self) -> None:
        """Make the folder itself and mark it as the portal's."""
        self.root.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        if not self.is_marked:
            (self.root / MARKER).write_text("This folder is written by the portal. Keep nothing of your own here.\n")

    @property
    def is_marked(self) -> bool:
        """Whether the folder is known to be the portal's."""
        return (self.root / MARKER).is_file()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in the folder, or no folder."""
        try:
            return next(self.root.iterdir(), None) is None
        except FileNotFoundError:
            return True

    def _place(self, path: str) -> tuple[str, str]:
        *folders, name = parts_of(path)
        return "/".join((self._root, *folders)), name

    def _enter(self, folders: Iterable[str]) -> str:
        """The folder as a path, each part of it looked at: a symbolic link could lead anywhere."""
        inner = self._root
        for name in folders:
            inner = f"{inner}/{name}"
            if not stat.S_ISDIR(os.lstat(inner).st_mode):
                raise PortalError(
                    Problem("This is not a folder, so no page goes there.", "Remove or rename it.", file=inner)
                )
        return inner

    def _enter_or_make(self, folders: Sequence[str], *, sync: bool) -> tuple[str, bool]:
        """The same, and whether it was made for it: that is tried first, for in a first build most folders are new."""
        if not folders:
            return self._root, False
        *outer, name = folders
        try:
            around = self._enter(outer)
        except FileNotFoundError:
            around, _is_new = self._enter_or_make(outer, sync=sync)
        if not _made(f"{around}/{name}"):
            return self._enter(folders), False
        if sync:
            sync_folder(around)
        return f"{around}/{name}", True


def parts_of(path: str) -> list[str]:
    """The names a path is made of.

    Raises:
        PortalError: the path leaves the output folder, or is one that the portal keeps for itself.
    """
    parts = path.split("/")
    if not _NO_NAMES.isdisjoint(parts) or "\0" in path or "\\" in path:
        raise PortalError(
            Problem("This path does not stay inside the output folder.", "Nothing was written.", file=path)
        )
    if MARKER in path and any(part.endswith(MARKER) and part.startswith(".") for part in parts):
        raise PortalError(Problem("The portal keeps this name for itself.", "Choose another name.", file=path))
    return parts


def _remove(file: str) -> bool:
    """Whether there was such a file."""
    try:
        os.unlink(file)
    except FileNotFoundError:
        return False
    return True


def _draft_of(name: str) -> str:
    return f".{name}{MARKER}"


def _made(folder: str) -> bool:
    """Make a folder, unless there is something of that name; whether it was made."""
    try:
        os.mkdir(folder, _FOLDER_MODE)
    except FileExistsError:
        return False
    os.chmod(folder, _FOLDER_MODE)  # whatever the umask, since a web server reads it
    return True


def _write_all(file: int, body: bytes) -> None:
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(file, rest) :]
