"""The ways to pay several invoices by card, as forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.pages.addresses import pay_address
from portal.pages.forms import part_form
from portal.pages.invoice import document_name
from portal.pages.statement_models import PickBox, StatementForm
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.statement import Statement
    from portal.receivables.statement_offers import StatementOffers

_ENOUGH_TO_CHOOSE = 2


def statement_form(  # noqa: PLR0913  everything the forms say, named
    statement: Statement,
    offers: StatementOffers,
    settings: Settings,
    formats: Formats,
    *,
    token: str,
    tokens: Mapping[str, str],
    chosen: Collection[str] = (),
) -> StatementForm | None:
    """The pay forms, or None where no card payment is possible.

    Args:
        statement: whose invoices they are.
        offers: on it.
        settings: the owner's.
        formats: of the page.
        token: of the statement's link.
        tokens: of the invoices' links, by key.
        chosen: keys of invoices that are ticked already.
    """
    sums = offers.sums
    picks = _picks(statement, offers, formats, tokens, chosen)
    if sums.full is None and sums.part is None and not picks:
        return None
    return StatementForm(
        action=pay_address(settings),
        token=token,
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
    invoices = {row.invoice.key: row.invoice for row in statement.rows}
    boxes = []
    for part in offers.owed:
        invoice = invoices[part.invoice_key]
        due = _("Due %(date)s", date=formats.date(invoice.due_on)) if invoice.due_on else None
        is_chosen = invoice.key in chosen
        name = document_name(invoice)
        boxes.append(PickBox(tokens[invoice.key], name, due, formats.money(part.amount), checked=is_chosen))
    return tuple(boxes)
