"""What the owner does to links, on both databases: it lasts through every build, and is never half done."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.links import token_of
from portal.links.issuing import Issuing, LinkPlace
from portal.ports.links import Link, LinkEnd, LinkKind, newest_of
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = b"k" * 32
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TOTAL = Money(1000, "GBP")
INVOICE = Invoice("A-1", "A-1", Customer("Ada", "ada@example.com"), TOTAL, TOTAL, None, None, "invoices/a.csv")
FULL = LinkPlace(LinkKind.INVOICE, "A-1", "A-1")
PAY_ONLY = LinkPlace(LinkKind.PAY_ONLY, "A-1", "A-1")


def first(place: LinkPlace, version: int = 1) -> Link:
    return Link(token_of(KEY, place.kind, place.subject, version), place.subject, place.kind, version)


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(ledger_address)) as made:
        made.replace_invoices([INVOICE], [first(FULL)])
        yield made


def issuing(ledger: SqlLedger) -> Issuing:
    return Issuing(ledger, partial(token_of, KEY), lambda: NOW)


def rebuild(ledger: SqlLedger, *versions: Link) -> None:
    """A build that had read the links before: it lists what it knew of."""
    ledger.replace_invoices([INVOICE], versions or [newest(ledger)])


def newest(ledger: SqlLedger, place: LinkPlace = FULL) -> Link:
    return ledger.newest_links(place.kind)[place.subject]


def test_a_new_version_takes_the_place_of_the_old_one(ledger: SqlLedger) -> None:
    change = issuing(ledger).rotate(FULL)
    assert change.after == first(FULL, 2)
    assert ledger.link(first(FULL).token) == replace(first(FULL), revoked_at=NOW, ended=LinkEnd.REPLACED)
    assert ledger.stale_invoices() == ("A-1",), "its pages wait to be made, whatever happens to the program now"


def test_a_build_that_read_before_a_rotation_undoes_nothing_of_it(ledger: SqlLedger) -> None:
    issuing(ledger).rotate(FULL)
    rebuild(ledger, first(FULL))
    assert newest(ledger) == first(FULL, 2)
    rebuild(ledger, first(FULL, 2))
    assert newest(ledger) == first(FULL, 2)
    old = ledger.link(first(FULL).token)
    assert old is not None
    assert old.ended is LinkEnd.REPLACED


def test_a_revoked_link_stays_so_through_builds_and_while_its_invoice_is_away(ledger: SqlLedger) -> None:
    revoked = issuing(ledger).revoke(FULL).after
    assert revoked.ended is LinkEnd.REVOKED
    rebuild(ledger)
    ledger.replace_invoices([], [])
    rebuild(ledger)
    assert newest(ledger) == revoked
    assert not newest(ledger).holds_on(NOW.date())
    again = issuing(ledger).revoke(FULL)
    assert again.after == revoked, "the moment of revoking stays"


def test_after_revoking_only_a_new_version_opens_the_page(ledger: SqlLedger) -> None:
    issuing(ledger).revoke(FULL)
    issuing(ledger).rotate(FULL)
    assert newest(ledger) == first(FULL, 2)
    old = ledger.link(first(FULL).token)
    assert old is not None
    assert old.ended is LinkEnd.REVOKED, "nothing is ever said at its address"


def test_a_last_day_stays_through_builds_and_is_taken_away_again(ledger: SqlLedger) -> None:
    issuing(ledger).expire(FULL, date(2026, 11, 30))
    rebuild(ledger, first(FULL))
    ledger.replace_invoices([], [])
    rebuild(ledger, first(FULL))
    assert newest(ledger) == replace(first(FULL), expires_on=date(2026, 11, 30))
    assert newest(ledger).holds_on(date(2026, 11, 30))
    assert not newest(ledger).holds_on(date(2026, 12, 1))
    assert issuing(ledger).expire(FULL, None).after == first(FULL)


def test_a_pay_only_link_is_issued_once(ledger: SqlLedger) -> None:
    one, two = (issuing(ledger).issue(PAY_ONLY) for _ in range(2))
    assert one.before is None
    assert one.after == two.after == first(PAY_ONLY)
    assert one.after.token != first(FULL).token


def test_an_invoice_that_comes_back_has_its_links_back(ledger: SqlLedger) -> None:
    issuing(ledger).rotate(FULL)
    ledger.replace_invoices([], [])
    gone = newest(ledger)
    assert (gone.version, gone.ended) == (2, LinkEnd.GONE)
    rebuild(ledger, gone.again())
    assert newest(ledger) == first(FULL, 2)


def test_another_link_key_takes_no_revoking_back(ledger: SqlLedger) -> None:
    revoked = issuing(ledger).revoke(FULL).after
    elsewhere = replace(revoked, token="z" * 32)
    rebuild(ledger, elsewhere)
    assert ledger.link("z" * 32) == elsewhere


WHICH = list(product(LinkKind, ("A-1", "A-2", '["GBP", "reference", "A-1"]'), range(1, 9)))


def test_no_two_links_of_any_kind_and_version_share_a_token() -> None:
    assert len({token_of(KEY, *which) for which in WHICH}) == len(WHICH)


@given(st.lists(st.tuples(st.sampled_from(LinkKind), st.text(max_size=9), st.integers(1, 9)), unique=True))
def test_no_two_links_of_any_subject_share_a_token(which: list[tuple[LinkKind, str, int]]) -> None:
    assert len({token_of(KEY, *one) for one in which}) == len(which)


def test_the_newest_of_two_of_one_version_is_the_one_of_the_present_key() -> None:
    left = replace(first(FULL), token="z" * 32, revoked_at=NOW, ended=LinkEnd.GONE)
    for issued in ([left, first(FULL)], [first(FULL), left]):
        assert newest_of(issued)[FULL.kind][FULL.subject] == first(FULL)
