"""Customers: an e-mail address that cards can be kept for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import allowed
from portal.sandbox.ids import new_id, random_text
from portal.sandbox.params import Choice, Email, Many, Tags, Text, Tree

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

CREATE = Tree(
    {
        "address": allowed.ADDRESS,
        "description": Text(),
        "email": Email(),
        "metadata": Tags(),
        "name": Text(256),
        "phone": Text(20),
        "preferred_locales": Many(Text()),
        "tax_exempt": Choice(("exempt", "none", "reverse")),
    }
)


def create(call: Call, given: Json) -> Json:
    """POST /v1/customers."""
    return new_customer(call, given)


def new_customer(call: Call, given: Json) -> Json:
    """Keep a customer."""
    settings = dict.fromkeys(("custom_fields", "default_payment_method", "footer", "rendering_options"))
    empty = dict.fromkeys(allowed.ADDRESS.fields)
    customer = {
        "id": new_id("cus_"),
        "object": "customer",
        "address": {**empty, **given["address"]} if "address" in given else None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": given.get("description"),
        "discount": None,
        "email": given.get("email"),
        "invoice_prefix": random_text(8).upper(),
        "invoice_settings": settings,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "name": given.get("name"),
        "next_invoice_sequence": 1,
        "phone": given.get("phone"),
        "preferred_locales": given.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": given.get("tax_exempt", "none"),
        "test_clock": None,
    }
    return call.rows.add(customer)
