"""The pay buttons of a statement: everything, chosen invoices or an amount, in one checkout over all of them.

What the form says is a wish. What is charged on which invoice is worked out here, from the ledger, at the click.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import abort, redirect, render_template

from portal import pages
from portal.errors import MoneyError
from portal.formats import parse_amount
from portal.languages import speak_to
from portal.live.form_fields import form_fields
from portal.pages import StatementAtHand, StatementLinks
from portal.payments.checkout import Busy, Failed, Gone, Opened
from portal.payments.statement_checkout import Overtaken
from portal.ports.links import LinkKind
from portal.receivables.money import Money, parse_money
from portal.receivables.offers import NoCard
from portal.receivables.statement import Document, statement_of
from portal.receivables.statement_offers import Choice, ChoiceRefusal, parts_of, statement_offers
from portal.texts import spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from portal.adapters.stripe import StripeGateway
    from portal.config import Settings
    from portal.ports import Link
    from portal.receivables.offers import PartRefusal
    from portal.wiring.portal import Portal

_SEE_OTHER, _CONFLICT, _UNPROCESSABLE = 303, 409, 422
_BAD_GATEWAY, _BUSY = 502, 503
_WANTS = frozenset({"all", "some", "amount"})
_OWN_FIELDS = frozenset({"token", "shown", "want", "amount", "lang", "confirmed"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Form:
    """What the customer sent: a wish, nothing of it is believed. ``ticked`` are the names of all other fields."""

    shown: str
    want: str
    amount: str
    lang: str
    confirmed: bool
    ticked: frozenset[str]


@dataclass(frozen=True, slots=True)
class StatementDesk:
    """What answers the pay forms of statements.

    Attributes:
        freeze: freezes the pages that wait; never raises.
        no_link: the answer to a token that opens nothing.
    """

    portal: Portal
    gateway: StripeGateway
    freeze: Callable[[], bool]
    no_link: Callable[[], ResponseReturnValue]

    @property
    def settings(self) -> Settings:
        """The owner's settings."""
        return self.portal.settings

    def pay(self, link: Link) -> ResponseReturnValue:
        """``POST /pay`` with a statement's token: everything at once, or a choice that is read back first."""
        form = _read_form()
        at_hand = self.at_hand(link)
        speak_to(self.settings, at_hand.statement.customer if at_hand else None, form.lang)
        if at_hand is None:
            return self.no_link()
        try:
            choice = _choice(form, at_hand)
        except MoneyError:
            return self._refused(form, at_hand, None, unreadable=True)
        parts = parts_of(at_hand.offers, choice)
        if not isinstance(parts, tuple):
            return self._refused(form, at_hand, parts)
        if form.want == "all" or form.confirmed:
            return self._open(form, link, at_hand, choice)
        return _rendered(pages.statement_check_page(at_hand, choice, parts, self.settings))

    def at_hand(self, link: Link) -> StatementAtHand | None:
        """The statement behind a link as it stands now; None where nothing is on it any more."""
        record = self.portal.ledger.statement(link.subject)
        if not record.documents:
            return None
        plans = self.portal.ledger.plans_in_force()
        documents = (
            Document(invoice, entries, on.plan, on.refused_on) if on else Document(invoice, entries)
            for invoice, entries, on in ((one, some, plans.get(one.key)) for one, some in record.documents)
        )
        statement = statement_of(documents, self.portal.today())
        offers = statement_offers(statement, parts_allowed=self.settings.payments.part)
        tokens = {row.invoice.key: self.portal.token_of(row.invoice.key) for row in statement.rows}
        return StatementAtHand(statement, offers, StatementLinks(link.token, tokens))

    def _open(self, form: _Form, link: Link, at_hand: StatementAtHand, choice: Choice) -> ResponseReturnValue:
        keys = [row.invoice.key for row in at_hand.statement.open]
        answer = self.portal.statement_checkout(self.gateway, link).open(keys, choice, form.shown)
        self.freeze()
        return self._overtaken(form, link) if isinstance(answer, Overtaken) else self.answered(answer, link)

    def answered(self, answer: Opened | Gone | Failed | Busy, link: Link) -> ResponseReturnValue:
        """The redirect or page for what became of a wish."""
        match answer:
            case Opened(url):
                return self._to_provider(url, link)
            case Gone():
                return self.no_link()
            case Failed(error):
                _log.error("No checkout was opened: %s", error)
                return self._problem(link, _BAD_GATEWAY)
            case Busy():
                return self._problem(link, _BUSY)

    def _to_provider(self, url: str, link: Link) -> ResponseReturnValue:
        """On to the checkout, and nowhere else, whatever the provider's answer says."""
        if not url.startswith(f"{self.gateway.settings.checkout_base}/"):
            _log.error("The checkout's address is not below checkout_base; the customer was not sent there")
            return self._problem(link, _BAD_GATEWAY)
        return redirect(url, _SEE_OTHER)

    def _overtaken(self, form: _Form, link: Link) -> ResponseReturnValue:
        """As it stands after what was just learnt from the provider."""
        at_hand = self.at_hand(link)
        return self.no_link() if at_hand is None else self._changed(form, at_hand)

    def _changed(self, form: _Form, at_hand: StatementAtHand) -> ResponseReturnValue:
        if not _can_pay(at_hand):
            return self._settled(at_hand, at_hand.offers.sums.no_card)
        chosen = _ticked_keys(form, at_hand)
        page = pages.statement_changed_page(at_hand, _sum_of(form.shown), self.settings, chosen=chosen)
        return _rendered(page), _CONFLICT

    def _refused(
        self,
        form: _Form,
        at_hand: StatementAtHand,
        refusal: ChoiceRefusal | PartRefusal | NoCard | None,
        *,
        unreadable: bool = False,
    ) -> ResponseReturnValue:
        if isinstance(refusal, NoCard) or not _can_pay(at_hand):
            return self._settled(at_hand, at_hand.offers.sums.no_card)
        if refusal is ChoiceRefusal.NOT_OFFERED:
            return self._changed(form, at_hand)
        page = pages.statement_refused_page(
            at_hand,
            refusal,
            self.settings,
            chosen=_ticked_keys(form, at_hand),
            typed=form.amount,
            unreadable=unreadable,
        )
        return _rendered(page), _UNPROCESSABLE

    def _settled(self, at_hand: StatementAtHand, reason: NoCard | None) -> ResponseReturnValue:
        token = at_hand.links.token
        page = pages.settled_page(reason, self.settings, token=token, kind=LinkKind.STATEMENT)
        return render_template(page.template, page=page), _CONFLICT

    def _problem(self, link: Link, status: int) -> ResponseReturnValue:
        page = pages.problem_page(self.settings, pages.no_money_taken(), token=link.token, kind=link.kind)
        return render_template(page.template, page=page), status


def _read_form() -> _Form:
    """What was asked for."""
    plain = form_fields()
    if plain.get("want") not in _WANTS:
        abort(400)
    return _Form(
        shown=plain.get("shown", ""),
        want=plain["want"],
        amount=plain.get("amount", ""),
        lang=plain.get("lang", ""),
        confirmed=plain.get("confirmed") == "1",
        ticked=frozenset(plain) - _OWN_FIELDS,
    )


def _choice(form: _Form, at_hand: StatementAtHand) -> Choice:
    """What was asked for; an amount in plain decimals from the check page, in the customer's notation before it.

    Raises:
        MoneyError: what was typed is no amount.
    """
    currency = at_hand.statement.currency
    if form.want == "some":
        known = _ticked_keys(form, at_hand)
        # What is ticked but unknown stands for an invoice that has left the statement: it is not offered any more.
        return Choice(keys=known | (form.ticked - frozenset(at_hand.links.of_invoices.values())))
    if form.want == "amount":
        if form.confirmed:
            return Choice(amount=parse_money(form.amount, currency))
        return Choice(amount=parse_amount(form.amount, currency, spoken()))
    return Choice()


def _ticked_keys(form: _Form, at_hand: StatementAtHand) -> frozenset[str]:
    return frozenset(key for key, token in at_hand.links.of_invoices.items() if token in form.ticked)


def _can_pay(at_hand: StatementAtHand) -> bool:
    sums = at_hand.offers.sums
    return sums.full is not None or sums.part is not None or len(at_hand.offers.owed) > 1


def _sum_of(shown: str) -> Money | None:
    """The sum in a mark; None where that was changed on the way."""
    currency, _space, rest = shown.partition(" ")
    try:
        return parse_money(rest.partition(" ")[0], currency)
    except MoneyError:
        return None


def _rendered(page: pages.StatementCheckPage | pages.StatementChoicePage) -> str:
    return render_template(page.template, page=page)
