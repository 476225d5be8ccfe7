"""Random histories of one invoice, audited after each step against the sandbox's own books.

``PORTAL_HISTORIES=2000`` sets how many; a failure prints the steps, and hypothesis keeps and shortens them.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from shop import Shop

from portal.receivables.money import Money
from portal.sandbox.faults import Fault, Trouble

HISTORIES = int(os.environ.get("PORTAL_HISTORIES", "60"))
SHARES = 8
STEPS = 50
numbers = st.integers(0, 30)
parts = st.integers(1, 85_000).map(lambda minor: Money(minor, "GBP"))
create = "POST /v1/checkout/sessions"


class Histories(RuleBasedStateMachine):
    """Clicks, payments, declines, webhooks in any order and number, expiry, and a provider in trouble."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()

    @rule(page=numbers)
    def click_all(self, page: int) -> None:
        self.shop.click(page, None)

    @rule(page=numbers, part=parts)
    def click_a_part(self, page: int, part: Money) -> None:
        self.shop.click(page, part)

    @rule(part=parts)
    def click_a_part_of_a_fresh_page(self, part: Money) -> None:
        self.shop.shown.append(self.shop.left())
        self.shop.click(len(self.shop.shown) - 1, part)

    @precondition(lambda self: self.shop.sent_to)
    @rule(checkout=numbers, means=st.sampled_from(["4242", "4242", "0002", "3155", "bank"]))
    def pay(self, checkout: int, means: str) -> None:
        self.shop.pay(checkout, means)

    @precondition(lambda self: self.shop.sent_to)
    @rule(checkout=numbers)
    def come_back(self, checkout: int) -> None:
        self.shop.come_back(checkout)

    @rule(number=numbers, times=st.integers(1, 3))
    def a_webhook_comes(self, number: int, times: int) -> None:
        events = self.shop.events()
        for _ in range(times if events else 0):
            self.shop.deliver(events[number % len(events)])

    @rule(settles=st.booleans())
    def bank_debits_end(self, settles: bool) -> None:  # noqa: FBT001  a drawn value
        self.shop.sandbox.settle_pending() if settles else self.shop.sandbox.fail_pending()

    @rule(minutes=st.sampled_from([1, 31, 61, 60 * 25]))
    def time_passes(self, minutes: int) -> None:
        self.shop.wait(timedelta(minutes=minutes))

    @rule(when=st.sampled_from(["before", "after"]), stored=st.booleans(), page=numbers)
    def click_while_stripe_is_in_trouble(self, when: str, stored: bool, page: int) -> None:  # noqa: FBT001  drawn
        fault = Fault(Trouble.SERVER_ERROR, when=when, stored=stored, only=create)  # type: ignore[arg-type]
        self.shop.sandbox.faults.next_calls(fault)
        self.shop.click(page, None)
        self.shop.sandbox.faults.clear()

    @invariant()
    def the_books_agree(self) -> None:
        self.shop.audit()

    def teardown(self) -> None:
        try:
            self.shop.heal_and_audit()
        finally:
            self.shop.close()


def _run(histories: int, **profile: Any) -> None:  # noqa: ANN401  hypothesis' settings
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            **profile,
        ),
    )


@pytest.mark.parametrize("share", range(SHARES))
def test_random_histories(share: int) -> None:
    """Shares of the whole, so that several processes can run them."""
    _run(max(HISTORIES // SHARES + (share < HISTORIES % SHARES), 1))


def test_the_same_histories_every_time() -> None:
    _run(40, derandomize=True)


def test_without_reservations_the_auditor_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: if open checkouts were not seen, more could be paid than is owed, and the auditor says so."""
    monkeypatch.setattr("portal.checkout.LIVE_STATES", frozenset())
    with pytest.raises(AssertionError, match="I2"):
        _run(40, derandomize=True, phases=[Phase.generate])
