"""The pages where customers open them: whether they are there, up to date, and sent as they have to be."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from portal.doctor.findings import Look
from portal.hosting.headers import security_headers
from portal.theming.theme import theme_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from portal.adapters.stripe.own_address import Answered
    from portal.config import Settings
    from portal.doctor.findings import Finding

_ADDRESS = Look("pages' address")
_PAGE = "404.html"
"""A page without a key: asking for a customer's would write its address into somebody's log."""
_OK, _NOT_FOUND = 200, 404
_UPLOAD = "Upload the output folder as it is, or let the web server serve it: docs/hosting.md."


def look_at_address(settings: Settings, output: Path, fetch: Callable[[str], Answered]) -> Iterator[Finding]:
    """Whether the pages' address serves what was built, with its headers, and tells nothing of what is not there."""
    base = settings.portal.base_url
    page = fetch(f"{base}/{_PAGE}")
    if page.status is None:
        what = f"{base} cannot be reached from here: {page.error}."
        remedy = "Start `portal serve`, or look at the web server that serves the pages."
        yield (_ADDRESS.problem if settings.stripe.is_live else _ADDRESS.warning)(what, remedy)
        return
    built = output / _PAGE
    if page.status != _OK or (built.is_file() and page.body != built.read_bytes()):
        yield _ADDRESS.warning(f"{base} does not serve the pages as they were built.", _UPLOAD)
        return
    yield from _about_headers(security_headers(settings, theme_of(settings).css_hashes), page.headers)
    nowhere = fetch(f"{base}/i/{secrets.token_hex(16)}/")
    if nowhere.status != _NOT_FOUND:
        what = f"{base} answers an address that nobody has with {nowhere.status or nowhere.error}, not with 404."
        yield _ADDRESS.warning(what, "Have it answer every unknown address with 404.html and status 404.")


def _about_headers(wanted: Mapping[str, str], sent: Mapping[str, str]) -> Iterator[Finding]:
    missing = [name for name in wanted if name.lower() not in sent]
    other = [name for name, value in wanted.items() if sent.get(name.lower(), value) != value]
    remedy = "Print them with `portal headers HOST` and put them in place: docs/hosting.md."
    if missing:
        yield _ADDRESS.warning(f"The pages are sent without {', '.join(missing)}.", remedy)
    if other:
        yield _ADDRESS.warning(f"The pages are sent with another {', '.join(other)} than they need now.", remedy)
    if not missing and not other:
        yield _ADDRESS.ok("The pages stand at their address, with all their headers.")
