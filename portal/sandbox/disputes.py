"""Disputes: the customer's bank takes the money back, and sometimes returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import charges
from portal.sandbox.errors import refused
from portal.sandbox.events import emit
from portal.sandbox.ids import new_id
from portal.sandbox.movements import new_movement

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

KIND = "dispute"
ANSWER_SECONDS = 7 * 24 * 60 * 60
FEE = 1500
_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip "
    "customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id "
    "product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation "
    "service_date service_documentation shipping_address shipping_carrier shipping_date "
    "shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text"
).split()


def open_dispute(call: Call, charge_id: str, reason: str, amount: int | None, *, inquiry: bool) -> Json:
    """The bank asks for the money back. An inquiry only asks why it was taken; no money moves."""
    charge = call.rows.get(charges.KIND, charge_id)
    rest = undisputed(call, charge)
    asked = rest if amount is None else amount
    if charge["status"] != "succeeded" or not 0 < asked <= rest:
        raise refused(f"Charge {charge_id} cannot be disputed.")
    dispute = _new_dispute(call, charge, reason, asked)
    dispute["status"] = "warning_needs_response" if inquiry else "needs_response"
    dispute["is_charge_refundable"] = inquiry
    call.rows.add(dispute)
    call.rows.put({**charge, "disputed": True})
    emit(call, "charge.dispute.created", dispute)
    return dispute if inquiry else _move(call, dispute, -1, "funds_withdrawn")


def undisputed(call: Call, charge: Json) -> int:
    """What of a charge no other dispute is about: there may be several for parts of it, and a new one after one won."""
    about = call.rows.where(KIND, "json_extract(body, '$.charge') = ?", (charge["id"],))
    taken = sum(one["amount"] for one in about if one["status"] not in {"won", "warning_closed"})
    rest: int = charge["amount"] - taken
    return rest


def _new_dispute(call: Call, charge: Json, reason: str, amount: int) -> Json:
    return {
        "id": new_id("du_"),
        "object": KIND,
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + ANSWER_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
    }


def close(call: Call, dispute_id: str, *, won: bool) -> Json:
    """The bank decided: the merchant keeps the money (won), or the customer does."""
    dispute = call.rows.get(KIND, dispute_id)
    if dispute["status"] not in {"needs_response", "warning_needs_response"}:
        raise refused(f"Dispute {dispute_id} is already closed.")
    inquiry = dispute["status"] == "warning_needs_response"
    status = "warning_closed" if inquiry else "won" if won else "lost"
    dispute = call.rows.put({**dispute, "status": status})
    if status == "won":
        dispute = _move(call, dispute, +1, "funds_reinstated")
    if inquiry:
        charge = call.rows.get(charges.KIND, dispute["charge"])
        call.rows.put({**charge, "disputed": False})
    emit(call, "charge.dispute.closed", dispute)
    return dispute


def reopen(call: Call, dispute_id: str) -> Json:
    """The bank goes on under the same id: with an inquiry, even a closed one, or with a dispute that was won."""
    dispute = call.rows.get(KIND, dispute_id)
    charge = call.rows.get(charges.KIND, dispute["charge"])
    over = dispute["status"] in {"warning_closed", "won"}
    taken = over and undisputed(call, charge) < dispute["amount"]
    if taken or not (over or dispute["status"] == "warning_needs_response"):
        raise refused(f"Dispute {dispute_id} cannot be opened again.")
    dispute = call.rows.put({**dispute, "status": "needs_response", "is_charge_refundable": False})
    call.rows.put({**charge, "disputed": True})
    emit(call, "charge.dispute.updated", dispute)
    return _move(call, dispute, -1, "funds_withdrawn")


def _move(call: Call, dispute: Json, sign: int, event: str) -> Json:
    movement = new_movement(
        call,
        sign * dispute["amount"],
        dispute["currency"],
        source=dispute["id"],
        description=f"Chargeback {'withdrawal' if sign < 0 else 'reversal'} for {dispute['charge']}",
        kind="adjustment",
        category="dispute" if sign < 0 else "dispute_reversal",
        fee=FEE if sign < 0 else 0,
    )
    movements = [*dispute["balance_transactions"], movement]
    dispute = call.rows.put({**dispute, "balance_transactions": movements})
    emit(call, f"charge.dispute.{event}", dispute)
    return dispute
