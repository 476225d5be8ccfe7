"""The texts that a domain says about itself in the DNS, such as who may send its mails; asked with little patience."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS = 4.0
"""How long one answer is waited for, with all tries."""
_PORT = 53


@dataclass(frozen=True, slots=True)
class Texts:
    """What stands at a name.

    Attributes:
        texts: the TXT records there, each whole.
        exists: whether the DNS has the name, or anything below it (RFC 8020).
    """

    texts: tuple[str, ...]
    exists: bool


@dataclass(frozen=True, slots=True)
class DomainRecords:
    """Asks the name servers of this machine.

    Attributes:
        server: the address of another one, where that is asked instead; ``port`` is its port.
        seconds: how long one answer is waited for.
    """

    server: str | None = None
    port: int = _PORT
    seconds: float = SECONDS

    def texts_at(self, name: str) -> Texts | None:
        """What stands at a name; None where nobody could be asked, or nobody knew."""
        import dns.exception  # noqa: PLC0415  slow to import, and only ``portal doctor`` needs it
        import dns.resolver  # noqa: PLC0415  the same

        try:
            resolver = dns.resolver.Resolver(configure=self.server is None)
            if self.server is not None:
                resolver.nameservers, resolver.port = [self.server], self.port
            found = resolver.resolve(name, "TXT", lifetime=self.seconds, search=False)
        except dns.resolver.NXDOMAIN:
            return Texts((), exists=False)
        except dns.resolver.NoAnswer:
            return Texts((), exists=True)
        except (dns.exception.DNSException, OSError):
            return None
        return Texts(tuple(b"".join(one.strings).decode("utf-8", "replace") for one in found), exists=True)
