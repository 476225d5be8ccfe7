"""A sandbox behind real HTTP, the real client in front of it, and a real receiver of webhooks."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe
from flask import Flask, Request, Response
from flask import request as asked
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from werkzeug.serving import BaseWSGIServer

SECRET = "whsec_for_tests"
SUCCESS = "http://shop.example/ok?s={CHECKOUT_SESSION_ID}"
CANCEL = "http://shop.example/i/1042"


class Quiet(WSGIRequestHandler):
    """Writes nothing to the terminal."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


class Door:
    """An address whose app can be changed between tests."""

    def __init__(self) -> None:
        self.app: WSGIApplication = Flask("nothing")
        self.server: BaseWSGIServer = make_server(
            "127.0.0.1",
            0,
            self,
            threaded=True,
            request_handler=Quiet,
        )
        self.url = f"http://127.0.0.1:{self.server.port}"

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self.app(environ, start)


@contextmanager
def opened() -> Iterator[Door]:
    door = Door()
    thread = threading.Thread(target=door.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield door
    door.server.shutdown()
    thread.join()
    door.server.server_close()


@pytest.fixture(scope="session")
def sandbox_door() -> Iterator[Door]:
    with opened() as door:
        yield door


@pytest.fixture(scope="session")
def shop_door() -> Iterator[Door]:
    with opened() as door:
        yield door


def order(amount: int = 84000, currency: str = "gbp") -> dict[str, Any]:
    product = {"name": "Invoice 1042", "description": "Oak alcove shelving"}
    price = {"currency": currency, "unit_amount": amount, "product_data": product}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": SUCCESS,
        "cancel_url": CANCEL,
    }


def flat(params: dict[str, Any], at: str = "") -> dict[str, str]:
    """Parameters in Stripe's wire form."""
    wire: dict[str, str] = {}
    for name, one in params.items():
        here = f"{at}[{name}]" if at else name
        inner = dict(enumerate(one)) if isinstance(one, list) else one
        wire |= flat(inner, here) if isinstance(inner, dict) else {here: str(inner)}
    return wire


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)

    @property
    def seconds(self) -> int:
        return int(self.now.timestamp())


@dataclass
class Shop:
    """Receives webhooks, verifies them as a shop does, and answers what the test wants."""

    received: list[stripe.Event] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def take(self, sent: Request) -> Response:
        signature = sent.headers["Stripe-Signature"]
        event = stripe.Webhook.construct_event(sent.get_data(), signature, SECRET)
        self.received.append(event)
        self.requests.append(dict(sent.headers))
        return Response(status=self.answers.pop(0) if self.answers else HTTPStatus.NO_CONTENT)

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.received]


@dataclass
class World:
    """All that a test needs."""

    sandbox: Sandbox
    client: stripe.StripeClient
    clock: Clock
    shop: Shop
    url: str
    folder: Path
    web: requests.Session
    http: stripe.HTTPClient

    def post(self, path: str, params: dict[str, Any], **headers: str) -> requests.Response:
        """Call the API without the client, with parameters as they stand on the wire."""
        given = {"Authorization": "Bearer sk_test_x", **headers}
        return self.web.post(self.url + path, data=params, headers=given, timeout=10)

    def get(self, path: str, **params: str) -> requests.Response:
        given = {"Authorization": "Bearer sk_test_x"}
        return self.web.get(self.url + path, params=params, headers=given, timeout=10)

    def session(self, **changes: Any) -> stripe.checkout.Session:  # noqa: ANN401 - parameters of any kind
        """Open a session for £840.00, with parameters changed or added."""
        params: Any = {**order(), **changes}
        return self.client.v1.checkout.sessions.create(params)

    def again(self, session: stripe.checkout.Session) -> stripe.checkout.Session:
        return self.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})

    def pay(self, session: stripe.checkout.Session, means: str = "4242", **form: str) -> requests.Response:
        """Press the button on the checkout page."""
        url = f"{self.url}/checkout/{session.id}/pay"
        fields = {"means": means, "email": "ada@example.com", **form}
        return self.web.post(url, data=fields, allow_redirects=False, timeout=10)

    def paid(self, means: str = "4242", **changes: Any) -> stripe.checkout.Session:  # noqa: ANN401 - as above
        session = self.session(**changes)
        assert self.pay(session, means).status_code == HTTPStatus.SEE_OTHER
        return self.again(session)

    def refusal(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        """The error that the API answers with a 400."""
        answer = self.post(path, flat(params))
        assert answer.status_code == HTTPStatus.BAD_REQUEST, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return error

    def event_types(self) -> list[str]:
        """Types of all events, oldest first."""
        return [str(event.type) for event in self.client.v1.events.list({"limit": 100}).data][::-1]


@pytest.fixture
def shop(shop_door: Door) -> Shop:
    shop = Shop()
    app = Flask("shop")
    app.add_url_rule("/hook", view_func=lambda: shop.take(asked), methods=["POST"], endpoint="hook")
    shop_door.app = app
    return shop


@pytest.fixture
def world(
    tmp_path: Path, sandbox_door: Door, shop_door: Door, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.02)
    monkeypatch.setattr(stripe, "enable_telemetry", False)
    clock, url = Clock(), f"{sandbox_door.url}/sandbox"
    sandbox = Sandbox(
        tmp_path / "sandbox",
        public_url=url,
        webhook_url=f"{shop_door.url}/hook",
        webhook_secret=SECRET,
        clock=clock,
    )
    sandbox_door.app = DispatcherMiddleware(Flask("nothing"), {"/sandbox": sandbox.app})
    with requests.Session() as calls, requests.Session() as web:
        http = stripe.RequestsClient(timeout=10, session=calls)
        client = stripe.StripeClient(
            "sk_test_x",
            base_addresses={"api": url},
            max_network_retries=2,
            http_client=http,
        )
        yield World(sandbox, client, clock, shop, url, tmp_path / "sandbox", web, http)
    sandbox.faults.clear()
    sandbox.stop()
