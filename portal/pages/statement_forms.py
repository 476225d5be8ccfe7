"""The ways to pay several invoices by card, as forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.pages.addresses import pay_address
from portal.pages.forms import part_form
from portal.pages.invoice import document_name
from portal.pages.statement_models import PickBox, StatementForm
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.statement_models import StatementLinks
    from portal.receivables.statement import Statement
    from portal.receivables.statement_offers import StatementOffers

_ENOUGH_TO_CHOOSE = 2


def statement_form(
    statement: Statement,
    offers: StatementOffers,
    settings: Settings,
    links: StatementLinks,
    chosen: Collection[str] = (),
) -> StatementForm | None:
    """The pay forms, or None where no card payment is possible.

    Args:
        statement: whose invoices they are.
        offers: on it.
        settings: the owner's.
        links: the tokens of the statement and of its invoices.
        chosen: keys of invoices that are ticked already.
    """
    formats, sums = spoken_formats(), offers.sums
    picks = _picks(statement, offers, formats, links.of_invoices, chosen)
    if sums.full is None and sums.part is None and not picks:
        return None
    return StatementForm(
        action=pay_address(settings),
        token=links.token,
        shown=offers.shown,
        button=_("Pay %(amount)s now", amount=formats.money(sums.full)) if sums.full else None,
        picks=picks,
        part=part_form(sums, formats),
    )


def _picks(
    statement: Statement, offers: StatementOffers, formats: Formats, tokens: Mapping[str, str], chosen: Collection[str]
) -> tuple[PickBox, ...]:
    if len(offers.owed) < _ENOUGH_TO_CHOOSE:
        return ()
    rows = {row.invoice.key: row for row in statement.rows}
    boxes = []
    for part in offers.owed:
        row = rows[part.invoice_key]
        due = _("Due %(date)s", date=formats.date(row.due_on)) if row.due_on else None
        boxes.append(
            PickBox(
                name=tokens[part.invoice_key],
                label=document_name(row.invoice),
                subject=row.invoice.subject,
                small=due,
                amount=formats.money(part.amount),
                checked=part.invoice_key in chosen,
            )
        )
    return tuple(boxes)
