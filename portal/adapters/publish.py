"""Publishing pages: each is replaced as a whole, an older one never replaces a newer, and nothing else is touched.

Order of writes: note in the ledger that the page is about to change, draft, rename, note what it was made from. A page
whose writing was cut short is thus known by its empty fingerprint, and is made again or removed. Packed copies go
before their page changes and come back after it: a server sends the page itself then, and no copy is ever older.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from portal.adapters.output_folder import OutputFolder, parts_of
from portal.adapters.packing import copies_of
from portal.adapters.private_files import locked
from portal.errors import PortalError, Problem
from portal.ports import PageRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized

    from portal.ports import Ledger

BATCH = 500
"""Pages published under one lock: few enough that a payment's page need not wait long for a whole build."""
MANY = 20
"""From here on, one ``os.sync()`` is faster than two ``fsync`` a page."""

_SYNC_WAITS = sys.platform == "linux"  # elsewhere sync() may return before the disk is done
_UNFINISHED = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to publish: ``path`` below the output folder, its bytes, and the rest as in ``PageRecord``."""

    path: str
    body: bytes
    fingerprint: str
    seq: int


class Published(NamedTuple):
    """What became of pages: paths published, and paths where a newer page was kept."""

    published: tuple[str, ...]
    kept_because_newer: tuple[str, ...]


class FolderPublisher:
    """Publishes pages into one folder. Threads and processes may do so at once.

    Args:
        output: the folder that the web server reads.
        ledger: where published pages are noted.
        lock: a file in the state folder, made where it is missing; whoever holds its lock may publish.
        packed: whether pages have packed copies beside them. Copies that are there go in any case.
    """

    def __init__(self, output: Path, ledger: Ledger, *, lock: Path, packed: bool = False) -> None:
        self._folder = OutputFolder(output.resolve())
        self._ledger = ledger
        self._lock = lock.resolve()
        self._packed = packed
        self.name = Path(os.path.relpath(self._folder.root, self._lock.parent)).as_posix()
        """What the ledger calls the output: its place seen from the state folder, so that both can move together."""

    def known(self) -> dict[str, PageRecord]:
        """The pages that stand in the folder, by path; an empty fingerprint where the last writing was cut short.

        Raises:
            PortalError: the folder holds files and is not the portal's.
        """
        recorded = self._ledger.pages(self.name)
        if not recorded:
            self._refuse_foreign()
        has = self._folder.has
        return {path: page for path, page in recorded.items() if page.fingerprint == _UNFINISHED or has(path)}

    def publish(self, pages: Iterable[Page]) -> Published:
        """Publish pages, unless the ledger knows of a newer one at the same path.

        Raises:
            PortalError: a path leaves the folder, the folder is not the portal's, or the disk refused a write; pages
                of earlier batches are published then, and every page is whole.
        """
        published: list[str] = []
        kept: list[str] = []
        remaining = iter(pages)
        while batch := list(islice(remaining, BATCH)):
            with locked(self._lock):
                newer = self._newer(batch)
                wanted = [page for page in batch if page.path not in newer]
                if wanted:
                    self._publish_batch(wanted)
            published += (page.path for page in wanted)
            kept += (page.path for page in batch if page.path in newer)
        return Published(tuple(published), tuple(kept))

    def remove(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Remove pages that were published here, and the folders they leave empty; returns their paths.

        Raises:
            PortalError: the disk refused.
        """
        removed: list[str] = []
        remaining = iter(paths)
        while batch := list(islice(remaining, BATCH)):
            with locked(self._lock):
                ours = tuple(self._ledger.pages(self.name, batch))
                with _told(self._folder.root), _synced(ours) as sync:
                    for path in ours:
                        self._folder.delete(path, sync=sync)
                self._ledger.record_pages(self.name, published=(), removed=ours)
            removed += ours
        return tuple(removed)

    def _newer(self, batch: Sequence[Page]) -> frozenset[str]:
        recorded = self._ledger.pages(self.name, [page.path for page in batch])
        if not recorded:
            self._refuse_foreign()
        return frozenset(p.path for p in batch if p.path in recorded and recorded[p.path].seq > p.seq)

    def _publish_batch(self, batch: Sequence[Page]) -> None:
        paths = [page.path for page in batch]
        for path in paths:
            parts_of(path)
        if len(set(paths)) != len(paths):
            raise ValueError("two pages have the same path")
        copies = (
            dict(copy for page in batch for copy in copies_of(page.path, page.body).items()) if self._packed else {}
        )
        self._note(batch, finished=False)
        with _told(self._folder.root):
            self._folder.make()
            try:
                self._replace(batch, copies)
            except OSError:
                for path in (*paths, *copies):
                    with suppress(OSError):
                        self._folder.discard_draft(path)
                raise
        self._note(batch, finished=True)

    def _replace(self, batch: Sequence[Page], copies: Mapping[str, bytes]) -> None:
        """Let new pages take the place of the old ones; each step is on disk before the next."""
        with _synced(batch) as sync:
            for page in batch:
                if not self._folder.write_draft(page.path, page.body, sync=sync):
                    self._folder.delete_copies(page.path, sync=sync)
            for path, body in copies.items():
                self._folder.write_draft(path, body, sync=sync)
        with _synced(batch) as sync:
            for page in batch:
                self._folder.put_in_place(page.path, sync=sync)
        with _synced(copies) as sync:
            for path in copies:
                self._folder.put_in_place(path, sync=sync)

    def _note(self, batch: Sequence[Page], *, finished: bool) -> None:
        records = [PageRecord(p.path, p.fingerprint if finished else _UNFINISHED, p.seq) for p in batch]
        self._ledger.record_pages(self.name, published=records, removed=())

    def _refuse_foreign(self) -> None:
        if not (self._folder.is_marked or self._folder.is_empty or self._ledger.pages(self.name)):
            raise PortalError(
                Problem(
                    "This folder has files that the portal did not make.",
                    "Name an empty folder for the pages, or a new one.",
                    file=str(self._folder.root),
                )
            )


def check_folders(output: Path, state: Path, content: Path) -> None:
    """Refuse an output folder that would lay open, or be mixed up with, what is not for the public.

    Raises:
        PortalError: every overlap, at once.
    """
    public, private, source = output.resolve(), state.resolve(), content.resolve()
    problems = []
    if private.is_relative_to(public) or public.is_relative_to(private):
        problems.append(
            Problem(
                f"The output folder and the state folder {state} lie in one another: the ledger would be public.",
                "Name an output folder beside it.",
                file=str(output),
            )
        )
    if source.is_relative_to(public):
        problems.append(
            Problem(
                f"The content folder {content} lies in the output folder: the invoices would be public.",
                "Name an output folder beside it.",
                file=str(output),
            )
        )
    if problems:
        raise PortalError(problems)


@contextmanager
def _synced(batch: Sized) -> Iterator[bool]:
    """Whether each step has to reach the disk by itself; if not, all do at the end."""
    together = _SYNC_WAITS and len(batch) >= MANY
    yield not together
    if together:
        os.sync()


@contextmanager
def _told(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PortalError(
            Problem(
                f"Pages cannot be written: {error.strerror or error}.",
                "The pages that were there still stand. Mend this, then build again.",
                file=str(root / os.fsdecode(error.filename)) if error.filename else str(root),
            )
        ) from error
