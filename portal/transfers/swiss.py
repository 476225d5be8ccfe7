"""The text of a Swiss QR-bill: SIX Implementation Guidelines 2.3, with structured addresses only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portal.transfers.accounts import is_iban, is_qr_iban
from portal.transfers.fields import single_line
from portal.transfers.references import ReferenceKind

if TYPE_CHECKING:
    from portal.receivables.money import Money
    from portal.transfers.accounts import Address, Payee
    from portal.transfers.references import Reference

LONGEST_NAME = 70
LONGEST_MESSAGE = 140
LARGEST_MINOR = 99_999_999_999
MOST_CHARACTERS = 997
_NO_PARTY = ("",) * 7
# Basic Latin, Latin-1 Supplement, Latin Extended-A, and the five characters the guidelines add to them.
_ALLOWED = re.compile("[ -~\u00a0-\u017f\u0218-\u021b\u20ac]*")


def swiss_text(payee: Payee, amount: Money, reference: Reference, message: str) -> str | None:
    """What the symbol of a QR-bill says, or None where none may be drawn.

    None: a currency other than francs and euros, an amount outside 0.01 to 999,999,999.99, an account without a right
    Swiss or Liechtenstein IBAN, no structured address, a QR-IBAN without a QR reference, or letters it cannot carry.

    Args:
        payee: account and address of the creditor.
        amount: what is asked for.
        reference: a QR reference with a QR-IBAN; with others it is an RF reference, or goes into the message.
        message: what it is for; left out where there is no room for it.
    """
    account, address = payee.account, payee.address
    number = account.iban or ""
    if address is None or number[:2] not in {"CH", "LI"} or not is_iban(number):
        return None
    kind = _kind(number, reference)
    if kind is None or amount.currency not in {"CHF", "EUR"} or not 0 < amount.minor <= LARGEST_MINOR:
        return None
    quoted = "" if kind == "NON" else reference.text
    said = message if quoted else f"{reference.shown} {message}"
    lines = [
        *("SPC", "0200", "1", number),
        *_party(account.account_name, address),
        *_NO_PARTY,  # ultimate creditor, not to be used yet
        amount.decimal_text,
        amount.currency,
        *_NO_PARTY,  # the debtor, whose address the portal does not know in parts
        kind,
        quoted,
        single_line(said, LONGEST_MESSAGE),
        "EPD",
    ]
    text = "\r\n".join(lines)
    return text if _can_be_carried(lines) and len(text) <= MOST_CHARACTERS else None


def _kind(number: str, reference: Reference) -> str | None:
    """``QRR``, ``SCOR`` or ``NON``; None where account and reference do not go together."""
    if is_qr_iban(number):
        return "QRR" if reference.kind is ReferenceKind.SWISS else None
    return "SCOR" if reference.kind is ReferenceKind.RF else "NON"


def _party(name: str, address: Address) -> tuple[str, ...]:
    """A party with its address in parts, each within its length."""
    return (
        "S",
        single_line(name, LONGEST_NAME),
        single_line(address.street, 70),
        single_line(address.house_number, 16),
        single_line(address.postcode, 16),
        single_line(address.town, 35),
        address.country,
    )


def _can_be_carried(lines: list[str]) -> bool:
    return all(_ALLOWED.fullmatch(line) for line in lines)
