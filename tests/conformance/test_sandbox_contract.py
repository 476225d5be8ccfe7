"""Every answer of the sandbox, in every flow, against Stripe's own specification."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stripe

from portal.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from flask.testing import FlaskClient

SHARED = Path(__file__).parents[3] / "shared" / "stripe"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs Stripe's specification in ../shared/stripe")
CARD = {"Authorization": "Bearer sk_test_x"}
SHOP = "http://shop.example"


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    """The checker of answers; it imports the checker of requests, which lies beside it."""
    for name in ("validate_request", "validate_response"):
        spec = importlib.util.spec_from_file_location(name, SHARED / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return module


class Api:
    """Calls the sandbox, and checks every request and every answer that it sees."""

    def __init__(self, sandbox: Sandbox, checker: ModuleType) -> None:
        self.sandbox = sandbox
        self.checker = checker
        self.web: FlaskClient = sandbox.app.test_client()
        self.checked = 0

    def call(self, method: str, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        """Call, and check the answer by the specification of the operation."""
        place = "data" if method == "POST" else "query_string"
        options: dict[str, Any] = {place: params or {}, "headers": CARD}
        answer = self.web.open(path, method=method, **options)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        self._check(method, path, body)
        return body

    def _check(self, method: str, path: str, body: dict[str, Any]) -> None:
        problems = self.checker.check(method, path, body)
        if any(one.startswith("operation:") for one in problems):
            problems = self._problems(body)
        assert problems == []
        self.checked += 1

    def _problems(self, body: dict[str, Any]) -> list[str]:
        """Some operations are not in the subset of the specification, but what they answer with is."""
        if body["object"] == "list":
            return [problem for one in body["data"] for problem in self._problems(one)]
        return self.problems_of(body["object"], body)

    def problems_of(self, schema: str, body: dict[str, Any]) -> list[str]:
        """Check an object by its schema alone."""
        rules = self.checker.V.load(str(SHARED / "spec-subset.json"), None)
        problems: list[str] = []
        self.checker.walk(rules, rules["components"]["schemas"][schema], body, schema, problems)
        return problems

    def session(self, **params: str) -> dict[str, Any]:
        price = "line_items[0][price_data]"
        order = {
            "mode": "payment",
            "success_url": f"{SHOP}/ok",
            "cancel_url": f"{SHOP}/no",
            "line_items[0][quantity]": "1",
            f"{price}[currency]": "eur",
            f"{price}[unit_amount]": "84000",
            f"{price}[product_data][name]": "Invoice 1042",
        }
        return self.call("POST", "/v1/checkout/sessions", {**order, **params})

    def pay(self, session: dict[str, Any], means: str = "4242", **form: str) -> None:
        form = {"means": means, "email": "ada@example.com", **form}
        answer = self.web.post(f"/checkout/{session['id']}/pay", data=form)
        assert answer.status_code == 303, answer.text

    def approve(self, session: dict[str, Any], answer: str) -> None:
        said = self.web.post(f"/checkout/{session['id']}/approve", data={"answer": answer})
        assert said.status_code == 303

    def look_at_everything(self) -> None:
        """Read every object there is, alone and in lists, with all that can be expanded."""
        expand = {
            "/v1/checkout/sessions": ["payment_intent.latest_charge", "payment_link", "customer", "line_items"],
            "/v1/payment_intents": ["latest_charge", "payment_method", "customer"],
            "/v1/charges": ["payment_intent", "customer"],
            "/v1/refunds": ["charge", "payment_intent", "failure_balance_transaction"],
            "/v1/disputes": ["charge", "payment_intent"],
            "/v1/payment_links": ["line_items"],
            "/v1/events": [],
        }
        for path, names in expand.items():
            self.call("GET", path, {f"expand[{n}]": f"data.{name}" for n, name in enumerate(names)})
            for one in self.call("GET", path, {"limit": "100"})["data"]:
                self.call("GET", f"{path}/{one['id']}", {f"expand[{n}]": x for n, x in enumerate(names)})
                if path in {"/v1/checkout/sessions", "/v1/payment_links"}:
                    self.call("GET", f"{path}/{one['id']}/line_items")
                if path == "/v1/events":
                    thing = one["data"]["object"]
                    assert self.problems_of(thing["object"], thing) == []

    def newest(self, path: str) -> dict[str, Any]:
        one: dict[str, Any] = self.call("GET", path)["data"][0]
        return one


@pytest.fixture
def api(tmp_path: Path, checker: ModuleType) -> Iterator[Api]:
    sandbox = Sandbox(
        tmp_path / "sandbox",
        public_url="http://127.0.0.1:8000/sandbox",
        webhook_url=None,
        webhook_secret="whsec_x",
    )
    api = Api(sandbox, checker)
    yield api
    api.look_at_everything()
    assert api.checked > 8


def test_a_card(api: Api) -> None:
    everything = {
        "client_reference_id": "1042",
        "metadata[invoice]": "1042",
        "customer_email": "ada@example.com",
        "payment_intent_data[metadata][hold]": "7",
        "payment_intent_data[description]": "Invoice 1042",
        "consent_collection[payment_method_reuse_agreement][position]": "auto",
        "after_expiration[recovery][enabled]": "false",
        "custom_text[submit][message]": "One of three payments.",
        "branding_settings[display_name]": "Harbour & Pine",
        "branding_settings[logo][type]": "url",
        "branding_settings[logo][url]": f"{SHOP}/logo.png",
        "submit_type": "pay",
        "locale": "de",
        "invoice_creation[enabled]": "false",
        "expand[0]": "line_items",
    }
    api.pay(api.session(**everything))


def test_a_card_that_is_kept(api: Api) -> None:
    api.pay(api.session(customer_creation="always", **{"payment_intent_data[setup_future_usage]": "off_session"}))
    intent = api.newest("/v1/payment_intents")
    api.call("GET", f"/v1/customers/{intent['customer']}")
    api.call("GET", f"/v1/payment_methods/{intent['payment_method']}", {"expand[0]": "customer"})
    instalment = {
        "amount": "4167",
        "currency": "eur",
        "customer": intent["customer"],
        "payment_method": intent["payment_method"],
        "off_session": "true",
        "confirm": "true",
        "payment_method_options[card][stored_credential_usage]": "installment",
    }
    assert api.call("POST", "/v1/payment_intents", instalment)["status"] == "succeeded"


def test_a_declined_card(api: Api) -> None:
    api.pay(api.session(), "0002")
    assert api.newest("/v1/payment_intents")["last_payment_error"]["code"] == "card_declined"


@pytest.mark.parametrize("answer", ["approve", "refuse", ""])
def test_approval(api: Api, answer: str) -> None:
    session = api.session()
    api.pay(session, "3155")
    if answer:
        api.approve(session, answer)


@pytest.mark.parametrize("currency", ["eur", "gbp", "usd"])
@pytest.mark.parametrize("ends", ["", "well", "badly"])
def test_a_bank_debit(api: Api, currency: str, ends: str) -> None:
    api.pay(api.session(**{"line_items[0][price_data][currency]": currency}), "bank")
    if ends == "badly":
        api.sandbox.fail_pending()
    elif ends:
        api.sandbox.settle_pending()
        charge = api.newest("/v1/charges")
        refund = api.call("POST", "/v1/refunds", {"charge": charge["id"], "amount": "100"})
        assert refund["pending_reason"] == "processing"
        api.look_at_everything()
        api.sandbox.settle_refunds()


def test_expiry(api: Api) -> None:
    session = api.session()
    api.pay(session, "0002")
    assert api.call("POST", f"/v1/checkout/sessions/{session['id']}/expire")["status"] == "expired"


@pytest.mark.parametrize("is_paid", [True, False])
def test_vouchers(api: Api, *, is_paid: bool) -> None:
    api.pay(api.session(), "voucher")
    api.newest("/v1/payment_intents")
    api.sandbox.settle_pending() if is_paid else api.sandbox.fail_pending()
    api.newest("/v1/payment_intents")


def test_refunds(api: Api) -> None:
    api.pay(api.session())
    intent = api.newest("/v1/payment_intents")["id"]
    part = {"payment_intent": intent, "amount": "1000", "reason": "requested_by_customer"}
    refund = api.call("POST", "/v1/refunds", part)
    api.call("POST", "/v1/refunds", {"payment_intent": intent, "metadata[why]": "gone"})
    api.sandbox.fail_refund(refund["id"])


@pytest.mark.parametrize("ends", ["", "won", "lost"])
@pytest.mark.parametrize("inquiry", [False, True])
def test_disputes(api: Api, ends: str, *, inquiry: bool) -> None:
    api.pay(api.session())
    dispute = api.sandbox.open_dispute(api.newest("/v1/charges")["id"], inquiry=inquiry)
    if ends == "won":
        api.sandbox.win_dispute(dispute["id"])
    elif ends:
        api.sandbox.lose_dispute(dispute["id"])


def test_customers_products_and_prices(api: Api) -> None:
    customer = {"email": "ada@example.com", "name": "Ada", "address[city]": "Leeds", "preferred_locales[0]": "en"}
    api.call("GET", f"/v1/customers/{api.call('POST', '/v1/customers', customer)['id']}")
    product = api.call("POST", "/v1/products", {"name": "Shelving", "description": "Oak"})
    api.call("GET", f"/v1/products/{product['id']}")
    fixed = {"currency": "eur", "product": product["id"], "unit_amount": "500", "expand[0]": "product"}
    api.call("GET", f"/v1/prices/{api.call('POST', '/v1/prices', fixed)['id']}")


def test_a_payment_without_the_page_that_waits(api: Api) -> None:
    waiting = {"amount": "500", "currency": "eur", "payment_method": "pm_card_visa"}
    assert api.call("POST", "/v1/payment_intents", waiting)["status"] == "requires_confirmation"
    assert api.call("POST", "/v1/payment_intents", {"amount": "500", "currency": "eur"})["status"]


def test_payment_links(api: Api) -> None:
    own = {
        "currency": "eur",
        "product_data[name]": "Part of invoice 1042",
        "custom_unit_amount[enabled]": "true",
        "custom_unit_amount[minimum]": "500",
        "custom_unit_amount[maximum]": "12500",
        "custom_unit_amount[preset]": "12500",
    }
    price = api.call("POST", "/v1/prices", own)
    params = {
        "line_items[0][price]": price["id"],
        "line_items[0][quantity]": "1",
        "restrictions[completed_sessions][limit]": "1",
        "inactive_message": "This invoice is paid.",
        "metadata[invoice]": "1042",
        "payment_intent_data[metadata][invoice]": "1042",
        "payment_intent_data[setup_future_usage]": "off_session",
        "custom_text[submit][message]": "Thank you.",
        "consent_collection[terms_of_service]": "none",
        "payment_method_types[0]": "card",
        "after_completion[type]": "redirect",
        "after_completion[redirect][url]": f"{SHOP}/ok?s={{CHECKOUT_SESSION_ID}}",
    }
    link = api.call("POST", "/v1/payment_links", params)
    opened = api.web.get(f"/link/{link['id']}?client_reference_id=1042&utm_source=mail")
    assert opened.status_code == 303
    api.pay(api.newest("/v1/checkout/sessions"), amount="50.00")
    change = {"active": "true", "restrictions": "", "metadata[invoice]": "", "inactive_message": ""}
    api.call("POST", f"/v1/payment_links/{link['id']}", change)


@pytest.mark.parametrize("number", range(14))
def test_requests_as_the_real_client_sends_them(tmp_path: Path, checker: ModuleType, number: int) -> None:
    """Seven good ones are taken, but for subscription schedules; seven bad ones are refused."""
    captured = json.loads((SHARED / "captured-requests.json").read_text())[number]
    sandbox = Sandbox(tmp_path, public_url="http://x.example", webhook_url=None, webhook_secret="")
    seed(sandbox)
    body = captured["body"].replace("1795306268", str(sandbox._books.now + 3600))
    answer = sandbox.app.test_client().open(
        captured["path"].replace("evt_1", "evt_seed"),
        method=captured["method"],
        data=body,
        headers=captured["headers"],
    )
    if "subscription_schedules" in captured["path"]:
        assert answer.status_code == 404
    elif captured["problems"]:
        named = [problem.split(": ")[1] for problem in captured["problems"]]
        assert answer.status_code == 400
        assert answer.get_json()["error"]["param"] in named
    else:
        assert answer.status_code == 200, answer.text
        assert checker.check(captured["method"], captured["path"], answer.get_json()) == []


def seed(sandbox: Sandbox) -> None:
    """The objects that the captured requests name."""
    web = sandbox.app.test_client()
    price = {"currency": "usd", "unit_amount": "12500", "product_data[name]": "Invoice"}
    web.post("/v1/prices", data=price, headers=CARD)
    web.post("/v1/customers", data={"email": "pat@example.com"}, headers=CARD)
    waiting = {"amount": "500", "currency": "usd", "payment_method": "pm_card_visa"}
    web.post("/v1/payment_intents", data=waiting, headers=CARD)
    names = {"price": "price_1", "customer": "cus_1", "payment_method": "pm_1"}
    with sandbox._books.change() as call:
        for kind, name in names.items():
            thing = call.rows.where(kind)[0]
            call.rows.add({**thing, "id": name, **({"customer": "cus_1"} if name == "pm_1" else {})})
        event = {"id": "evt_seed", "object": "event", "created": call.now, "type": "x"}
        call.rows.add(event)


def test_the_sandbox_speaks_the_version_of_the_client(api: Api) -> None:
    api.pay(api.session())
    version = api.newest("/v1/events")["api_version"]
    assert version == stripe.api_version


def test_invoices_of_stripes_own(api: Api) -> None:
    made = api.sandbox.invoice("S-1", [("Wall", 20000)], customer_email="ada@a.example", due_date=1796083200)
    assert api.call("GET", f"/v1/invoices/{made['id']}") == made
    assert api.call("GET", "/v1/invoices", {"status": "open", "limit": "100"})["data"] == [made]
    assert api.sandbox.pay_invoice(made["id"], 5000)["amount_remaining"] == 15000
    assert api.sandbox.pay_invoice(made["id"])["status"] == "paid"
    assert api.call("GET", "/v1/invoices", {"status": "open"})["data"] == []
