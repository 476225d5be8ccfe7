"""The headers every page is sent with, for the live app and for static hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.links.sealing import script_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.config import Settings

LONGEST_LINE = 2000
"""Characters Cloudflare Pages takes in one line of ``_headers``; longer ones are dropped silently."""


def security_headers(settings: Settings, css_hashes: Sequence[str]) -> dict[str, str]:
    """Headers by name. The address of a page is its key, so nothing may carry it elsewhere or keep a copy."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings, css_hashes),
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cache-Control": "private, no-store",
    }
    if settings.portal.base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


def content_security_policy(settings: Settings, css_hashes: Sequence[str], *, in_page: bool = False) -> str:
    """What a page may load and where its forms may lead.

    A form's answer redirects to the payment provider, and browsers apply ``form-action`` to that hop too, so the
    provider's checkout stands beside our own address. Where customers pay through links, pages have no forms. The one
    script there may be is what opens encrypted pages, and fetches an invoice's own document when it is asked for.

    Args:
        settings: for the addresses.
        css_hashes: ``sha256-...`` of the stylesheets.
        in_page: for a ``<meta>`` element, in which ``frame-ancestors`` is not allowed.
    """
    styles = " ".join(f"'{digest}'" for digest in css_hashes)
    directives = [
        "default-src 'none'",
        f"style-src {styles}",
        "img-src 'self' data:",
        "base-uri 'none'",
        f"form-action {' '.join(_form_targets(settings))}",
    ]
    if settings.links.encrypted:
        directives[1:1] = [f"script-src '{script_hash()}'", "connect-src 'self'"]
    if not in_page:
        directives.append("frame-ancestors 'none'")
    return "; ".join(directives)


def headers_file(settings: Settings, css_hashes: Sequence[str]) -> str:
    """The ``_headers`` file that Netlify and Cloudflare Pages read: one rule for all pages.

    Raises:
        ValueError: a line is longer than Cloudflare Pages takes.
    """
    lines = ["/*", *(f"  {name}: {value}" for name, value in security_headers(settings, css_hashes).items())]
    if max(map(len, lines)) > LONGEST_LINE:
        raise ValueError(f"a header is longer than {LONGEST_LINE} characters")
    return "\n".join(lines) + "\n"


def _form_targets(settings: Settings) -> list[str]:
    if settings.payments.by_links:
        return ["'none'"]
    live, pages = _origin(settings.live_url), _origin(settings.portal.base_url)
    others = [live] if live != pages else []
    return ["'self'", *others, *(o for o in [_origin(settings.stripe.checkout_base)] if o not in (live, pages))]


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
