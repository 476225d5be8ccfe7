"""Charges: one try of a payment at a bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.events import emit
from portal.sandbox.ids import new_id
from portal.sandbox.methods import charge_details

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

KIND = "charge"
_PLAIN = (
    "application application_fee application_fee_amount balance_transaction failure_balance_transaction "
    "failure_code failure_message on_behalf_of receipt_number receipt_url review shipping source_transfer "
    "statement_descriptor transfer_data transfer_group"
).split()
_FINE = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 12,
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def new_charge(call: Call, intent: Json, method: Json) -> Json:
    """Keep a charge that succeeded; `pending` and `failed` make others of it."""
    charge = {
        **dict.fromkeys(_PLAIN),
        "id": new_id("ch_"),
        "object": KIND,
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": True,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": _FINE,
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": charge_details(method),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
    }
    return call.rows.add(charge)


def pending(call: Call, charge: Json) -> Json:
    """The bank has been asked; its answer takes days."""
    outcome = {**_FINE, "seller_message": "Payment pending."}
    return call.rows.put({**charge, "status": "pending", "paid": False, "outcome": outcome})


def succeeded(call: Call, charge: Json) -> Json:
    """The money has come."""
    charge = call.rows.put({**charge, "status": "succeeded", "paid": True, "outcome": _FINE})
    emit(call, "charge.succeeded", charge)
    return charge


def failed(call: Call, charge: Json, code: str, message: str, reason: str) -> Json:
    """The bank said no."""
    outcome = {
        **_FINE,
        "network_decline_code": "05",
        "network_status": "declined_by_network",
        "reason": reason,
        "seller_message": "The bank did not complete the payment.",
        "type": "issuer_declined",
    }
    charge = {**charge, "status": "failed", "paid": False, "captured": False, "amount_captured": 0}
    charge = call.rows.put({**charge, "outcome": outcome, "failure_code": code, "failure_message": message})
    emit(call, "charge.failed", charge)
    return charge
