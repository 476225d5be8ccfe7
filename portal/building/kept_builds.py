"""What one build leaves to the next, so that invoices to which nothing happens can rest (``portal.resting``).

It is one private file, which may be thrown away, and which the next build removes before it writes anything. It holds
after the very build that wrote it, if no other ran beside that; for its day; and while all else that pages are made
from is as it was: settings, the portal's code, the owner's own pages, the link key, and what the owner did to links.
Then an invoice rests that is read from the same rows, of which the ledger knows no entry, whose pages are there, and
which shares nothing with one that does not rest.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from portal.adapters.private_files import replace_private_file
from portal.building.at_hand import own_pages
from portal.building.fingerprints import site_key
from portal.payees import form_of
from portal.receivables.customers import statement_key
from portal.resting import PagesMade, Resting
from portal.sources.unchanged import Known

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from portal.config import Settings
    from portal.ports import PageRecord
    from portal.ports.builds import BuildRecord
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Portal

KEPT_FILE = "resting.jsonl"
"""Below the state folder: a first line that says when it holds, the pages of statements, then an invoice a line."""
_STATEMENT = "statement "
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class KeptBuild:
    """What a build left.

    Attributes:
        invoices: those that may rest, by key.
        statements: the pages of each statement, by its key.
        tables: the digests of all invoices in a table, by its own (``portal.sources.unchanged``).
        lines: the invoices as they are written down: one that rests again is not put into words again.
    """

    invoices: Mapping[str, Resting] = field(default_factory=dict)
    statements: Mapping[str, Sequence[PagesMade]] = field(default_factory=dict)
    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lines: Mapping[str, bytes] = field(default_factory=dict)

    def known(self) -> Known:
        """What need not be read again."""
        numbers = {one.digest: one.number for one in self.invoices.values()}
        return Known(numbers, {table: some for table, some in self.tables.items() if numbers.keys() >= set(some)})


def kept_build(portal: Portal) -> KeptBuild:
    """What the last build left; nothing where it was not that build, or something else is otherwise since."""
    path, builds = portal.folders.state / KEPT_FILE, portal.ledger.last_builds(2)
    by_links = portal.settings.payments.by_links or portal.ledger.payment_links(is_live=portal.is_live)
    if not builds or by_links or not path.is_file():
        return KeptBuild()
    head, _line, rest = path.read_bytes().partition(b"\n")
    if head.decode() != _stamp(portal, builds, portal.ledger.marks_of_links()):
        return KeptBuild()
    besides, _line, rest = rest.partition(b"\n")
    lines = rest.splitlines()
    found = map(Resting._make, json.loads(b"[" + b",".join(lines) + b"]"))
    invoices = {one.key: one for one in found}
    statements, tables = json.loads(besides)
    return KeptBuild(invoices, statements, tables, dict(zip(invoices, lines, strict=True)))


def keep_build(  # noqa: PLR0913, PLR0917  plain facts, named
    portal: Portal,
    builds: Sequence[BuildRecord],
    marks: bytes,
    lines: Iterable[bytes],
    statements: Mapping[str, Sequence[PagesMade]],
    tables: Mapping[str, Sequence[str]],
) -> None:
    """Leave it to the next build.

    Args:
        portal: whose.
        builds: the one that is finished, and the one before it as it was when this one began.
        marks: of the links as they were before pages were made: what was done to them since is seen next time.
        lines: the invoices that may rest, as ``line_of`` writes them.
        statements: the pages of each.
        tables: the digests of all invoices in each.
    """
    head = f"{_stamp(portal, builds, marks)}\n{_encode([statements, tables])}".encode()
    every = (line + b"\n" for line in chain([head], lines))
    replace_private_file(portal.folders.state / KEPT_FILE, every)


def line_of(one: Resting) -> bytes:
    """An invoice as it is written down."""
    return _encode(one).encode()


def forget_build(portal: Portal) -> None:
    """Let nothing rest until a build is finished: the ledger may be otherwise by now than the last one left it."""
    (portal.folders.state / KEPT_FILE).unlink(missing_ok=True)


def _stamp(portal: Portal, builds: Sequence[BuildRecord], marks: bytes) -> str:
    """What has to be the same for anything to rest, in one line."""
    settings = portal.settings
    facts: tuple[Any, ...] = (
        ([build.finished_at for build in builds], portal.today(), marks, portal.publisher().name),
        (site_key(settings), own_pages(portal.folders.content), portal.portal_id, portal.is_live, sys.version),
    )
    return hashlib.blake2b(repr(facts).encode()).hexdigest()


def shares_of(invoice: Invoice, settings: Settings) -> tuple[str, ...]:
    """What an invoice may have in common with others, so that warnings and statements are about all of them."""
    statement, number, form = statement_key(invoice), invoice.customer.reference, form_of(invoice, settings)
    found = [f"{_STATEMENT}{statement}"] if statement else []
    found += [f"customer {number}"] if number else []
    found += [f"reference {form}"] if form else []
    return tuple(found)


class AtRest:
    """The invoices that rest in a build; fewer and fewer, as it finds out more.

    Args:
        kept: what the last build left.
        unchanged: the digests of what is in the owner's files as it was.
    """

    def __init__(self, kept: KeptBuild, unchanged: Container[str] = ()) -> None:
        self.kept = kept
        self._told: set[str] = set()
        self.invoices = {key: one for key, one in kept.invoices.items() if one.digest in unchanged}

    @property
    def statements(self) -> dict[str, Sequence[PagesMade]]:
        """The pages of each statement all of whose invoices rest, by its key."""
        keys = dict.fromkeys(self._statement_keys())
        return {key: self.kept.statements.get(key, ()) for key in keys}

    def subjects(self) -> frozenset[str]:
        """What the links of resting pages open: keys of invoices and of statements."""
        return frozenset(self.invoices).union(self._statement_keys())

    def pages(self) -> frozenset[str]:
        """The paths of the pages that rest."""
        own = (one.pages for one in self.invoices.values())
        made = chain.from_iterable(chain(own, self.statements.values()))
        return frozenset(path for _fingerprint, paths in made for path in paths)

    def wake_changed(self, settings: Settings, awake: Iterable[Invoice]) -> list[str]:
        """Wake whatever shares anything with invoices that do not rest, as they are or as the last build had them."""
        before = [share for key, one in self.kept.invoices.items() if key not in self.invoices for share in one.shares]
        return self.wake((), [*before, *(share for invoice in awake for share in shares_of(invoice, settings))])

    def wake_without_pages(self, known: Mapping[str, PageRecord]) -> list[str]:
        """Wake those whose pages are not all there as they were made."""

        def are_there(made: Iterable[PagesMade]) -> bool:
            pages = ((path, fingerprint) for fingerprint, paths in made for path in paths)
            return all((record := known.get(path)) and record.fingerprint == wanted for path, wanted in pages)

        keys = [key for key, one in self.invoices.items() if not are_there(one.pages)]
        gone = (key for key, pages in self.statements.items() if not are_there(pages))
        return self.wake(keys, [f"{_STATEMENT}{key}" for key in gone])

    def wake(self, keys: Iterable[str], shares: Iterable[str] = ()) -> list[str]:
        """Wake these, and all that shares anything with them, which wakes others in turn; the keys of all of them."""
        woken: list[str] = []
        waiting, telling = list(keys), set(shares)
        while waiting or telling:
            for key in waiting:
                if one := self.invoices.pop(key, None):
                    woken.append(key)
                    telling.update(one.shares)
            waiting = [key for share in telling - self._told for key in self._sharing.get(share, ())]
            self._told |= telling
            telling = set()
        return woken

    @cached_property
    def _sharing(self) -> Mapping[str, list[str]]:
        """The keys of all that share something, by what it is."""
        found: dict[str, list[str]] = defaultdict(list)
        for key, one in self.invoices.items():
            for share in one.shares:
                found[share].append(key)
        return found

    def _statement_keys(self) -> Iterator[str]:
        shares = (one.shares[0] for one in self.invoices.values() if one.shares)
        return (share.removeprefix(_STATEMENT) for share in shares if share.startswith(_STATEMENT))
