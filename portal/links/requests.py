"""Somebody without a link that works asks for one: what they said, kept for the owner, who alone decides.

Nothing is looked up for the answer, so that it is the same whoever asks and whatever they name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.free_text import cleaned, refusal_of_words
from portal.settings.mail_addresses import address_problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from portal.ports import Ledger
    from portal.ports.links import LinkRequest

MOST_WAITING = 200
"""Requests that wait at once; no owner reads more, and nobody can fill the ledger with them."""


class RequestRefusal(StrEnum):
    """Why a request was not kept."""

    NO_ADDRESS = "no e-mail address"
    TOO_LONG = "too long"
    CARD_NUMBER = "holds a card number"
    TOO_MANY = "too many wait"


@dataclass(frozen=True, slots=True)
class LinkRequests:
    """Keeps what is asked for, and strikes it once the owner has dealt with it."""

    ledger: Ledger
    now: Callable[[], datetime]

    def ask(self, email: str, words: str) -> LinkRequest | RequestRefusal:
        """Keep a request; the same one that waits already is not kept twice."""
        address, said = email.strip(), cleaned(words)
        if address_problem(address):
            return RequestRefusal.NO_ADDRESS
        if refused := refusal_of_words(said):
            return RequestRefusal(refused.value)
        waiting = self.ledger.link_requests()
        same = (one for one in waiting if (one.email.casefold(), one.words) == (address.casefold(), said))
        if known := next(same, None):
            return known
        if len(waiting) >= MOST_WAITING:
            return RequestRefusal.TOO_MANY
        with self.ledger.transaction() as tx:
            return tx.add_link_request(address, said, self.now())

    def deal_with(self, number: int) -> LinkRequest | None:
        """Strike a request; None where none of that number waits."""
        found = next((one for one in self.ledger.link_requests() if one.number == number), None)
        if found is not None:
            with self.ledger.transaction() as tx:
                tx.end_link_request(number, self.now())
        return found
