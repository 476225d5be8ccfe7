"""The page of a customer's statement: every document on one page, dated words that stay true while it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.languages import in_chosen_language
from portal.pages.addresses import path_below_root
from portal.pages.contact import contact_of, page_title
from portal.pages.forms import explanation_of
from portal.pages.invoice import document_name, terms_summary
from portal.pages.models import Look, Row, Tag
from portal.pages.standing import standing_of
from portal.pages.statement_forms import statement_form
from portal.pages.statement_models import Credits, StatementLine, StatementPage
from portal.pages.statement_words import reassurance_of, standing_of_statement
from portal.pages.transfer import transfer_of
from portal.receivables.allocation import MOST_INVOICES
from portal.texts import gettext as _
from portal.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.models import Transfer
    from portal.receivables.money import Money
    from portal.receivables.statement import Statement, StatementRow
    from portal.receivables.statement_offers import StatementOffers

MOST_SETTLED = 10
"""So many documents that ask for nothing are shown, so that the page stays small."""
_NUMBERS_QUOTED = 3


@dataclass(frozen=True, slots=True)
class StatementLinks:
    """Where the pages are: the statement's own token, and those of its invoices by key."""

    token: str
    of_invoices: Mapping[str, str]


def statement_page(
    statement: Statement, offers: StatementOffers, settings: Settings, links: StatementLinks, *, as_of: date
) -> StatementPage:
    """The page of a statement as of a day.

    Args:
        statement: from ``statement_of``.
        offers: what may be paid by card, from ``statement_offers``.
        settings: the owner's.
        links: the tokens of the statement and of its invoices.
        as_of: the day the page speaks of.
    """
    formats = spoken_formats()
    transfer = _transfer(statement, offers, settings, formats)
    explanation = explanation_of(offers.sums, offers.sums.left, formats, by_transfer=transfer is not None)
    buttons = not settings.payments.by_links
    listed = statement.open[:MOST_INVOICES]
    return StatementPage(
        title=page_title(settings, _("Your statement")),
        lang=formats.locale,
        direction=formats.direction,
        document=_("Statement"),
        subject=statement.customer.name,
        standing=standing_of_statement(statement, formats),
        form=statement_form(statement, offers, settings, formats, token=links.token, tokens=links.of_invoices)
        if buttons
        else None,
        explanation=(*explanation, *_beyond(offers, formats)) if buttons else _without_buttons(statement),
        reassurance=reassurance_of(statement),
        lines=tuple(_line(row, row.left, settings, links, formats) for row in listed),
        more=_more(statement, formats),
        total=formats.money(statement.balance_due),
        credits=_credits(statement, settings, links, formats),
        settled=_settled(statement, settings, links, formats),
        terms_summary=terms_summary(settings) if statement.balance_due else None,
        transfer=transfer,
        contact=contact_of(settings, _help_sentence(statement), about=_("Statement")),
        as_of=_("Balance as of %(date)s, with every payment we knew of then.", date=formats.date(as_of)),
    )


def _line(
    row: StatementRow, amount: Money, settings: Settings, links: StatementLinks, formats: Formats
) -> StatementLine:
    invoice = row.invoice
    return StatementLine(
        name=document_name(invoice),
        href=in_chosen_language(path_below_root(settings, f"/i/{links.of_invoices[invoice.key]}/")),
        subject=invoice.subject,
        when=_when(row, formats),
        tag=_tag(row, formats),
        amount=formats.money(amount),
    )


def _when(row: StatementRow, formats: Formats) -> str | None:
    """The day that matters; what is on its way or asked for by a plan is said with it."""
    invoice = row.invoice
    if row.plan is not None and row.plan.next is not None:
        amount, on = formats.money(row.plan.next_request), formats.date(row.plan.next.due_on)
        return _("Next payment of the plan: %(amount)s on %(date)s", amount=amount, date=on)
    words = []
    if row.is_open and invoice.due_on:
        words.append(_("Due %(date)s", date=formats.date(invoice.due_on)))
    elif invoice.issued_on:
        words.append(_("Issued %(date)s", date=formats.date(invoice.issued_on)))
    if row.balance.amount_on_its_way:
        words.append(_("%(amount)s on its way", amount=formats.money(row.balance.amount_on_its_way)))
    return ", ".join(words) or None


def _tag(row: StatementRow, formats: Formats) -> Tag:
    if row.plan is not None and not row.is_overdue:
        return Tag(_("On a plan"), Look.CALM, "part")
    return standing_of(row.invoice, row.balance, formats, last_paid_on=None).tag


def _more(statement: Statement, formats: Formats) -> Row | None:
    """The invoices beyond those that are listed, in one row, so that the sum below is still theirs too."""
    beyond = statement.open[MOST_INVOICES:]
    if not beyond:
        return None
    words = ngettext("%(number)s more invoice, due later", "%(number)s more invoices, due later", len(beyond))
    return Row(words, formats.money(statement.sum_of(row.left for row in beyond)))


def _beyond(offers: StatementOffers, formats: Formats) -> tuple[str, ...]:
    """Why one payment does not settle everything that could be paid."""
    words = []
    if offers.beyond:
        words.append(
            _(
                "One payment settles %(count)s invoices at most: those due first, %(amount)s.",
                count=str(MOST_INVOICES),
                amount=formats.money(offers.sums.left),
            )
        )
    if offers.uneven and offers.sums.full:
        words.append(_("An invoice whose last digit no card payment can carry is left out."))
    return tuple(words)


def _without_buttons(statement: Statement) -> tuple[str, ...]:
    return (_("To pay by card, open an invoice on this page."),) if statement.balance_due else ()


def _credits(statement: Statement, settings: Settings, links: StatementLinks, formats: Formats) -> Credits | None:
    rows = statement.in_favour
    if not rows:
        return None
    sentences = [_("It is not taken off what is left to pay.")] if statement.balance_due else []
    sentences.append(_("We set it off once we have agreed on it. Please ask us."))
    lines = tuple(replace(_line(row, row.credit, settings, links, formats), tag=_credit_tag(row)) for row in rows)
    return Credits(lines, formats.money(statement.credit), tuple(sentences))


def _credit_tag(row: StatementRow) -> Tag:
    word = _("Overpaid") if row.balance.amount_overpaid else _("Credit")
    return Tag(word, Look.GOOD, "tick")


def _settled(
    statement: Statement, settings: Settings, links: StatementLinks, formats: Formats
) -> tuple[StatementLine, ...]:
    """The newest documents that ask for nothing and give nothing."""
    rows = [row for row in statement.rows if not row.is_open and not row.credit]
    rows.sort(key=lambda row: str(row.invoice.issued_on or row.invoice.due_on or ""), reverse=True)
    return tuple(_line(row, row.invoice.total, settings, links, formats) for row in rows[:MOST_SETTLED])


def _transfer(statement: Statement, offers: StatementOffers, settings: Settings, formats: Formats) -> Transfer | None:
    """How to pay everything that is asked for by one transfer, with a reference that says which invoices it is for."""
    asked = [row for row in statement.rows if row.payable]
    if not asked:
        return None
    left = statement.sum_of(row.payable for row in asked)
    accounts = {row.invoice.bank_account for row in asked}
    account = accounts.pop() if len(accounts) == 1 else None
    stand_in = replace(asked[0].invoice, bank_account=account, payment_reference=_reference(statement, asked))
    return transfer_of(stand_in, left, settings.bank_account, formats, is_open=offers.sums.full is None)


def _reference(statement: Statement, asked: list[StatementRow]) -> str:
    """The customer's number where there is one, else the numbers of a few invoices, else the name."""
    if number := statement.customer.reference:
        return number
    numbers = [row.invoice.number for row in asked]
    return ", ".join(numbers) if len(numbers) <= _NUMBERS_QUOTED else statement.customer.name


def _help_sentence(statement: Statement) -> str:
    if statement.balance_due:
        return _(
            "If an amount looks wrong, or paying is hard right now, please tell us. We would rather hear from you."
        )
    return _("If anything on this page looks wrong, please tell us and we will put it right.")
