"""POST /v1/payment_intents: a payment without the page, such as an instalment with a card that was kept."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from portal.sandbox import allowed, intents
from portal.sandbox.answers import Answer
from portal.sandbox.cards import served_types
from portal.sandbox.errors import invalid, refused
from portal.sandbox.events import public
from portal.sandbox.methods import card_of, find_method
from portal.sandbox.money import check_amount, check_currency
from portal.sandbox.params import Choice, Email, Flag, Group, Tags, Text, Tree, Whole

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

_CARD_OPTIONS = Group({"stored_credential_usage": Choice(("installment", "recurring", "unscheduled"))})
CREATE = Tree(
    {
        "allowed_payment_method_types": allowed.METHOD_LIST,
        "amount": Whole(),
        "automatic_payment_methods": Group(
            {"allow_redirects": Choice(("always", "never")), "enabled": Flag()}, required=("enabled",)
        ),
        "capture_method": allowed.CAPTURE,
        "confirm": Flag(),
        "currency": Text(),
        "customer": Text(),
        "description": Text(1000),
        "excluded_payment_method_types": allowed.METHOD_LIST,
        "metadata": Tags(),
        "off_session": Choice(("true", "false", "one_off", "recurring")),
        "payment_method": Text(),
        "payment_method_options": Group({"card": _CARD_OPTIONS}),
        "payment_method_types": allowed.NO_METHOD_TYPES,
        "receipt_email": Email(),
        "setup_future_usage": allowed.FUTURE_USE,
        "statement_descriptor_suffix": Text(22),
    },
    required=("amount", "currency"),
)


def create(call: Call, given: Json) -> Json | Answer:
    """Make the payment and, with `confirm`, try it at once. A decline is an answer too, and is kept."""
    currency = check_currency(given["currency"], "currency")
    amount = check_amount(given["amount"], currency, "amount")
    _check_together(given)
    if "customer" in given:
        call.rows.get("customer", given["customer"], param="customer")
    method = find_method(call, given["payment_method"]) if "payment_method" in given else None
    if method:
        _check_owner(method, given.get("customer"))
    intent = _new(call, amount, currency, given)
    if not given.get("confirm"):
        return _unconfirmed(call, intent, method)
    if method is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise invalid(message, code="payment_intent_unexpected_state")
    return _confirm(call, intent, method)


def _check_together(given: Json) -> None:
    off_session = given.get("off_session", "false") != "false"
    if off_session and not given.get("confirm"):
        message = "You can only set `off_session` when `confirm` is true."
        raise invalid(message, param="off_session")
    if given.get("confirm") and not off_session:
        raise invalid("The sandbox confirms a payment by API only with off_session.", param="confirm")


def _check_owner(method: Json, customer: str | None) -> None:
    owner = method["customer"]
    if owner and customer is None:
        message = (
            "The payment method you provided is attached to a customer so for security purposes you must "
            "provide the customer in the request."
        )
        raise refused(message, param="payment_method")
    if owner != customer and owner:
        message = (
            f"The customer does not have a payment method with the ID {method['id']}. "
            "The payment method must be attached to the customer."
        )
        raise refused(message, param="payment_method", code="resource_missing")
    if owner is None and method["_used"]:
        message = (
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment. "
            "It may not be used again."
        )
        raise refused(message, param="payment_method", code="payment_method_unexpected_state")


def _new(call: Call, amount: int, currency: str, given: Json) -> Json:
    wanted = given.get("allowed_payment_method_types", allowed.METHODS)
    unwanted = given.get("excluded_payment_method_types", ())
    types = [one for one in served_types(currency) if one in wanted and one not in unwanted]
    if not types:
        raise invalid("No valid payment method types.", param="allowed_payment_method_types")
    return intents.new_intent(call, amount, currency, types, given)


def _unconfirmed(call: Call, intent: Json, method: Json | None) -> Json:
    if method is None:
        return intent
    return call.rows.put({**intent, "payment_method": method["id"], "status": "requires_confirmation"})


def _confirm(call: Call, intent: Json, method: Json) -> Json | Answer:
    card = card_of(method)
    if card is None:
        return intents.debit(call, intent, method)
    if card.later == "succeeds":
        return intents.succeed(call, intent, method)
    stop = intents.decline if card.later == "declined" else intents.need_customer
    return _declined(stop(call, intent, method))


def _declined(intent: Json) -> Answer:
    error = {**intent["last_payment_error"], "payment_intent": public(intent)}
    return Answer(HTTPStatus.PAYMENT_REQUIRED, {"error": error})
