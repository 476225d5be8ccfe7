"""Before a form is answered, or the provider asked for who comes back: whether link or sender have sent too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import redirect, render_template, request

from portal import pages
from portal.adapters.links import is_token
from portal.languages import speak_to
from portal.links.addresses import page_address
from portal.live.rate_limits import WINDOW_SECONDS, Counted, RateLimits, network_of
from portal.ports import HoldState, LinkKind
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from portal.ports import Hold, Link
    from portal.wiring.portal import Portal

FORMS = frozenset({"/pay", "/plan", "/answer", "/fresh-link"})
RETURN = "/return"
"""Each visit asks the provider, so it is counted too: apart, so that who pressed often still comes back."""
ASKING = "/fresh-link"
ASKED_AT_MOST = 10
"""Requests for a link from one network in ten minutes. Each is a mail to the owner, and only so many wait at once: one
sender must not be able to fill them all."""
_SEE_OTHER, _TOO_MANY = 303, 429


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Counts forms before they are answered.

    Attributes:
        link_of: the link behind a token, where it holds.
        checkout_base: what a checkout's address starts with.
    """

    portal: Portal
    link_of: Callable[[str], Link | None]
    checkout_base: str

    def check(self) -> ResponseReturnValue | None:
        """None lets the request through. Who pays is sent to the checkout they have open rather than away."""
        if request.path == RETURN:
            return self._check_return(request.args.get("link", ""))
        if request.method != "POST" or request.path not in FORMS:
            return None
        if request.path == ASKING and self._asks_too_often():
            return self._wait()
        link = self.link_of(request.form.get("token", ""))
        exceeded = self._limits().exceeded(link.token if link else "", request.remote_addr)
        if exceeded is None:
            return None
        opened = self._open_checkout(link) if exceeded is Counted.LINK and request.path == "/pay" else None
        return redirect(opened, _SEE_OTHER) if opened else self._wait()

    def _check_return(self, token: str) -> ResponseReturnValue | None:
        """Who comes back too often is sent to their page: webhook and sync know of the payment without them.

        A link that ended is counted as well, for it may still be paid through.
        """
        if not is_token(token) or self.portal.ledger.link(token) is None:
            return None
        if self._limits().exceeded(f"back {token}", request.remote_addr) is None:
            return None
        link = self.link_of(token)
        return redirect(page_address(self.portal.settings, link.kind, token), _SEE_OTHER) if link else self._wait()

    def _asks_too_often(self) -> bool:
        """Whether too many requests for a link came from the sender's network; no link says who asks."""
        network = network_of(request.remote_addr or "")
        asking = RateLimits(self.portal.ledger, {Counted.LINK: ASKED_AT_MOST}, self.portal.link_key, now)
        return network is not None and asking.exceeded(f"asked by {network}", None) is not None

    def _limits(self) -> RateLimits:
        limits = self.portal.settings.limits
        most = {Counted.LINK: limits.per_link, Counted.ADDRESS: limits.per_address}
        return RateLimits(self.portal.ledger, most, self.portal.link_key, now)

    def _open_checkout(self, link: Link | None) -> str | None:
        if link is None:
            return None
        holds = self._open_holds(link)
        urls = (hold.url for hold in holds if hold.url and hold.token == link.token and hold.expires_at > now())
        return next((url for url in urls if url.startswith(f"{self.checkout_base}/")), None)

    def _open_holds(self, link: Link) -> tuple[Hold, ...]:
        """The reservations that may be of this link: of its invoice; for a statement, of all that are open."""
        if link.kind is LinkKind.STATEMENT:
            return self.portal.ledger.holds_in({HoldState.OPEN})
        with self.portal.ledger.transaction() as tx:
            return tx.holds(link.subject, {HoldState.OPEN})

    def _wait(self) -> ResponseReturnValue:
        speak_to(self.portal.settings, None, request.form.get("lang"))
        page = pages.wait_page(self.portal.settings)
        return render_template(page.template, page=page), _TOO_MANY, {"Retry-After": str(WINDOW_SECONDS)}
