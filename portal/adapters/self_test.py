"""A webhook of one's own, sent to one's own address: signed as Stripe signs, of a kind that changes nothing."""

from __future__ import annotations

import json
import secrets
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import stripe

from portal.provider_reports import SELF_TEST_EVENT

if TYPE_CHECKING:
    from datetime import datetime

SECONDS = 8.0
"""How long an answer is waited for."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: a status, or why nothing did."""

    status: int | None
    error: str | None = None


def send_self_test(url: str, secret: str | None, now: datetime, *, live: bool) -> Answered:
    """Post the event to ``url``; without a secret it is sent unsigned, and has to be refused."""
    event = {
        "id": f"evt_selftest{secrets.token_hex(8)}",
        "object": "event",
        "type": SELF_TEST_EVENT,
        "created": int(now.timestamp()),
        "livemode": live,
        "data": {"object": {"object": "self_test"}},
    }
    body = json.dumps(event)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "portal doctor"}
    if secret is not None:
        headers["Stripe-Signature"] = stripe.WebhookSignature.generate_signature_header(body, secret)
    return _posted(url, body.encode(), headers)


def _posted(url: str, body: bytes, headers: dict[str, str]) -> Answered:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.request("POST", parts.path, body, headers)
        return Answered(connection.getresponse().status)
    except ssl.SSLCertVerificationError as error:
        return Answered(None, f"its certificate is not valid: {error.verify_message}")
    except (OSError, HTTPException) as error:
        return Answered(None, str(error) or type(error).__name__)
    finally:
        connection.close()
