"""Invoices: those of Stripe's own, as far as reading them goes. An operator makes them, as in the Dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.errors import invalid
from portal.sandbox.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

KIND = "invoice"


def new_invoice(  # noqa: PLR0913  what the Dashboard asks for
    call: Call,
    *,
    number: str,
    customer_name: str,
    customer_email: str | None,
    currency: str,
    lines: Sequence[tuple[str, int]],
    due_date: int | None,
) -> Json:
    """A finalised invoice: open, with a page of its own where it is paid."""
    invoice_id, total = new_id("in_"), sum(amount for _, amount in lines)
    items = [_line(call, invoice_id, currency, *line) for line in lines]
    return call.rows.add(
        {
            "id": invoice_id,
            "object": KIND,
            **_plain(call),
            "amount_due": total,
            "amount_remaining": total,
            "collection_method": "send_invoice" if due_date else "charge_automatically",
            "currency": currency,
            "customer": new_id("cus_"),
            "customer_email": customer_email,
            "customer_name": customer_name,
            "due_date": due_date,
            "hosted_invoice_url": f"https://invoice.stripe.com/i/acct_sandbox/test_{invoice_id}",
            "invoice_pdf": f"https://pay.stripe.com/invoice/acct_sandbox/test_{invoice_id}/pdf",
            "lines": {"object": "list", "data": items, "has_more": False, "url": f"/v1/invoices/{invoice_id}/lines"},
            "number": number,
            "subtotal": total,
            "total": total,
        }
    )


def _line(call: Call, invoice_id: str, currency: str, description: str, amount: int) -> Json:
    return {
        "id": new_id("il_"),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discountable": True,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "period": {"start": call.now, "end": call.now},
        "quantity": 1,
        "subtotal": amount,
    }


def _plain(call: Call) -> Json:
    """What is the same on every invoice that was just finalised."""
    return {
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "enabled": False,
            "liability": None,
            "status": None,
            "disabled_reason": None,
            "provider": None,
        },
        "created": call.now,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "effective_at": call.now,
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": call.now,
        "period_start": call.now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": "open",
        "status_transitions": {
            "finalized_at": call.now,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
    }


def pay(call: Call, invoice_id: str, amount: int | None = None) -> Json:
    """The customer pays it, or a part of it, on its own page."""
    invoice = call.rows.get(KIND, invoice_id)
    paid = invoice["amount_remaining"] if amount is None else amount
    if invoice["status"] != "open" or not 0 < paid <= invoice["amount_remaining"]:
        raise invalid("This invoice cannot be paid by this amount.")
    left = invoice["amount_remaining"] - paid
    return call.rows.put(
        {
            **invoice,
            "amount_paid": invoice["amount_paid"] + paid,
            "amount_remaining": left,
            "status": "open" if left else "paid",
            "status_transitions": {**invoice["status_transitions"], "paid_at": None if left else call.now},
        }
    )
