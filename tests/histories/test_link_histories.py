"""Random histories of one invoice that is paid through links, with builds that die between any two writes.

The rule under test: what the active links of an invoice can take together is never more than what is left.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from link_shop import KEY, LinkShop

from portal.ports.payment_links import PaymentLinkState
from portal.receivables.entries import EntryKind

HISTORIES = max(int(os.environ.get("PORTAL_HISTORIES", "200")) // 10, 1)
STEPS = 25
numbers = st.integers(0, 20)
amounts = st.sampled_from(["0.30", "1", "300", "540.00", "839.90", "840"])


class LinkHistories(RuleBasedStateMachine):
    """Builds that end and builds that die, transfers, changed invoices, and customers on pages old and new."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = LinkShop()

    @rule(syncs=st.booleans())
    def build(self, syncs: bool) -> None:  # noqa: FBT001  a drawn value
        report = self.shop.build(syncs=syncs)
        assert report is not None
        assert report.problems == ()
        self.the_one_link_is_what_it_ought_to_be()
        if syncs:
            assert sum(self.shop.active()) <= self.shop.left(), "more can be paid through links than is left"
            self.only_the_active_link_has_open_checkouts()

    @rule(dies_after=st.integers(0, 24), syncs=st.booleans())
    def build_that_dies(self, dies_after: int, syncs: bool) -> None:  # noqa: FBT001  a drawn value
        self.shop.build(dies_after=dies_after, syncs=syncs)

    @rule(minor=st.sampled_from([1, 10000, 83980]))
    def a_transfer_arrives(self, minor: int) -> None:
        self.shop.enter(minor)

    @rule(minor=st.sampled_from([None, 84000, 50000, 40, 29, 200_000_000]))
    def the_invoice_changes(self, minor: int | None) -> None:
        self.shop.list_invoice(minor)

    @rule(parts=st.booleans())
    def the_owner_changes_whether_parts_are_taken(self, parts: bool) -> None:  # noqa: FBT001  a drawn value
        self.shop.parts = parts

    @precondition(lambda self: self.shop.addresses)
    @rule(number=numbers)
    def somebody_opens_a_link(self, number: int) -> None:
        self.shop.open_link(number)

    @precondition(lambda self: self.shop.sessions)
    @rule(number=numbers, amount=amounts, means=st.sampled_from(["4242", "4242", "0002"]))
    def somebody_pays(self, number: int, amount: str, means: str) -> None:
        self.shop.pay(number, amount, means)

    @rule(minutes=st.sampled_from([1, 3, 60 * 23, 60 * 25]))
    def time_passes(self, minutes: int) -> None:
        self.shop.wait(timedelta(minutes=minutes))

    @invariant()
    def never_two_links(self) -> None:
        assert len(self.shop.active()) <= 1, "two active links"

    def the_one_link_is_what_it_ought_to_be(self) -> None:
        rows = self.shop.ledger.payment_links(is_live=False)
        wanted = self.shop.wanted()
        assert [row.terms for row in rows] == ([wanted] if wanted else [])
        assert {row.state for row in rows} <= {PaymentLinkState.ACTIVE}
        active = self.shop.active()
        assert active in ([], [wanted.amount.minor] if wanted else []), "a link takes what the ledger does not say"

    def only_the_active_link_has_open_checkouts(self) -> None:
        row = self.shop.ledger.active_payment_link(KEY, is_live=False)
        sessions = self.shop.books("checkout/sessions", "&status=open")
        assert {one["payment_link"] for one in sessions} <= {row.link_id if row else None}

    def teardown(self) -> None:
        try:
            self.heal_and_audit()
        finally:
            self.shop.close()

    def heal_and_audit(self) -> None:
        """Two builds bring everything level, and a third has nothing to do."""
        self.shop.list_invoice(84000)
        self.build(syncs=True)
        self.build(syncs=True)
        self.shop.stripe.requests.clear()
        self.build(syncs=False)
        assert self.shop.stripe.requests == [], "an unchanged build asked the provider"
        books = {
            i["id"]: i["amount_received"] for i in self.shop.books("payment_intents") if i["status"] == "succeeded"
        }
        entries = self.shop.ledger.entries_of(KEY)
        ledger = {
            e.external_id: e.amount.minor for e in entries if e.kind is EntryKind.PAYMENT and e.method != "transfer"
        }
        assert ledger == books, "a payment was lost, or counted twice"
        wanted = self.shop.wanted()
        assert self.shop.active() == ([wanted.amount.minor] if wanted else [])


def _run(histories: int, **profile: Any) -> None:  # noqa: ANN401  hypothesis' settings
    run_state_machine_as_test(
        LinkHistories,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            **profile,
        ),
    )


def test_random_histories() -> None:
    _run(HISTORIES)


def test_the_same_histories_every_time() -> None:
    _run(15, derandomize=True)


def test_without_looking_around_the_auditor_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: if a build did not ask what an earlier one left behind, there would be two links."""
    monkeypatch.setattr("portal.payments.link_checkout._Levelling._look_around", lambda _self: [])
    with pytest.raises(AssertionError, match=r"two active links|a link takes|more can be paid"):
        _run(60, derandomize=True, phases=[Phase.generate])
