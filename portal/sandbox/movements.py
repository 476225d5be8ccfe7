"""Balance transactions: what moves on the merchant's account at the provider, besides the payments themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.ids import new_id

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

KIND = "balance_transaction"


def new_movement(  # noqa: PLR0913  each is a field of Stripe's object
    call: Call,
    amount: int,
    currency: str,
    *,
    source: str,
    description: str,
    kind: str,
    category: str | None = None,
    fee: int = 0,
) -> Json:
    """A movement of now; not kept yet.

    Args:
        call: the request it happens in.
        amount: minor units; negative where the merchant loses it.
        currency: as Stripe writes it.
        source: id of what moved it.
        description: for people.
        kind: Stripe's `type`.
        category: Stripe's `reporting_category`; by default the same word.
        fee: Stripe's own, in minor units.
    """
    return {
        "id": new_id("txn_"),
        "object": KIND,
        "amount": amount,
        "available_on": call.now,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source,
        "status": "available",
        "type": kind,
    }
