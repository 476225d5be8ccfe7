"""Every reason for asking nothing, and every state of a plan, has words of the owner's."""

from __future__ import annotations

from portal.cli import states
from portal.receivables.plans import PlanState
from portal.receivables.statuses import NothingToPay


def test_every_reason_and_every_state_has_words() -> None:
    assert set(states.REASONS) == set(NothingToPay) - {NothingToPay.REPLACED}  # which names the newer invoice
    assert set(states.PLANS) == set(PlanState)
