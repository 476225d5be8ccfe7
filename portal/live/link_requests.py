"""``/fresh-link``: somebody without a link that works asks for one; nobody is told whether anything was found."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import abort, redirect, render_template, request

from portal import pages
from portal.languages import speak_to
from portal.links.requests import LinkRequests, RequestRefusal
from portal.live.form_fields import form_fields
from portal.mailing.links import link_request_due
from portal.texts import chosen_language
from portal.wiring.portal import now

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from portal.ports.links import LinkRequest
    from portal.wiring.portal import Portal

_FIELDS = frozenset({"email", "words", "lang"})
_SEE_OTHER, _UNPROCESSABLE, _TOO_MANY = 303, 422, 429
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkRequestDesk:
    """Answers the form of the page for addresses that lead nowhere."""

    portal: Portal

    def ask(self) -> ResponseReturnValue:
        """``POST /fresh-link``: keep the request, tell the owner, and say so on a page that can be loaded again."""
        fields = form_fields()
        if not fields.keys() <= _FIELDS:
            abort(400)
        email, words, language = (fields.get(name, "") for name in ("email", "words", "lang"))
        speak_to(self.portal.settings, None, language)
        asked = LinkRequests(self.portal.ledger, now).ask(email, words)
        if asked is RequestRefusal.TOO_MANY:
            page = pages.wait_page(self.portal.settings)
            return render_template(page.template, page=page), _TOO_MANY
        if isinstance(asked, RequestRefusal):
            again = pages.no_link_page(self.portal.settings, typed=(email, words), refusal=asked)
            return render_template(again.template, page=again), _UNPROCESSABLE
        self._tell_owner(asked)
        chosen = chosen_language()
        suffix = f"?lang={chosen}" if chosen else ""
        return redirect(f"{pages.link_request_address(self.portal.settings)}{suffix}", _SEE_OTHER)

    def asked(self) -> ResponseReturnValue:
        """``GET /fresh-link``: what happens next; the same for everybody, and nothing is changed by it."""
        speak_to(self.portal.settings, None, request.args.get("lang"))
        page = pages.link_asked_page(self.portal.settings)
        return render_template(page.template, page=page)

    def _tell_owner(self, asked: LinkRequest) -> None:
        """A mail to the owner, where mails are set up; the request waits in ``portal inbox`` all the same."""
        try:
            self.portal.post_office().announcing.post(link_request_due(asked))
        except Exception:  # noqa: BLE001  whatever it is, the request is kept
            _log.exception("The owner could not be told of a request for a link")
