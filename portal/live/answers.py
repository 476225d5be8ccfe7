"""The live app's answers besides paying: ``/answer`` asks, keeps and takes back, ``/answered`` shows what stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from flask import abort, redirect, render_template, request

from portal import pages
from portal.answers.wishes import AnswerRefusal, PaidWish, ProblemWish, PromiseWish, ReasonWish
from portal.errors import MoneyError
from portal.formats import parse_amount, spoken_formats
from portal.free_text import cleaned
from portal.languages import speak_to
from portal.live.form_fields import form_fields
from portal.ports import LinkKind
from portal.receivables.answers import LateReason, ProblemReason, SaidPaidBy, answers_of
from portal.receivables.balance import balance_of
from portal.texts import chosen_language, spoken
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from portal.answers.wishes import AnswerWish
    from portal.ports import Link
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money
    from portal.wiring.portal import Portal

C = TypeVar("C", bound=StrEnum)
_WANTS = frozenset({"promise", "problem", "paid", "reason", "take_back"})
_DOORS = frozenset({"promise", "problem", "paid", "late"})
_MOST_LINES = 500
_SEE_OTHER, _UNPROCESSABLE = 303, 422


@dataclass(frozen=True, slots=True)
class _Form:
    """What the customer sent: nothing of it is believed."""

    token: str
    want: str
    typed: pages.Typed
    answer: str
    lang: str


class _UnreadableError(Exception):
    """A field that cannot be read; the text is what the customer is told."""


@dataclass(frozen=True, slots=True)
class AnswerDesk:
    """Answers the doors besides paying.

    Attributes:
        link_of: the link behind a token, where it holds.
        freeze: freezes the pages that wait for it.
        no_link: the page for an address that leads nowhere.
    """

    portal: Portal
    link_of: Callable[[str], Link | None]
    freeze: Callable[[], bool]
    no_link: Callable[[], ResponseReturnValue]

    def keep(self) -> ResponseReturnValue:
        """``POST /answer``: one door's form."""
        form = _read_form()
        invoice = self._invoice(form.token, form.lang)
        if invoice is None:
            return self.no_link()
        if form.want == "take_back":
            self.portal.answering().take_back(invoice.key, form.answer)
            return self._noted(form)
        try:
            wish = self._wish(form, invoice)
        except _UnreadableError as error:
            return self._again(form, invoice, str(error))
        return self._say(form, invoice, wish)

    def door(self) -> ResponseReturnValue:
        """``GET /answer``: the form of one door; changes nothing."""
        token, door = request.args.get("link", ""), request.args.get("door", "")
        invoice = self._invoice(token, request.args.get("lang", ""))
        if invoice is None or door not in _DOORS:
            return self.no_link()
        page = pages.door_page(door, invoice, self.portal.settings, token=token, as_of=self.portal.today())
        return render_template(page.template, page=page)

    def answered(self) -> ResponseReturnValue:
        """``GET /answered``: what was answered, as it stands; changes nothing."""
        token = request.args.get("link", "")
        invoice = self._invoice(token, request.args.get("lang", ""))
        if invoice is None:
            return self.no_link()
        entries = self.portal.ledger.entries_of(invoice.key)
        today, zone = self.portal.today(), ZoneInfo(self.portal.settings.portal.timezone)
        left = balance_of(invoice, entries, today).amount_remaining
        answers = answers_of(entries, today, zone, left=left)
        page = pages.answered_page(invoice, answers, self.portal.settings, token=token)
        return render_template(page.template, page=page)

    def _invoice(self, token: str, language: str) -> Invoice | None:
        """The invoice behind a token; the rest of the request speaks its customer's language, or the one chosen."""
        link = self.link_of(token)
        invoice = self.portal.ledger.invoice(link.subject) if link and link.kind is LinkKind.INVOICE else None
        speak_to(self.portal.settings, invoice.customer if invoice else None, language)
        return invoice

    def _say(self, form: _Form, invoice: Invoice, wish: AnswerWish) -> ResponseReturnValue:
        said = self.portal.answering().say(invoice.key, wish)
        if isinstance(said, AnswerRefusal):
            left = spoken_formats().money(self._left(invoice))
            return self._again(form, invoice, pages.refusal_words(said, self.portal.settings, left))
        if isinstance(wish, ReasonWish):
            self.freeze()
            return self._helping(form, invoice, wish.reason)
        return self._noted(form)

    def _noted(self, form: _Form) -> ResponseReturnValue:
        """On to a page that can be loaded again without answering again."""
        self.freeze()
        chosen = chosen_language()
        language = f"&lang={chosen}" if chosen else ""
        return redirect(f"{self.portal.settings.live_url}/answered?link={form.token}{language}", _SEE_OTHER)

    def _helping(self, form: _Form, invoice: Invoice, reason: LateReason) -> ResponseReturnValue:
        today = self.portal.today()
        balance = balance_of(invoice, self.portal.ledger.entries_of(invoice.key), today)
        page = pages.helping_page(reason, invoice, balance, self.portal.settings, token=form.token, as_of=today)
        return render_template(page.template, page=page)

    def _again(self, form: _Form, invoice: Invoice, error: str) -> ResponseReturnValue:
        want = "late" if form.want == "reason" else form.want
        page = pages.door_page(
            want,
            invoice,
            self.portal.settings,
            token=form.token,
            as_of=self.portal.today(),
            typed=form.typed,
            error=error,
        )
        return render_template(page.template, page=page), _UNPROCESSABLE

    def _left(self, invoice: Invoice) -> Money:
        entries = self.portal.ledger.entries_of(invoice.key)
        return balance_of(invoice, entries, self.portal.today()).amount_remaining

    # ---- reading

    def _wish(self, form: _Form, invoice: Invoice) -> AnswerWish:
        typed = form.typed
        match form.want:
            case "promise":
                return PromiseWish(_day(typed.day))
            case "problem":
                amount = self._amount(typed.amount, invoice)
                return ProblemWish(_one_of(ProblemReason, typed.reason), cleaned(typed.words), amount, typed.lines)
            case "paid":
                amount = self._amount(typed.amount, invoice)
                return PaidWish(_day(typed.day), _one_of(SaidPaidBy, typed.by), amount, cleaned(typed.words))
            case _:
                return ReasonWish(_one_of(LateReason, typed.reason))

    def _amount(self, text: str, invoice: Invoice) -> Money | None:
        if not text.strip():
            return None
        try:
            return parse_amount(text, invoice.currency, spoken())
        except MoneyError:
            raise _UnreadableError(_("Enter the amount in digits, or leave it empty.")) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _UnreadableError(_("Enter a day, such as 2026-12-01.")) from None


def _one_of(choices: type[C], value: str) -> C:
    """A choice of a list; no page offers any other."""
    try:
        return choices(value)
    except ValueError:
        abort(400)


def _read_form() -> _Form:
    """What was answered, with the lines that were ticked."""
    plain = form_fields(several=("line",))
    lines = request.form.getlist("line")
    if plain.get("want") not in _WANTS or len(lines) > _MOST_LINES or not all(_is_place(line) for line in lines):
        abort(400)
    typed = pages.Typed(
        lines=tuple(sorted({int(line) for line in lines})),
        **{name: plain.get(name, "") for name in ("reason", "amount", "words", "by", "day")},
    )
    return _Form(plain.get("token", ""), plain["want"], typed, plain.get("answer", ""), plain.get("lang", ""))


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3  # noqa: PLR2004  fewer than a thousand lines
