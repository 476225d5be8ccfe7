"""Controls: with a protection taken away, the auditor of the random histories has to object.

Each bug is planted in the portal as it runs, never in the auditor. The numbers name invariants of the design: I1
balance, I2 never offer too much, I3 never take too much, I4 once, I5 nothing lost, I10 states, I11 reservations, I12
installments, I23 invoices in parts.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from machine import SIMULATION

from portal.bookkeeping import entries as owner_entries
from portal.payments import checkout, collection, due_charges, facts, holding, planning, reserving, settlement
from portal.payments.checkout import Checkout
from portal.payments.reserving import Reserving
from portal.ports import HoldState
from portal.ports.plans import Attempt, PlanRecord
from portal.ports.provider_reports import CheckoutStatus, DisputeStatus, PaymentStatus, RefundStatus
from portal.receivables import balance, plan_offers
from portal.receivables.due_parts import standing_of_parts
from portal.receivables.entries import INQUIRY, Entry, EntryKind
from portal.receivables.money import Money
from portal.receivables.movements import Movements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from portal.ports import Hold
    from portal.ports.provider_reports import DisputeReport, RefundReport

MOST = 200
"""So many histories a bug may hide for; most are found in the first few."""
Plant = pytest.MonkeyPatch


def live_reservations_are_not_seen(plant: Plant) -> None:
    plant.setattr(reserving, "_live_holds", lambda _tx, _keys: ())


def the_owners_entries_close_no_checkouts(plant: Plant) -> None:
    plant.setattr(owner_entries, "LIVE_STATES", frozenset())


def charging_closes_no_checkouts(plant: Plant) -> None:
    plant.setattr(Checkout, "close", lambda _self, _key: True)
    plant.setattr(collection, "LIVE_STATES", frozenset())


def a_reservation_is_released_by_the_local_clock(plant: Plant) -> None:
    levels = Reserving._level_hold

    def level(self: Reserving, hold: Hold, *, stays: bool) -> bool:
        if self.now() - hold.created_at < timedelta(minutes=20):
            return levels(self, hold, stays=stays)
        with self.ledger.transaction() as tx:
            tx.update_hold(replace(hold, state=HoldState.RELEASED))
        return True

    plant.setattr(Reserving, "_level_hold", level)


def the_amount_is_taken_from_the_form(plant: Plant) -> None:
    plant.setattr(checkout, "_refusal", lambda _offers, _wish: None)


def the_same_news_counts_again(plant: Plant) -> None:
    real = facts._entry

    def entry(*args: Any) -> Entry:  # noqa: ANN401  as the real one has them
        made = real(*args)
        return replace(made, external_id=f"{made.external_id} {secrets.token_hex(2)}")

    plant.setattr(facts, "_entry", entry)


def completed_is_taken_for_paid(plant: Plant) -> None:
    plant.setitem(facts._PAID_BY, CheckoutStatus.PROCESSING, PaymentStatus.SUCCEEDED)


def completed_ends_the_reservation(plant: Plant) -> None:
    plant.setitem(holding.NEXT_STATE, CheckoutStatus.PROCESSING, HoldState.POSTED)


def inquiries_move_money(plant: Plant) -> None:
    real = facts._dispute_facts

    def of(dispute: DisputeReport, *rest: Any) -> Iterator[Entry]:  # noqa: ANN401  as the real one has them
        for entry in real(dispute, *rest):
            yield entry
            if entry.kind is EntryKind.DISPUTE_OPENED and not dispute.movements:
                yield replace(entry, kind=EntryKind.DISPUTE_WITHDRAWN)

    plant.setattr(facts, "_dispute_facts", of)


def refunds_are_known_by_their_charge(plant: Plant) -> None:
    real = facts._refund_facts

    def of(refund: RefundReport, splits: Any) -> list[Entry]:  # noqa: ANN401  as the real one has it
        return [replace(entry, external_id=str(refund.payment_id)) for entry in real(refund, splits)]

    plant.setattr(facts, "_refund_facts", of)


def refunds_that_fail_are_forgotten(plant: Plant) -> None:
    real = facts._refund_facts

    def of(refund: RefundReport, splits: Any) -> Iterable[Entry]:  # noqa: ANN401  as the real one has it
        return real(refund, splits) if refund.status is RefundStatus.SUCCEEDED else []

    plant.setattr(facts, "_refund_facts", of)


def what_was_refunded_still_counts_as_paid(plant: Plant) -> None:
    plant.setattr(Movements, "taken_back", property(lambda self: self.disputed))


def a_payment_for_several_invoices_counts_whole_on_each(plant: Plant) -> None:
    real = facts.facts_of

    def of(payment: Any, allocations: Any, *rest: Any) -> Any:  # noqa: ANN401  as the real one has them
        return real(payment, tuple(replace(part, amount=payment.amount) for part in allocations), *rest)

    plant.setattr(settlement, "facts_of", of)


def every_try_has_a_key_of_its_own(plant: Plant) -> None:
    plant.setattr(Attempt, "key", property(lambda self: f"plan-{self.plan_id}-{secrets.token_hex(4)}"))


def unknown_charges_are_forgotten(plant: Plant) -> None:
    plant.setattr(PlanRecord, "under_way", None)
    plant.setattr(due_charges, "under_way", lambda _charges: None)
    plant.setattr(collection, "under_way", lambda _charges: None)


def declines_are_tried_again_for_ever(plant: Plant) -> None:
    plant.setattr(due_charges, "_why_not_again", lambda _charge, _earlier: None)


def a_plan_is_rounded_up(plant: Plant) -> None:
    def shared(amount: Money, parts: int, _step: int) -> tuple[Money, ...]:
        return (Money(-(-amount.minor // parts), amount.currency),) * parts

    plant.setattr(plan_offers, "_shared", shared)


def a_plan_over_several_invoices_is_whole_on_each(plant: Plant) -> None:
    plant.setattr(planning, "shares_of", lambda installments, owed: (tuple(installments),) * len(owed))


def the_last_part_is_paid_first(plant: Plant) -> None:
    def standing(parts: Any, owed: Money, paid: Money) -> Any:  # noqa: ANN401  as the real one has them
        return tuple(reversed(standing_of_parts(tuple(reversed(parts)), owed, paid)))

    plant.setattr(balance, "standing_of_parts", standing)


def a_dispute_is_flagged_once(plant: Plant) -> None:
    def flags(dispute: DisputeReport) -> Iterator[tuple[str, datetime, bool]]:
        name = dispute.dispute_id + (INQUIRY if dispute.is_inquiry else "")
        yield name, dispute.created_at, dispute.status is DisputeStatus.CLOSED

    plant.setattr(facts, "_flags_of", flags)


FOUND_BY: dict[Callable[[Plant], None], str] = {
    live_reservations_are_not_seen: "I2|I11",
    the_owners_entries_close_no_checkouts: "I2",
    charging_closes_no_checkouts: "I2|I3",
    a_reservation_is_released_by_the_local_clock: "I2|I11",
    the_amount_is_taken_from_the_form: "I2|I3",
    the_same_news_counts_again: "I1|I4",
    completed_is_taken_for_paid: "I1",
    completed_ends_the_reservation: "I11",
    inquiries_move_money: "I1",
    refunds_are_known_by_their_charge: "I1",
    refunds_that_fail_are_forgotten: "I5",
    what_was_refunded_still_counts_as_paid: "I1",
    a_payment_for_several_invoices_counts_whole_on_each: "I1",
    every_try_has_a_key_of_its_own: "I12|I3",
    unknown_charges_are_forgotten: "I12|I3",
    declines_are_tried_again_for_ever: "I12",
    a_plan_is_rounded_up: "I12",
    a_plan_over_several_invoices_is_whole_on_each: "I12",
    the_last_part_is_paid_first: "I23",
    a_dispute_is_flagged_once: "I5|I10",
}


@pytest.mark.parametrize("bug", FOUND_BY, ids=lambda bug: bug.__name__)
def test_the_auditor_objects(bug: Callable[[Plant], None], monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    objections = (SIMULATION.objection(seed)[1] for seed in range(MOST))
    found = next((one for one in objections if one is not None), None)
    assert found is not None, f"{MOST} histories with this bug, and nobody objected"
    invariants = FOUND_BY[bug].split("|")
    assert isinstance(found, AssertionError), f"found as {type(found).__name__}: {found}"
    assert str(found).partition(":")[0] in invariants, found
