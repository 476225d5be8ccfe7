"""What tells whether a page has to be made again: a fingerprint of everything it shows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from portal.software import software_digest
from portal.theming.theme import theme_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.config import Settings
    from portal.receivables.entries import Entry

_FINGERPRINT_BYTES = 16


def seq_of(entries: Sequence[Entry]) -> int:
    """The ledger's last entry among these facts; 0 where there are none."""
    return entries[-1].seq if entries else 0


def site_key(settings: Settings) -> bytes:
    """What every page depends on: settings, stylesheet, logo, and the portal's own code and templates."""
    look = theme_of(settings)
    return hashlib.blake2b(repr((software_digest(), settings, look)).encode()).digest()


def fingerprint_of(key: bytes, inputs: object) -> str:
    """A fingerprint of plain values; their ``repr`` names every field."""
    return hashlib.blake2b(repr(inputs).encode(), key=key, digest_size=_FINGERPRINT_BYTES).hexdigest()
