"""Payment Links: an address that makes a session each time it is opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portal.sandbox import allowed
from portal.sandbox.errors import missing
from portal.sandbox.events import public
from portal.sandbox.ids import new_id
from portal.sandbox.lines import lines_of, page_of
from portal.sandbox.params import EMAIL, Choice, Flag, Group, Many, Tags, Text, Tree, Unset, Url, Whole
from portal.sandbox.sessions import LONGEST_SECONDS, custom_text, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json
    from portal.sandbox.store import Rows

KIND = "payment_link"
_AFTER = Group(
    {
        "hosted_confirmation": Group({"custom_message": Text(500)}),
        "redirect": Group({"url": Url()}, required=("url",)),
        "type": Choice(("hosted_confirmation", "redirect")),
    },
    required=("type",),
)
_RESTRICTIONS = Group(
    {"completed_sessions": Group({"limit": Whole(least=1)}, required=("limit",))},
    required=("completed_sessions",),
)
_INTENT = Group(allowed.INTENT_FIELDS)
_TYPES = Many(Choice(allowed.METHODS), most=len(allowed.METHODS))
CREATE = Tree(
    {
        "after_completion": _AFTER,
        "allow_promotion_codes": allowed.OFF,
        "automatic_tax": allowed.SWITCHED_OFF,
        "billing_address_collection": Choice(("auto", "required")),
        "consent_collection": allowed.CONSENT,
        "custom_text": allowed.CUSTOM_TEXT,
        "customer_creation": Choice(("always", "if_required")),
        "inactive_message": Text(500),
        "invoice_creation": allowed.SWITCHED_OFF,
        "line_items": Many(allowed.LINE_OF_LINK, most=20),
        "metadata": Tags(),
        "payment_intent_data": _INTENT,
        "payment_method_types": _TYPES,
        "phone_number_collection": allowed.SWITCHED_OFF,
        "restrictions": _RESTRICTIONS,
        "submit_type": allowed.SUBMIT_TYPE,
    },
    required=("line_items",),
)
UPDATE = Tree(
    {
        "active": Flag(),
        "after_completion": _AFTER,
        "custom_text": allowed.CUSTOM_TEXT,
        "customer_creation": Choice(("always", "if_required")),
        "inactive_message": Unset(Text(500)),
        "metadata": Tags(unset=True),
        "payment_intent_data": _INTENT,
        "payment_method_types": Unset(_TYPES),
        "restrictions": Unset(_RESTRICTIONS),
        "submit_type": allowed.SUBMIT_TYPE,
    }
)
# What may stand in the address of a link; anything else is dropped without a word, as Stripe does.
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,200}")
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
UTM_LENGTH = 150


def create(call: Call, given: Json) -> Json:
    """POST /v1/payment_links."""
    lines = lines_of(call, given["line_items"])
    _check_after(given)
    link_id = new_id("plink_")
    link = {
        **_SAME_FOR_ALL,
        **_settings({"customer_creation": "if_required", "submit_type": "auto", "metadata": {}, **given}),
        "id": link_id,
        "currency": lines[0]["currency"],
        "url": f"{call.public_url}/link/{link_id}",
        # Links have no `created` of their own in the API.
        "_created": call.now,
        "_lines": lines,
    }
    return call.rows.add(link)


def _check_after(given: Json) -> None:
    after = given.get("after_completion", {"type": "hosted_confirmation"})
    if after["type"] == "redirect" and "redirect" not in after:
        raise missing("after_completion[redirect]")


_SAME_FOR_ALL: Json = {
    "object": KIND,
    "active": True,
    "after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": None}},
    "allow_promotion_codes": False,
    "application": None,
    "application_fee_amount": None,
    "application_fee_percent": None,
    "automatic_tax": {"enabled": False, "liability": None},
    "billing_address_collection": "auto",
    "consent_collection": None,
    "custom_fields": [],
    "custom_text": custom_text({}),
    "inactive_message": None,
    "invoice_creation": None,
    "livemode": False,
    "on_behalf_of": None,
    "payment_intent_data": None,
    "payment_method_collection": "always",
    "payment_method_types": None,
    "phone_number_collection": {"enabled": False},
    "restrictions": None,
    "shipping_address_collection": None,
    "shipping_options": [],
    "subscription_data": None,
    "tax_id_collection": {"enabled": False, "required": "never"},
    "transfer_data": None,
}


def update(call: Call, given: Json, link_id: str) -> Json:
    """POST /v1/payment_links/{id}. Line items are as they were made."""
    link = call.rows.get(KIND, link_id)
    _check_after(given)
    metadata = {**link["metadata"], **given.get("metadata", {})}
    changed = {**_settings(given, link), "metadata": {key: text for key, text in metadata.items() if text}}
    return call.rows.put({**link, **changed})


def _settings(given: Json, before: Json | None = None) -> Json:
    settings = {**given}
    settings.pop("line_items", None)
    if settings.get("restrictions"):
        count = ((before or {}).get("restrictions") or {}).get("completed_sessions", {}).get("count", 0)
        limit = given["restrictions"]["completed_sessions"]["limit"]
        settings["restrictions"] = {"completed_sessions": {"count": count, "limit": limit}}
    if "payment_intent_data" in given:
        settings["payment_intent_data"] = {**_NO_INTENT, **given["payment_intent_data"]}
    if "custom_text" in given:
        settings["custom_text"] = custom_text(given["custom_text"])
    for switched_off in ("automatic_tax", "allow_promotion_codes", "invoice_creation", "expand"):
        settings.pop(switched_off, None)
    return settings


_NO_INTENT: Json = {
    **dict.fromkeys(("capture_method", "description", "setup_future_usage", "statement_descriptor")),
    "metadata": {},
    "statement_descriptor_suffix": None,
    "transfer_group": None,
}


def line_items(rows: Rows, link_id: str) -> Json:
    """The line items of a link, as a list."""
    return lines_page(rows.get(KIND, link_id))


def lines_page(link: Json) -> Json:
    """The line items of this link, as a list."""
    return page_of([public(line) for line in link["_lines"]], f"/v1/payment_links/{link['id']}/line_items")


def open_link(call: Call, link: Json, query: Mapping[str, str]) -> Json:
    """Make the session that somebody gets who opens an active link."""
    reference = query.get("client_reference_id", "")
    email = query.get("locked_prefilled_email") or query.get("prefilled_email") or ""
    given = {
        "client_reference_id": reference if REFERENCE.fullmatch(reference) else None,
        "consent_collection": link["consent_collection"],
        "custom_text": link["custom_text"],
        "customer_creation": link["customer_creation"],
        "customer_email": email if EMAIL.fullmatch(email) else None,
        # Copied to the session, and not to the payment.
        "metadata": link["metadata"],
        "payment_intent_data": _set(link["payment_intent_data"]),
        "payment_link": link["id"],
        "submit_type": link["submit_type"],
        "success_url": _success_url(link, query),
    }
    if link["payment_method_types"]:
        given["allowed_payment_method_types"] = link["payment_method_types"]
    session = open_session(call, given, link["_lines"], call.now + LONGEST_SECONDS)
    return call.rows.put({**session, "_confirmation": link["after_completion"].get("hosted_confirmation")})


def _set(settings: Json | None) -> Json:
    return {name: one for name, one in (settings or {}).items() if one is not None}


def _success_url(link: Json, query: Mapping[str, str]) -> str | None:
    after = link["after_completion"]
    if after["type"] != "redirect":
        return None
    campaign = {name: query[name][:UTM_LENGTH] for name in UTM if query.get(name)}
    url: str = after["redirect"]["url"]
    return url + (("&" if "?" in url else "?") + urlencode(campaign) if campaign else "")


def count_completed(call: Call, link_id: str) -> None:
    """Count a completed session of the link; at its limit the link switches itself off.

    Sessions that are open at that moment stay payable: Stripe does not say, so the worse case is shown.
    """
    link = call.rows.get(KIND, link_id)
    if not link["restrictions"]:
        return
    completed = link["restrictions"]["completed_sessions"]
    completed = {**completed, "count": completed["count"] + 1}
    active = link["active"] and completed["count"] < completed["limit"]
    call.rows.put({**link, "active": active, "restrictions": {"completed_sessions": completed}})
