"""The pay buttons: all that is left at once, or a part that is read back first.

The form's amount is a wish. What is charged is worked out here, from the ledger, at the click.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import abort, redirect, render_template

from portal import pages
from portal.errors import MoneyError
from portal.formats import parse_amount
from portal.languages import speak_to
from portal.live.form_fields import form_fields
from portal.payments.checkout import Answer, Busy, Changed, Failed, Gone, Opened, PayWish, Refused
from portal.ports import Link, LinkKind
from portal.receivables.balance import balance_of
from portal.receivables.money import Money, parse_money
from portal.receivables.offers import NoCard, Offers, offers_for, refusal_of_part
from portal.texts import spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from portal.adapters.stripe import StripeGateway
    from portal.config import Settings
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Portal

SEE_OTHER = 303
_OF_ONE_INVOICE = frozenset({LinkKind.INVOICE, LinkKind.PAY_ONLY})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Form:
    """What the customer sent: a wish, nothing of it is believed."""

    token: str
    shown: str
    want: str
    amount: str
    lang: str
    confirmed: bool
    kind: LinkKind = LinkKind.INVOICE


@dataclass(frozen=True, slots=True)
class PayDesk:
    """What answers the pay forms.

    Attributes:
        link_of: the link behind a token, where it still holds.
        freeze: freezes the pages that wait; never raises.
        no_link: the answer to a token that opens nothing.
    """

    portal: Portal
    gateway: StripeGateway
    link_of: Callable[[str], Link | None]
    freeze: Callable[[], bool]
    no_link: Callable[[], ResponseReturnValue]

    @property
    def settings(self) -> Settings:
        """The owner's settings."""
        return self.portal.settings

    def pay(self) -> ResponseReturnValue:
        """``POST /pay``: all that is left at once, or a part that is read back first."""
        form = _read_form()
        link = self.link_of(form.token)
        invoice = self.portal.ledger.invoice(link.subject) if link and link.kind in _OF_ONE_INVOICE else None
        speak_to(self.settings, invoice.customer if invoice else None, form.lang)
        if link is None or invoice is None:
            return self.no_link()
        form = replace(form, kind=link.kind)
        if form.want == "all":
            return self._open(form, invoice, PayWish(form.shown))
        try:
            amount = self._amount_of(form, invoice)
        except MoneyError:
            return self._part_again(form, invoice, unreadable=True)
        if form.confirmed:
            return self._open(form, invoice, PayWish(form.shown, amount))
        return self._read_back(form, invoice, amount)

    def _amount_of(self, form: _Form, invoice: Invoice) -> Money:
        """The part: plain decimals on the check page, the customer's own notation before it."""
        if form.confirmed:
            return parse_money(form.amount, invoice.currency)
        return parse_amount(form.amount, invoice.currency, spoken())

    def _read_back(self, form: _Form, invoice: Invoice, amount: Money) -> ResponseReturnValue:
        offers = self._offers(invoice)
        if str(offers.left) != form.shown:
            return self._changed(form, invoice, offers)
        if refusal := refusal_of_part(offers, amount):
            return self._refused(form, invoice, Refused(refusal, offers))
        page = pages.check_page(invoice, offers.left, amount, self.settings, token=form.token, kind=form.kind)
        return _rendered(page)

    def _open(self, form: _Form, invoice: Invoice, wish: PayWish) -> ResponseReturnValue:
        link = Link(form.token, invoice.key, form.kind)
        answer = self.portal.checkout(self.gateway, link).open(invoice.key, wish)
        self.freeze()
        return self._answer(form, invoice, answer)

    def answer_of(self, token: str, shown: str, invoice: Invoice, answer: Answer) -> ResponseReturnValue:
        """The page for an answer to a wish that another form made."""
        return self._answer(_Form(token, shown, want="all", amount="", lang="", confirmed=True), invoice, answer)

    def _answer(self, form: _Form, invoice: Invoice, answer: Answer) -> ResponseReturnValue:
        match answer:
            case Opened(url):
                return self._to_provider(url)
            case Changed(offers):
                return self._changed(form, invoice, offers)
            case Refused():
                return self._refused(form, invoice, answer)
            case Gone():
                return self.no_link()
            case Failed(error):
                _log.error("No checkout was opened: %s", error)
                return self._problem(form, 502)
            case Busy():
                return self._problem(form, 503)

    def _to_provider(self, url: str) -> ResponseReturnValue:
        """On to the checkout, and nowhere else, whatever the provider's answer says."""
        if not url.startswith(f"{self.gateway.settings.checkout_base}/"):
            _log.error("The checkout's address is not below checkout_base; the customer was not sent there")
            return self._problem(None, 502)
        return redirect(url, SEE_OTHER)

    def _changed(self, form: _Form, invoice: Invoice, offers: Offers) -> ResponseReturnValue:
        if not offers.can_pay:
            return self._settled(form, offers.no_card)
        shown = _money_or_none(form.shown)
        page = pages.changed_page(invoice, shown, offers.left, offers, self.settings, token=form.token, kind=form.kind)
        return _rendered(page), 409

    def _refused(self, form: _Form, invoice: Invoice, refused: Refused) -> ResponseReturnValue:
        if isinstance(refused.reason, NoCard):
            return self._settled(form, refused.reason)
        return self._part_again(form, invoice, refused=refused)

    def _part_again(
        self, form: _Form, invoice: Invoice, *, refused: Refused | None = None, unreadable: bool = False
    ) -> ResponseReturnValue:
        offers = refused.offers if refused else self._offers(invoice)
        if not offers.can_pay:
            return self._settled(form, offers.no_card)
        page = pages.part_page(
            invoice,
            offers.left,
            offers,
            self.settings,
            token=form.token,
            kind=form.kind,
            typed=form.amount,
            refusal=refused.reason if refused and not isinstance(refused.reason, NoCard) else None,
            unreadable=unreadable,
        )
        return _rendered(page), 422

    def _settled(self, form: _Form, reason: NoCard | None) -> ResponseReturnValue:
        return _rendered(pages.settled_page(reason, self.settings, token=form.token, kind=form.kind)), 409

    def _offers(self, invoice: Invoice) -> Offers:
        entries = self.portal.ledger.entries_of(invoice.key)
        balance = balance_of(invoice, entries, self.portal.today())
        return offers_for(balance, parts_allowed=self.settings.payments.part)

    def _problem(self, form: _Form | None, status: int) -> ResponseReturnValue:
        token, kind = (form.token, form.kind) if form else (None, LinkKind.INVOICE)
        return _rendered(pages.problem_page(self.settings, pages.no_money_taken(), token=token, kind=kind)), status


def _read_form() -> _Form:
    """What was asked for."""
    plain = form_fields()
    want = plain.get("want", "")
    if want not in {"all", "part"}:
        abort(400)
    return _Form(
        token=plain.get("token", ""),
        shown=plain.get("shown", ""),
        want=want,
        amount=plain.get("amount", ""),
        lang=plain.get("lang", ""),
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
