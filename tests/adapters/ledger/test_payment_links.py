"""Payment links in the ledger, on each database: one at the most per invoice and world, and nothing else changes."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.ports.payment_links import PaymentLink, PaymentLinkState
from portal.receivables.link_terms import LinkTerms
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK = PaymentLink(
    row_id="paylink_1",
    invoice_key="1042",
    terms=LinkTerms(Money(84000, "GBP"), Money(30, "GBP")),
    is_live=False,
    request="f" * 32,
    state=PaymentLinkState.CREATING,
    created_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
)
ACTIVE = replace(
    LINK, state=PaymentLinkState.ACTIVE, price_id="price_1", link_id="plink_1", url="https://buy.example/1"
)


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(ledger_address)) as opened:
        yield opened


def test_a_row_is_kept_moved_on_and_forgotten_once_deactivated(ledger: SqlLedger) -> None:
    with ledger.transaction() as tx:
        tx.add_payment_link(LINK)
        assert tx.payment_link(LINK.row_id) == tx.payment_link_of("1042", is_live=False) == LINK
        assert tx.payment_link("paylink_2") is None
        assert tx.payment_link_of("1043", is_live=False) is None
    assert ledger.payment_links(is_live=False) == (LINK,)
    assert ledger.active_payment_link("1042", is_live=False) is None
    with ledger.transaction() as tx:
        tx.update_payment_link(ACTIVE)
    assert ledger.active_payment_link("1042", is_live=False) == ACTIVE
    with ledger.transaction() as tx:
        tx.update_payment_link(replace(ACTIVE, state=PaymentLinkState.DEACTIVATED))
        assert tx.payment_link_of("1042", is_live=False) is None
    assert ledger.payment_links(is_live=False) == ()


def test_the_database_refuses_a_second_link_of_an_invoice_but_not_of_the_other_world(ledger: SqlLedger) -> None:
    with ledger.transaction() as tx:
        tx.add_payment_link(ACTIVE)
    with pytest.raises(IntegrityError), ledger.transaction() as tx:
        tx.add_payment_link(replace(LINK, row_id="paylink_2"))
    fixed = replace(LINK, row_id="paylink_3", is_live=True, terms=LinkTerms(Money(59, "GBP")))
    with ledger.transaction() as tx:
        tx.add_payment_link(fixed)
    assert ledger.payment_links(is_live=True) == (fixed,)
    assert ledger.payment_links(is_live=False) == (ACTIVE,)
