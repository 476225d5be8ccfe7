"""Paying, as a customer's browser does it: over HTTP, with the real Stripe client and the sandbox behind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests
import stripe

from portal.ports import HoldState
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.sandbox.faults import Fault, Trouble

if TYPE_CHECKING:
    from world import World


def test_all_that_is_left_is_paid_and_the_page_says_so(world: World) -> None:
    opened = world.pay()
    assert opened.status_code == 303
    paid = world.at_checkout(opened.headers["Location"])
    back = world.come_back(paid)
    assert (back.status_code, back.headers["Location"]) == (303, world.open().url_of("1042"))
    page = world.page()
    assert "Paid in full" in page
    assert "<form" not in page
    assert "/pay" not in page
    assert [entry.amount for entry in world.entries()] == [Money(84000, "GBP")]


def test_a_part_is_read_back_before_paying(world: World) -> None:
    check = world.pay(want="part", amount="300")
    assert check.status_code == 200
    assert "£300.00" in check.text
    assert "£540.00" in check.text
    opened = requests.post(f"{world.url}/pay", data=world.form(check.text), allow_redirects=False, timeout=60)
    world.come_back(world.at_checkout(opened.headers["Location"]))
    assert world.balance().amount_remaining == Money(54000, "GBP")
    assert "£540.00" in world.page()


def test_the_webhook_alone_is_enough_and_the_page_follows_within_a_second(world: World) -> None:
    world.at_checkout(world.pay().headers["Location"])
    until = time.monotonic() + 1
    while "Paid in full" not in world.page():
        assert time.monotonic() < until, "the page did not follow the webhook within a second"
        time.sleep(0.02)


def test_the_return_page_alone_is_enough(world: World) -> None:
    paid = world.at_checkout(world.pay().headers["Location"], webhook="lose")
    assert world.entries() == ()
    world.come_back(paid)
    assert "Paid in full" in world.page()


def test_webhook_twice_and_return_count_once(world: World) -> None:
    paid = world.at_checkout(world.pay().headers["Location"], webhook="twice")
    for _ in range(3):
        world.come_back(paid)
    world.sandbox.deliver_due()
    assert [(e.kind, e.amount) for e in world.entries()] == [(EntryKind.PAYMENT, Money(84000, "GBP"))]


def test_double_click_meets_the_same_checkout(world: World) -> None:
    first, second = world.pay(), world.pay()
    assert first.headers["Location"] == second.headers["Location"]


def test_another_amount_closes_the_first_checkout(world: World) -> None:
    first = world.pay().headers["Location"]
    second = world.pay(want="part", amount="300.00", confirmed="1").headers["Location"]
    assert first != second
    world.at_checkout(first)
    assert world.entries() == ()
    world.come_back(world.at_checkout(second))
    assert world.balance().amount_paid == Money(30000, "GBP")


def test_a_stale_page_asks_again_instead_of_charging(world: World) -> None:
    old = world.form(world.page())
    world.come_back(world.at_checkout(world.pay(want="part", amount="300", confirmed="1").headers["Location"]))
    answer = requests.post(f"{world.url}/pay", data=old | {"want": "all"}, allow_redirects=False, timeout=60)
    assert answer.status_code == 409
    assert "£540.00" in answer.text
    assert "No money has been taken" in answer.text


def test_a_paid_invoice_cannot_be_paid_again_from_an_old_page(world: World) -> None:
    """BigAndini/ers#743: the paid link was still payable."""
    old = world.form(world.page())
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    answer = requests.post(f"{world.url}/pay", data=old | {"want": "all"}, allow_redirects=False, timeout=60)
    assert answer.status_code == 409
    assert "nothing left to pay" in answer.text


def test_a_declined_card_takes_nothing_and_leads_back(world: World) -> None:
    url = world.pay().headers["Location"]
    declined = requests.post(f"{url}/pay", data={"means": "0002"}, timeout=60)
    assert "No money has been taken" in declined.text
    assert f"{world.open().url_of('1042')}#not-paid" in declined.text
    assert "No money has been taken" in world.page()
    assert world.entries() == ()


def test_a_bank_debit_is_on_its_way_and_then_there(world: World) -> None:
    """gameserverapp#1216: a bank debit was read as failed and the customer paid again."""
    old = world.form(world.page())
    world.come_back(world.at_checkout(world.pay().headers["Location"], means="bank"))
    page = world.page()
    assert "on its way" in page
    assert "<form" not in page
    again = requests.post(f"{world.url}/pay", data=old | {"want": "all"}, allow_redirects=False, timeout=60)
    assert again.status_code == 409
    world.sandbox.settle_pending()
    until = time.monotonic() + 5
    while world.balance().amount_remaining:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert [e.kind for e in world.entries()] == [EntryKind.PAYMENT_STARTED, EntryKind.PAYMENT]


def test_a_bank_debit_that_bounces_leaves_the_whole_to_pay(world: World) -> None:
    world.come_back(world.at_checkout(world.pay().headers["Location"], means="bank"))
    world.sandbox.fail_pending()
    until = time.monotonic() + 5
    while world.balance().amount_on_its_way:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert world.balance().amount_remaining == Money(84000, "GBP")
    time.sleep(0.2)
    assert "Pay £840.00" in world.page()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "Enter an amount"),
        ("ten pounds", "in digits"),
        ("1e3", "in digits"),
        ("-5", "in digits"),
        ("0.10", "£0.30 or more"),
        ("900", "£839.70 or less"),
        ("839.90", "pay it all"),
    ],
)
def test_a_part_that_cannot_be_is_explained(world: World, amount: str, said: str) -> None:
    answer = world.pay(want="part", amount=amount)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert said in answer.text


def test_unknown_tokens_and_odd_forms_open_nothing(world: World) -> None:
    token = world.form(world.page())["token"]
    shown = "GBP 840.00"
    forms: list[tuple[dict[str, str | list[str]], int]] = [
        ({"token": "a" * 32, "shown": shown, "want": "all"}, 404),
        ({"token": token.upper(), "shown": shown, "want": "all"}, 404),
        ({"token": f"{token}=", "shown": shown, "want": "all"}, 404),
        ({"token": token, "shown": shown, "want": "everything"}, 400),
        ({"token": token, "shown": shown}, 400),
        ({"token": [token, token], "shown": shown, "want": "all"}, 400),
        ({"token": token, "shown": shown, "want": "all", "more": "x" * 20_000}, 413),
    ]
    for sent, status in forms:
        answer = requests.post(f"{world.url}/pay", data=sent, allow_redirects=False, timeout=10)
        assert answer.status_code == status, sent
    assert world.entries() == ()
    with_key = {"Authorization": "Bearer sk_test_x"}
    sessions = requests.get(f"{world.url}/sandbox/v1/checkout/sessions", headers=with_key, timeout=10)
    assert sessions.json()["data"] == []


def test_get_changes_nothing_and_pays_nothing(world: World) -> None:
    for _ in range(20):
        assert requests.get(f"{world.url}/pay", timeout=10).status_code == 405
        requests.head(world.open().url_of("1042"), timeout=10)
        world.page()
    assert world.served().ledger.stale_invoices() == ()
    assert world.entries() == ()


def test_coming_back_without_paying_claims_nothing(world: World) -> None:
    checkout = world.pay().headers["Location"].rsplit("/", 1)[1]
    token = world.form(world.page())["token"]
    back = requests.get(f"{world.url}/return?link={token}&checkout={checkout}", allow_redirects=False, timeout=10)
    assert back.status_code == 303
    assert "Pay £840.00" in world.page()
    forged = requests.get(f"{world.url}/return?link={token}&checkout=../../etc", timeout=10)
    assert forged.status_code == 404


@pytest.mark.parametrize("trouble", [Trouble.SERVER_ERROR, Trouble.DROP])
@pytest.mark.parametrize("when", ["before", "after"])
def test_stripe_out_of_order_takes_nothing_and_the_next_click_works(world: World, trouble: Trouble, when: str) -> None:
    """killbill#1015: an attempt of unknown outcome later succeeds."""
    world.sandbox.faults.next_calls(Fault(trouble, when=when, only="POST /v1/checkout/sessions"), times=3)  # type: ignore[arg-type]
    answer = world.pay()
    assert answer.status_code == 502
    assert "No money has been taken" in answer.text
    again = world.pay()
    assert again.status_code == 303
    world.come_back(world.at_checkout(again.headers["Location"]))
    assert [entry.amount for entry in world.entries()] == [Money(84000, "GBP")]


def test_a_burnt_idempotency_key_does_not_block_the_customer(world: World) -> None:
    """Stripe replays a stored 500 for a day: only a new key helps, after looking for what the old one made."""
    world.sandbox.faults.next_calls(
        Fault(Trouble.SERVER_ERROR, stored=True, only="POST /v1/checkout/sessions"), times=1
    )
    assert world.pay().status_code == 502
    assert world.pay().status_code == 303


def test_webhooks_that_are_not_stripes_change_nothing(world: World) -> None:
    world.pay()
    ledger = world.folders.state / "ledger.sqlite"
    secret = (world.folders.state / "sandbox-webhook.secret").read_text()
    body = (
        '{"id": "evt_1", "type": "checkout.session.completed", "livemode": false, "created": 1, "data": {"object": {}}}'
    )
    sign = stripe.WebhookSignature.generate_signature_header
    soon = int(time.time())
    live = body.replace("false", "true")
    before = _rows(world)
    for payload, signature in [
        (body, ""),
        (body, "t=1,v1=é".encode().decode("latin-1")),
        (body, sign(body, "whsec_wrong", soon)),
        (body, sign(body, secret, soon - 3600)),
        (body, sign(body, secret, soon + 86_400)),
        (live, sign(live, secret, soon)),
        ("not json", sign("not json", secret, soon)),
        ("[]", sign("[]", secret, soon)),
        ('{"id": 1}', sign('{"id": 1}', secret, soon)),
        ("[" * 20_000, sign("[" * 20_000, secret, soon)),
        (body.replace("evt_1", "evt_2"), sign(body, secret, soon)),
    ]:
        answer = requests.post(
            f"{world.url}/webhooks/stripe", data=payload.encode(), headers={"Stripe-Signature": signature}, timeout=10
        )
        assert answer.status_code == 400, (payload, signature)
    big = requests.post(f"{world.url}/webhooks/stripe", data=b"x" * (1024 * 1024 + 1), timeout=10)
    assert big.status_code == 413
    assert _rows(world) == before
    assert ledger.exists()


def test_a_page_that_cannot_be_written_loses_no_money(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at the refreeze: the webhook is acknowledged, the page follows when the disk is back."""
    with monkeypatch.context() as broken:
        broken.setattr("portal.building.freeze.publish_pages", _no_space)
        world.come_back(world.at_checkout(world.pay().headers["Location"]))
        assert world.balance().amount_remaining == Money(0, "GBP")
        assert "Pay £840.00" in world.page()
    until = time.monotonic() + 10
    while "Paid in full" not in world.page():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_every_answer_carries_the_headers(world: World) -> None:
    token = world.form(world.page())["token"]
    answers = [
        requests.get(f"{world.url}/i/{token}/", timeout=10),
        requests.get(f"{world.url}/i/{'a' * 32}/", timeout=10),
        requests.get(f"{world.url}/nothing", timeout=10),
        requests.post(f"{world.url}/pay", data={"want": "all"}, timeout=10),
        world.pay(want="part", amount="x"),
        world.pay(),
    ]
    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_unknown_links_all_look_alike(world: World) -> None:
    token = world.form(world.page())["token"]
    odd = ["a" * 32, token.upper(), f"{token}a", token[:-1], f"{token}=", "1042", "..%2f..%2fvar"]
    answers = [requests.get(f"{world.url}/i/{name}/", timeout=10) for name in odd]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_hold_is_posted_once_the_money_is_there(world: World) -> None:
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    with world.open().ledger.transaction() as tx:
        assert [hold.state for hold in tx.holds("1042", HoldState)] == [HoldState.POSTED]


def _rows(world: World) -> object:
    with world.open().ledger.transaction() as tx:
        return tx.holds("1042", HoldState), tx.entries("1042")


def _no_space(*_args: object) -> None:
    raise OSError(28, "No space left on device")


def test_an_export_that_includes_payments_made_here_is_pointed_out(world: World) -> None:
    world.come_back(world.at_checkout(world.pay(want="part", amount="300", confirmed="1").headers["Location"]))
    source = world.folders.content / "invoices" / "1042.md"
    with source.open("a+") as file:
        file.seek(0)
        text = file.read().replace('total = "840.00"\n', 'total = "840.00"\n[[payments]]\namount = "300.00"\n')
    source.write_text(text)
    report = world.build()
    assert [warning.field for warning in report.warnings] == ["paid"]
    assert world.balance().amount_remaining == Money(24000, "GBP"), "both are counted: nobody is charged too much"
