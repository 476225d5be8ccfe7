"""What happens on the checkout page: the customer pays, approves, or is declined."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from portal.sandbox import intents
from portal.sandbox.cards import BANKS, CARDS, VOUCHERS, Bank, Card, Voucher
from portal.sandbox.customers import new_customer
from portal.sandbox.events import emit
from portal.sandbox.lines import with_amount
from portal.sandbox.links import count_completed
from portal.sandbox.methods import NO_ADDRESS, new_method
from portal.sandbox.sessions import KIND

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json


Means = Card | Bank | Voucher


class Outcome(Enum):
    """What the customer sees next."""

    COMPLETE = auto()
    DECLINED = auto()
    APPROVAL = auto()
    NOT_APPROVED = auto()
    CLOSED = auto()  # paid or expired in the meantime: nothing was done


def means_of(session: Json) -> dict[str, Means]:
    """What can be paid with: test cards by their last four digits, a bank debit, and a voucher."""
    means: dict[str, Means] = {}
    keeps = session["_intent"].get("setup_future_usage") == "off_session"
    if "card" in session["payment_method_types"]:
        means |= {last4: card for last4, card in CARDS.items() if keeps or not card.for_later}
    bank = BANKS.get(session["currency"])
    if bank and bank.type in session["payment_method_types"]:
        means["bank"] = bank
    voucher = VOUCHERS.get(session["currency"])
    if voucher and voucher.type in session["payment_method_types"]:
        means["voucher"] = voucher
    return means


def pay(call: Call, session: Json, means: Means, email: str, amount: int | None) -> Outcome:
    """The customer pressed the button of a session that is open (looked up in this same change)."""
    session = _with_email(session, email)
    if amount is not None:
        lines = with_amount(session["_lines"], amount)
        session = {**session, "_lines": lines, "amount_subtotal": amount, "amount_total": amount}
    intent = _intent_of(call, session)
    session = call.rows.put({**session, "payment_intent": intent["id"]})
    method = new_method(call, means, email, None)
    if not isinstance(means, Card):
        return _take(call, session, intent, method)
    if means.present == "declined":
        intents.decline(call, intent, method)
        return Outcome.DECLINED
    if means.present == "approval":
        url = f"{call.public_url}/checkout/{session['id']}/approve"
        intents.await_approval(call, intent, method, url, session["success_url"])
        return Outcome.APPROVAL
    return _take(call, session, intent, method)


def awaits_approval(call: Call, session: Json) -> bool:
    """Say whether the bank waits for an answer."""
    return _waiting(call, session) is not None


def approve(call: Call, session: Json, *, approved: bool) -> Outcome:
    """The customer answered the bank."""
    intent = _waiting(call, session)
    if intent is None:
        return Outcome.CLOSED
    if not approved:
        intents.refuse_approval(call, intent)
        return Outcome.NOT_APPROVED
    method = call.rows.get("payment_method", intent["payment_method"])
    return _take(call, session, intent, method)


def settle(call: Call, intent: Json, *, succeeds: bool) -> None:
    """A bank debit or the money for a voucher came in, or did not; the session it belongs to, if any, says so."""
    if succeeds:
        intents.settle(call, intent)
    else:
        intents.bounce(call, intent)
    if intent["_session"] is None:
        return
    session = call.rows.get(KIND, intent["_session"])
    session = call.rows.put({**session, "payment_status": "paid" if succeeds else "unpaid"})
    emit(call, f"checkout.session.async_payment_{'succeeded' if succeeds else 'failed'}", session)


def processing(call: Call) -> list[Json]:
    """The bank debits that are on their way, and the vouchers that may still be paid, oldest first."""
    debit, voucher = "json_extract(body, '$.status') = 'processing'", "json_extract(body, '$.next_action.type')"
    return call.rows.where(intents.KIND, f"({debit} OR {voucher} LIKE '%_details')")[::-1]


def _waiting(call: Call, session: Json) -> Json | None:
    # Only an open session has a payment that waits: when it closes, the payment is cancelled.
    if not session["payment_intent"]:
        return None
    intent = call.rows.get(intents.KIND, session["payment_intent"])
    return intent if intent["status"] == "requires_action" else None


def _with_email(session: Json, email: str) -> Json:
    details: Json = {
        "address": NO_ADDRESS,
        "email": email,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    return {**session, "customer_details": details}


def _intent_of(call: Call, session: Json) -> Json:
    """The session's payment: made at the first try, and the same one at every other."""
    given = {**session["_intent"], "customer": session["customer"], "session": session["id"]}
    if session["payment_intent"] is None:
        return intents.new_intent(
            call, session["amount_total"], session["currency"], session["payment_method_types"], given
        )
    intent = call.rows.get(intents.KIND, session["payment_intent"])
    return {**intent, "amount": session["amount_total"]}


def _take(call: Call, session: Json, intent: Json, method: Json) -> Outcome:
    """The bank agrees: take the money, or wait for it, and complete the session."""
    session = _with_customer(call, session)
    intent = {**intent, "customer": session["customer"]}
    if method["type"] == "card":
        intents.succeed(call, intent, method)
        return _complete(call, session, "paid")
    if method["type"] in {one.type for one in VOUCHERS.values()}:
        intents.hand_out_voucher(call, intent, method, f"{call.public_url}/")
    else:
        intents.debit(call, intent, method)
    return _complete(call, session, "unpaid")


def _with_customer(call: Call, session: Json) -> Json:
    if session["customer"] or session["customer_creation"] != "always":
        return session
    customer = new_customer(call, {"email": session["customer_details"]["email"]})
    return {**session, "customer": customer["id"]}


def _complete(call: Call, session: Json, payment_status: str) -> Outcome:
    session = {**session, "status": "complete", "payment_status": payment_status, "url": None}
    if (session["consent_collection"] or {}).get("terms_of_service") == "required":
        session["consent"] = {"promotions": None, "terms_of_service": "accepted"}
    call.rows.put(session)
    if session["payment_link"]:
        count_completed(call, session["payment_link"])
    emit(call, "checkout.session.completed", session)
    return Outcome.COMPLETE
