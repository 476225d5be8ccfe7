"""Every request about payment links is one that Stripe's own specification knows, and only changes cause any."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from link_paying import link_on, pay
from recorder import Recorder

from portal.building.build import build

if TYPE_CHECKING:
    from world import World

STRIPE = Path(__file__).parents[3] / "shared" / "stripe"


@pytest.fixture
def recorder(linked_world: World) -> Recorder:
    made = Recorder(linked_world.sandbox.app)
    linked_world.parts.app.mount("/sandbox", made)
    return made


@pytest.mark.skipif(not STRIPE.is_dir(), reason=f"Stripe's specification is not at {STRIPE}")
def test_every_request_of_every_flow(linked_world: World, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(STRIPE))
    validate_request = importlib.import_module("validate_request")
    href = link_on(linked_world.page())
    requests.get(href, allow_redirects=False, timeout=10)
    pay(linked_world, href, "300")
    linked_world.invoice("1043", total="0.50")
    linked_world.invoice("1044", total="100", currency="JPY")
    build(linked_world.served())
    linked_world.invoice("1042", total="900.00")
    build(linked_world.served())
    sent = {(method, path.split("/plink_")[0]) for method, path, _body in recorder.requests}
    assert {("POST", "/v1/prices"), ("POST", "/v1/payment_links"), ("GET", "/v1/payment_links")} <= sent
    assert any(path.endswith("/expire") for _method, path, _body in recorder.requests)
    for method, path, body in recorder.requests:
        if path == "/v1/disputes":
            continue  # not in the part of the specification that is at hand; the sync asks for them
        assert validate_request.check(method, path, body) == [], (method, path, body)


def test_only_what_changed_causes_requests(linked_world: World, recorder: Recorder) -> None:
    build(linked_world.served())
    assert recorder.about_links() == []
    linked_world.invoice("1043", total="100.00")
    build(linked_world.served())
    calls = [(method, path) for method, path, _body in recorder.about_links()]
    assert calls == [("GET", "/v1/payment_links"), ("POST", "/v1/prices"), ("POST", "/v1/payment_links")]
