"""The portal's own code, templates and words, as one digest: what was made with others has to be made again."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from portal.texts import TRANSLATIONS


@lru_cache(maxsize=1)
def software_digest() -> bytes:
    """What tells this version of the portal from any other, in 64 bytes."""
    package = Path(__file__).parent
    digest = hashlib.blake2b()
    templates = (path for path in (package / "templates").rglob("*") if path.suffix in {".html", ".js"})
    for path in sorted([*package.rglob("*.py"), *templates, *TRANSLATIONS.rglob("*.po")]):
        digest.update(path.read_bytes())
    return digest.digest()
