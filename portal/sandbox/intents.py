"""PaymentIntents: one payment through all its tries, from whichever door it came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import charges
from portal.sandbox.events import emit, public
from portal.sandbox.ids import new_id, random_text
from portal.sandbox.methods import card_of, voucher_details

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

KIND = "payment_intent"
VOUCHER_SECONDS = 7 * 24 * 60 * 60
_PLAIN = (
    "application application_fee_amount canceled_at cancellation_reason customer_account description "
    "last_payment_error latest_charge next_action on_behalf_of payment_method "
    "payment_method_configuration_details processing receipt_email review setup_future_usage shipping "
    "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
).split()
_GIVEN = ("description", "receipt_email", "setup_future_usage", "statement_descriptor_suffix")


def new_intent(call: Call, amount: int, currency: str, types: list[str], given: Json) -> Json:
    """Keep a payment that nobody has tried to make yet."""
    intent_id = new_id("pi_")
    intent = {
        **dict.fromkeys(_PLAIN),
        **{name: given.get(name) for name in _GIVEN},
        "id": intent_id,
        "object": KIND,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{random_text(25)}",
        "confirmation_method": "automatic",
        "created": call.now,
        "currency": currency,
        "customer": given.get("customer"),
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "payment_method_options": {},
        "payment_method_types": types,
        "status": "requires_payment_method",
        "_session": given.get("session"),
    }
    return call.rows.add(intent)


def succeed(call: Call, intent: Json, method: Json) -> Json:
    """The card was charged."""
    charge = charges.new_charge(call, intent, method)
    charges.succeeded(call, charge)
    _use(call, intent, method)
    return _paid(call, {**intent, "payment_method": method["id"], "latest_charge": charge["id"]})


def debit(call: Call, intent: Json, method: Json) -> Json:
    """The bank debit is on its way."""
    charge = charges.pending(call, charges.new_charge(call, intent, method))
    _use(call, intent, method)
    intent = call.rows.put(
        {
            **intent,
            "last_payment_error": None,
            "latest_charge": charge["id"],
            "payment_method": method["id"],
            "status": "processing",
        }
    )
    emit(call, "payment_intent.processing", intent)
    return intent


def hand_out_voucher(call: Call, intent: Json, method: Json, url: str) -> Json:
    """The customer has a slip to pay with: nothing is charged before that."""
    kind = f"{method['type']}_display_details"
    details = {**voucher_details(method), "expires_at": call.now + VOUCHER_SECONDS, "hosted_voucher_url": url}
    _use(call, intent, method)
    intent = {**intent, "status": "requires_action", "next_action": {"type": kind, kind: details}}
    intent = call.rows.put({**intent, "last_payment_error": None, "payment_method": method["id"]})
    emit(call, "payment_intent.requires_action", intent)
    return intent


def settle(call: Call, intent: Json) -> Json:
    """The bank debit came in, or the voucher was paid."""
    if intent["latest_charge"] is None:
        method = call.rows.get("payment_method", intent["payment_method"])
        intent = {**intent, "latest_charge": charges.new_charge(call, intent, method)["id"]}
    charges.succeeded(call, call.rows.get(charges.KIND, intent["latest_charge"]))
    return _paid(call, intent)


def bounce(call: Call, intent: Json) -> Json:
    """The bank debit did not come in after all, or the voucher was never paid."""
    if intent["latest_charge"] is None:
        method = call.rows.get("payment_method", intent["payment_method"])
        message = "The voucher expired before it was paid."
        return _unpaid(call, intent, _error("payment_intent_payment_attempt_expired", message, method, None))
    message = "The customer's bank account could not be debited."
    charge = call.rows.get(charges.KIND, intent["latest_charge"])
    charges.failed(call, charge, "insufficient_funds", message, "insufficient_funds")
    method = call.rows.get("payment_method", intent["payment_method"])
    error = _error("payment_intent_payment_attempt_failed", message, method, charge["id"])
    return _unpaid(call, intent, error)


def decline(call: Call, intent: Json, method: Json) -> Json:
    """The card was declined; the payment can be tried again with another one."""
    card = card_of(method)
    decline_code = card.decline_code if card else "generic_decline"
    message = "Your card has insufficient funds." if decline_code == "insufficient_funds" else DECLINED
    charge = charges.new_charge(call, intent, method)
    charges.failed(call, charge, "card_declined", message, decline_code)
    error = _error("card_declined", message, method, charge["id"], decline_code)
    return _unpaid(call, {**intent, "latest_charge": charge["id"]}, error)


DECLINED = "Your card was declined."


def need_customer(call: Call, intent: Json, method: Json) -> Json:
    """The bank wants the customer's approval, and nobody is there to give it."""
    message = "Your card was declined. This transaction requires authentication."
    code = "authentication_required"
    charge = charges.new_charge(call, intent, method)
    charges.failed(call, charge, code, message, code)
    error = _error(code, message, method, charge["id"], code)
    return _unpaid(call, {**intent, "latest_charge": charge["id"]}, error)


def await_approval(call: Call, intent: Json, method: Json, url: str, return_url: str | None) -> Json:
    """The bank wants the customer's approval: it is asked for at `url`."""
    action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    intent = {**intent, "status": "requires_action", "next_action": action, "payment_method": method["id"]}
    return call.rows.put({**intent, "last_payment_error": None})


def refuse_approval(call: Call, intent: Json) -> Json:
    """The customer did not approve."""
    message = "We are unable to authenticate your payment method. Please choose a different payment method."
    method = call.rows.get("payment_method", intent["payment_method"])
    error = _error("payment_intent_authentication_failure", message, method, None)
    return _unpaid(call, intent, error)


def cancel(call: Call, intent_id: str) -> None:
    """The session it belonged to is over."""
    intent = call.rows.get(KIND, intent_id)
    intent = {**intent, "status": "canceled", "canceled_at": call.now, "next_action": None}
    emit(call, "payment_intent.canceled", call.rows.put({**intent, "cancellation_reason": "abandoned"}))


def _paid(call: Call, intent: Json) -> Json:
    settled = {"amount_received": intent["amount"], "last_payment_error": None, "next_action": None}
    intent = call.rows.put({**intent, **settled, "status": "succeeded"})
    emit(call, "payment_intent.succeeded", intent)
    return intent


def _unpaid(call: Call, intent: Json, error: Json) -> Json:
    nothing = {"next_action": None, "payment_method": None, "status": "requires_payment_method"}
    intent = call.rows.put({**intent, **nothing, "last_payment_error": error})
    emit(call, "payment_intent.payment_failed", intent)
    return intent


def _error(code: str, message: str, method: Json, charge_id: str | None, decline_code: str | None = None) -> Json:
    error = {
        "type": "card_error" if method["type"] == "card" else "invalid_request_error",
        "code": code,
        "message": message,
        "charge": charge_id,
        "decline_code": decline_code,
        "payment_method": public(method),
    }
    return {key: value for key, value in error.items() if value is not None}


def _use(call: Call, intent: Json, method: Json) -> None:
    """Attach the method to the customer if it is to be kept; otherwise it can never be used again."""
    kept = method["customer"] or (intent["customer"] if intent["setup_future_usage"] else None)
    call.rows.put({**method, "customer": kept, "_used": True})
