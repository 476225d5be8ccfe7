"""A name server on loopback: it knows the texts it is told of, and can be told to be silent or to fail."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SILENT, FAILING = "silent", "failing"


@contextmanager
def serving(zone: Mapping[str, Sequence[str]], trouble: str = "") -> Iterator[int]:
    """The port of a server that has these texts at these names, for as long as the block runs.

    Args:
        zone: TXT records by name; a name with none of its own exists all the same.
        trouble: what it does instead of answering.
    """
    names = {dns.name.from_text(name): texts for name, texts in zone.items()}

    class Asked(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, answering = self.request
            if trouble == SILENT:
                return
            answering.sendto(_answer(dns.message.from_wire(packet)).to_wire(), self.client_address)

    def _answer(question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        name = question.question[0].name
        if trouble == FAILING:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif texts := names.get(name):
            quoted = [f'"{text[:200]}" "{text[200:]}"' for text in texts]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        elif not any(known.is_subdomain(name) for known in names):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Asked) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()
