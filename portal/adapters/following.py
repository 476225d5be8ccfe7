"""Copying the published pages into an object store: the folder is the source, the store follows.

The ledger knows what each holds, under a name of its own, and what differs is copied. A page is noted when the store
has it, so a run that is cut short goes on where it was. Pages that changed come first, for what stands there is true no
longer; then those that have to go; then new ones.
"""

from __future__ import annotations

import mimetypes
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from portal.adapters.private_files import locked
from portal.errors import PortalError
from portal.ports import PageRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from portal.ports import Ledger

_AT_ONCE = 8
_BATCH = 64
"""Pages between two notes in the ledger."""
_CACHING = "private, no-store"
_UNKNOWN = ""


class PageStore(Protocol):
    """Where pages are copied to; ``name`` is what the ledger calls it."""

    name: str

    def put(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Write one page, in one step."""

    def delete(self, paths: Sequence[str]) -> None:
        """Remove pages; what is gone already is fine."""

    def sizes(self) -> dict[str, int]:
        """The bytes of every page that is there, by path."""


@dataclass(frozen=True, slots=True)
class Differences:
    """What has to be done so that the store has what the folder has: paths, in the order in which they are done."""

    changed: tuple[str, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many pages differ."""
        return len(self.changed) + len(self.gone) + len(self.new)


class StoreFollower:
    """Brings a store level with the output folder. Processes of one machine may do so at once.

    Args:
        root: the output folder.
        folder: what the ledger calls it.
        store: what follows it.
        ledger: where both are noted.
        lock: a file in the state folder; whoever holds its lock may copy, so that no older page comes last.
    """

    def __init__(self, root: Path, folder: str, store: PageStore, ledger: Ledger, *, lock: Path) -> None:
        self._root = root
        self._folder = folder
        self._store = store
        self._ledger = ledger
        self._lock = lock

    def differences(self, *, look: bool = False) -> Differences:
        """What differs by the ledger; with ``look`` also what the store itself has lost, or has in another size."""
        here = {path: page for path, page in self._ledger.pages(self._folder).items() if _is_public(path)}
        noted = self._ledger.pages(self._store.name)
        sizes = self._store.sizes() if look else {}
        lost = {path for path in noted if look and path in here and sizes.get(path) != self._size(path)}
        # A page whose writing was cut short in the folder is left as it stands in the store.
        whole = (page for page in here.values() if page.fingerprint)
        differing = [
            one.path for one in whole if one.path in lost or _fingerprint(noted.get(one.path)) != one.fingerprint
        ]
        there = noted.keys() - {path for path in lost if path not in sizes}
        return Differences(
            changed=tuple(sorted(path for path in differing if path in there)),
            gone=tuple(sorted(noted.keys() - here.keys())),
            new=tuple(sorted((path for path in differing if path not in there), key=_assets_first)),
        )

    def forget(self) -> None:
        """Take nothing for copied: the next run copies every page again."""
        with locked(self._lock):
            noted = self._ledger.pages(self._store.name).values()
            unknown = [PageRecord(page.path, _UNKNOWN, page.seq) for page in noted]
            self._ledger.record_pages(self._store.name, published=unknown, removed=())

    def follow(
        self, *, look: bool = False, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> Differences:
        """Copy what differs; what was done.

        Raises:
            PortalError: the store did not take a page; those before it are there and noted.
        """
        with locked(self._lock):
            found = self.differences(look=look)
            done = 0
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                done = self._put(pool, found.changed, done, found.count, progress)
                self._remove(found.gone)
                done = self._put(pool, found.new, done + len(found.gone), found.count, progress)
            progress(done, found.count)
        return found

    def _put(
        self,
        pool: ThreadPoolExecutor,
        paths: Sequence[str],
        done: int,
        count: int,
        progress: Callable[[int, int], None],
    ) -> int:
        remaining = iter(paths)
        while batch := list(islice(remaining, _BATCH)):
            # Read before the pages themselves: a page that is newer than its note is copied once more, never missed.
            notes = self._ledger.pages(self._folder, batch)
            tried = list(pool.map(self._copied, [notes[path] for path in batch if path in notes]))
            self._ledger.record_pages(
                self._store.name, published=[one for one in tried if isinstance(one, PageRecord)], removed=()
            )
            for error in tried:
                if isinstance(error, PortalError):
                    raise error
            done += len(batch)
            progress(done, count)
        return done

    def _copied(self, page: PageRecord) -> PageRecord | PortalError | None:
        """One page; the error where it cannot be copied, so that the others of its batch are noted."""
        try:
            body = (self._root / page.path).read_bytes()
        except FileNotFoundError:
            return None  # it went meanwhile; the next run removes it
        try:
            self._store.put(page.path, body, headers_of(page.path))
        except PortalError as error:
            return error
        return page

    def _remove(self, paths: Sequence[str]) -> None:
        remaining = iter(paths)
        while batch := list(islice(remaining, _BATCH)):
            self._store.delete(batch)
            self._ledger.record_pages(self._store.name, published=(), removed=batch)

    def _size(self, path: str) -> int | None:
        try:
            return (self._root / path).stat().st_size
        except OSError:
            return None


def headers_of(path: str) -> dict[str, str]:
    """The headers that an object store keeps with a page; all others are for the CDN before it."""
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind == "image/svg+xml"
    return {"Content-Type": f"{kind}; charset=utf-8" if text else kind, "Cache-Control": _CACHING}


def _is_public(path: str) -> bool:
    """Whether it is a page, and no file that is meant for another kind of host."""
    return not path.rpartition("/")[2].startswith((".", "_"))


def _fingerprint(page: PageRecord | None) -> str | None:
    return page.fingerprint if page else None


def _assets_first(path: str) -> tuple[bool, str]:
    return path.endswith(".html"), path
