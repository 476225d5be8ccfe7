"""Payment methods: the test card or bank account that somebody chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.cards import EVERY_CARD, TOKENS, VOUCHERS, Bank, Card, Voucher
from portal.sandbox.ids import new_id, random_text

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

EXPIRES = (12, 2034)
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
_CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


def new_method(call: Call, means: Card | Bank | Voucher, email: str | None, customer: str | None) -> Json:
    """Keep a payment method."""
    kind = "card" if isinstance(means, Card) else means.type
    fields = _fields(means)
    method = {
        "id": new_id("pm_"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing(email),
        "created": call.now,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "type": kind,
        kind: fields,
        "_used": False,
    }
    return call.rows.add(method)


def _fields(means: Card | Bank | Voucher) -> Json:
    if isinstance(means, Voucher):
        return {}
    return _bank_fields(means) if isinstance(means, Bank) else _card_fields(means)


def voucher_details(method: Json) -> Json:
    """What stands on a voucher."""
    entity = next(one.entity for one in VOUCHERS.values() if one.type == method["type"])
    return {"entity": entity, "reference": f"{int(method['created']) % 10**9:09}"}


def billing(email: str | None) -> Json:
    """The billing details of a payment; the sandbox asks for nothing but the e-mail address."""
    return {"address": NO_ADDRESS, "email": email, "name": None, "phone": None, "tax_id": None}


def card_of(method: Json) -> Card | None:
    """The test card behind a payment method; None for a bank account."""
    return EVERY_CARD[method["card"]["last4"]] if method["type"] == "card" else None


def charge_details(method: Json) -> Json:
    """What a charge says of the method: `payment_method_details`."""
    kind = method["type"]
    if kind == "card":
        return {"type": "card", "card": _charged_card(method["card"])}
    if kind in {one.type for one in VOUCHERS.values()}:
        return {"type": kind, kind: voucher_details(method)}
    kept = {key: one for key, one in method[kind].items() if key not in _ONLY_ON_METHOD}
    return {"type": kind, kind: {**kept, "mandate": None} if kind != "us_bank_account" else kept}


def find_method(call: Call, method_id: str) -> Json:
    """Return a kept payment method, or a fresh one for a test token such as `pm_card_visa`."""
    if method_id in TOKENS:
        return new_method(call, TOKENS[method_id], None, None)
    return call.rows.get("payment_method", method_id, param="payment_method")


_ONLY_ON_METHOD = {"generated_from", "financial_connections_account", "networks", "status_details"}


def _card_fields(card: Card) -> Json:
    month, year = EXPIRES
    return {
        "brand": card.brand,
        "checks": _CHECKS,
        "country": "US",
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": random_text(16),
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _bank_fields(bank: Bank) -> Json:
    return {**dict(bank.details), "fingerprint": random_text(16), "last4": bank.last4}


def _charged_card(card: Json) -> Json:
    same = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {
        **{name: card[name] for name in same},
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "network_token": None,
        "three_d_secure": None,
    }
