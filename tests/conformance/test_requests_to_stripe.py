"""Every request the portal sends is one that Stripe's own specification knows."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from recorder import Recorder
from stripe.params import DisputeListParams

from portal.adapters.stripe.invoices import invoice_of
from portal.payments.checkout import Opened
from portal.payments.reconciliation import reconcile
from portal.payments.syncing import sync
from portal.receivables.allocation import Allocation
from portal.receivables.money import Money
from portal.sandbox.faults import Fault, Trouble
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World

STRIPE = Path(__file__).parents[3] / "shared" / "stripe"
pytestmark = pytest.mark.skipif(not STRIPE.is_dir(), reason=f"Stripe's specification is not at {STRIPE}")


def test_every_request_of_every_flow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(STRIPE))
    validate_request = importlib.import_module("validate_request")
    recorder = Recorder(world.sandbox.app)
    world.parts.app.mount("/sandbox", recorder)
    world.pay()
    world.pay(want="part", amount="300", confirmed="1")
    world.come_back(world.at_checkout(world.pay(want="part", amount="200", confirmed="1").headers["Location"]))
    world.sandbox.faults.next_calls(Fault(Trouble.DROP, only="POST /v1/checkout/sessions"), times=3)
    world.pay()
    world.come_back(world.at_checkout(world.pay().headers["Location"], means="bank"))
    pay_both(world)
    full_round(world)
    sent = {(method, "/".join(path.split("/")[:4])) for method, path, _body in recorder.requests}
    assert sent == {
        ("POST", "/v1/checkout/sessions"),
        *(("GET", f"/v1/{name}") for name in ("checkout/sessions", "refunds", "disputes", "events")),
        *(("GET", path) for _method, path, _body in recorder.requests if path.startswith("/v1/payment_intents")),
    }
    assert any(path.endswith("/expire") for _method, path, _body in recorder.requests)
    for method, path, body in recorder.requests:
        if path == "/v1/disputes":  # the specification at hand leaves this list out; the library knows it
            assert {name.partition("[")[0] for name, _value in parse_qsl(body)} <= set(
                DisputeListParams.__annotations__
            )
        else:
            assert validate_request.check(method, path, body) == [], (method, path, body)


def pay_both(world: World) -> None:
    """One payment over two invoices, whose names need more than one value of metadata."""
    keys = ["1043", *(f"Rechnung {number} {'x' * 60}" for number in range(8))]
    for place, key in enumerate(keys):
        path = world.invoice(str(place), "10.00")
        path.write_text(path.read_text(encoding="utf-8").replace(f'"{place}"', f'"{key}"'), encoding="utf-8")
    world.build()
    portal = world.served()
    assert portal.gateway is not None
    parts = tuple(Allocation(key, Money(1000, "GBP")) for key in keys)
    opened = portal.checkout(portal.gateway).open_for(keys, lambda _tx: parts)
    assert isinstance(opened, Opened)
    world.come_back(world.at_checkout(opened.url))
    assert [len(portal.ledger.entries_of(key)) for key in keys] == [1] * len(keys)


def full_round(world: World) -> None:
    """What webhooks, syncs and reconciliations ask, with a window and without."""
    world.sandbox.settle_pending()
    world.sandbox.deliver_due()
    portal = world.served()
    assert portal.gateway is not None
    sync(portal.gateway, portal.ledger, now())
    sync(portal.gateway, portal.ledger, now())
    reconcile(portal.gateway, portal.ledger, world.day)


def test_the_list_of_stripes_own_invoices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(STRIPE))
    validate_request = importlib.import_module("validate_request")
    recorder = Recorder(world.sandbox.app)
    world.parts.app.mount("/sandbox", recorder)
    for number in range(101):
        world.sandbox.invoice(f"S-{number}", [("Wall", 20000 + number)])
    provider = world.served().invoice_provider()
    assert provider is not None
    assert len({found.invoice_id for found in provider.open_invoices()}) == 101
    assert [(method, path) for method, path, _body in recorder.requests] == [("GET", "/v1/invoices")] * 2
    for method, path, body in recorder.requests:
        assert validate_request.check(method, path, body) == []


def test_stripes_example_of_an_invoice_is_read() -> None:
    """The one in Stripe's own specification: a draft's worth of empty fields, and none of them breaks the reading."""
    sample = STRIPE.parent / "samples" / "json-stripe" / "invoice.json"
    found = invoice_of(json.loads(sample.read_text(encoding="utf-8")), "https://api.stripe.com")
    assert (found.number, found.url, found.customer_name) == (None, None, None)
    assert (found.total, found.remaining, found.paid) == (Money(1000, "USD"), Money(1000, "USD"), Money(0, "USD"))
    assert [line.amount for line in found.lines] == [Money(1000, "USD")]
