"""What a changed or missing claim makes untrue: open checkouts, sums that might count twice, money in its currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.errors import GatewayError, Problem
from portal.ports import LIVE_STATES
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from portal.adapters.stripe import StripeGateway
    from portal.payments.checkout import Checkout
    from portal.ports.builds import InvoiceComparison
    from portal.receivables.allocation import Allocation
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Portal


def close_overtaken(
    portal: Portal, compared: InvoiceComparison, listed: Iterable[Invoice], say: Callable[[str], None]
) -> tuple[Problem, ...]:
    """Close the checkouts that are open on an amount the owner has changed, or on more than is left by now.

    That is so where a payment was noted in the invoice's file, and where it was cancelled, replaced or is not listed.

    Args:
        portal: the portal, with its new invoices already in its ledger.
        compared: those invoices beside the ones before.
        listed: all of them, with those that are no longer listed, but for those whose file cannot be read.
        say: told what is being done.

    Returns:
        Those that could not be closed.
    """
    touched = {one.key for one in listed if one.gone_on or _claims_otherwise(one, compared)}
    open_parts = _open_parts(portal)
    return _close(
        portal, {one.invoice_key for one in open_parts if one.invoice_key in touched or _is_too_much(one, portal)}, say
    )


def close_all_too_much(portal: Portal, say: Callable[[str], None]) -> tuple[Problem, ...]:
    """Close the checkouts that are open on more than is left by now, whatever it was that took it; as above."""
    return _close(portal, {one.invoice_key for one in _open_parts(portal) if _is_too_much(one, portal)}, say)


def close_too_much(portal: Portal, gateway: StripeGateway, keys: Collection[str]) -> bool:
    """Close the checkouts of some invoices that take more than is left by now.

    That is so where money came back while one was open: a refund did not arrive after all, or a dispute was won.
    False where one is just being opened, so that it has to be looked at again.

    Raises:
        GatewayError: the provider could not be asked.
    """
    ours = (part for part in _open_parts(portal) if part.invoice_key in keys)
    checkout = portal.checkout(gateway)
    return all(checkout.close(part.invoice_key) for part in ours if _is_too_much(part, portal))


def in_another_currency(portal: Portal, compared: InvoiceComparison, invoices: Iterable[Invoice]) -> dict[str, Problem]:
    """Invoices whose currency is another one than at the last build although money was recorded in it, by key.

    No sum over both can be made, so such an invoice stays as it was.
    """
    found = {}
    for invoice in invoices:
        before = compared.changed.get(invoice.key)
        if before is None or before.currency == invoice.currency:
            continue
        if any(entry.amount.currency != invoice.currency for entry in portal.ledger.entries_of(invoice.key)):
            found[invoice.key] = Problem(
                f"Invoice {invoice.number} was in {before.currency} and is in {invoice.currency} now, and something "
                f"was recorded on it in {before.currency}.",
                "Write it in its old currency again, or give the new one a number of its own.",
                file=invoice.source,
                field="currency",
            )
    return found


def perhaps_counted_twice(portal: Portal, invoices: Sequence[Invoice]) -> list[Problem]:
    """Invoices whose file says more was paid than the portal's own payments leave room for, or more than before.

    Payments in the file and payments through the portal are added, so that nobody is ever charged too much. An export
    that includes the portal's payments would count them twice, to the owner's cost: so the owner is told.
    """
    entries = portal.ledger.entries_by_invoice()
    found = []
    for invoice in invoices:
        facts = entries.get(invoice.key, ())
        if not invoice.amount_prepaid or not any(entry.kind is EntryKind.PAYMENT for entry in facts):
            continue
        before = portal.ledger.invoice(invoice.key)
        grown = (
            before is not None
            and before.currency == invoice.currency
            and before.amount_prepaid < invoice.amount_prepaid
        )
        if grown or portal.balance(invoice, facts).amount_overpaid:
            found.append(_counted_twice(invoice))
    return found


def _close(portal: Portal, keys: Collection[str], say: Callable[[str], None]) -> tuple[Problem, ...]:
    """Close what is open on these invoices; what could not be closed."""
    if not keys or portal.gateway is None:
        return tuple(map(_still_open, sorted(keys)))
    say("Closing checkouts that were overtaken")
    checkout = portal.checkout(portal.gateway)
    return tuple(_still_open(key) for key in sorted(keys) if not _closed(checkout, key))


def _claims_otherwise(invoice: Invoice, compared: InvoiceComparison) -> bool:
    before = compared.changed.get(invoice.key)
    return before is not None and before.claim != invoice.claim


def _open_parts(portal: Portal) -> list[Allocation]:
    """What the checkouts that may still be paid take, invoice by invoice."""
    return [part for hold in portal.ledger.holds_in(LIVE_STATES) for part in hold.allocations]


def _is_too_much(part: Allocation, portal: Portal) -> bool:
    """Whether a checkout takes more of an invoice than is left on it now."""
    invoice = portal.ledger.invoice(part.invoice_key)
    if invoice is None or invoice.currency != part.amount.currency:
        return True
    return part.amount > portal.balance(invoice, portal.ledger.entries_of(invoice.key)).amount_offerable


def _closed(checkout: Checkout, key: str) -> bool:
    try:
        return checkout.close(key)
    except GatewayError:
        return False


def _still_open(key: str) -> Problem:
    return Problem(
        f"A customer has a checkout open on invoice {key} as it was before; it still takes the old amount.",
        "It closes by itself within the hour. What is paid on it counts, and shows as overpaid where it is too much.",
        field=key,
    )


def _counted_twice(invoice: Invoice) -> Problem:
    return Problem(
        f"Invoice {invoice.number} was paid here, and its file says {invoice.amount_prepaid} was: both are counted.",
        "If the file's sum includes card payments made here, leave them out of it.",
        file=invoice.source,
        field="paid",
    )
