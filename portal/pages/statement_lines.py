"""The documents of a statement, one line each: what is open, what is in the customer's favour, what is settled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from portal.links.addresses import page_href
from portal.pages.invoice import document_name
from portal.pages.pieces import Look, Tag
from portal.pages.standing import standing_of
from portal.pages.statement_models import Credits, StatementLine
from portal.ports.links import LinkKind
from portal.texts import chosen_language
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.statement_models import StatementLinks
    from portal.receivables.money import Money
    from portal.receivables.statement import Statement, StatementRow

MOST_SETTLED = 10
"""So many documents that ask for nothing are shown, so that the page stays small."""


@dataclass(frozen=True, slots=True)
class StatementLines:
    """Makes the lines of one page, which speaks of the day ``as_of``."""

    settings: Settings
    links: StatementLinks
    formats: Formats
    as_of: date

    def line(self, row: StatementRow, amount: Money) -> StatementLine:
        """A document with an amount, and a link to its own page."""
        invoice = row.invoice
        return StatementLine(
            name=document_name(invoice),
            href=self._href(invoice.key),
            subject=invoice.subject,
            when=self._when(row),
            tag=self._tag(row),
            amount=self.formats.money(amount),
        )

    def _href(self, key: str) -> str | None:
        if key in self.links.closed:
            return None
        return page_href(self.settings, LinkKind.INVOICE, self.links.of_invoices[key], language=chosen_language())

    def credits_on(self, statement: Statement) -> Credits | None:
        """What is in the customer's favour; None where nothing is."""
        rows = statement.in_favour
        if not rows:
            return None
        sentences = [_("It is not taken off what is left to pay.")] if statement.balance_due else []
        sentences.append(_("We set it off once we have agreed on it. Please ask us."))
        lines = tuple(replace(self.line(row, row.credit), tag=_credit_tag(row)) for row in rows)
        return Credits(lines, self.formats.money(statement.credit), tuple(sentences))

    def settled_on(self, statement: Statement) -> tuple[StatementLine, ...]:
        """The newest documents that ask for nothing and give nothing."""
        rows = [row for row in statement.rows if not row.is_open and not row.credit]
        rows.sort(key=lambda row: row.invoice.issued_on or row.invoice.due_on or date.min, reverse=True)
        return tuple(self.line(row, row.invoice.total) for row in rows[:MOST_SETTLED])

    def _when(self, row: StatementRow) -> str | None:
        """The day that matters; what is on its way or asked for by a plan is said with it."""
        formats = self.formats
        if row.plan is not None and row.plan.next is not None:
            amount, on = formats.money(row.plan.next_request), formats.date(row.plan.next.due_on)
            return _("Next payment of the plan: %(amount)s on %(date)s", amount=amount, date=on)
        words = []
        if row.is_open and row.due_on:
            words.append(_("Due %(date)s", date=formats.date(row.due_on)))
        elif row.invoice.issued_on:
            words.append(_("Issued %(date)s", date=formats.date(row.invoice.issued_on)))
        if row.balance.amount_on_its_way:
            words.append(_("%(amount)s on its way", amount=formats.money(row.balance.amount_on_its_way)))
        return ", ".join(words) or None

    def _tag(self, row: StatementRow) -> Tag:
        if row.plan is not None and not row.is_overdue:
            return Tag(_("On a plan"), Look.CALM, "part")
        return standing_of(row.invoice, row.balance, self.formats, last_paid_on=None, as_of=self.as_of).tag


def _credit_tag(row: StatementRow) -> Tag:
    word = _("Overpaid") if row.balance.amount_overpaid else _("Credit")
    return Tag(word, Look.GOOD, "tick")
