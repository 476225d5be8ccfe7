"""The live app's answers about payment plans: ``POST /plan`` chooses, agrees, goes on with, changes and stops one.

Every step is worked out here from the ledger. What is agreed to is what was on the page: the button carries the mark
of its words, and other words are read back again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import abort, redirect, render_template

from portal import pages
from portal.formats import spoken_formats
from portal.languages import in_chosen_language, speak_to
from portal.live.form_fields import form_fields
from portal.payments import planning
from portal.payments.checkout import Busy, PayWish
from portal.ports import LinkKind
from portal.receivables.balance import balance_of
from portal.receivables.offers import amount_asked
from portal.receivables.plan_offers import LAST_DAY_OF_MONTH, PlanOffer, Rhythm
from portal.receivables.plans import plan_standing
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from flask.typing import ResponseReturnValue

    from portal.payments.checkout import Answer
    from portal.ports import Link
    from portal.ports.plans import PlanRecord
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plan_offers import Installment
    from portal.wiring.portal import Portal

TERMS_PAGE = "pages/terms.md"
_WANTS = frozenset({"choose", "agree", "next", "card", "stop"})
_SEE_OTHER, _CONFLICT = 303, 409


@dataclass(frozen=True, slots=True)
class PlanForm:
    """What the customer sent: a wish, nothing of it is believed."""

    token: str
    shown: str
    want: str
    plan: str
    payday: str
    agreed: str
    lang: str
    confirmed: bool

    @property
    def day_of_month(self) -> int | None:
        """The payday, where one was given that a month can have."""
        text = self.payday.strip()
        day = int(text) if text.isascii() and text.isdecimal() else 0
        return day if 1 <= day <= LAST_DAY_OF_MONTH else None


@dataclass(frozen=True, slots=True)
class Subject:
    """The invoice a form is about, as it stands at the click."""

    invoice: Invoice
    balance: InvoiceBalance
    record: PlanRecord | None
    token: str


@dataclass(frozen=True, slots=True)
class PlanDesk:
    """Answers ``POST /plan``.

    Attributes:
        link_of: the link behind a token, where it holds.
        open_checkout: opens a checkout for a wish.
        answered: the page or redirect for what became of a wish.
        freeze: freezes the pages that wait for it.
        no_link: the page for an address that leads nowhere.
    """

    portal: Portal
    link_of: Callable[[str], Link | None]
    open_checkout: Callable[[str, PayWish], Answer]
    answered: Callable[[str, str, Invoice, Answer], ResponseReturnValue]
    freeze: Callable[[], bool]
    no_link: Callable[[], ResponseReturnValue]
    now: Callable[[], datetime]

    def answer(self) -> ResponseReturnValue:
        """One form of a plan."""
        form = read_form()
        subject = self._subject(form)
        speak_to(self.portal.settings, subject.invoice.customer if subject else None, form.lang)
        if subject is None:
            return self.no_link()
        if form.want in {"choose", "agree"}:
            return self._begin(form, subject)
        if subject.record is None:
            return self._to_invoice(subject)
        if form.want == "stop":
            return self._stop(form, subject)
        return self._go_on(form, subject, subject.record)

    def _subject(self, form: PlanForm) -> Subject | None:
        link = self.link_of(form.token)
        invoice = self.portal.ledger.invoice(link.subject) if link and link.kind is LinkKind.INVOICE else None
        if invoice is None:
            return None
        balance = balance_of(invoice, self.portal.ledger.entries_of(invoice.key), self.today)
        return Subject(invoice, balance, self.portal.ledger.plan_in_force(invoice.key), form.token)

    @property
    def today(self) -> date:
        """The day everything is worked out for."""
        return self.portal.today()

    # ---- choosing and agreeing

    def _begin(self, form: PlanForm, subject: Subject) -> ResponseReturnValue:
        if subject.record is not None:
            return self._to_invoice(subject)
        if str(subject.balance.amount_offerable) != form.shown:
            return self._choose_again(form, subject, _("What is left to pay has changed."))
        offer = self._offer(form, subject)
        if offer is None:
            return self._choose_again(form, subject, _("This plan is not offered any more."))
        if offer.rhythm is Rhythm.PAYDAY and form.day_of_month is None:
            return self._choose_again(form, subject, _("Enter your payday as a day of the month, from 1 to 31."))
        if form.want == "choose":
            return self._check(offer, subject)
        return self._agree(form, offer, subject)

    def _on_offer(self, subject: Subject, payday: int = LAST_DAY_OF_MONTH) -> tuple[PlanOffer, ...]:
        return pages.plans_on_offer(self.portal.settings, subject.balance, self.today, payday=payday)

    def _offer(self, form: PlanForm, subject: Subject) -> PlanOffer | None:
        payday = form.day_of_month or LAST_DAY_OF_MONTH
        offers = self._on_offer(subject, payday)
        return next((offer for offer in offers if offer.key == form.plan), None)

    def _check(self, offer: PlanOffer, subject: Subject, notice: str | None = None) -> ResponseReturnValue:
        page = pages.plan_check_page(
            offer,
            subject.invoice,
            subject.balance,
            self.portal.settings,
            token=subject.token,
            as_of=self.today,
            notice=notice,
        )
        rendered = render_template(page.template, page=page)
        return (rendered, _CONFLICT) if notice else rendered

    def _agree(self, form: PlanForm, offer: PlanOffer, subject: Subject) -> ResponseReturnValue:
        text = pages.consent_text(offer, subject.invoice, self.portal.settings)
        if pages.agreed_mark(text) != form.agreed:
            return self._check(offer, subject, _("The dates have changed since you saw them. Please check them again."))
        plan = planning.plan_of_offer(offer, subject.invoice.key, text, terms_version(self.portal), self.now())
        if offer.first.due_on > self.today:
            planning.agree_without_payment((plan,), self.portal.ledger)
            self.freeze()
            return self._to_invoice(subject)
        step = planning.first_step((plan,), message_after(offer.installments[1:], automatic=plan.automatic))
        return self._open(form, subject, PayWish(form.shown, offer.first.amount, step))

    def _choose_again(self, form: PlanForm, subject: Subject, problem: str) -> ResponseReturnValue:
        page = pages.plan_choice_page(
            subject.invoice,
            subject.balance,
            self._on_offer(subject),
            self.portal.settings,
            token=subject.token,
            as_of=self.today,
            problem=problem,
            payday=form.payday,
        )
        return render_template(page.template, page=page), _CONFLICT

    # ---- going on

    def _go_on(self, form: PlanForm, subject: Subject, record: PlanRecord) -> ResponseReturnValue:
        """The payment the plan asks for, through a checkout whose card is the plan's card from then on."""
        left = subject.balance.amount_offerable
        entries = self.portal.ledger.entries_of(subject.invoice.key)
        stands = plan_standing(record.plan, subject.invoice, subject.balance, entries, self.today)
        unpaid = [one for one in stands.installments if not one.is_paid]
        if not unpaid:
            return self._to_invoice(subject)
        asked = amount_asked(stands, subject.balance)
        if form.want == "card" and not form.confirmed:
            page = pages.plan_card_page(subject.invoice, left, asked, self.portal.settings, token=subject.token)
            return render_template(page.template, page=page)
        paid_with_it = [one for one in unpaid if one.due_on <= self.today] or unpaid[:1]
        later = [one for one in record.plan.installments if one.number > paid_with_it[-1].number]
        message = message_after(later, automatic=record.plan.automatic)
        step = planning.later_step(record.plan, paid_with_it[-1].number, message)
        return self._open(form, subject, PayWish(form.shown, asked, step))

    def _open(self, form: PlanForm, subject: Subject, wish: PayWish) -> ResponseReturnValue:
        answer = self.open_checkout(subject.invoice.key, wish)
        self.freeze()
        return self.answered(subject.token, form.shown, subject.invoice, answer)

    # ---- stopping

    def _stop(self, form: PlanForm, subject: Subject) -> ResponseReturnValue:
        if not form.confirmed:
            left = subject.balance.amount_offerable
            page = pages.plan_stop_page(
                subject.invoice,
                left,
                self.portal.settings,
                token=subject.token,
                as_of=self.today,
                others=self._others(subject),
            )
            return render_template(page.template, page=page)
        if not planning.stop(subject.invoice.key, self.portal.ledger, self.now()):
            return self.answered(subject.token, form.shown, subject.invoice, Busy())
        self.freeze()
        return self._to_invoice(subject)

    def _others(self, subject: Subject) -> tuple[str, ...]:
        """The numbers of the other invoices that the plan is about."""
        ledger = self.portal.ledger
        keys = planning.invoices_of_plan(subject.record, ledger) if subject.record else ()
        return tuple(one.number for key in keys if key != subject.invoice.key and (one := ledger.invoice(key)))

    def _to_invoice(self, subject: Subject) -> ResponseReturnValue:
        return redirect(in_chosen_language(self.portal.url_of(subject.invoice.key)), _SEE_OTHER)


def terms_version(portal: Portal) -> str:
    """Names the owner's terms as they are at this moment."""
    path = portal.folders.content / TERMS_PAGE
    text = path.read_bytes() if path.is_file() else b""
    summary = portal.settings.terms.summary or ""
    return hashlib.blake2b(text + summary.encode(), digest_size=8).hexdigest()


def message_after(later: Iterable[Installment], *, automatic: bool) -> str:
    """What the provider's page says of the payments after the one that is made there."""
    return pages.message_of(tuple(later), automatic=automatic, formats=spoken_formats())


def read_form() -> PlanForm:
    """What was asked for."""
    plain = form_fields()
    if plain.get("want") not in _WANTS:
        abort(400)
    texts = {name: plain.get(name, "") for name in ("token", "shown", "want", "plan", "payday", "agreed", "lang")}
    return PlanForm(**texts, confirmed=plain.get("confirmed") == "1")
