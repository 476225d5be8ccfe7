"""The owner's logo: a small image in their own folder, which travels inside every page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_LOGO = 8192
"""Bytes of a logo: it travels inside every page, so that a page stays one request."""
_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}


def logo_address(content: Path, name: str) -> str:
    """The logo as a ``data:`` address.

    Args:
        content: the owner's folder.
        name: of the file in it.

    Raises:
        ValueError: it is no image that a page can carry.
    """
    kind = _TYPES.get((content / name).suffix.lower())
    if kind is None:
        raise ValueError(f"the file {name} is not an image that a page can carry: use an SVG, PNG, WebP or JPEG file")
    try:
        image = (content / name).read_bytes()
    except OSError:
        raise ValueError(f"there is no file {name} beside portal.toml") from None
    if len(image) > LARGEST_LOGO:
        what = (
            f"the file {name} has {len(image):,} bytes; a logo has {LARGEST_LOGO:,} at most, as every page carries it"
        )
        raise ValueError(f"{what}: 72 pixels high is enough, and SVG is best")
    if kind.startswith("image/svg"):
        return f"data:{kind},{quote(image.strip(), safe='/:=;,()')}"  # text, which is compressed with the page
    return f"data:{kind};base64,{base64.b64encode(image).decode()}"
