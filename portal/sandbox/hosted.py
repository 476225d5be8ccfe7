"""The hosted pages: checkout, the bank's approval, and payment links."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request, url_for

from portal.sandbox import call as fates
from portal.sandbox import links, paying, sessions
from portal.sandbox.errors import ApiError
from portal.sandbox.look import page
from portal.sandbox.money import check_amount, exponent, written
from portal.sandbox.params import EMAIL
from portal.sandbox.paying import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.sandbox.books import Books
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

    # `redirect` is typed by werkzeug, whose response is the base of Flask's.
    View = Callable[..., Response]

FATES = {
    "send": ("Send it", fates.SEND),
    "twice": ("Send it twice", fates.TWICE),
    "late": ("Send it 30 seconds late", fates.LATE),
    "lose": ("Lose it", fates.LOST),
}
NOT_TAKEN = "No money has been taken."
DECLINED = f"Your card has been declined. {NOT_TAKEN}"
NOT_APPROVED = f"Your bank did not approve this payment. {NOT_TAKEN}"


class Mistake(Exception):  # noqa: N818 - the customer's, and no error of the program
    """Something in the form is missing or wrong; the text says what, to the customer."""


def blueprint(books: Books) -> Blueprint:
    """Serve the pages that customers see."""
    pages = Blueprint("hosted", __name__)
    for rule, name, view, methods in (
        ("/checkout/<session_id>", "checkout", _checkout, ["GET"]),
        ("/checkout/<session_id>/pay", "pay", _pay, ["POST"]),
        ("/checkout/<session_id>/approve", "approval", _approval, ["GET"]),
        ("/checkout/<session_id>/approve", "approve", _approve, ["POST"]),
        ("/link/<link_id>", "link", _link, ["GET"]),
    ):
        pages.add_url_rule(rule, name, partial(view, books), methods=methods)
    return pages


def _to(url: str) -> Response:
    return redirect(url, HTTPStatus.SEE_OTHER, Response=Response)  # type: ignore[return-value]


def _checkout(books: Books, session_id: str) -> Response:
    with books.look() as call:
        session = call.rows.find(sessions.KIND, session_id)
        if session is None:
            return not_found()
        if session["status"] != "open":
            return _end(session)
        return _form(call, session, _trouble_so_far(call, session))


def not_found() -> Response:
    """The page for an address that leads nowhere."""
    return page("missing.html", status=HTTPStatus.NOT_FOUND)


def _end(session: Json) -> Response:
    return page("end.html", session=session, amount=_amount(session), back=_way_back(session))


def _way_back(session: Json) -> str | None:
    return success_url(session) if session["status"] == "complete" else session["cancel_url"]


def success_url(session: Json) -> str | None:
    """The address that the customer goes to after paying."""
    url: str | None = session["success_url"]
    return url and url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _amount(session: Json) -> str:
    return written(session["amount_total"], session["currency"])


def _trouble_so_far(call: Call, session: Json) -> str | None:
    if not session["payment_intent"]:
        return None
    error = call.rows.get("payment_intent", session["payment_intent"])["last_payment_error"]
    if error is None:
        return None
    return DECLINED if error["code"] == "card_declined" else NOT_APPROVED


def _form(call: Call, session: Json, trouble: str | None, status: int = HTTPStatus.OK) -> Response:
    return page(
        "checkout.html",
        session["success_url"],
        session["cancel_url"],
        session=session,
        amount=_amount(session),
        lines=[_line(line) for line in session["_lines"]],
        known_email=_known_email(call, session),
        means=paying.means_of(session),
        fates=FATES,
        own_amount=_own_amount(session),
        trouble=trouble,
        given=request.form,
        status=status,
    )


def _line(line: Json) -> Json:
    amount = written(line["amount_total"], line["currency"])
    return {"name": line["description"], "note": line["_note"], "quantity": line["quantity"], "amount": amount}


def _own_amount(session: Json) -> Json | None:
    own = session["_own_amount"]
    if own is None:
        return None
    places = exponent(session["currency"])
    bounds = {name: written(one, session["currency"]) for name, one in own.items() if one is not None}
    start = Decimal(own["preset"]).scaleb(-places) if own["preset"] is not None else ""
    return {**bounds, "start": str(start), "code": session["currency"].upper()}


def _known_email(call: Call, session: Json) -> str | None:
    email: str | None = session["customer_email"]
    if session["customer"]:
        email = call.rows.get("customer", session["customer"])["email"]
    return email


def _pay(books: Books, session_id: str) -> Response:
    with books.change() as call:
        session = call.rows.find(sessions.KIND, session_id)
        if session is None:
            return not_found()
        if session["status"] != "open":
            # The second click of a double click goes where the first one went.
            return _after(session, Outcome.COMPLETE if session["status"] == "complete" else Outcome.CLOSED)
        try:
            means, email, amount = _choice(call, session)
        except Mistake as mistake:
            return _form(call, session, str(mistake), HTTPStatus.BAD_REQUEST)
        # Kept on the session, because a bank's approval comes with the next request.
        session["_webhook"] = request.form.get("webhook")
        outcome = paying.pay(_fated(call, session), session, means, email, amount)
        return _after(session, outcome)


def _fated(call: Call, session: Json) -> Call:
    """The call with the fate that was chosen on the page, unless a test planned one for every webhook."""
    chosen = FATES.get(session["_webhook"])
    return replace(call, fate=chosen[1]) if chosen and call.fate == fates.SEND else call


def _choice(call: Call, session: Json) -> tuple[paying.Means, str, int | None]:
    means = paying.means_of(session).get(request.form.get("means", ""))
    if means is None:
        raise Mistake("Choose a way to pay.")
    email = _known_email(call, session) or request.form.get("email", "").strip()
    if not EMAIL.fullmatch(email):
        raise Mistake("Enter your e-mail address.")
    terms = (session["consent_collection"] or {}).get("terms_of_service")
    if terms == "required" and "terms" not in request.form:
        raise Mistake("Agree to the terms to go on.")
    return means, email, _chosen_amount(session) if session["_own_amount"] else None


def _chosen_amount(session: Json) -> int:
    own, currency = session["_own_amount"], session["currency"]
    text = request.form.get("amount", "").replace(",", "").strip()
    try:
        number = Decimal(text).scaleb(exponent(currency))
        amount = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise Mistake("Enter an amount.") from None
    if amount != number:
        raise Mistake("Enter an amount.")
    try:
        check_amount(amount, currency, None)
    except ApiError as error:
        raise Mistake(f"{error.error['message']}.") from None
    if amount < (own["minimum"] or 0):
        raise Mistake(f"Enter {written(own['minimum'], currency)} or more.")
    if own["maximum"] is not None and amount > own["maximum"]:
        raise Mistake(f"Enter {written(own['maximum'], currency)} or less.")
    return amount


def _after(session: Json, outcome: Outcome) -> Response:
    here = url_for("hosted.checkout", session_id=session["id"])
    if outcome is Outcome.APPROVAL:
        return _to(url_for("hosted.approval", session_id=session["id"]))
    if outcome is Outcome.COMPLETE:
        return _to(success_url(session) or here)
    return _to(here)


def _approval(books: Books, session_id: str) -> Response:
    with books.look() as call:
        session = call.rows.find(sessions.KIND, session_id)
        if session is None:
            return not_found()
        if not paying.awaits_approval(call, session):
            return _to(url_for("hosted.checkout", session_id=session_id))
        return page("approve.html", session["success_url"], session=session, amount=_amount(session))


def _approve(books: Books, session_id: str) -> Response:
    with books.change() as call:
        session = call.rows.find(sessions.KIND, session_id)
        if session is None:
            return not_found()
        approved = request.form.get("answer") == "approve"
        return _after(session, paying.approve(_fated(call, session), session, approved=approved))


def _link(books: Books, link_id: str) -> Response:
    # Stripe makes a session for everybody who opens a link, so this GET does too.
    with books.change() as call:
        link = call.rows.find(links.KIND, link_id)
        if link is None:
            return not_found()
        if not link["active"]:
            return page("inactive.html", link=link)
        session = links.open_link(call, link, request.args)
        return _to(url_for("hosted.checkout", session_id=session["id"]))
