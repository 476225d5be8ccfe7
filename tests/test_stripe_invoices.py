"""Stripe's own invoices: shown with a link to Stripe's page for each, and never charged a second time."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest
import requests
from world import served_world

from portal.building.build import build, load_invoices
from portal.ports.links import LinkKind
from portal.receivables.customers import customer_key, statement_key
from portal.receivables.money import Money
from portal.receivables.statuses import InvoiceStatus, NothingToPay
from portal.sandbox.faults import Fault, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from world import World

DUE = 1796083200  # 1 December 2026
SHOWN = '[sources]\nstripe_invoices = "shown"\n'


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[World]:
    with served_world(tmp_path, SHOWN) as world:
        yield world


def test_an_open_invoice_has_a_page_that_leads_to_stripe(shown: World) -> None:
    made = shown.sandbox.invoice("S-1", [("Wall", 20000), ("Door", 4500)], customer_email="ada@a.example", due_date=DUE)
    build(shown.served())
    page = shown.page("S-1")
    assert f'href="{made["hosted_invoice_url"]}"' in page
    assert "Pay £245.00 now" in page
    assert "Due on 1 December 2026." in page
    assert "Wall" in page
    assert 'action="/pay"' not in page
    assert "bank transfer" not in page.lower()
    assert "Is this really from us?" in page
    balance = shown.balance("S-1")
    assert (balance.reason, balance.status) == (NothingToPay.ELSEWHERE, InvoiceStatus.NOTHING_TO_PAY)
    (invoice,) = [one for one in load_invoices(shown.open()).invoices if one.number == "S-1"]
    assert (invoice.customer.email, invoice.source) == ("ada@a.example", f"stripe/{made['id']}")


def test_a_payment_at_stripe_shows_at_the_next_build(shown: World) -> None:
    made = shown.sandbox.invoice("S-1", [("Wall", 20000)])
    shown.sandbox.pay_invoice(made["id"], 5000)
    build(shown.served())
    assert "Pay £150.00 now" in shown.page("S-1")
    shown.sandbox.pay_invoice(made["id"])
    build(shown.served())
    page = shown.page("S-1")
    assert "Pay £" not in page
    assert "no longer open" in page


def test_paid_here_is_an_invoice_like_any_other(tmp_path: Path) -> None:
    with served_world(tmp_path, SHOWN.replace("shown", "paid_here")) as world:
        world.sandbox.invoice("S-1", [("Wall", 20000)], customer_email="ada@a.example")
        build(world.served())
        world.come_back(world.at_checkout(world.pay("S-1").headers["Location"]))
        build(world.served())
        assert world.balance("S-1").amount_remaining == Money(0, "GBP")


def test_nothing_is_asked_unless_the_owner_wants_it(world: World) -> None:
    world.sandbox.invoice("S-1", [("Wall", 20000)])
    assert [one.number for one in load_invoices(world.served(), ask_provider=True).invoices] == ["1042"]


def test_a_stripe_that_does_not_answer_takes_no_page_away(shown: World) -> None:
    shown.sandbox.invoice("S-1", [("Wall", 20000)])
    build(shown.served())
    shown.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, only="GET /v1/invoices"), times=20)
    report = build(shown.served())
    assert [problem.file for problem in report.problems] == ["stripe"]
    assert "Pay £200.00 now" in shown.page("S-1")


def test_without_asking_they_are_those_of_the_last_build(shown: World) -> None:
    made = shown.sandbox.invoice("1042", [("Wall", 20000)])
    build(shown.served())
    shown.sandbox.invoice("S-2", [("Hut", 100)])
    keys = [one.key for one in load_invoices(shown.open()).invoices]
    assert keys == ["1042", f"1042 ({made['id']})"]


def test_what_cannot_be_shown_is_named(shown: World) -> None:
    made = shown.sandbox.invoice("S-1", [("Wall", 20000)], customer_name="")
    report = build(shown.served())
    assert [(problem.file, problem.field) for problem in report.problems] == [(f"stripe/{made['id']}", "customer_name")]


def test_it_is_on_no_statement_and_its_pay_only_page_tells_nothing_untrue(tmp_path: Path) -> None:
    with served_world(tmp_path, f"{SHOWN}[links]\npay_only = true\n") as world:
        world.sandbox.invoice("S-1", [("Wall", 20000)], customer_email="ada@a.example", due_date=DUE)
        portal = world.served()
        build(portal)
        (invoice,) = portal.invoices_as_built(["S-1"])
        assert customer_key(invoice.customer) is not None
        assert statement_key(invoice) is None
        link = next(one for one in portal.ledger.links_in_force(LinkKind.PAY_ONLY) if one.subject == "S-1")
        page = unescape(requests.get(portal.url_of_link(link), timeout=10).text)
        assert "£200.00" in page
        assert "on the page that Stripe has for it" in page
        assert "can pay here" not in page
        assert "Nothing left" not in page
        assert "invoice.stripe.com" not in page
