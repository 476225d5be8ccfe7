"""``portal headers``: what the host of the pages has to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal.cli.common import portal_command
from portal.cli.serve import port_of
from portal.config import load_settings
from portal.hosting.headers import headers_file
from portal.hosting.hosts import cloudfront_policy, nginx_snippet
from portal.theming.theme import theme_of

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.wiring.portal import Folders

_HOSTS = ("nginx", "cloudfront", "netlify", "cloudflare")


@click.command()
@click.argument("host", type=click.Choice(_HOSTS))
@portal_command
def headers(host: str, folders: Folders, as_of: date | None) -> None:  # noqa: ARG001  headers are the same every day
    """Print what a host has to be told so that it sends the pages with their headers."""
    click.echo(_told(host, load_settings(folders.content), folders), nl=False)


def _told(host: str, settings: Settings, folders: Folders) -> str:
    css_hashes = theme_of(settings).css_hashes
    match host:
        case "nginx":
            serve = f"http://127.0.0.1:{port_of(settings)}"
            return nginx_snippet(settings, css_hashes, root=str(folders.output.resolve()), serve=serve)
        case "cloudfront":
            return cloudfront_policy(settings, css_hashes)
        case _:
            return headers_file(settings, css_hashes)
