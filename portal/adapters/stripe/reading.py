"""Stripe's objects, as plain dicts, become the portal's reports. Words that are not known here are kept as they are.

Source of the words: Stripe's API reference, 2026-10-28.endive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.adapters.stripe.amounts import moment_of, money_of
from portal.adapters.stripe.marks import marks_in
from portal.errors import Problem, UnexpectedAnswerError
from portal.ports.provider_reports import (
    CheckoutReport,
    CheckoutStatus,
    DisputeMovement,
    DisputeReport,
    DisputeStatus,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
)

if TYPE_CHECKING:
    from portal.receivables.money import Money

Json = dict[str, Any]

_PAYMENT = {
    "requires_payment_method": PaymentStatus.OPEN,
    "requires_confirmation": PaymentStatus.OPEN,
    "requires_action": PaymentStatus.OPEN,
    "requires_capture": PaymentStatus.OPEN,
    "processing": PaymentStatus.PROCESSING,
    "succeeded": PaymentStatus.SUCCEEDED,
    "canceled": PaymentStatus.CANCELED,
}
_REFUND = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.CANCELED,
}
_DISPUTE = {
    **dict.fromkeys(
        (
            "warning_needs_response",
            "warning_under_review",
            "needs_response",
            "under_review",
            "appeal_needs_response",
            "appeal_under_review",
        ),
        DisputeStatus.OPEN,
    ),
    **dict.fromkeys(("warning_closed", "won", "lost", "prevented"), DisputeStatus.CLOSED),
}
CAME_BACK = "failure_balance_transaction"
"""Where Stripe's refund names the movement that brought its money back."""
_AT_ONCE = frozenset({"card", "card_present", "link", "paypal", "cashapp", "klarna", "revolut_pay", "amazon_pay"})
"""Means whose money is there, or refused, when the checkout ends."""


def checkout_of(session: Json, portal_id: str | None = None) -> CheckoutReport:
    """A session, with its payment intent expanded once there is one; ``portal_id`` tells whose marks are ours.

    Raises:
        UnexpectedAnswerError: Stripe describes it in words the portal does not know.
    """
    intent = _inside(session, "payment_intent")
    charge = _inside(intent, "latest_charge")
    status = _checkout_status(session, intent)
    counted = intent.get("amount_received") if status is CheckoutStatus.PAID else None
    amount = money_of(counted or session["amount_total"], session["currency"])
    marks = marks_in(session.get("metadata"), amount, portal_id)
    happened = charge.get("created") or intent.get("created")
    details = charge.get("payment_method_details") or {}
    return CheckoutReport(
        checkout_id=session["id"],
        status=status,
        hold_id=marks.hold_id,
        allocations=marks.allocations,
        amount=amount,
        livemode=session["livemode"],
        url=session.get("url"),
        payment_id=id_of(session.get("payment_intent")),
        method=_method_of(details),
        occurred_at=moment_of(happened) if happened else None,
        created_at=moment_of(session["created"]),
        expires_at=moment_of(session["expires_at"]),
        is_delayed=_is_delayed(details),
        customer_id=id_of(session.get("customer")),
        payment_method_id=id_of(intent.get("payment_method")),
        opened_at=marks.opened_at or (moment_of(session["created"]) if marks.hold_id else None),
        is_garbled=marks.is_garbled,
        is_anothers=marks.is_anothers,
    )


def _checkout_status(session: Json, intent: Json) -> CheckoutStatus:
    match session["status"], session["payment_status"], intent.get("status"):
        case "open", _, _:
            return CheckoutStatus.OPEN
        case "expired", _, _:
            return CheckoutStatus.EXPIRED
        case "complete", "paid", _:
            return CheckoutStatus.PAID
        # A bank debit was ordered; Stripe says days later whether it arrived. Or a voucher was taken (Multibanco, OXXO,
        # Konbini), or a bank transfer promised, which the customer may pay for some days.
        case "complete", "unpaid", "processing" | "requires_action":
            return CheckoutStatus.PROCESSING
        # It has just arrived: the intent says so a moment before the session does.
        case "complete", "unpaid", "succeeded":
            return CheckoutStatus.PAID
        case "complete", "unpaid", "requires_payment_method" | "canceled":
            return CheckoutStatus.FAILED
        case unknown:
            raise UnexpectedAnswerError(
                Problem(
                    f"Stripe describes a checkout in words the portal does not know: {unknown}.",
                    "Nothing was changed; look at this checkout in Stripe's dashboard.",
                    field=session["id"],
                )
            )


def payment_of(intent: Json, *, live: bool, portal_id: str | None = None) -> PaymentReport:
    """A payment intent with its latest charge expanded; checkout, refunds and disputes are added by others.

    Args:
        intent: the payment intent.
        live: which world the key belongs to.
        portal_id: tells whose marks are ours.
    """
    charge = _inside(intent, "latest_charge")
    details = charge.get("payment_method_details") or {}
    status = _PAYMENT.get(intent["status"], PaymentStatus.UNKNOWN)
    # Nobody waits for this payment's next try unless a checkout is open, and that says so itself.
    if status is PaymentStatus.OPEN and charge.get("status") == "failed":
        status = PaymentStatus.FAILED
    received = intent.get("amount_received") if status is PaymentStatus.SUCCEEDED else None
    amount = money_of(received or intent["amount"], intent["currency"])
    marks = marks_in(intent.get("metadata"), amount, portal_id)
    return PaymentReport(
        payment_id=intent["id"],
        status=status,
        amount=amount,
        created_at=moment_of(charge.get("created") or intent["created"]),
        hold_id=marks.hold_id,
        allocations=marks.allocations,
        method=_method_of(details),
        is_delayed=_is_delayed(details),
        is_foreign=intent["livemode"] is not live,
        is_garbled=marks.is_garbled,
        is_anothers=marks.is_anothers,
        opened_at=marks.opened_at,
        metadata=dict(intent.get("metadata") or {}),
        word=intent["status"],
    )


def refund_of(refund: Json) -> RefundReport:
    """A refund; the movement that brought its money back, where it is expanded, says when it failed."""
    word = refund.get("status") or ""
    came_back = _inside(refund, CAME_BACK)
    return RefundReport(
        refund_id=refund["id"],
        payment_id=id_of(refund.get("payment_intent")),
        status=_REFUND.get(word, RefundStatus.UNKNOWN),
        amount=money_of(refund["amount"], refund["currency"]),
        created_at=moment_of(refund["created"]),
        word=word,
        failed_at=moment_of(came_back["created"]) if came_back else None,
    )


def dispute_of(dispute: Json) -> DisputeReport:
    """A dispute with what it moved."""
    amount = money_of(dispute["amount"], dispute["currency"])
    movements = dispute.get("balance_transactions") or []
    return DisputeReport(
        dispute_id=dispute["id"],
        payment_id=id_of(dispute.get("payment_intent")),
        status=_DISPUTE.get(dispute["status"], DisputeStatus.UNKNOWN),
        amount=amount,
        created_at=moment_of(dispute["created"]),
        # Without an amount it is a fee of Stripe's alone, which is between Stripe and the owner.
        movements=tuple(_movement_of(one, amount) for one in movements if one["amount"]),
        word=dispute["status"],
        is_inquiry=dispute["status"].startswith("warning_"),
    )


def _movement_of(movement: Json, disputed: Money) -> DisputeMovement:
    """What moved, in the currency that was paid in.

    Stripe books movements in the account's own currency. In another one the disputed amount itself is what the
    customer got or gave back.
    """
    amount = disputed if movement["amount"] > 0 else -disputed
    if movement["currency"].upper() == disputed.currency:
        amount = money_of(movement["amount"], movement["currency"])
    return DisputeMovement(movement["id"], amount, moment_of(movement["created"]))


def id_of(reference: Any) -> str | None:  # noqa: ANN401  an id, the object itself, or nothing
    """The id of something that is referred to by its id or stands there whole."""
    plain = reference.get("id") if isinstance(reference, dict) else reference
    return str(plain) if plain else None


def _inside(thing: Json, name: str) -> Json:
    inner = thing.get(name)
    return inner if isinstance(inner, dict) else {}


def _is_delayed(details: Json) -> bool:
    kind = details.get("type")
    return kind is not None and kind not in _AT_ONCE


def _method_of(details: Json) -> str | None:
    """How it was paid, for the receipt: ``Visa ending 4242``."""
    kind = details.get("type")
    if not kind:
        return None
    facts = details.get(kind) or {}
    name = str(facts.get("brand") or kind).replace("_", " ").capitalize()
    return f"{name} ending {facts['last4']}" if facts.get("last4") else name
