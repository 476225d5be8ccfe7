"""The live app: pay buttons, the way back from the checkout, and Stripe's webhooks; nothing else."""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import flask
from flask import abort, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import pages
from portal.adapters.links import is_token
from portal.building.changed_claims import close_too_much
from portal.errors import ForgedEventError, GatewayError, LedgerBusyError
from portal.hosting.headers import security_headers
from portal.languages import speak_to
from portal.links.addresses import page_address
from portal.live.answers import AnswerDesk
from portal.live.clicks import patient
from portal.live.limits import FormLimits
from portal.live.link_requests import LinkRequestDesk
from portal.live.paying import SEE_OTHER, PayDesk
from portal.live.plans import PlanDesk
from portal.live.reminders import StopDesk
from portal.live.statement import StatementDesk
from portal.live.statement_plans import StatementPlanDesk
from portal.payments.settlement import settle, settle_event
from portal.ports import CheckoutStatus, LinkKind
from portal.ports.provider_reports import SELF_TEST_EVENT
from portal.theming import theme
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from portal.adapters.stripe import StripeGateway
    from portal.config import Settings
    from portal.ports import Link
    from portal.wiring.portal import Portal

FORM_BYTES = 16 * 1024
WEBHOOK_BYTES = 1024 * 1024
_CHECKOUT_ID = re.compile(r"cs_[A-Za-z0-9_]{8,200}")
_log = logging.getLogger(__name__)


class Freezer(Protocol):
    """Makes pages true again after a payment; or waits for somebody else who does."""

    def freeze_stale(self) -> int:
        """Have the pages of the invoices that wait for it published; how many there were."""


@dataclass(frozen=True, slots=True)
class _Live:
    """The requests' answers."""

    portal: Portal
    gateway: StripeGateway
    freezer: Freezer

    @property
    def settings(self) -> Settings:
        return self.portal.settings

    def _link(self, token: str) -> Link | None:
        """The link behind a token, where it opens something."""
        return self.portal.link_behind(token)

    def _speak_to(self, link: Link | None) -> None:
        """Answer in the language that the address asks for, else in that of the customer behind the link."""
        speak_to(self.settings, self.portal.customer_behind(link) if link else None, request.args.get("lang"))

    # ---- the desks

    def paying(self) -> PayDesk:
        """What answers the pay forms."""
        return PayDesk(self.portal, self.gateway, self._link, self._freeze_quietly, self._no_link)

    def pay(self) -> flask.typing.ResponseReturnValue:
        """``POST /pay``: of an invoice or of a statement, as the link behind the token says."""
        link = self._link(request.form.get("token", ""))
        if link is not None and link.kind is LinkKind.STATEMENT:
            return self.statements().pay(link)
        return self.paying().pay()

    def plan(self) -> flask.typing.ResponseReturnValue:
        """``POST /plan``: of an invoice or over those of a statement, as the link behind the token says."""
        link = self._link(request.form.get("token", ""))
        if link is not None and link.kind is LinkKind.STATEMENT:
            return StatementPlanDesk(self.statements(), now).answer(link)
        return self.plans().answer()

    def statements(self) -> StatementDesk:
        """What answers the pay forms of statements."""
        return StatementDesk(self.portal, self.gateway, self._freeze_quietly, self._no_link)

    def plans(self) -> PlanDesk:
        """What answers the forms of payment plans."""
        return PlanDesk(
            portal=self.portal,
            link_of=self._link,
            open_checkout=self.portal.checkout(self.gateway).open,
            answered=self.paying().answer_of,
            freeze=self._freeze_quietly,
            no_link=self._no_link,
            now=now,
        )

    def answers(self) -> AnswerDesk:
        """What answers the doors besides paying."""
        return AnswerDesk(self.portal, self._link, self._freeze_quietly, self._no_link)

    def stops(self) -> StopDesk:
        """What ends reminders."""
        return StopDesk(self.portal, self._freeze_quietly, self._no_link)

    def limits(self) -> FormLimits:
        """What counts forms before they are answered."""
        return FormLimits(self.portal, self._link, self.gateway.settings.checkout_base)

    # ---- coming back, and webhooks

    def come_back(self) -> flask.typing.ResponseReturnValue:
        """``GET /return``: the customer is back. Only what the provider says now is believed."""
        checkout_id, token = request.args.get("checkout", ""), request.args.get("link", "")
        link = self._link(token)
        self._speak_to(link)
        if not _CHECKOUT_ID.fullmatch(checkout_id) or not (link or self._was_issued(token)):
            return self._no_link()
        try:
            report = self.gateway.fetch_checkout(checkout_id)
            settle(report, self.portal.ledger, now())
        except GatewayError as error:
            _log.warning("A customer came back, but the provider could not be asked: %s", error)
            return self._uncertain(link), 502
        paid = report.status in {CheckoutStatus.PAID, CheckoutStatus.PROCESSING}
        frozen = self._freeze_quietly()
        if link is None:
            return _rendered(pages.thanks_page(self.settings)) if paid else self._no_link()
        if not frozen and paid:
            return _rendered(pages.thanks_page(self.settings, token=link.token, kind=link.kind))
        return redirect(page_address(self.settings, link.kind, link.token), SEE_OTHER)

    def _was_issued(self, token: str) -> bool:
        """Whether a link ended while its customer was paying: the payment counts, and no page is shown for it."""
        return is_token(token) and self.portal.ledger.link(token) is not None

    def _uncertain(self, link: Link | None) -> str:
        words = pages.money_uncertain()
        if link is None:
            return _rendered(pages.problem_page(self.settings, words))
        return _rendered(pages.problem_page(self.settings, words, token=link.token, kind=link.kind))

    def webhook(self) -> flask.typing.ResponseReturnValue:
        """``POST /webhooks/stripe``: verified, settled durably, then acknowledged; Stripe repeats what is not."""
        request.max_content_length = WEBHOOK_BYTES
        try:
            event = self.gateway.read_event(request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
        except ForgedEventError:
            abort(400)
        if event.kind == SELF_TEST_EVENT:
            return "", 204
        try:
            settled = settle_event(event, self.gateway, self.portal.ledger, now())
            closed = close_too_much(self.portal, self.gateway, settled.stale)
        except GatewayError as error:
            _log.warning("A webhook waits, as the provider could not be asked about it: %s", error)
            return "", 503
        self._freeze_quietly()
        return "", 204 if closed else 503

    def _freeze_quietly(self) -> bool:
        """Freeze what a payment made stale. A failure loses nothing: the pages wait in the outbox."""
        try:
            self.freezer.freeze_stale()
        except Exception:  # noqa: BLE001  whatever it is, the money is settled and the answer must say so
            _log.exception("Pages wait to be frozen")
            return False
        return True

    # ---- when something is wrong

    def _no_link(self) -> flask.typing.ResponseReturnValue:
        return _rendered(pages.no_link_page(self.settings)), 404

    def http_error(self, error: HTTPException) -> flask.typing.ResponseReturnValue:
        """Any address, method or size this app does not take."""
        if error.code == 404:  # noqa: PLR2004  not found
            return self._no_link()
        page = pages.problem_page(self.settings, pages.no_money_taken())
        return _rendered(page), error.code or 500

    def busy(self, _error: LedgerBusyError) -> flask.typing.ResponseReturnValue:
        """Others hold the ledger: nothing was written, and Stripe or the customer comes again."""
        page = pages.problem_page(self.settings, pages.money_uncertain())
        return _rendered(page), 503, {"Retry-After": "5"}

    def unexpected(self, error: Exception) -> flask.typing.ResponseReturnValue:
        """The last resort: the customer reads one honest page, the log has the rest under the same number."""
        _log.error("Unexpected error %s", secrets.token_hex(4), exc_info=error)
        return _rendered(pages.problem_page(self.settings, pages.money_uncertain())), 500


def create_live(portal: Portal, freezer: Freezer) -> flask.Flask:
    """The live app of a portal whose gateway is set.

    Raises:
        ValueError: there is no gateway: without a Stripe key nothing can be paid.
    """
    if portal.gateway is None:
        raise ValueError("the live app needs a gateway")
    app = flask.Flask("portal.live.app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.config["MAX_FORM_PARTS"] = 20
    app.config["TRUSTED_HOSTS"] = _hosts_of(portal.settings)
    theme.install(app, portal.settings)
    headers = security_headers(portal.settings, theme.theme_of(portal.settings).css_hashes)
    live = _Live(portal, portal.gateway, freezer)
    app.add_url_rule("/pay", view_func=patient(live.pay), methods=["POST"])
    app.add_url_rule("/plan", view_func=patient(live.plan), methods=["POST"])
    app.add_url_rule("/answer", view_func=live.answers().keep, methods=["POST"])
    app.add_url_rule("/answer", view_func=live.answers().door, methods=["GET"])
    app.add_url_rule("/answered", view_func=live.answers().answered, methods=["GET"])
    requests = LinkRequestDesk(portal)
    app.add_url_rule("/fresh-link", view_func=requests.ask, methods=["POST"])
    app.add_url_rule("/fresh-link", view_func=requests.asked, methods=["GET"])
    app.add_url_rule("/reminders", view_func=live.stops().stop, methods=["POST"])
    app.add_url_rule("/reminders", view_func=live.stops().ask_first, methods=["GET"])
    app.add_url_rule("/return", view_func=live.come_back, methods=["GET"])
    app.add_url_rule("/webhooks/stripe", view_func=live.webhook, methods=["POST"])
    app.register_error_handler(HTTPException, live.http_error)
    app.register_error_handler(LedgerBusyError, live.busy)
    app.register_error_handler(Exception, live.unexpected)

    @app.before_request
    def _speak_as_everybody() -> None:
        speak_to(portal.settings, None)

    app.before_request(live.limits().check)

    @app.after_request
    def _add_headers(response: flask.Response) -> flask.Response:
        response.headers.update(headers)
        return response

    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=portal.settings.portal.proxies, x_proto=0)  # type: ignore[method-assign]  # the same
    app.wsgi_app = _ContextOfItsOwn(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way to wrap an app
    return app


def _hosts_of(settings: Settings) -> list[str]:
    """The names this app answers to: its own, and this machine's, by which a proxy may reach it."""
    own = (urlsplit(address).hostname for address in (settings.live_url, settings.portal.base_url))
    return sorted({host for host in own if host} | {"localhost", "127.0.0.1", "[::1]"})


class _ContextOfItsOwn:
    """Answers each request in a context of its own, so that its language ends with it and not with its thread."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return copy_context().run(self._app, environ, start_response)


def _rendered(page: pages.MessagePage) -> str:
    return render_template(page.template, page=page)
