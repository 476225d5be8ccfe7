"""Which pages have to be made: those that ought to be there beside those that are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.building.rendering import WantedPages
    from portal.building.shares import Share
    from portal.ports import PageRecord
    from portal.resting import PagesMade


@dataclass(frozen=True, slots=True)
class Compared:
    """Pages that have to be made, how many need not be, the paths of others that are there; and all of a link's."""

    stale: list[WantedPages]
    unchanged: int
    others: list[str]
    by_token: dict[str, PagesMade]

    @property
    def to_do(self) -> int:
        """How many have to be made."""
        return sum(map(len, self.stale))


def compared_pages(wanted: Iterable[WantedPages], known: dict[str, PageRecord], share: Share | None) -> Compared:
    """The pages there ought to be beside those ``known``, which are taken out as they are met."""
    stale: list[WantedPages] = []
    by_token: dict[str, PagesMade] = {}
    unchanged = 0
    # One at a time: there may be very many, and most of them are as they were.
    for some in wanted:
        due = []
        if some.token:
            by_token[some.token] = some.fingerprint, [some.path_of(view) for view in some.views]
        for view in some.views:
            path = some.path_of(view)
            if share is not None and not share.has(path):
                continue
            if is_current(known.pop(path, None), some):
                unchanged += 1
            else:
                due.append(view)
        if due:
            stale.append(some.only(due))
    others = [path for path in known if share is None or share.has(path)]
    return Compared(stale, unchanged, others, by_token)


def is_current(record: PageRecord | None, wanted: WantedPages) -> bool:
    """Whether a page is there, whole, and made from the same."""
    return record is not None and record.fingerprint == wanted.fingerprint
