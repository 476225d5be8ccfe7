"""Links, and the invoices and facts of one statement, read at one moment."""

from __future__ import annotations

from abc import ABC
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from portal.adapters.ledger.engine import insert_or, lock, reading
from portal.adapters.ledger.invoice_json import invoice_from_json
from portal.adapters.ledger.rows import entries_by_invoice, link_of_row, link_row
from portal.adapters.ledger.tables import entries, invoices, links
from portal.ports.links import StatementRecord, newest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection, Engine

    from portal.ports.links import Link, LinkKind, LinkState

_LINK = select(links).where(links.c.token == bindparam("token"))
_ISSUED = select(links).order_by(links.c.version, links.c.token)
_OF_SUBJECTS = _ISSUED.where(links.c.subject.in_(bindparam("subjects", expanding=True)))
_OF_KIND = _ISSUED.where(links.c.kind == bindparam("kind"))
_OF_KIND_AND_SUBJECTS = _OF_KIND.where(links.c.subject.in_(bindparam("subjects", expanding=True)))
_VERSIONS = _OF_KIND.where(links.c.subject == bindparam("subject"))
_new_link = insert_or(links)
PUT_LINK = _new_link.on_conflict_do_update(
    index_elements=[links.c.token],
    set_={column.name: column for column in _new_link.excluded if column.name != "token"},
)
AS_LAST_BUILT = "invoices as last built"
"""What whoever changes links keeps to themselves, so that a build and the owner's word never mix."""
_STATES = select(links.c.token, links.c.subject, links.c.ended, links.c.expires_on)
_SUBJECTS_AT_ONCE = 500
_IN_FORCE = (
    select(links).where(links.c.kind == bindparam("kind"), links.c.revoked_at.is_(None)).order_by(links.c.subject)
)
_TOKENS = _IN_FORCE.with_only_columns(links.c.subject, links.c.token).where(
    or_(links.c.expires_on.is_(None), links.c.expires_on >= bindparam("day"))
)
_INVOICES = select(invoices).where(invoices.c.statement_key == bindparam("statement")).order_by(invoices.c.key)
_KEYS = select(invoices.c.key).where(invoices.c.statement_key == bindparam("statement"))
_LAST = select(func.max(entries.c.seq))
_ENTRIES = select(entries).where(entries.c.invoice_key.in_(_KEYS)).order_by(entries.c.seq)


class LinksInTransaction(ABC):
    """The part of a ledger transaction that changes links; see ``portal.ports.links.LinkTransaction``."""

    _connection: Connection

    def links_of(self, kind: LinkKind, subject: str) -> tuple[Link, ...]:
        """Every version that was issued, oldest first; no build changes links until the transaction ends."""
        lock(self._connection, AS_LAST_BUILT)
        return tuple(map(link_of_row, self._connection.execute(_VERSIONS, {"kind": kind.value, "subject": subject})))

    def put_link(self, link: Link) -> None:
        """Keep a link: a new one, or what has become of one."""
        lock(self._connection, AS_LAST_BUILT)
        self._connection.execute(PUT_LINK, link_row(link))


class LinksOfLedger:
    """The part of the ledger that knows links; see ``portal.ports.links``."""

    _engine: Engine

    def link(self, token: str) -> Link | None:
        """The link that was issued under a token, revoked or not."""
        with reading(self._engine) as connection:
            row = connection.execute(_LINK, {"token": token}).one_or_none()
            return None if row is None else link_of_row(row)

    def links_in_force(self, kind: LinkKind) -> tuple[Link, ...]:
        """The links of a kind that were issued and have not ended; their last day may have passed."""
        with reading(self._engine) as connection:
            return tuple(map(link_of_row, connection.execute(_IN_FORCE, {"kind": kind.value})))

    def tokens_in_force(self, kind: LinkKind, day: date) -> Mapping[str, str]:
        """The tokens of the links of a kind that hold on a day, by subject."""
        with reading(self._engine) as connection:
            return dict(map(tuple, connection.execute(_TOKENS, {"kind": kind.value, "day": day})))

    def links_issued(self, subjects: Iterable[str] | None = None) -> tuple[Link, ...]:
        """Every link that was ever issued, or those of some subjects; older versions first."""
        with reading(self._engine) as connection:
            if subjects is None:
                return tuple(map(link_of_row, connection.execute(_ISSUED)))
            return tuple(_found(connection, _OF_SUBJECTS, {}, subjects))

    def links_otherwise(self, before: Mapping[str, LinkState]) -> frozenset[str]:
        """The subjects of links that are new, or otherwise than they were: their states then, by token."""
        with reading(self._engine) as connection:
            rows = map(tuple, connection.execute(_STATES))
            return frozenset(subject for token, subject, *state in rows if before.get(token) != tuple(state))

    def newest_links(self, kind: LinkKind, subjects: Iterable[str] | None = None) -> Mapping[str, Link]:
        """The newest version of each link of a kind, by subject."""
        of_kind = {"kind": kind.value}
        with reading(self._engine) as connection:
            if subjects is None:
                found = list(map(link_of_row, connection.execute(_OF_KIND, of_kind)))
            else:
                found = list(_found(connection, _OF_KIND_AND_SUBJECTS, of_kind, subjects))
        return newest_of(found)[kind]

    def statement(self, key: str) -> StatementRecord:
        """The invoices of a statement with their facts; no documents where no invoice is on it.

        All facts are read by one question, so that they are of one moment: a payment is on all of its invoices or none.
        """
        with reading(self._engine) as connection:
            listed = connection.execute(_INVOICES, {"statement": key}).all()
            # Read before the facts: an entry that comes between is then on the page with its own number or not at all.
            last = connection.execute(_LAST).scalar_one() or 0
            facts = entries_by_invoice(connection.execute(_ENTRIES, {"statement": key}))
        documents = tuple((invoice_from_json(row.record), facts.get(row.key, ())) for row in listed)
        return StatementRecord(documents, seq=max([last, *(found[-1].seq for found in facts.values())]))


def _found(
    connection: Connection, question: Select[Any], values: Mapping[str, str], subjects: Iterable[str]
) -> Iterator[Link]:
    """The links of subjects, some of them at a time."""
    remaining = iter(subjects)
    while some := list(islice(remaining, _SUBJECTS_AT_ONCE)):
        yield from map(link_of_row, connection.execute(question, {**values, "subjects": some}))
