"""Erasing, everywhere the portal keeps it: in the ledger, in the files of mails, and on pages, which are made again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.adapters.mail import remove_letters
from portal.counting import counted
from portal.privacy import overdue_to_forget
from portal.wiring.portal import MAIL_FOLDER, now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.ports.privacy import ToErase
    from portal.wiring.portal import Portal

RETENTION = "kept for as long as the settings say"
"""Why something was erased that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased: entries with words, mails, their files, and webhooks."""

    words: int = 0
    mails: int = 0
    files: int = 0
    webhooks: int = 0

    def __bool__(self) -> bool:
        return bool(self.words or self.mails or self.files or self.webhooks)

    def __str__(self) -> str:
        words, mails = counted(self.words, "answer"), counted(self.mails, "mail")
        webhooks = counted(self.webhooks, "report")
        return f"the words of {words}, {mails} ({self.files} of them files), {webhooks} of Stripe's"


def erase(portal: Portal, what: ToErase, why: str, invoices: Iterable[str]) -> Erased:
    """Erase it; the pages of these invoices wait to be frozen again, for words may stand on them.

    Args:
        portal: whose ledger and folders.
        what: to be erased.
        why: noted with it.
        invoices: keys of those that the words were about.
    """
    # The files first: whoever is killed in between finds the mails in the ledger still to be erased, and both go then.
    files = remove_letters(portal.folders.state / MAIL_FOLDER, what.messages)
    portal.ledger.erase(what, why, now())
    with portal.ledger.transaction() as tx:
        for number in what.requests:
            tx.end_link_request(number, now())
    for key in invoices:
        with portal.ledger.transaction() as tx:
            if tx.invoice(key) is not None:
                tx.enqueue_freeze(key)
    return Erased(len(what.entries), len(what.messages), files, len(what.events))


def tidy(portal: Portal) -> Erased:
    """Erase what was kept for long enough. The real day counts here, whatever day the portal works as of."""
    zone = ZoneInfo(portal.settings.portal.timezone)
    what = overdue_to_forget(portal.ledger, portal.settings.privacy, now(), zone)
    if not what:
        return Erased()
    words = frozenset(what.entries)
    facts = portal.ledger.entries_by_invoice() if words else {}
    about = [key for key, entries in facts.items() if any(entry.seq in words for entry in entries)]
    return erase(portal, what, RETENTION, about)
