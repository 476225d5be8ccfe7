"""What is said of a payment that was started and has not arrived yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.receivables.money import Money

_WITH_VOUCHERS = frozenset({"BRL", "EUR", "JPY", "MXN"})
"""Currencies in which Stripe hands out vouchers: Boleto, Multibanco, Konbini, OXXO."""


def voucher_sentences(amount: Money) -> list[str]:
    """A voucher is on its way as soon as it is handed out, and its customer has still to pay it."""
    if amount.currency not in _WITH_VOUCHERS:
        return []
    return [_("If you were given a voucher, please pay it by the date on it.")]
