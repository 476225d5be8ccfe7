"""Webhooks: verified over the raw bytes, then read for their ids; nothing else in them is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import stripe

from portal.adapters.stripe.amounts import moment_of
from portal.adapters.stripe.reading import id_of
from portal.errors import ForgedEventError, Problem
from portal.ports.provider_reports import GatewayEvent

if TYPE_CHECKING:
    from datetime import datetime

TOLERANCE_SECONDS = 300
_FIELDS: dict[str, type] = {"id": str, "type": str, "created": int, "livemode": bool, "data": dict}


def verified_body(payload: bytes, signature: str, secret: str, now: datetime) -> str:
    """The text of a webhook that Stripe signed within the last minutes.

    Raises:
        ForgedEventError: not signed with this secret, too old, or from the future.
    """
    try:
        body = payload.decode()
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
        stamps = [int(part[2:]) for part in signature.split(",") if part.startswith("t=")]
    except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
        raise forged("The webhook's signature does not fit.") from error
    # The library bounds a signature's age but not its future, so that a stolen one could be kept for later.
    if any(stamp > now.timestamp() + TOLERANCE_SECONDS for stamp in stamps):
        raise forged("The webhook's time lies in the future.")
    return body


def read_body(body: str, *, live: bool) -> GatewayEvent:
    """The event of a verified body.

    Raises:
        ForgedEventError: no event, or one of the other world (test and live) than the key's.
    """
    event = _fields_of(body)
    if event["livemode"] is not live:
        raise forged("The webhook belongs to the other of Stripe's two worlds, test and live.")
    return event_of(event, body)


def event_of(event: dict[str, Any], body: str) -> GatewayEvent:
    """An event's ids."""
    subject = event["data"]["object"]
    account = event.get("account")
    return GatewayEvent(
        event_id=event["id"],
        kind=event["type"],
        created_at=moment_of(event["created"]),
        checkout_id=str(subject["id"]) if subject.get("object") == "checkout.session" else None,
        body=body,
        payment_id=_payment_id(subject),
        account=str(account) if account else None,
    )


def forged(problem: str) -> ForgedEventError:
    """The error about a webhook that is not believed."""
    return ForgedEventError(
        Problem(problem, "Compare PORTAL_STRIPE_WEBHOOK_SECRET with the endpoint's signing secret in Stripe.")
    )


def _fields_of(body: str) -> dict[str, Any]:
    """An event's fields, each of its type; a signed body that is no event is refused like an unsigned one."""
    try:
        event = json.loads(body)
        fits = all(isinstance(event[name], kind) for name, kind in _FIELDS.items())
        subject = event["data"]["object"]
        fits = fits and isinstance(subject, dict) and (subject.get("object") != "checkout.session" or "id" in subject)
        moment_of(event["created"])
        # Halves of characters, which JSON may hold, could be neither kept nor asked for.
        json.dumps(event, ensure_ascii=False).encode()
    except (ValueError, LookupError, TypeError, RecursionError, OverflowError, OSError) as error:
        raise forged("The webhook is not an event.") from error
    if not fits:
        raise forged("The webhook is not an event.")
    return event  # type: ignore[no-any-return]  # its fields were checked one by one


def _payment_id(subject: dict[str, Any]) -> str | None:
    """The payment an object is, or belongs to: all of Stripe's that matter here name it alike."""
    if subject.get("object") == "payment_intent":
        return id_of(subject.get("id"))
    reference = subject.get("payment_intent")
    return id_of(reference) if isinstance(reference, str | dict) else None
