"""Hosts where everybody can list what is published: pages lie there only encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.errors import Problem

if TYPE_CHECKING:
    from portal.config import Settings

PUBLIC_HOSTS = {".github.io": "GitHub Pages", ".codeberg.page": "Codeberg Pages"}
"""Endings of addresses whose pages come out of a repository, which may be read, and whose history keeps every page."""


def public_host_problems(settings: Settings) -> tuple[Problem, ...]:
    """Why the owner's pages must not lie where they do as they are; nothing where they may.

    A repository behind a domain of the owner's own cannot be told from any other host.
    """
    host = urlsplit(settings.portal.base_url).hostname or ""
    named = next((name for ending, name in PUBLIC_HOSTS.items() if host.endswith(ending)), None)
    if named is None or settings.links.encrypted:
        return ()
    return (
        Problem(
            f"{named} publishes out of a repository: who can read it, or its history, finds the page of every invoice.",
            "Set encrypted = true under [links], build, and send the links anew; or choose another host.",
            field="links.encrypted",
        ),
    )
