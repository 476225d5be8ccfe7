"""What a finished build leaves to the next: which of its invoices may rest, and what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.building.kept_builds import keep_build, line_of, shares_of
from portal.receivables.hindsight import invoice_on
from portal.resting import resting
from portal.sources.keys import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from portal.building.freeze import Frozen
    from portal.building.links_file import LinksRow
    from portal.building.listing import Listing
    from portal.building.standings import Standing
    from portal.documents import Documents
    from portal.errors import Problem
    from portal.ports.builds import BuildRecord
    from portal.receivables.invoice import Invoice
    from portal.resting import Resting
    from portal.wiring.portal import Portal


@dataclass(frozen=True, slots=True)
class Left:
    """All that a build found out.

    Attributes:
        standings: where invoices stand that are listed and did not rest.
        rows: theirs in the table of links, by key.
        told: problems and warnings: what something is told of does not rest, so that it is told again.
    """

    standings: Sequence[Standing]
    documents: Documents
    listing: Listing
    frozen: Frozen
    rows: Mapping[str, LinksRow]
    told: Sequence[Problem]


def leave(portal: Portal, build: BuildRecord, marks: bytes, left: Left) -> None:
    """Leave it to the next build; ``marks`` as in ``keep_build``."""
    kept = left.listing.at_rest.kept
    again = (kept.lines[key] for key in left.documents.resting)
    statements = {**left.listing.at_rest.statements, **left.frozen.statements}
    lines = chain(again, map(line_of, _more(portal, left)))
    builds = [build, left.listing.last] if left.listing.last else [build]
    keep_build(portal, builds, marks, lines, statements, left.listing.loaded.tables)


def _more(portal: Portal, left: Left) -> Iterator[Resting]:
    """Those that may rest from now on."""
    digests, zone = _digests(left.listing), ZoneInfo(portal.settings.portal.timezone)
    never = left.documents.entries.keys() | portal.ledger.plans_in_force().keys() | left.frozen.ended
    places = {(problem.file, problem.line) for problem in left.told}
    for standing in left.standings:
        invoice, key = standing.invoice, standing.invoice.key
        if key not in digests or key in never or source_of(invoice) in places or not _is_plain(invoice, portal.today()):
            continue
        yield resting(
            invoice,
            standing.balance,
            zone,
            digest=digests[key],
            shares=shares_of(invoice, portal.settings),
            row=left.rows.get(key, ()),
            pages=left.frozen.invoices.get(key, ()),
        )


def _digests(listing: Listing) -> dict[str, str]:
    """What each invoice was read from: those that were read now, and those that woke."""
    unchanged = listing.loaded.unchanged
    woken = {key: one.digest for key, one in listing.at_rest.kept.invoices.items() if one.digest in unchanged}
    return {**woken, **listing.loaded.digests}


def _is_plain(invoice: Invoice, today: date) -> bool:
    """Whether nothing of it hangs on others or on files beside it, and it counts on this day as it is."""
    is_alone = invoice.key == invoice.number and not invoice.replaces and invoice.replaced_by is None
    return is_alone and invoice.original is None and invoice_on(invoice, today) is invoice
