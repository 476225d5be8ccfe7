"""From a decision to the mail: the reader's address, the words, and both forms of them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal import texts
from portal.formats import spoken_formats
from portal.languages import speaking_to
from portal.links.addresses import RECEIPT_FOLDER, below
from portal.mailing.answers import AnswerDue
from portal.mailing.dues import AlarmDue, PaymentDue
from portal.mailing.links import FreshLinkDue, LinkRequestDue
from portal.mailing.plan_dues import ChargeDue, NoticeDue, PlanDue
from portal.mails.answer_letters import answer_notice, noted, reply
from portal.mails.link_letters import link_letter
from portal.mails.models import Desk, Letter, Target
from portal.mails.owner_letters import alarm_notice
from portal.mails.payment_letters import payment_notice, receipt
from portal.mails.plan_letters import agreed, notice, refused, stopped
from portal.ports.mail import Mail, MailKind
from portal.texts import gettext as _
from portal.theming.brand import palette_of
from portal.theming.template_cache import TEMPLATES, template_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from portal.config import Settings
    from portal.mailing.dues import Due
    from portal.ports.mail import Cause
    from portal.receivables.invoice import Customer, Invoice
    from portal.settings.mail import MailSettings

TEXT_WIDTH = 72
"""Characters of a line of plain text: mail programs quote it without breaking it again."""
_TO_OWNER = frozenset({MailKind.LINK_NOTICE, MailKind.ALARM_NOTICE, MailKind.PAYMENT_NOTICE, MailKind.ANSWER_NOTICE})
_ANSWERS = {MailKind.ANSWER_NOTED: noted, MailKind.ANSWER_REPLY: reply, MailKind.ANSWER_NOTICE: answer_notice}


@dataclass(frozen=True, slots=True)
class MailWriter:
    """Writes the mails of one portal.

    Attributes:
        url_of: the page of an invoice; no mail leads anywhere else, but to another page of a link that the owner sends.
        page_over: the one page that shows several invoices, if there is one.
        is_live: whether real money moves; a mail about a test says so.
        opens: whether the link of an invoice leads to its page; a mail carries none that does not, and says so.
    """

    settings: Settings
    url_of: Callable[[str], str]
    is_live: bool
    page_over: Callable[[Sequence[Invoice]], str | None] = lambda _invoices: None
    opens: Callable[[str], bool] = lambda _key: True

    def write(self, due: Due) -> Mail:
        """The mail for a decision."""
        kind, business = due.cause.kind, self.settings.business
        customer = None if kind in _TO_OWNER else _customer_of(due)
        with self._speaking_to(due, customer):
            letter = _letter(due, Desk(self.settings, spoken_formats()))
            to = _named(due) or (customer.email or "") if customer else self._mail.owner_address(business.email)
            url = letter.url or (self._url(letter.target, due) if letter.button else None)
            if customer and letter.button and url is None:
                letter = replace(letter, closing=(_no_way_there(), *letter.closing))
            return self.mail_of(letter, due.cause, to, url)

    def mail_of(
        self, letter: Letter, cause: Cause, to: str, url: str | None, list_unsubscribe: str | None = None
    ) -> Mail:
        """Finished words as a mail, in the language being spoken; ``url`` is where the button leads."""
        shown = self._shown(letter, url)
        return Mail(
            to=to,
            subject=letter.subject,
            text=_environment().get_template("mail/letter.txt").render(shown),
            html=_environment().get_template("mail/letter.html").render(shown),
            message_id=cause.message_id,
            kind=cause.kind,
            reply_to=self._mail.answers_to(self.settings.business.email),
            list_unsubscribe=list_unsubscribe,
        )

    @property
    def _mail(self) -> MailSettings:
        if self.settings.mail is None:
            raise ValueError("no mail is written where none is set up")
        return self.settings.mail

    def _speaking_to(self, due: Due, customer: Customer | None) -> AbstractContextManager[None]:
        """Alarms and requests are in English, as the commands are that they lead to."""
        if isinstance(due, AlarmDue | LinkRequestDue):
            return texts.speaking("en-GB")
        return speaking_to(self.settings, customer)

    def _url(self, target: Target, due: Due) -> str | None:
        key = due.cause.invoice_key
        own = self.url_of(key) if key and self.opens(key) else None
        if own and target is Target.RECEIPT:
            return below(own, RECEIPT_FOLDER)
        if target is Target.STATEMENT and isinstance(due, PaymentDue | ChargeDue | NoticeDue):
            return self.page_over([part.invoice for part in due.parts]) or own
        return own

    def _shown(self, letter: Letter, url: str | None) -> dict[str, Any]:
        """What both templates place."""
        formats = spoken_formats()
        return {
            "letter": letter,
            "url": url,
            "business": self.settings.business,
            "palette": palette_of(self.settings.brand.colour),
            "lang": formats.language,
            "direction": formats.direction,
            "is_test": not self.is_live,
        }


def _no_way_there() -> str:
    """In place of the button, where the owner took the link back: what else the mail says may still have to be said."""
    return _("The link to your invoice no longer works. To get a new one, reply to this email.")


def _letter(due: Due, desk: Desk) -> Letter:  # noqa: PLR0911  one for each kind of decision
    match due:
        case PaymentDue():
            return (receipt if due.cause.kind is MailKind.RECEIPT else payment_notice)(due, desk)
        case PlanDue():
            return (agreed if due.cause.kind is MailKind.PLAN_AGREED else stopped)(due, desk)
        case ChargeDue():
            return refused(due, desk)
        case NoticeDue():
            return notice(due, desk)
        case AlarmDue():
            return alarm_notice(due, desk)
        case AnswerDue():
            return _ANSWERS[due.cause.kind](due, desk)
        case LinkRequestDue() | FreshLinkDue():
            return link_letter(due, desk)


def _customer_of(due: Due) -> Customer | None:
    match due:
        case AlarmDue() | LinkRequestDue():
            return None
        case PaymentDue():
            return due.parts[0].invoice.customer
        case _:
            return due.invoice.customer


def _named(due: Due) -> str | None:
    """Whom the owner named instead of the customer."""
    return due.to if isinstance(due, FreshLinkDue) else None


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        bytecode_cache=template_cache("mails"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts.teach(environment)
    environment.filters["wrapped"] = _wrapped
    return environment


def _wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """A paragraph in lines; addresses and no-break spaces stay whole."""
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
