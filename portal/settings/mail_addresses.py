"""Which mail addresses the portal writes to, and how they travel: plain ASCII, international domains encoded.

Stricter than RFC 5321: no quoted local parts, no comments, no address literals. What is refused is never sent to.
"""

from __future__ import annotations

import re

import idna

LONGEST = 254
"""Of a whole address: RFC 5321, 4.5.3.1.3, less the two angle brackets."""
_LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def wire_address(address: str) -> str:
    """The address as mail servers take it: ``info@bücher.example`` gives ``info@xn--bcher-kva.example``.

    Raises:
        ValueError: not an address that can be written to; the text says why.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise ValueError("an e-mail address is a name, an @ and a domain")
    if not local.isascii():
        raise ValueError("the part before the @ has letters that few mail servers take")
    if len(local) > _LONGEST_LOCAL or not _LOCAL.fullmatch(local) or "=?" in local:
        raise ValueError("the part before the @ is not one that is written to")
    wire = f"{local}@{_wire_domain(domain)}"
    if len(wire) > LONGEST:
        raise ValueError(f"the address has more than {LONGEST} characters")
    return wire


def address_problem(address: str) -> str | None:
    """Why an address cannot be written to; None where it can."""
    try:
        wire_address(address)
    except ValueError as error:
        return str(error)
    return None


def _wire_domain(domain: str) -> str:
    """The domain in ASCII, by IDNA 2008: the older rules would make ``straße`` another domain."""
    if not domain.isascii():
        try:
            domain = idna.encode(domain.lower()).decode("ascii")
        except idna.IDNAError as error:
            raise ValueError("the part after the @ is not a domain") from error
    labels = domain.split(".")
    if len(labels) == 1 and domain != "localhost":
        raise ValueError("the part after the @ has no dot")
    if not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        raise ValueError("the part after the @ is not a domain")
    return domain.lower()
