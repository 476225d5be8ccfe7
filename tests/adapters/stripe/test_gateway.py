"""Stripe's objects and words become reports; what cannot be believed or understood is refused or named."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from portal.adapters.stripe import ShopFront, StripeGateway, stripe_gateway
from portal.adapters.stripe.amounts import money_of, provider_amount
from portal.adapters.stripe.reading import checkout_of, dispute_of, payment_of, refund_of
from portal.adapters.stripe.said import said_by_stripe
from portal.config import Stripe
from portal.errors import (
    ForgedEventError,
    GatewayError,
    GatewayThrottledError,
    GatewayUnreachableError,
    UnexpectedAnswerError,
)
from portal.ports.provider_reports import CheckoutStatus, DisputeStatus, PaymentStatus, RefundStatus
from portal.receivables.money import Money

SECRET = "whsec_test"
SESSION: dict[str, Any] = {
    "id": "cs_1",
    "status": "complete",
    "payment_status": "paid",
    "amount_total": 84000,
    "currency": "gbp",
    "livemode": False,
    "created": 1795000000,
    "expires_at": 1795003600,
    "metadata": {"hold": "hold_1", "invoice": "1042"},
    "payment_intent": {"id": "pi_1", "status": "succeeded", "amount_received": 84000, "created": 1795000100},
}
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "status": "succeeded",
    "amount": 84000,
    "amount_received": 84000,
    "currency": "gbp",
    "livemode": False,
    "created": 1795000100,
    "metadata": {"hold": "hold_1", "invoice": "1042"},
    "latest_charge": {
        "created": 1795000200,
        "status": "succeeded",
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
    },
}
REFUND = {
    "id": "re_1",
    "status": "succeeded",
    "amount": 500,
    "currency": "gbp",
    "created": 1795000300,
    "payment_intent": "pi_1",
}
DISPUTE = {
    "id": "du_1",
    "status": "needs_response",
    "amount": 84000,
    "currency": "gbp",
    "created": 1795000400,
    "payment_intent": "pi_1",
    "balance_transactions": [],
}


def gateway(*, key: str = "sk_test_x", secret: str | None = SECRET) -> StripeGateway:
    settings = Stripe(api_key=SecretStr(key), webhook_secret=SecretStr(secret) if secret else None)
    made = stripe_gateway(settings, ShopFront("Sample", "#14594d", "#f3f1eb"), lambda: datetime.now(UTC))
    assert made is not None
    return made


def signed(body: str, *, at: int | None = None) -> tuple[bytes, str]:
    stamp = at if at is not None else int(time.time())
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, SECRET, stamp)


def event(kind: str = "refund.failed", thing: dict[str, Any] | None = None, **fields: Any) -> str:  # noqa: ANN401  JSON
    plain = {"id": "evt_1", "type": kind, "created": 1795000500, "livemode": False, "data": {"object": thing or REFUND}}
    return json.dumps(plain | fields)


@pytest.mark.parametrize(
    ("thing", "checkout_id", "payment_id"),
    [
        ({"object": "checkout.session", "id": "cs_1", "payment_intent": "pi_1"}, "cs_1", "pi_1"),
        ({"object": "checkout.session", "id": "cs_1", "payment_intent": None}, "cs_1", None),
        ({"object": "payment_intent", "id": "pi_1"}, None, "pi_1"),
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, None, "pi_1"),
        ({"object": "refund", "id": "re_1", "payment_intent": {"id": "pi_1"}}, None, "pi_1"),
        ({"object": "dispute", "id": "du_1", "payment_intent": "pi_1"}, None, "pi_1"),
        ({"object": "customer", "id": "cus_1"}, None, None),
        ({"object": "refund", "id": "re_1", "payment_intent": 7}, None, None),
        ({"object": "refund", "id": "re_1", "payment_intent": {"amount": 1}}, None, None),
    ],
)
def test_only_ids_are_taken_from_a_webhook(
    thing: dict[str, Any], checkout_id: str | None, payment_id: str | None
) -> None:
    read = gateway().read_event(*signed(event(thing=thing, account="acct_2")))
    assert (read.checkout_id, read.payment_id, read.account) == (checkout_id, payment_id, "acct_2")


def test_a_test_event_is_refused_by_a_live_portal() -> None:
    """Solidus#192, Liberapay: the two worlds must not meet."""
    with pytest.raises(ForgedEventError, match="test and live"):
        gateway(key="sk_live_x").read_event(*signed(event()))
    assert gateway(key="sk_live_x").read_event(*signed(event(livemode=True))).event_id == "evt_1"


@pytest.mark.parametrize("shift", [-301, 400, 10**7])
def test_old_and_future_signatures_are_refused(shift: int) -> None:
    with pytest.raises(ForgedEventError):
        gateway().read_event(*signed(event(), at=int(time.time()) + shift))


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "null", "{}", "[" * 5000),
        *(event(id=7), event(data={"object": []}), event(created=10**30), event(id="evt_\ud800")),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(body: str) -> None:
    with pytest.raises(ForgedEventError):
        gateway().read_event(*signed(body))


def test_a_second_time_in_a_signature_that_fits_is_read_as_well() -> None:
    body, signature = signed(event())
    for second in ("abc", str(int(time.time()) + 400)):
        with pytest.raises(ForgedEventError):
            gateway().read_event(body, f"{signature},t={second}")


@pytest.mark.parametrize(("payload", "signature"), [(b"\xff", "t=1,v1=x"), (b"{}", "t=1,v1=\xe9"), (b"{}", "t=x,v1=")])
def test_bytes_that_break_parsers_are_refused(payload: bytes, signature: str) -> None:
    with pytest.raises(ForgedEventError):
        gateway().read_event(payload, signature)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(ForgedEventError, match="No webhook secret"):
        gateway(secret=None).read_event(*signed(event()))


@pytest.mark.parametrize(
    ("status", "paid", "intent", "expected"),
    [
        ("open", "unpaid", None, CheckoutStatus.OPEN),
        ("expired", "unpaid", None, CheckoutStatus.EXPIRED),
        ("complete", "paid", "succeeded", CheckoutStatus.PAID),
        ("complete", "unpaid", "processing", CheckoutStatus.PROCESSING),
        ("complete", "unpaid", "requires_action", CheckoutStatus.PROCESSING),
        ("complete", "unpaid", "succeeded", CheckoutStatus.PAID),
        ("complete", "unpaid", "requires_payment_method", CheckoutStatus.FAILED),
        ("complete", "unpaid", "canceled", CheckoutStatus.FAILED),
    ],
)
def test_every_word_of_a_checkout(status: str, paid: str, intent: str | None, expected: CheckoutStatus) -> None:
    session = SESSION | {"status": status, "payment_status": paid}
    session["payment_intent"] = SESSION["payment_intent"] | {"status": intent} if intent else None
    assert checkout_of(session).status is expected


def test_strange_words_of_a_checkout_are_refused() -> None:
    with pytest.raises(UnexpectedAnswerError, match="words the portal does not know"):
        checkout_of(SESSION | {"status": "teleported"})


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("succeeded", PaymentStatus.SUCCEEDED),
        ("processing", PaymentStatus.PROCESSING),
        ("requires_payment_method", PaymentStatus.OPEN),
        ("requires_action", PaymentStatus.OPEN),
        ("canceled", PaymentStatus.CANCELED),
        ("teleported", PaymentStatus.UNKNOWN),
    ],
)
def test_every_word_of_a_payment(word: str, expected: PaymentStatus) -> None:
    report = payment_of(INTENT | {"status": word}, live=False)
    assert (report.status, report.word, report.method) == (expected, word, "Visa ending 4242")


def test_a_payment_knows_its_world_and_its_means() -> None:
    assert payment_of(INTENT, live=True).is_foreign
    debit = {"created": 1, "status": "failed", "payment_method_details": {"type": "sepa_debit"}}
    report = payment_of(INTENT | {"status": "requires_payment_method", "latest_charge": debit}, live=False)
    assert (report.status, report.is_delayed, report.is_foreign) == (PaymentStatus.FAILED, True, False)


def test_every_word_of_refunds_and_disputes() -> None:
    refunds = {word: refund_of(REFUND | {"status": word}).status for word in ("pending", "failed", "canceled", "new")}
    assert list(refunds.values()) == [
        RefundStatus.PENDING,
        RefundStatus.FAILED,
        RefundStatus.CANCELED,
        RefundStatus.UNKNOWN,
    ]
    for word in ("warning_needs_response", "under_review", "appeal_under_review"):
        assert dispute_of(DISPUTE | {"status": word}).status is DisputeStatus.OPEN
    for word in ("warning_closed", "won", "lost", "prevented"):
        assert dispute_of(DISPUTE | {"status": word}).status is DisputeStatus.CLOSED
    assert dispute_of(DISPUTE | {"status": "new"}).status is DisputeStatus.UNKNOWN


CAME_BACK = {"id": "txn_9", "amount": 2500, "currency": "gbp", "created": 1795000900}


@pytest.mark.parametrize(("may_read", "expected"), [(True, datetime.fromtimestamp(1795000900, UTC)), (False, None)])
def test_when_a_refund_failed_is_asked_for_where_the_key_may_read_it(
    expected: datetime | None, *, may_read: bool
) -> None:
    def retrieve(refund_id: str, params: object) -> object:
        assert (refund_id, params) == ("re_1", {"expand": ["failure_balance_transaction"]})
        if not may_read:
            raise stripe.PermissionError("no", http_status=403)
        whole = REFUND | {"status": "failed", "failure_balance_transaction": CAME_BACK}
        return SimpleNamespace(to_dict=lambda: whole)

    api = SimpleNamespace(v1=SimpleNamespace(refunds=SimpleNamespace(retrieve=retrieve)))
    here = replace(gateway(), _api=cast("stripe.StripeClient", api))
    report = here._refund_of(REFUND | {"status": "failed", "failure_balance_transaction": "txn_9"})
    assert (report.status, report.failed_at) == (RefundStatus.FAILED, expected)


def test_a_disputes_movements_are_in_the_currency_that_was_paid_in() -> None:
    """Stripe books them in the account's own currency, fees of its own included."""
    moved = [
        {"id": "txn_1", "amount": -84000, "currency": "gbp", "created": 1795000500},
        {"id": "txn_2", "amount": 0, "currency": "gbp", "created": 1795000500},
        {"id": "txn_3", "amount": 97110, "currency": "eur", "created": 1795000600},
    ]
    report = dispute_of(DISPUTE | {"balance_transactions": moved})
    assert [(one.movement_id, one.amount) for one in report.movements] == [
        ("txn_1", Money(-84000, "GBP")),
        ("txn_3", Money(84000, "GBP")),
    ]


@given(st.integers(-(10**8), 10**8), st.sampled_from(["GBP", "JPY", "KWD", "ISK", "UGX"]))
def test_amounts_survive_the_way_there_and_back(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert money_of(provider_amount(amount), currency.lower()) == amount


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (stripe.RateLimitError("slow", http_status=429), GatewayThrottledError),
        (stripe.APIConnectionError("gone"), GatewayUnreachableError),  # type: ignore[no-untyped-call]  # the library's
        (stripe.APIError("500", http_status=500), GatewayUnreachableError),
        (stripe.PermissionError("no", http_status=403), GatewayError),
        (stripe.InvalidRequestError("No such", "id", http_status=404), UnexpectedAnswerError),  # type: ignore[no-untyped-call]  # the same
    ],
)
def test_the_librarys_errors_are_said_in_the_portals_words(raised: Exception, said: type[GatewayError]) -> None:
    with pytest.raises(GatewayError) as caught, said_by_stripe():
        raise raised
    assert type(caught.value) is said


def test_the_time_that_stripe_asks_for_is_kept() -> None:
    with pytest.raises(GatewayThrottledError) as caught, said_by_stripe():
        raise stripe.RateLimitError("slow", http_status=429, headers={"Retry-After": "7"})
    assert caught.value.retry_after == 7
