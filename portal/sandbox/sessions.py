"""Checkout Sessions: made, listed, expired. Paying one is in `paying`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import allowed
from portal.sandbox.cards import served_types
from portal.sandbox.errors import invalid, refused
from portal.sandbox.events import emit, public
from portal.sandbox.ids import new_id
from portal.sandbox.intents import cancel
from portal.sandbox.lines import lines_of, own_amount, page_of, total
from portal.sandbox.params import Choice, Email, Flag, Group, Many, Tags, Text, Tree, Url, Whole

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json
    from portal.sandbox.store import Rows

KIND = "checkout.session"
SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 60 * 60
DEFAULT_NAME = "your shop"
_RECOVERY = Group({"recovery": Group({"allow_promotion_codes": Flag(), "enabled": Flag()}, required=("enabled",))})
CREATE = Tree(
    {
        "adaptive_pricing": allowed.SWITCHED_OFF,
        "after_expiration": _RECOVERY,
        "allow_promotion_codes": allowed.OFF,
        "allowed_payment_method_types": allowed.METHOD_LIST,
        "automatic_tax": allowed.SWITCHED_OFF,
        "billing_address_collection": Choice(("auto", "required")),
        "branding_settings": allowed.BRANDING,
        "cancel_url": Url(),
        "client_reference_id": Text(200),
        "consent_collection": allowed.CONSENT,
        "custom_text": allowed.CUSTOM_TEXT,
        "customer": Text(),
        "customer_creation": Choice(("always", "if_required")),
        "customer_email": Email(),
        "excluded_payment_method_types": allowed.METHOD_LIST,
        "expires_at": Whole(),
        "invoice_creation": allowed.SWITCHED_OFF,
        "line_items": Many(allowed.LINE),
        "locale": Choice(allowed.LOCALES),
        "metadata": Tags(),
        "mode": Choice(("payment", "setup", "subscription"), served=("payment",)),
        "payment_intent_data": allowed.INTENT_OF_SESSION,
        "payment_method_types": allowed.NO_METHOD_TYPES,
        "phone_number_collection": allowed.SWITCHED_OFF,
        "submit_type": allowed.SUBMIT_TYPE,
        "success_url": Url(),
        "ui_mode": Choice(("elements", "embedded_page", "form", "hosted_page"), served=("hosted_page",)),
    },
    required=("mode", "line_items", "success_url"),
)


def create(call: Call, given: Json) -> Json:
    """POST /v1/checkout/sessions."""
    _check_customer(call, given)
    expires_at = _expires_at(call, given)
    lines = lines_of(call, given["line_items"])
    return open_session(call, given, lines, expires_at)


def _check_customer(call: Call, given: Json) -> None:
    for other in ("customer_email", "customer_creation"):
        if "customer" in given and other in given:
            message = f"You may only specify one of these parameters: customer, {other}."
            raise invalid(message, param=other)
    if "customer" in given:
        call.rows.get("customer", given["customer"], param="customer")


def _expires_at(call: Call, given: Json) -> int:
    expires_at: int = given.get("expires_at", call.now + LONGEST_SECONDS)
    if expires_at - call.now < SHORTEST_SECONDS:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise invalid(message, param="expires_at")
    # Without the parameter a session lasts 24 hours; asking for them is refused all the same.
    if "expires_at" in given and expires_at - call.now >= LONGEST_SECONDS:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise invalid(message, param="expires_at")
    return expires_at


def _types(given: Json, currency: str) -> list[str]:
    wanted = given.get("allowed_payment_method_types", allowed.METHODS)
    unwanted = given.get("excluded_payment_method_types", ())
    types = [one for one in served_types(currency) if one in wanted and one not in unwanted]
    if not types:
        message = f"No valid payment method types for this Checkout Session in {currency}."
        raise invalid(message, param="allowed_payment_method_types")
    return types


def open_session(call: Call, given: Json, lines: list[Json], expires_at: int) -> Json:
    """Keep an open session; a payment link makes its sessions with this too."""
    session_id, amount, currency = new_id("cs_test_"), total(lines), lines[0]["currency"]
    session = {
        **_SAME_FOR_ALL,
        **_as_given(given),
        "id": session_id,
        "amount_subtotal": amount,
        "amount_total": amount,
        "created": call.now,
        "currency": currency,
        "expires_at": expires_at,
        "payment_method_types": _types(given, currency),
        "url": f"{call.public_url}/checkout/{session_id}",
        "_lines": lines,
        "_intent": given.get("payment_intent_data", {}),
        "_own_amount": own_amount(lines),
        "_webhook": None,
    }
    return call.rows.add(session)


_SAME_FOR_ALL: Json = {
    "object": KIND,
    "adaptive_pricing": {"enabled": False},
    "allow_promotion_codes": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "currency_conversion": None,
    "custom_fields": [],
    "customer_account": None,
    "customer_details": None,
    "discounts": [],
    "invoice": None,
    "invoice_creation": {
        "enabled": False,
        "invoice_data": {
            **dict.fromkeys(("account_tax_ids", "custom_fields", "description", "footer", "issuer")),
            "metadata": {},
            "rendering_options": None,
        },
    },
    "livemode": False,
    "mode": "payment",
    "origin_context": None,
    "payment_intent": None,
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "payment_status": "unpaid",
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "status": "open",
    "subscription": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "wallet_options": None,
}


def _as_given(given: Json) -> Json:
    plain = ("cancel_url", "client_reference_id", "customer", "customer_email", "locale")
    return {
        **{name: given.get(name) for name in (*plain, "billing_address_collection", "submit_type")},
        "after_expiration": _after_expiration(given),
        "branding_settings": _branding(given.get("branding_settings", {})),
        "consent_collection": _consent(given.get("consent_collection")),
        "custom_text": custom_text(given.get("custom_text", {})),
        "customer_creation": None if given.get("customer") else given.get("customer_creation", "if_required"),
        "metadata": given.get("metadata", {}),
        "payment_link": given.get("payment_link"),
        "success_url": given.get("success_url"),
    }


def _after_expiration(given: Json) -> Json | None:
    recovery = given.get("after_expiration", {}).get("recovery")
    if recovery is None:
        return None
    # Recovery addresses are not served: they would sell at yesterday's amount.
    fields = {"allow_promotion_codes": False, "expires_at": None, "url": None, **recovery}
    return {"recovery": fields}


def _branding(given: Json) -> Json:
    return {
        "background_color": "#ffffff",
        "border_style": "rounded",
        "button_color": "#0074d4",
        "display_name": DEFAULT_NAME,
        "font_family": "default",
        "icon": None,
        "logo": None,
        **given,
    }


def _consent(given: Json | None) -> Json | None:
    if given is None:
        return None
    return {"payment_method_reuse_agreement": None, "promotions": None, "terms_of_service": None, **given}


def custom_text(given: Json) -> Json:
    """Return the four messages, those that were not given as null."""
    names = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {name: given.get(name) for name in names}


def expire(call: Call, _given: Json, session_id: str) -> Json:
    """POST /v1/checkout/sessions/{id}/expire."""
    session = call.rows.get(KIND, session_id)
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
        raise refused(message)
    return _close(call, session)


def expire_overdue(call: Call) -> None:
    """Close the sessions whose time is over; done before anything looks at them."""
    for session in call.rows.where(KIND, OVERDUE, (call.now,)):
        _close(call, session)


OVERDUE = "json_extract(body, '$.status') = 'open' AND json_extract(body, '$.expires_at') <= ?"


def any_overdue(rows: Rows, now: int) -> bool:
    """Say whether a session is open past its time."""
    sql = f"SELECT 1 FROM objects WHERE kind = 'checkout.session' AND {OVERDUE} LIMIT 1"  # noqa: S608 - a constant
    return rows.connection.execute(sql, (now,)).fetchone() is not None


def _close(call: Call, session: Json) -> Json:
    session = call.rows.put({**session, "status": "expired", "url": None})
    if session["payment_intent"]:
        cancel(call, session["payment_intent"])
    emit(call, "checkout.session.expired", session)
    return session


def line_items(rows: Rows, session_id: str) -> Json:
    """The line items of a session, as a list."""
    return lines_page(rows.get(KIND, session_id))


def lines_page(session: Json) -> Json:
    """The line items of this session, as a list."""
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return page_of([public(line) for line in session["_lines"]], url)
