"""Into which account an invoice is paid by transfer, what the transfer quotes, and whose a quoted reference is."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.receivables.invoice import DocumentKind, PaymentMeans
from portal.transfers.accounts import Payee, is_qr_iban, takes
from portal.transfers.references import (
    NATIONAL,
    Reference,
    ReferenceKind,
    is_right,
    matching_form,
    read_reference,
    reference_for,
    short_reference,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from portal.config import Settings
    from portal.receivables.invoice import BankAccount, Invoice

_RF_CURRENCIES = frozenset({"EUR", "CHF"})
_BRITISH = re.compile(r"[A-Za-z0-9 &./-]{1,18}")
"""What the reference of a British transfer can hold (Faster Payments, Bacs)."""
_NAMED = 3


def payee_of(invoice: Invoice, settings: Settings) -> Payee | None:
    """Who gets a transfer for this invoice; None where no account takes its currency.

    An account that the invoice itself names is taken at its word; of the owner's, the first that takes the currency.
    """
    if invoice.bank_account is not None:
        return Payee(invoice.bank_account)
    return next((payee for payee in settings.payees if takes(payee.account, invoice.currency)), None)


def reference_of(invoice: Invoice, payee: Payee | None, settings: Settings) -> Reference:
    """What a payment of this invoice quotes: its own reference as stated, else one made from its number.

    Made are an RF reference for euros and francs, a QR reference for a QR-IBAN, the payee's national one where the
    settings ask for it, and elsewhere the number itself.
    """
    account = payee.account if payee else None
    expected = _expected(account, settings)
    if invoice.payment_reference:
        return read_reference(invoice.payment_reference, expected or _national(account))
    if expected is not None:
        return reference_for(invoice.key, expected)
    is_number = settings.payments.references == "number"
    if account is not None and account.iban and invoice.currency in _RF_CURRENCIES and not is_number:
        return reference_for(invoice.key, ReferenceKind.RF)
    if account is not None and account.sort_code and not _BRITISH.fullmatch(invoice.number):
        return short_reference(invoice.key)
    return Reference(ReferenceKind.TEXT, invoice.number)


def keys_by_reference(invoices: Iterable[Invoice], settings: Settings) -> Mapping[str, Sequence[str]]:
    """The keys of the invoices behind each reference, by its ``matching_form``, for matching bank statements.

    Each invoice is listed under what its page quotes, and under its RF reference, which an earlier page may have
    quoted. More than one key: a transfer that quotes it could be for any of them.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for invoice in invoices:
        quoted = reference_of(invoice, payee_of(invoice, settings), settings)
        made = reference_for(invoice.key, ReferenceKind.RF)
        for form in {matching_form(quoted.text), matching_form(made.text)}:
            found[form].append(invoice.key)
    return found


def look_over_references(invoices: Iterable[Invoice], settings: Settings) -> tuple[Problem, ...]:
    """Warnings about references that several invoices share, or that the payee's bank would refuse."""
    by_form: dict[str, list[Invoice]] = defaultdict(list)
    refused = []
    for invoice in invoices:
        if not _asks_for_a_transfer(invoice):
            continue
        payee = payee_of(invoice, settings)
        if payee is None:
            continue
        reference = reference_of(invoice, payee, settings)
        by_form[matching_form(reference.text)].append(invoice)
        expected = _expected(payee.account, settings)
        if expected is not None and not is_right(reference.text, expected):
            refused.append(_refused(invoice, reference, expected))
    shared = [_shared(group) for group in by_form.values() if len(group) > 1]
    return (*refused, *shared)


def _asks_for_a_transfer(invoice: Invoice) -> bool:
    asks = invoice.kind is DocumentKind.INVOICE and invoice.means is PaymentMeans.ANY
    holds = invoice.cancelled_on is None and invoice.replaced_by is None
    return asks and holds and invoice.stated_due.minor > 0


def _expected(account: BankAccount | None, settings: Settings) -> ReferenceKind | None:
    """The kind that the payee's bank insists on, or that the owner has chosen for it."""
    if account is not None and is_qr_iban(account.iban):
        return ReferenceKind.SWISS
    return _national(account) if settings.payments.references == "national" else None


def _national(account: BankAccount | None) -> ReferenceKind | None:
    return NATIONAL.get(account.iban[:2]) if account is not None and account.iban else None


def _refused(invoice: Invoice, reference: Reference, expected: ReferenceKind) -> Problem:
    return _warning(
        invoice,
        f"The reference {reference.text!r} of invoice {invoice.number} is not a right {expected.value}.",
        "Correct its digits, or leave it out: then one is made from the invoice number.",
    )


def _shared(group: Sequence[Invoice]) -> Problem:
    names = ", ".join(invoice.key for invoice in group[:_NAMED])
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    return _warning(
        group[1],
        f"Transfers for {names}{more} would quote the same reference, and could not be told apart.",
        "Give each a reference of its own.",
    )


def _warning(invoice: Invoice, problem: str, remedy: str) -> Problem:
    file, _, row = invoice.source.partition(":")
    return Problem(problem, remedy, file=file, line=int(row) if row.isdecimal() else None, field="reference")
