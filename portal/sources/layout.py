"""Where the two syntaxes of EN 16931 keep what the portal reads: the same fields, other paths."""

from __future__ import annotations

from dataclasses import dataclass

Paths = tuple[str, ...]
"""Paths of local names below the document's root, tried in their order."""


@dataclass(frozen=True, slots=True)
class ItemLayout:
    """Paths below one line of the invoice (BG-25)."""

    root: str
    amount: Paths
    quantity: Paths
    description: Paths


@dataclass(frozen=True, slots=True)
class ChargeLayout:
    """Paths below one allowance or charge on the whole document (BG-20, BG-21).

    ``is_charge`` is the indicator; where the syntax has none, it is always a charge.
    """

    root: str
    amount: Paths
    reason: Paths
    is_charge: Paths


@dataclass(frozen=True, slots=True)
class TaxLayout:
    """Paths below one tax breakdown (BG-23)."""

    root: str
    amount: Paths
    rate: Paths
    scheme: Paths


@dataclass(frozen=True, slots=True)
class PartLayout:
    """Paths below one of several payment terms, which says what is due when."""

    root: str
    amount: Paths
    due_on: Paths


@dataclass(frozen=True, slots=True)
class MeansLayout:
    """Paths below one means of payment (BG-16)."""

    root: str
    code: Paths
    account: Paths
    account_name: Paths
    bic: Paths


@dataclass(frozen=True, slots=True)
class Layout:
    """One syntax: where each business term (BT) of EN 16931 stands.

    ``name`` is that of the syntax. Where ``due_may_be_left_out``, an invoice without the amount due asks for its total
    less what was paid.
    """

    name: str
    guideline: Paths  # BT-24
    number: Paths  # BT-1
    issued_on: Paths  # BT-2
    type_code: Paths  # BT-3
    currency: Paths  # BT-5
    due_on: Paths  # BT-9
    terms: str  # BT-20
    notes: str  # BT-22
    sellers: Paths  # BT-27, and the payee BT-59 before it
    buyer: Paths  # BT-44
    buyer_email: Paths  # BT-58
    buyer_endpoint: Paths  # BT-49
    buyer_registered: Paths  # BT-47, BT-48
    buyer_reference: Paths  # BT-46
    reference: Paths  # BT-83
    order_reference: Paths  # BT-13, else BT-12, else BT-10
    preceding: str  # BT-25
    total: Paths  # BT-112
    prepaid: Paths  # BT-113
    due: Paths  # BT-115
    items: ItemLayout
    charges: tuple[ChargeLayout, ...]
    taxes: TaxLayout
    means: MeansLayout
    parts: PartLayout
    due_may_be_left_out: bool = False
