"""Every request of a payment plan is one that Stripe's own specification knows."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from recorder import Recorder

from portal.adapters.stripe.plans import stripe_collector
from portal.building.freeze import PageFreezer
from portal.payments.collection import Collected
from portal.sandbox.faults import Fault, Trouble

if TYPE_CHECKING:
    from world import World

STRIPE = Path(__file__).parents[3] / "shared" / "stripe"
pytestmark = pytest.mark.skipif(not STRIPE.is_dir(), reason=f"Stripe's specification is not at {STRIPE}")
SETTINGS = '\n[stripe]\nmark_installments = true\n[[plans]]\npayments = 3\ncollected = "customer\'s choice"\n'


def post(world: World, page: str, **fields: str) -> requests.Response:
    sent = world.form(page) | fields
    return requests.post(f"{world.url}/plan", data=sent, allow_redirects=False, timeout=60)


def collect(world: World, day: date) -> list[Collected]:
    portal = replace(world.served(), fixed_day=day)
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings)
    assert collector is not None
    results = list(portal.collection(portal.gateway, collector).collect())
    PageFreezer(portal).freeze_stale()
    return [result.outcome for result in results]


@pytest.mark.parametrize("way", ["automatic", "by-hand"])
def test_every_request_of_a_plan(world: World, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.syspath_prepend(str(STRIPE))
    validate_request = importlib.import_module("validate_request")
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + SETTINGS, encoding="utf-8")
    world.build()
    world.serve_again()
    recorder = Recorder(world.sandbox.app)
    world.parts.app.mount("/sandbox", recorder)
    check = post(world, world.page(), want="choose", plan=f"3-monthly-{way}").text
    world.come_back(world.at_checkout(post(world, check, want="agree").headers["Location"]))
    if way == "automatic":
        world.sandbox.faults.next_calls(Fault(Trouble.DROP, only="POST /v1/payment_intents"), times=3)
        assert collect(world, date(2026, 12, 21)) == [Collected.UNKNOWN]
        assert collect(world, date(2026, 12, 21)) == [Collected.CHARGED]
    want = {"automatic": {"want": "card", "confirmed": "1"}, "by-hand": {"want": "next"}}[way]
    world.come_back(world.at_checkout(post(world, world.page(), **want).headers["Location"]))
    posted = {path for method, path, _body in recorder.requests if method == "POST"}
    assert ("/v1/payment_intents" in posted) == (way == "automatic")
    charged = [body for method, asked, body in recorder.requests if (method, asked) == ("POST", "/v1/payment_intents")]
    assert all("stored_credential_usage" in body for body in charged)
    for method, asked, body in recorder.requests:
        # Disputes are not in the part of the specification at hand; tests of the gateway check their list.
        if asked == "/v1/disputes":
            continue
        assert validate_request.check(method, asked, body) == [], (method, asked, body)
