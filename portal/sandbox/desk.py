"""The operator's desk: what there is, and buttons for what banks and customers do later."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request, url_for

from portal.sandbox import disputes, operating
from portal.sandbox.cards import BANKS, VOUCHERS
from portal.sandbox.errors import ApiError
from portal.sandbox.look import page
from portal.sandbox.money import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.sandbox.books import Books
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

SHOWN = 30
VOUCHER_NAMES = {one.type: one.label for one in VOUCHERS.values()}
BANK_NAMES = {bank.type: bank.label for bank in BANKS.values()}


def blueprint(books: Books) -> Blueprint:
    """Serve the desk at / and its buttons at /desk/..."""
    pages = Blueprint("desk", __name__)
    pages.add_url_rule("/", "desk", partial(_desk, books), methods=["GET"])
    for name in ACTIONS:
        pages.add_url_rule(f"/desk/{name}", name, partial(_act, books, name), methods=["POST"])
    return pages


ACTIONS: dict[str, Callable[[Books, str], object]] = {
    "settle": lambda books, intent: operating.settle(books, succeeds=True, intent_id=intent),
    "bounce": lambda books, intent: operating.settle(books, succeeds=False, intent_id=intent),
    "refund": lambda books, charge: operating.refund(books, charge, None),
    "arrive": lambda books, _: operating.settle_refunds(books),
    "send-back": operating.fail_refund,
    "dispute": lambda books, charge: operating.open_dispute(
        books, charge, reason="fraudulent", amount=None, inquiry=False
    ),
    "win": lambda books, dispute: operating.close_dispute(books, dispute, won=True),
    "lose": lambda books, dispute: operating.close_dispute(books, dispute, won=False),
    "reopen": operating.reopen_dispute,
    "send-again": operating.send_again,
}


def _act(books: Books, name: str) -> Response:
    try:
        ACTIONS[name](books, request.form.get("id", ""))
    except ApiError as error:
        # Another tab was faster; the desk shows how things stand now.
        return _desk(books, trouble=str(error.error["message"]))
    return redirect(url_for("desk.desk"), HTTPStatus.SEE_OTHER, Response=Response)  # type: ignore[return-value]


def _desk(books: Books, trouble: str | None = None) -> Response:
    with books.look() as call:
        intents = _newest(call, "payment_intent")
        return page(
            "desk.html",
            trouble=trouble,
            payments=[_payment(call, one) for one in intents],
            refunds=_newest(call, "refund"),
            disputes=_newest(call, "dispute"),
            sessions=_newest(call, "checkout.session"),
            links=_newest(call, "payment_link"),
            deliveries=_deliveries(call),
            written=written,
            moment=_moment,
            status=HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
        )


def _newest(call: Call, kind: str) -> list[Json]:
    return call.rows.where(kind)[:SHOWN]


def _payment(call: Call, intent: Json) -> Json:
    charge = call.rows.get("charge", intent["latest_charge"]) if intent["latest_charge"] else None
    disputable = charge is not None and intent["status"] == "succeeded" and disputes.undisputed(call, charge) > 0
    voucher = str((intent["next_action"] or {}).get("type", "")).endswith("_details")
    return {**intent, "charge": charge, "means": _means(charge), "disputable": disputable, "voucher": voucher}


def _means(charge: Json | None) -> str:
    if charge is None:
        return ""
    details = charge["payment_method_details"]
    kind = details["type"]
    if kind in VOUCHER_NAMES:
        return VOUCHER_NAMES[kind]
    name = details["card"]["brand"].title() if kind == "card" else BANK_NAMES[kind]
    return f"{name} ending {details[kind]['last4']}"


def _deliveries(call: Call) -> list[Json]:
    sql = (
        "SELECT event, state, attempts, answer, json_extract(body, '$.type') FROM deliveries "
        "JOIN objects ON objects.id = event ORDER BY deliveries.seq DESC LIMIT ?"
    )
    names = ("event", "state", "attempts", "answer", "type")
    return [dict(zip(names, row, strict=True)) for row in call.rows.connection.execute(sql, (SHOWN,))]


def _moment(seconds: int) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
