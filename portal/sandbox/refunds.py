"""Refunds: money back to the customer; at once for cards, days later for bank debits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import charges
from portal.sandbox.errors import invalid, refused
from portal.sandbox.events import emit
from portal.sandbox.ids import new_id
from portal.sandbox.money import written
from portal.sandbox.movements import new_movement
from portal.sandbox.params import Choice, Tags, Text, Tree, Whole

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

KIND = "refund"
CREATE = Tree(
    {
        "amount": Whole(least=1),
        "charge": Text(),
        "metadata": Tags(),
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
    }
)


def create(call: Call, given: Json) -> Json:
    """POST /v1/refunds."""
    return new_refund(call, given)


def new_refund(call: Call, given: Json) -> Json:
    """Give back the rest of a charge, or `amount` of it."""
    charge = _charge_of(call, given)
    amount = _amount(charge, given)
    card = charge["payment_method_details"]["type"] == "card"
    refund = {
        "id": new_id("re_"),
        "object": KIND,
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "metadata": given.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded" if card else "pending",
        "transfer_reversal": None,
    }
    refund = call.rows.add(refund if card else {**refund, "pending_reason": "processing"})
    charge = _give_back(call, charge, amount)
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", charge)
    return refund


def _charge_of(call: Call, given: Json) -> Json:
    if ("charge" in given) == ("payment_intent" in given):
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    if "charge" in given:
        return _refundable(call.rows.get(charges.KIND, given["charge"], param="charge"))
    intent = call.rows.get("payment_intent", given["payment_intent"], param="payment_intent")
    if not intent["latest_charge"]:
        raise _no_charge(intent["id"])
    return _refundable(call.rows.get(charges.KIND, intent["latest_charge"]))


def _no_charge(intent_id: str) -> Exception:
    message = f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
    return refused(message, param="payment_intent")


def _refundable(charge: Json) -> Json:
    if charge["status"] != "succeeded":
        raise _no_charge(charge["payment_intent"])
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise refused(message, code="charge_already_refunded")
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise refused(message, code="charge_disputed")
    return charge


def _amount(charge: Json, given: Json) -> int:
    rest: int = charge["amount"] - charge["amount_refunded"]
    amount: int = given.get("amount", rest)
    if amount > rest:
        message = (
            f"Refund amount ({written(amount, charge['currency'])}) is greater than unrefunded amount on "
            f"charge ({written(rest, charge['currency'])})"
        )
        raise refused(message, param="amount")
    return amount


def _give_back(call: Call, charge: Json, amount: int) -> Json:
    refunded = charge["amount_refunded"] + amount
    return call.rows.put({**charge, "amount_refunded": refunded, "refunded": refunded == charge["amount"]})


def settle(call: Call, refund: Json) -> None:
    """A refund that was pending arrived at the customer's bank."""
    done = {key: one for key, one in refund.items() if key != "pending_reason"}
    emit(call, "refund.updated", call.rows.put({**done, "status": "succeeded"}))


def fail(call: Call, refund: Json) -> None:
    """The customer's bank sent a refund back: the money is the merchant's again."""
    if refund["status"] == "failed":
        return
    kept = {key: one for key, one in refund.items() if key != "pending_reason"}
    came_back = call.rows.add(
        new_movement(
            call,
            refund["amount"],
            refund["currency"],
            source=refund["id"],
            description=f"Failure of refund for {refund['charge']}",
            kind="refund_failure",
        )
    )
    refund = call.rows.put(
        {
            **kept,
            "status": "failed",
            "failure_reason": "unknown",
            "failure_balance_transaction": came_back["id"],
        }
    )
    _give_back(call, call.rows.get(charges.KIND, refund["charge"]), -refund["amount"])
    emit(call, "refund.failed", refund)


def pending(call: Call) -> list[Json]:
    """The refunds that are on their way, oldest first."""
    return call.rows.where(KIND, "json_extract(body, '$.status') = 'pending'")[::-1]
