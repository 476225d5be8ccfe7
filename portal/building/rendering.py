"""From addresses to published pages: in this process, or, where they are many, in as many as there are processors."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from portal.adapters.publish import BATCH, Page
from portal.errors import PortalError, Problem
from portal.links.sealing import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from portal.building.staging import StagingFreezer
    from portal.wiring.portal import Portal

    Publish = Callable[[Sequence["WantedPages"]], int]

WORTH_SHARING = 200
"""Pages from which on it pays to start further processes."""
MOST_PROCESSES = 8
"""Each holds what was read once more as it touches it; and a container may see more processors than it is given."""
_SHARES_EACH = 4
"""Each process takes several shares, so that at the end none waits long for another."""
_NEW_OBJECTS = 50_000
"""How many objects are made before Python looks for cycles among them; pages leave hardly any behind."""


class View(NamedTuple):
    """One of the pages of a link.

    Attributes:
        site: the form of its address in the site; the token goes at ``{}``.
        host: the same on its host, where an encrypted page is under another name than its token.
        is_sealed: whether it is encrypted.
        is_lasting: whether no payment changes it.
    """

    site: str
    host: str
    is_sealed: bool = False
    is_lasting: bool = False


@dataclass(frozen=True, slots=True)
class WantedPages:
    """Pages that ought to be there and are made from the same: all of one link, or those that are for everybody.

    There may be very many, so that only the token is kept, and not where each page is.
    """

    views: tuple[View, ...]
    fingerprint: str
    token: str = ""
    seq: int = 0

    def url_of(self, view: View) -> str:
        """The address of one of them in the site."""
        return view.site.format(self.token)

    def path_of(self, view: View) -> str:
        """The file that it is published as."""
        return file_of(view.host.format(address_of(self.token) if view.is_sealed else self.token))

    def only(self, views: Sequence[View]) -> WantedPages:
        """Some of them."""
        return self if len(views) == len(self.views) else replace(self, views=tuple(views))

    def __len__(self) -> int:
        return len(self.views)


def file_of(url: str) -> str:
    """The file a web server answers an address with."""
    return (url + "index.html" if url.endswith("/") else url).removeprefix("/")


def publish_pages(portal: Portal, freezer: StagingFreezer, wanted: Iterable[WantedPages]) -> int:
    """Render pages and put them into the output, in this process; how many there were."""
    pages = {some.url_of(view): (some, some.path_of(view)) for some in wanted for view in some.views}
    if pages:
        portal.publisher().publish(_rendered(freezer, pages))
    return len(pages)


def publish_many(
    portal: Portal,
    freezer: StagingFreezer,
    wanted: Sequence[WantedPages],
    progress: Callable[[int, int], None],
    *,
    processes: int | None = None,
) -> None:
    """The same for many pages; each is the same to the byte however many processes there are.

    Args:
        portal: whose pages.
        freezer: what renders them.
        wanted: the pages.
        progress: called with pages done and pages to do.
        processes: how many work at once; None for one per processor where that is safe and pays.

    Raises:
        PortalError: a page could not be written, or one of the processes was ended.
    """
    to_do = sum(map(len, wanted))
    workers = processes or (_processors() if to_do >= WORTH_SHARING else 1)
    publish = partial(publish_pages, portal, freezer)
    shares = _shares(wanted, to_do, workers)
    done = 0
    for published in _by_processes(publish, shares, workers) if workers > 1 else map(publish, shares):
        done += published
        progress(done, to_do)


def _rendered(freezer: StagingFreezer, pages: Mapping[str, tuple[WantedPages, str]]) -> Iterator[Page]:
    for url, body in freezer.freeze_each(pages):
        made, path = pages[url]
        yield Page(path=path, body=body, fingerprint=made.fingerprint, seq=made.seq)


def _shares(wanted: Iterable[WantedPages], to_do: int, workers: int) -> list[Sequence[WantedPages]]:
    """Shares of about as many pages, and none of more than are published at once unless a link alone has more."""
    size = max(1, min(BATCH, -(-to_do // (workers * _SHARES_EACH))) if workers > 1 else BATCH)
    shares: list[list[WantedPages]] = []
    room = 0
    for some in wanted:
        if len(some) > room:
            shares.append([])
            room = size
        shares[-1].append(some)
        room -= len(some)
    return list(shares)


def _processors() -> int:
    """How many processes may work at once.

    They are forked, so that none reads the invoices again. That is safe on Linux, and where no other thread runs that
    could hold a lock at that moment; anywhere else this process does it all.
    """
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


_publish: Publish | None = None
"""In a process that was forked: what it does with its shares."""


def _begin(publish: Publish) -> None:
    """The first thing in a process of its own: Ctrl-C is for the one that started it, which then ends it."""
    global _publish  # noqa: PLW0603  a process pool hands its workers what is too large to be sent only this way
    _publish = publish
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(_NEW_OBJECTS)


def _do_share(share: Sequence[WantedPages]) -> int:
    if _publish is None:
        raise RuntimeError("a share is done in a process that was begun for it")
    return _publish(share)


def _by_processes(publish: Publish, shares: Iterable[Sequence[WantedPages]], workers: int) -> Iterator[int]:
    """Pages published, share by share as they are done; the first thing that goes wrong ends the others' work."""
    # Imported here, since a build that changes little does not need them.
    from concurrent.futures import ProcessPoolExecutor, as_completed  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    gc.freeze()  # what was read so far is not looked at again, so that the processes share its memory
    try:
        with ProcessPoolExecutor(workers, get_context("fork"), _begin, (publish,)) as pool:
            try:
                for done in as_completed([pool.submit(_do_share, share) for share in shares]):
                    yield done.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool as error:
        raise PortalError(
            Problem(
                "A process that made pages was ended from outside, perhaps for want of memory.",
                "The pages that were there still stand. Build again.",
            )
        ) from error
    finally:
        gc.unfreeze()
