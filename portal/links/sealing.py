"""Pages that only their links can open: encrypted where they lie, and opened in the reader's own browser.

The address of such a page is a digest of its link's token; the token itself stands behind the ``#`` of the link, which
browsers send to nobody. The key is derived from it, so that who has the whole of a host, its logs and its history, but
no link, has nothing. AES-256-GCM (NIST SP 800-38D), keys by HKDF-SHA-256 (RFC 5869).

The same page is the same to the byte whenever it is sealed, for its nonce is a keyed digest of what is sealed: another
text has another nonce, as in RFC 8452.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from functools import lru_cache
from pathlib import Path

STEP = 4096
"""What is sealed is filled up to a multiple of so many bytes, so that their length says little."""
NONCE_BYTES = 12
_ADDRESS_BYTES = 20
_KEY_BYTES = 32
_PAGE, _DOCUMENT = b"page.v1", b"document.v1"
"""What is sealed: part of the keys and bound to the ciphertext, so that neither is ever taken for the other."""
_SCRIPT = Path(__file__).parents[1] / "templates" / "parts" / "unseal.js"


def address_of(token: str) -> str:
    """What a sealed page is called at its host; nobody can go back from it to the token."""
    digest = hashlib.sha256(f"address.v1 {token}".encode()).digest()[:_ADDRESS_BYTES]
    return base64.b32encode(digest).decode().lower()


def seal(token: str, page: str) -> str:
    """A page that only the link with this token opens: nonce and ciphertext in Base64."""
    return base64.b64encode(_sealed(token, page.encode(), _PAGE)).decode()


def seal_document(token: str, document: bytes) -> bytes:
    """A file that only the same link opens, with keys of its own: nonce and ciphertext."""
    return _sealed(token, document, _DOCUMENT)


def _sealed(token: str, content: bytes, use: bytes) -> bytes:
    """Nonce and ciphertext. Inside are the length of the packed content in four bytes, packed by zlib, and zeros."""
    # Imported here, since hardly any portal has sealed pages and this takes longer than many commands.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    packed = zlib.compress(content, 9)
    plain = len(packed).to_bytes(4) + packed
    plain += bytes(-len(plain) % STEP)
    nonce = hmac.digest(_derived(token, use + b" nonce"), plain, "sha256")[:NONCE_BYTES]
    return nonce + AESGCM(_derived(token, use + b" key")).encrypt(nonce, plain, use)


def _derived(token: str, use: bytes) -> bytes:
    """A key for one use: HKDF with an empty salt and one block of output."""
    drawn = hmac.digest(bytes(_KEY_BYTES), token.encode(), "sha256")
    return hmac.digest(drawn, use + b"\x01", "sha256")


@lru_cache(maxsize=1)
def unseal_script() -> str:
    """What opens a sealed page in a browser, on a click."""
    return _SCRIPT.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def script_hash() -> str:
    """``sha256-...`` of it, for the Content-Security-Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(unseal_script().encode()).digest()).decode()}"
