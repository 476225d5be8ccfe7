"""The live app's end of reminders: ``GET /reminders`` asks and changes nothing, ``POST`` does it in one click.

Mail programs post here by themselves when somebody presses their own "unsubscribe" (RFC 8058), without cookies and
without a page before it. So the address alone says which mail it is, and it opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import render_template, request

from portal.adapters.stop_links import message_of_code
from portal.answers.wishes import NoRemindersWish
from portal.languages import speak_to
from portal.pages.reminders import stop_page, stopped_page
from portal.wiring.reminders import STOP_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Portal


@dataclass(frozen=True, slots=True)
class StopDesk:
    """Ends reminders.

    Attributes:
        freeze: freezes the pages that wait for it.
        no_link: the page for an address that leads nowhere.
    """

    portal: Portal
    freeze: Callable[[], bool]
    no_link: Callable[[], ResponseReturnValue]

    def ask_first(self) -> ResponseReturnValue:
        """``GET /reminders``: the question."""
        invoices = self._invoices()
        if not invoices:
            return self.no_link()
        action = f"{self.portal.settings.live_url}{STOP_PATH}?stop={request.args['stop']}"
        page = stop_page(invoices, self.portal.settings, action=action)
        return render_template(page.template, page=page)

    def stop(self) -> ResponseReturnValue:
        """``POST /reminders``: no more reminders about the invoices of that mail; twice is once."""
        invoices = self._invoices()
        if not invoices:
            return self.no_link()
        for invoice in invoices:
            self.portal.answering().say(invoice.key, NoRemindersWish())
        self.freeze()
        page = stopped_page(invoices, self.portal.settings)
        return render_template(page.template, page=page)

    def _invoices(self) -> list[Invoice]:
        """What the mail behind the address is about; the rest of the request speaks its customer's language."""
        message_id = message_of_code(self.portal.link_key, request.args.get("stop", ""))
        claims = self.portal.ledger.claims_of_reminder(message_id) if message_id else ()
        invoices = self.portal.invoices_as_built(claim.invoice_key for claim in claims)
        speak_to(self.portal.settings, invoices[0].customer if invoices else None)
        return invoices
