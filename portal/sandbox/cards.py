"""The test cards and bank accounts that can be chosen. Nobody can type a real card into the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["succeeds", "declined", "approval"]


@dataclass(frozen=True)
class Card:
    """A test card: what the bank says while the customer is there, and later when nobody is."""

    number: str
    token: str
    label: str
    brand: str = "visa"
    present: Answer = "succeeds"
    later: Answer = "succeeds"
    decline_code: str = "generic_decline"
    # Only offered where the card is kept for later payments.
    for_later: bool = False

    @property
    def last4(self) -> str:
        """The last four digits, which name the card everywhere."""
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        """The number in groups of four."""
        return " ".join(self.number[i : i + 4] for i in range(0, 16, 4))


@dataclass(frozen=True)
class Bank:
    """A kind of bank debit, which settles days later."""

    type: str
    label: str
    last4: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Voucher:
    """A slip with which the customer pays later, at a cash machine or in a shop; until then nobody owes anything."""

    type: str
    label: str
    entity: str


CARDS = {
    card.last4: card
    for card in (
        Card("4242424242424242", "pm_card_visa", "The payment goes through"),
        Card(
            "4000000000000002",
            "pm_card_chargeDeclined",
            "The card is declined",
            present="declined",
            later="declined",
        ),
        Card(
            "4000002500003155",
            "",
            "The bank asks for approval",
            present="approval",
        ),
        Card(
            "4000000000000341",
            "pm_card_chargeCustomerFail",
            "Goes through now, later payments are declined",
            later="declined",
            for_later=True,
        ),
        Card(
            "4000002760003184",
            "pm_card_authenticationRequired",
            "The bank asks for approval now and every time",
            present="approval",
            later="approval",
            for_later=True,
        ),
    )
}
INSUFFICIENT = Card(
    "4000000000009995",
    "pm_card_chargeDeclinedInsufficientFunds",
    "The card has no funds",
    present="declined",
    later="declined",
    decline_code="insufficient_funds",
)
EVERY_CARD = {**CARDS, INSUFFICIENT.last4: INSUFFICIENT}
TOKENS = {card.token: card for card in EVERY_CARD.values() if card.token}

BANKS = {
    "eur": Bank("sepa_debit", "SEPA Direct Debit", "3000", (("country", "DE"), ("bank_code", "37040044"))),
    "gbp": Bank("bacs_debit", "Bacs Direct Debit", "2345", (("sort_code", "108800"),)),
    "usd": Bank(
        "us_bank_account",
        "US bank account",
        "6789",
        (
            ("bank_name", "STRIPE TEST BANK"),
            ("routing_number", "110000000"),
            ("account_type", "checking"),
            ("account_holder_type", "individual"),
        ),
    ),
}
VOUCHERS = {"eur": Voucher("multibanco", "Multibanco voucher", "12345")}
METHOD_TYPES = ("card", "bacs_debit", "multibanco", "sepa_debit", "us_bank_account")


def served_types(currency: str) -> list[str]:
    """The payment method types that the sandbox offers in a currency."""
    others = (BANKS.get(currency), VOUCHERS.get(currency))
    return ["card", *(means.type for means in others if means is not None)]
