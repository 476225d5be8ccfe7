"""Files and folders that only the portal's own account may read."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; a folder that is there already keeps its mode."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def create_private_file(path: Path, content: bytes | Iterable[bytes] = b"") -> None:
    """Write a new file that only its owner can read, at once or bit by bit, and wait until it is on disk.

    Raises:
        FileExistsError: there is something of that name already.
    """
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(opened, "wb") as file:  # noqa: PTH123  a file descriptor has no path
        file.writelines((content,) if isinstance(content, bytes) else content)
        file.flush()
        os.fsync(opened)
    sync_folder(path.parent)


def replace_private_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Put a file that only its owner can read in the place of whatever was there, in one step."""
    make_private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        create_private_file(draft, content)
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Keep other processes out meanwhile; the lock goes with the process, however it ends."""
    make_private_folder(lock.parent)
    opened = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def sync_folder(folder: Path | str) -> None:
    """Wait until the names in a folder are on disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
