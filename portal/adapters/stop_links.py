"""Addresses at which a customer ends the reminders of one mail: they open nothing, and nobody can guess them."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from hmac import compare_digest

from itsdangerous import Signer
from itsdangerous.encoding import base64_decode

_SALT = b"stop-reminders.v1"
_BYTES = 15
_CODE = re.compile(r"([0-9a-f]{16})([a-z2-7]{24})")


def stop_code(key: bytes, message_id: str) -> str:
    """What stands in the address of a mail: its id, and 120 bits of a signature over it."""
    signer = Signer(key, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256)
    signature = base64_decode(signer.get_signature(message_id))[:_BYTES]
    return message_id + b32encode(signature).decode("ascii").lower()


def message_of_code(key: bytes, code: str) -> str | None:
    """The id of the mail that a code was made for; None where nobody made it."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    return found[1] if compare_digest(stop_code(key, found[1]), code) else None
