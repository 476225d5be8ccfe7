"""What a customer does on a page with a plain payment link, over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from world import World


def link_on(page: str) -> str:
    """The address of the one pay button, which is a plain link."""
    found = re.findall(r'<a class="btn" href="([^"]+)" rel="noreferrer">', page)
    assert len(found) == 1
    return str(found[0])


def pay(world: World, href: str, amount: str) -> requests.Response:
    """Open a link as the customer does, and pay on the page behind it."""
    opened = requests.get(href, allow_redirects=False, timeout=10)
    assert opened.status_code == 303
    url = f"{world.url}{opened.headers['Location'].removeprefix(world.url)}/pay"
    form = {"means": "4242", "amount": amount}
    return requests.post(url, data=form, timeout=10)
