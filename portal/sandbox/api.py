"""The HTTP side of the API: keys, parameters, idempotency, faults, and errors in Stripe's form."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, json, request

from portal.sandbox import idempotency
from portal.sandbox.answers import Answer
from portal.sandbox.errors import ApiError, key_in_use, no_such_url, unauthorised
from portal.sandbox.events import API_VERSION
from portal.sandbox.faults import Trouble
from portal.sandbox.ids import new_id
from portal.sandbox.routes import ROUTES
from portal.sandbox.wire import tree_of

if TYPE_CHECKING:
    from portal.sandbox.books import Books
    from portal.sandbox.errors import Json
    from portal.sandbox.faults import Fault
    from portal.sandbox.routes import Route

TEST_KEYS = ("sk_test_", "rk_test_")
TROUBLES = {
    Trouble.SERVER_ERROR: ("api_error", None, "An unknown error occurred."),
    Trouble.UNAVAILABLE: ("api_error", None, "Stripe is temporarily unavailable."),
    Trouble.RATE_LIMIT: ("invalid_request_error", "rate_limit", "Request rate limit exceeded."),
}


@dataclass(frozen=True)
class Asked:
    """One request, read and found well formed."""

    route: Route
    ids: tuple[str, ...]
    given: Json
    request_id: str
    key: str | None
    fingerprint: str


def blueprint(books: Books) -> Blueprint:
    """Serve every route of the table."""
    api = Blueprint("api", __name__)
    claims = idempotency.Claims()
    for number, route in enumerate(ROUTES):
        view = partial(_serve, books, claims, route)
        api.add_url_rule(route.path, str(number), view, methods=[route.method])
    return api


def unknown() -> Response:
    """Stripe's 404 for all that is not served."""
    error = no_such_url(request.method, request.path)
    return _response(Answer(error.status, error.body), new_id("req_"))


def _serve(books: Books, claims: idempotency.Claims, route: Route, **ids: str) -> Response:
    request_id = new_id("req_")
    key = request.headers.get("Idempotency-Key") if route.method == "POST" else None
    try:
        _authenticate(request.headers.get("Authorization", ""))
        sent = request.form if route.method == "POST" else request.args
        tree = tree_of(sent.items(multi=True))
        mark = idempotency.fingerprint(route.method, request.path, tree)
        asked = Asked(route, tuple(ids.values()), route.tree.read(tree), request_id, key, mark)
        with claims.holding(key):
            return _answer(books, asked)
    except ApiError as error:
        return _response(Answer(error.status, error.body), request_id)


def _authenticate(header: str) -> None:
    scheme, _, key = header.partition(" ")
    if scheme != "Bearer" or not key:
        message = "You did not provide an API key. Provide it in the Authorization header, using Bearer auth."
        raise unauthorised(message)
    if not key.startswith(TEST_KEYS):
        shown = f"{key[:8]}{'*' * 4}{key[-4:]}"
        raise unauthorised(f"Invalid API Key provided: {shown}. The sandbox takes test keys only.")


def _answer(books: Books, asked: Asked) -> Response:
    fault = books.faults.take(asked.route.method, request.path)
    if fault is None:
        answer, replayed = _run(books, asked, None)
        return _response(answer, asked.request_id, asked.key, replayed=replayed)
    if fault.when == "after":
        answer, _ = _run(books, asked, fault)
        return _troubled(books, fault, answer, asked.request_id)
    if fault.stored and asked.key:
        _keep(books, asked, _trouble_answer(fault))
    return _troubled(books, fault, None, asked.request_id)


def _run(books: Books, asked: Asked, fault: Fault | None) -> tuple[Answer, bool]:
    """Return the answer, and whether it is one that the key remembered."""
    if asked.route.method == "GET":
        with books.look() as call:
            return asked.route.act(call, asked.given, *asked.ids), False
    try:
        with books.change(request_id=asked.request_id, key=asked.key) as call:
            remembered = asked.key and idempotency.recall(call.rows, asked.key, asked.fingerprint, call.now)
            if remembered:
                return remembered, True
            answer = asked.route.act(call, asked.given, *asked.ids)
            if asked.key:
                kept = _trouble_answer(fault) if fault and fault.stored else answer
                idempotency.remember(call.rows, asked.key, asked.fingerprint, call.now, kept)
            return answer, False
    except ApiError as error:
        answer = Answer(error.status, error.body)
        if error.stored:
            _keep(books, asked, answer)
        return answer, False


def _keep(books: Books, asked: Asked, answer: Answer) -> None:
    if asked.key:
        with books.change() as call:
            idempotency.remember(call.rows, asked.key, asked.fingerprint, call.now, answer)


def _trouble_answer(fault: Fault) -> Answer:
    if fault.trouble == Trouble.CONFLICT:
        error = key_in_use(request.headers.get("Idempotency-Key"))
        return Answer(error.status, error.body)
    kind, code, message = TROUBLES.get(fault.trouble, TROUBLES[Trouble.SERVER_ERROR])
    status = int(fault.trouble) if fault.trouble.isdigit() else HTTPStatus.INTERNAL_SERVER_ERROR
    return Answer(status, ApiError(status, {"type": kind, "code": code, "message": message}).body)


def _troubled(books: Books, fault: Fault, answer: Answer | None, request_id: str) -> Response:
    """Answer as the fault says; `answer` is what really came out, if anything did."""
    if fault.trouble == Trouble.CUT:
        whole = json.dumps(answer.body if answer else {"object": "error"})
        return Response(whole[: len(whole) // 2], HTTPStatus.OK, mimetype="application/json")
    if fault.trouble == Trouble.HANG:
        books.faults.wait(fault.seconds)
    if fault.trouble in {Trouble.HANG, Trouble.DROP}:
        _hang_up()
    return _response(_trouble_answer(fault), request_id)


def _hang_up() -> None:
    """Close the connection under the answer; servers that do not lend their socket answer 500 instead."""
    for name in ("werkzeug.socket", "gunicorn.socket"):
        connection = request.environ.get(name)
        if isinstance(connection, socket.socket):
            connection.shutdown(socket.SHUT_RDWR)


def _response(answer: Answer, request_id: str, key: str | None = None, *, replayed: bool = False) -> Response:
    response = Response(json.dumps(answer.body), answer.status, mimetype="application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = API_VERSION
    response.headers["Cache-Control"] = "no-store"
    if key:
        response.headers["Idempotency-Key"] = key
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
