"""What an operator does by hand: banks answer, money goes back, disputes come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import disputes, paying, refunds

if TYPE_CHECKING:
    from portal.sandbox.books import Books
    from portal.sandbox.errors import Json


def settle(books: Books, *, succeeds: bool, intent_id: str | None = None) -> int:
    """Let bank debits that are on their way come in or not: all, or one. Returns how many."""
    with books.change() as call:
        waiting = [one for one in paying.processing(call) if intent_id in {None, one["id"]}]
        for intent in waiting:
            paying.settle(call, intent, succeeds=succeeds)
        return len(waiting)


def settle_refunds(books: Books) -> int:
    """Let refunds that are on their way arrive. Returns how many."""
    with books.change() as call:
        waiting = refunds.pending(call)
        for refund in waiting:
            refunds.settle(call, refund)
        return len(waiting)


def refund(books: Books, charge_id: str, amount: int | None) -> Json:
    """Give back a charge, or a part of it."""
    wanted = {"charge": charge_id} if amount is None else {"charge": charge_id, "amount": amount}
    with books.change() as call:
        return refunds.new_refund(call, wanted)


def fail_refund(books: Books, refund_id: str) -> None:
    """Let the customer's bank send a refund back."""
    with books.change() as call:
        refunds.fail(call, call.rows.get(refunds.KIND, refund_id))


def open_dispute(books: Books, charge_id: str, *, reason: str, amount: int | None, inquiry: bool) -> Json:
    """Let the customer's bank take a charge back, or ask about it."""
    with books.change() as call:
        return disputes.open_dispute(call, charge_id, reason, amount, inquiry=inquiry)


def close_dispute(books: Books, dispute_id: str, *, won: bool) -> Json:
    """Let the bank decide a dispute."""
    with books.change() as call:
        return disputes.close(call, dispute_id, won=won)


def reopen_dispute(books: Books, dispute_id: str) -> Json:
    """Let the bank go on with an inquiry or a dispute that was won."""
    with books.change() as call:
        return disputes.reopen(call, dispute_id)


def send_again(books: Books, event_id: str) -> None:
    """Plan one more delivery of an event, as the button in Stripe's Dashboard does."""
    sql = "INSERT INTO deliveries (event, due, state) VALUES (?, ?, 'pending')"
    with books.change() as call:
        call.rows.get("event", event_id)
        call.rows.connection.execute(sql, (event_id, call.now))
