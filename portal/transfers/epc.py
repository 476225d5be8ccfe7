"""The text of a SEPA transfer symbol: EPC069-12, version 002 ("GiroCode")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.transfers.accounts import EEA, SEPA, is_iban, is_qr_iban
from portal.transfers.fields import single_line
from portal.transfers.references import ReferenceKind

if TYPE_CHECKING:
    from portal.receivables.invoice import BankAccount
    from portal.receivables.money import Money
    from portal.transfers.references import Reference

LONGEST_NAME = 70
LONGEST_TEXT = 140
LARGEST_MINOR = 99_999_999_999
MOST_BYTES = 331
"""What a symbol of version 13 with error correction M holds, the largest EPC069-12 allows."""
_UTF_8 = "1"


def epc_text(account: BankAccount, amount: Money, reference: Reference) -> str | None:
    """What a SEPA symbol says, or None where none may be drawn.

    None: another currency than euros, an amount outside 0.01 to 999,999,999.99, an account without a right IBAN of a
    SEPA country (or outside the EEA without a BIC, or a QR-IBAN), or more text than a symbol holds.
    """
    name = single_line(account.account_name, LONGEST_NAME)
    if not (name and _is_reached(account) and amount.currency == "EUR" and 0 < amount.minor <= LARGEST_MINOR):
        return None
    structured = reference.kind is ReferenceKind.RF
    remittance = reference.text if structured else single_line(reference.shown, LONGEST_TEXT)
    lines = [
        "BCD",
        "002",
        _UTF_8,
        "SCT",
        account.bic or "",
        name,
        account.iban or "",
        f"EUR{_shortest(amount.decimal_text)}",
        "",  # purpose
        *([remittance] if structured else ["", remittance]),
    ]
    text = "\n".join(lines)
    return text if len(text.encode()) <= MOST_BYTES else None


def _is_reached(account: BankAccount) -> bool:
    number = account.iban
    if number is None or number[:2] not in SEPA or is_qr_iban(number) or not is_iban(number):
        return False
    return account.bic is not None or number[:2] in EEA


def _shortest(decimal_text: str) -> str:
    """Without zeros behind the decimal point, as the standard's own examples write it: ``12.3``, ``1000``."""
    return decimal_text.rstrip("0").rstrip(".")
