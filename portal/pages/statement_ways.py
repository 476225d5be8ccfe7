"""Ways to pay a whole statement without a card: one transfer for the sum, and what else the owner takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.pages.transfer import TransferStage, transfer_panel
from portal.pages.ways import ways_of
from portal.payees import payee_of, reference_of
from portal.texts import gettext as _
from portal.transfers.references import Reference, ReferenceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.way_models import Transfer, Way
    from portal.receivables.statement import Statement, StatementRow
    from portal.transfers.accounts import Payee

_LONGEST_REFERENCE = 18
"""What fits into the reference of a transfer everywhere; British ones hold no more."""


def other_ways(
    statement: Statement, settings: Settings, formats: Formats, *, whole_by_card: bool
) -> tuple[Transfer | None, tuple[Way, ...]]:
    """The ways to pay what is asked for without a card; the first is unfolded where a card cannot pay it all."""
    asked = [row for row in statement.rows if row.payable]
    if not asked:
        return None, ()
    stages = (TransferStage(statement.sum_of(row.payable for row in asked), statement.until),)
    payee = _payee(asked, settings)
    reference = _reference(statement, asked, payee, settings)
    transfer = None
    if payee is not None:
        transfer = transfer_panel(payee, stages, reference, _("Statement"), formats, is_open=not whole_by_card)
    opens = transfer is None and not whole_by_card
    return transfer, ways_of(stages, reference.shown, settings, formats, opens=opens)


def _payee(asked: Sequence[StatementRow], settings: Settings) -> Payee | None:
    """Who gets one transfer for all of them; None where they name several accounts."""
    payees = {payee_of(row.invoice, settings) for row in asked}
    return payees.pop() if len(payees) == 1 else None


def _reference(
    statement: Statement, asked: Sequence[StatementRow], payee: Payee | None, settings: Settings
) -> Reference:
    """What says whose payment it is: the customer's number, those of a few invoices, else the first one's reference."""
    fitting = (text for text in _candidates(statement, asked) if len(text) <= _LONGEST_REFERENCE)
    text = next(fitting, None)
    return Reference(ReferenceKind.TEXT, text) if text else reference_of(asked[0].invoice, payee, settings)


def _candidates(statement: Statement, asked: Sequence[StatementRow]) -> Iterator[str]:
    if statement.customer.reference:
        yield statement.customer.reference
    yield " ".join(row.invoice.number for row in asked)
