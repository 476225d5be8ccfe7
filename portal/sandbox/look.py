"""What every page of the sandbox has in common: the stylesheet inside it, and the headers around it."""

from __future__ import annotations

import base64
import hashlib
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from flask import Response, render_template

STYLE = (Path(__file__).parent / "templates" / "sandbox.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page(template: str, *leads_to: str | None, status: int = HTTPStatus.OK, **shown: object) -> Response:
    """Return a page. `leads_to` names the addresses that its forms may redirect to."""
    text = render_template(template, style=STYLE, **shown)
    response = Response(text, status)
    response.headers["Content-Security-Policy"] = _policy(leads_to)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _policy(leads_to: tuple[str | None, ...]) -> str:
    # Chromium holds a redirect after a form to form-action too, so the shop's own address is named.
    origins = sorted({_origin(url) for url in leads_to if url})
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{STYLE_HASH}'",
            "img-src data:",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            " ".join(("form-action 'self'", *origins)),
        )
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
