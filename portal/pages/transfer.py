"""Bank details for paying the exact sum that is left by transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.numbers import get_territory_currencies

from portal.pages.models import Row, Transfer
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.formats import Formats
    from portal.receivables.invoice import BankAccount, Invoice
    from portal.receivables.money import Money


def transfer_of(
    invoice: Invoice, left: Money, own_account: BankAccount | None, formats: Formats, *, is_open: bool
) -> Transfer | None:
    """How to pay ``left`` by bank transfer, or None where no account takes this currency.

    An account that the invoice itself names is taken at its word; the owner's general one must fit the currency.
    """
    account = invoice.bank_account
    if account is None and own_account is not None and takes(own_account, invoice.currency):
        account = own_account
    if account is None or not left:
        return None
    reference = invoice.payment_reference or invoice.number
    rows = [
        Row(_("Amount"), formats.money(left)),
        Row(_("To"), account.account_name),
        *_account_rows(account),
        Row(_("Reference"), reference),
    ]
    caution = _("If a message names another account, please ask us before you pay.")
    return Transfer(tuple(rows), caution, is_open=is_open)


def takes(account: BankAccount, currency: str) -> bool:
    """Whether a transfer in this currency can be expected to reach the account without trouble.

    Sort codes are British, routing numbers American; an IBAN takes euros and its country's own currency.
    """
    if account.iban and (currency == "EUR" or currency in get_territory_currencies(account.iban[:2])):
        return True
    if account.sort_code:
        return currency == "GBP"
    if account.routing_number:
        return currency == "USD"
    return account.iban is None


def _account_rows(account: BankAccount) -> list[Row]:
    iban = " ".join(account.iban[i : i + 4] for i in range(0, len(account.iban), 4)) if account.iban else None
    fields = [
        (_("Sort code"), account.sort_code),
        (_("Routing number"), account.routing_number),
        (_("Account number"), account.account_number),
        (_("IBAN"), iban),
        (_("BIC"), account.bic),
        (_("Bank"), account.bank_name),
    ]
    return [Row(label, value) for label, value in fields if value]
