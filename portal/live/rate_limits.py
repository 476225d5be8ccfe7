"""How often one link and one network address may send forms: enough for any customer, too little to do harm.

Counts are kept in the ledger's database, so that several servers share them; addresses are kept as digests only.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from portal.errors import LedgerBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

WINDOW_SECONDS = 600
"""Counts begin anew every ten minutes."""
_NETWORK_BITS = 64
"""One household or phone has at least so many bits of IPv6 to itself."""


class Counted(StrEnum):
    """What is counted."""

    LINK = "link"
    ADDRESS = "address"


class Counters(Protocol):
    """Where counts are kept."""

    def count(self, subjects: Iterable[str], window: int) -> Mapping[str, int]:
        """Count one more for each subject in a window of time; how many that makes. Earlier windows are forgotten."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Counts forms.

    Attributes:
        most: how many forms in ten minutes.
        secret: mixed into digests, so that nobody can try out which address one belongs to.
    """

    counters: Counters
    most: Mapping[Counted, int]
    secret: bytes
    now: Callable[[], datetime]

    def exceeded(self, token: str, address: str | None) -> Counted | None:
        """Count one form; what has sent too many, if anything has. Where nothing can be counted, nothing is refused."""
        network = network_of(address) if address else None
        subjects = {self._name(Counted.LINK, token): Counted.LINK} if token else {}
        if network is not None:
            subjects[self._name(Counted.ADDRESS, network)] = Counted.ADDRESS
        try:
            counts = self.counters.count(subjects, int(self.now().timestamp()) // WINDOW_SECONDS)
        except LedgerBusyError:
            return None
        over = {subjects[name] for name, number in counts.items() if number > self.most[subjects[name]]}
        return Counted.ADDRESS if Counted.ADDRESS in over else next(iter(over), None)

    def _name(self, counted: Counted, subject: str) -> str:
        text = f"{counted.value} {subject}".encode()
        return hashlib.blake2b(text, key=self.secret[:64], digest_size=16, person=b"rate.v1").hexdigest()


def network_of(address: str) -> str | None:
    """What is counted for an address: itself, or its network in IPv6; None for one that is not of the internet.

    A private address is a proxy's own, which all customers would share.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if not found.is_global:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
    return str(found)
