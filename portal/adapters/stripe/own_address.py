"""Asking one's own address as others reach it: for a page, and whether it takes a webhook signed as Stripe signs."""

from __future__ import annotations

import json
import secrets
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import stripe

from portal.ports.provider_reports import SELF_TEST_EVENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SECONDS = 8.0
"""How long an answer is waited for."""
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: a status, headers by their names in lower case, and a body; or why nothing did."""

    status: int | None
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def send_self_test(url: str, secret: str | None, now: datetime, *, live: bool) -> Answered:
    """Post an event that changes nothing to ``url``; without a secret it is sent unsigned, and has to be refused."""
    event = {
        "id": f"evt_selftest{secrets.token_hex(8)}",
        "object": "event",
        "type": SELF_TEST_EVENT,
        "created": int(now.timestamp()),
        "livemode": live,
        "data": {"object": {"object": "self_test"}},
    }
    body = json.dumps(event)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if secret is not None:
        headers["Stripe-Signature"] = stripe.WebhookSignature.generate_signature_header(body, secret)
    return _asked("POST", url, body.encode(), headers)


def fetch(url: str) -> Answered:
    """What stands at an address; where it sends one elsewhere, that is the answer."""
    return _asked("GET", url, None, {})


def _asked(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answered:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.request(method, parts.path, body, {"User-Agent": "portal doctor", **headers})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answered(answer.status, None, named, answer.read(_LARGEST))
    except ssl.SSLCertVerificationError as error:
        return Answered(None, f"its certificate is not valid: {error.verify_message}")
    except OSError as error:
        return Answered(None, error.strerror or str(error) or type(error).__name__)
    except HTTPException as error:
        return Answered(None, str(error) or type(error).__name__)
    finally:
        connection.close()
