"""Whether an address is one of this machine or its own network, which customers elsewhere cannot open."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LOCAL_NAMES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""Endings that no public name has: RFC 6761, 6762 and 8375, ICANN's ``.internal``, and ``.lan`` by custom."""


def is_nearby(address: str) -> bool:
    """Whether a web address leads to this machine or a private network, as far as its name says.

    A name without a dot is one of the network at hand.
    """
    host = urlsplit(address).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)
