"""The live app: pay buttons, the way back from the checkout, and Stripe's webhooks; nothing else.

The form's amount is a wish. What is charged is worked out here, from the ledger, at the click.
"""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import flask
from flask import abort, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from portal import pages, theme
from portal.adapters.links import is_token
from portal.checkout import Answer, Busy, Changed, Failed, Gone, Opened, PayWish, Refused
from portal.errors import ForgedEventError, GatewayError, LedgerBusyError, MoneyError
from portal.formats import page_locale, parse_amount
from portal.headers import security_headers
from portal.ports import CheckoutStatus
from portal.receivables.balance import balance_of
from portal.receivables.money import Money, parse_money
from portal.receivables.offers import NoCard, Offers, offers_for, refusal_of_part
from portal.settlement import settle, settle_event
from portal.wiring import now

if TYPE_CHECKING:
    from portal.adapters.stripe_gateway import StripeGateway
    from portal.config import Settings
    from portal.freeze import PageFreezer
    from portal.ports import Link
    from portal.receivables.invoice import Invoice
    from portal.wiring import Portal

FORM_BYTES = 16 * 1024
WEBHOOK_BYTES = 1024 * 1024
_CHECKOUT_ID = re.compile(r"cs_[A-Za-z0-9_]{8,200}")
_SEE_OTHER = 303
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Form:
    """What the customer sent: a wish, nothing of it is believed."""

    token: str
    shown: str
    want: str
    amount: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class _Live:
    """The requests' answers."""

    portal: Portal
    gateway: StripeGateway
    freezer: PageFreezer

    @property
    def settings(self) -> Settings:
        return self.portal.settings

    # ---- paying

    def pay(self) -> flask.typing.ResponseReturnValue:
        """``POST /pay``: all that is left at once, or a part that is read back first."""
        form = _read_form()
        link = self._link(form.token)
        invoice = self.portal.ledger.invoice(link.invoice_key) if link else None
        if invoice is None:
            return self._no_link()
        if form.want == "all":
            return self._open(form, invoice, PayWish(form.shown))
        try:
            amount = self._amount_of(form, invoice)
        except MoneyError:
            return self._part_again(form, invoice, unreadable=True)
        if form.confirmed:
            return self._open(form, invoice, PayWish(form.shown, amount))
        return self._read_back(form, invoice, amount)

    def _link(self, token: str) -> Link | None:
        """The link behind a token that is written as we write it, was issued, and still holds."""
        link = self.portal.ledger.link(token) if is_token(token) else None
        if link is None or link.revoked_at is not None:
            return None
        ended = link.expires_on is not None and link.expires_on < self.portal.today()
        return None if ended else link

    def _amount_of(self, form: _Form, invoice: Invoice) -> Money:
        """The part: plain decimals on the check page, the customer's own notation before it."""
        if form.confirmed:
            return parse_money(form.amount, invoice.currency)
        locale = page_locale(invoice.customer.language, self.settings.portal.locale)
        return parse_amount(form.amount, invoice.currency, locale)

    def _read_back(self, form: _Form, invoice: Invoice, amount: Money) -> flask.typing.ResponseReturnValue:
        offers = self._offers(invoice)
        if str(offers.left) != form.shown:
            return self._changed(form, invoice, offers)
        if refusal := refusal_of_part(offers, amount):
            return self._refused(form, invoice, Refused(refusal, offers))
        return _rendered(pages.check_page(invoice, offers.left, amount, self.settings, token=form.token))

    def _open(self, form: _Form, invoice: Invoice, wish: PayWish) -> flask.typing.ResponseReturnValue:
        answer = self.portal.checkout(self.gateway).open(invoice.key, wish)
        self._freeze_quietly()
        return self._answer(form, invoice, answer)

    def _answer(self, form: _Form, invoice: Invoice, answer: Answer) -> flask.typing.ResponseReturnValue:
        match answer:
            case Opened(url):
                return self._to_provider(url)
            case Changed(offers):
                return self._changed(form, invoice, offers)
            case Refused():
                return self._refused(form, invoice, answer)
            case Gone():
                return self._no_link()
            case Failed(error):
                _log.error("No checkout was opened: %s", error)
                return self._problem(form.token, 502)
            case Busy():
                return self._problem(form.token, 503)

    def _to_provider(self, url: str) -> flask.typing.ResponseReturnValue:
        """On to the checkout, and nowhere else, whatever the provider's answer says."""
        if not url.startswith(f"{self.gateway.settings.checkout_base}/"):
            _log.error("The checkout's address is not below checkout_base; the customer was not sent there")
            return self._problem(None, 502)
        return redirect(url, _SEE_OTHER)

    def _changed(self, form: _Form, invoice: Invoice, offers: Offers) -> flask.typing.ResponseReturnValue:
        if offers.full is None and offers.part is None:
            return self._settled(form, offers.no_card)
        shown = _money_or_none(form.shown)
        page = pages.changed_page(invoice, shown, offers.left, offers, self.settings, token=form.token)
        return _rendered(page), 409

    def _refused(self, form: _Form, invoice: Invoice, refused: Refused) -> flask.typing.ResponseReturnValue:
        if isinstance(refused.reason, NoCard):
            return self._settled(form, refused.reason)
        return self._part_again(form, invoice, refused=refused)

    def _part_again(
        self, form: _Form, invoice: Invoice, *, refused: Refused | None = None, unreadable: bool = False
    ) -> flask.typing.ResponseReturnValue:
        offers = refused.offers if refused else self._offers(invoice)
        if offers.full is None and offers.part is None:
            return self._settled(form, offers.no_card)
        page = pages.part_page(
            invoice,
            offers.left,
            offers,
            self.settings,
            token=form.token,
            typed=form.amount,
            refusal=refused.reason if refused and not isinstance(refused.reason, NoCard) else None,
            unreadable=unreadable,
        )
        return _rendered(page), 422

    def _settled(self, form: _Form, reason: NoCard | None) -> flask.typing.ResponseReturnValue:
        return _rendered(pages.settled_page(reason, self.settings, token=form.token)), 409

    def _offers(self, invoice: Invoice) -> Offers:
        entries = self.portal.ledger.entries_of(invoice.key)
        balance = balance_of(invoice, entries, self.portal.today())
        return offers_for(balance, parts_allowed=self.settings.payments.part)

    # ---- coming back, and webhooks

    def come_back(self) -> flask.typing.ResponseReturnValue:
        """``GET /return``: the customer is back. Only what the provider says now is believed."""
        checkout_id = request.args.get("checkout", "")
        link = self._link(request.args.get("link", ""))
        if link is None or not _CHECKOUT_ID.fullmatch(checkout_id):
            return self._no_link()
        try:
            report = self.gateway.fetch_checkout(checkout_id)
            settle(report, self.portal.ledger, now())
        except GatewayError as error:
            _log.warning("A customer came back, but the provider could not be asked: %s", error)
            return _rendered(pages.problem_page(self.settings, pages.money_uncertain(), token=link.token)), 502
        paid = report.status in {CheckoutStatus.PAID, CheckoutStatus.PROCESSING}
        if not self._freeze_quietly() and paid:
            return _rendered(pages.thanks_page(self.settings, token=link.token))
        return redirect(self.portal.url_of(link.invoice_key), _SEE_OTHER)

    def webhook(self) -> flask.typing.ResponseReturnValue:
        """``POST /webhooks/stripe``: verified, settled durably, then acknowledged; Stripe repeats what is not."""
        request.max_content_length = WEBHOOK_BYTES
        try:
            event = self.gateway.read_event(request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
        except ForgedEventError:
            abort(400)
        try:
            settle_event(event, self.gateway, self.portal.ledger, now())
        except GatewayError as error:
            _log.warning("A webhook waits, as the provider could not be asked about it: %s", error)
            return "", 503
        self._freeze_quietly()
        return "", 204

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

    def _problem(self, token: str | None, status: int) -> flask.typing.ResponseReturnValue:
        return _rendered(pages.problem_page(self.settings, pages.no_money_taken(), token=token)), status

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


def create_live(portal: Portal, freezer: PageFreezer) -> flask.Flask:
    """The live app of a portal whose gateway is set.

    Raises:
        ValueError: there is no gateway: without a Stripe key nothing can be paid.
    """
    if portal.gateway is None:
        raise ValueError("the live app needs a gateway")
    app = flask.Flask("portal.live", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.config["MAX_FORM_PARTS"] = 20
    theme.install(app, portal.settings)
    headers = security_headers(portal.settings, theme.theme_of(portal.settings).css_hash)
    live = _Live(portal, portal.gateway, freezer)
    app.add_url_rule("/pay", view_func=live.pay, methods=["POST"])
    app.add_url_rule("/return", view_func=live.come_back, methods=["GET"])
    app.add_url_rule("/webhooks/stripe", view_func=live.webhook, methods=["POST"])
    app.register_error_handler(HTTPException, live.http_error)
    app.register_error_handler(LedgerBusyError, live.busy)
    app.register_error_handler(Exception, live.unexpected)

    @app.after_request
    def _add_headers(response: flask.Response) -> flask.Response:
        response.headers.update(headers)
        return response

    return app


def _read_form() -> _Form:
    """The pay form's fields; a field sent twice is refused rather than guessed at."""
    fields = dict(request.form.lists())
    if any(len(values) > 1 for values in fields.values()):
        abort(400)
    plain = {name: values[0] for name, values in fields.items()}
    want = plain.get("want", "")
    if want not in {"all", "part"}:
        abort(400)
    return _Form(
        token=plain.get("token", ""),
        shown=plain.get("shown", ""),
        want=want,
        amount=plain.get("amount", ""),
        confirmed=plain.get("confirmed") == "1",
    )


def _money_or_none(text: str) -> Money | None:
    """What the page showed, from ``str(Money)``; None where that was changed on the way."""
    currency, _space, amount = text.partition(" ")
    try:
        return parse_money(amount, currency)
    except MoneyError:
        return None


def _rendered(page: pages.CheckPage | pages.PartPage | pages.ChangedPage | pages.MessagePage) -> str:
    return render_template(page.template, page=page)
