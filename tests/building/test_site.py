from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal import pages
from portal.building.site import create_site
from portal.building.site_contents import SiteContents
from portal.config import PortalSettings, Settings, Stripe
from portal.hosting.headers import security_headers
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, DocumentKind, Invoice, PaymentMeans, StatedPayment, Tax
from portal.receivables.line_items import LineItem, LineItems
from portal.receivables.money import Money
from portal.settings.bank import Bank
from portal.settings.business import Brand, Business
from portal.settings.terms import TermsSettings
from portal.theming.theme import theme_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

TERMS = "# Payment terms\n\nPay by the date shown. [Ask](mailto:hello@example.com)"
LOGO = Path(__file__).parents[2] / "content" / "logo.svg"
SETTINGS = Settings(
    business=Business(name="Harbour & <Pine>", email="hello@example.com", phone="01632 960 142", address="1 Quay"),
    portal=PortalSettings(base_url="https://pay.example.com/bills"),
    brand=Brand(logo=str(LOGO)),
    terms=TermsSettings(summary="Due on the date shown."),
    bank=(Bank(sort_code="00-00-00", account_number="00000000"),),
)
PAID = Entry(
    EntryKind.PAYMENT, "1", Money(84000, "GBP"), datetime(2026, 11, 20, tzinfo=UTC), "pi_1", "Visa ending 4242"
)
INVOICE = Invoice(
    key="1",
    number="1042",
    customer=Customer("Sample Customer Ltd"),
    total=Money(140000, "GBP"),
    stated_due=Money(84000, "GBP"),
    issued_on=date(2026, 10, 1),
    due_on=date(2026, 10, 31),
    source="invoices/1042.md",
    lines=LineItems.of([LineItem("Oak alcove shelving", Money(116667, "GBP"))]),
    taxes=(Tax("VAT at 20%", Money(23333, "GBP")),),
    payments=(StatedPayment(Money(56000, "GBP"), date(2026, 10, 3), "bank transfer"),),
    subject="Shelving",
    notes="The oak wants **oil**.",
    terms_text="Half now,\nhalf later.",
)
CASES: dict[str, tuple[Invoice, tuple[Entry, ...]]] = {
    "overdue": (INVOICE, ()),
    "open": (replace(INVOICE, due_on=date(2031, 1, 31)), ()),
    "paid": (INVOICE, (PAID,)),
    "onway": (INVOICE, (replace(PAID, kind=EntryKind.PAYMENT_STARTED),)),
    "credit": (replace(INVOICE, kind=DocumentKind.CREDIT_NOTE), ()),
    "debit": (replace(INVOICE, means=PaymentMeans.DIRECT_DEBIT), ()),
    "cancelled": (replace(INVOICE, cancelled_on=date(2026, 10, 5)), ()),
}


def client_of(settings: Settings = SETTINGS, terms: str | None = TERMS) -> FlaskClient:
    app = create_site(SiteContents(settings, date(2026, 11, 22), CASES.get, terms))
    app.testing = True
    return app.test_client()


def html_of(path: str, settings: Settings = SETTINGS, terms: str | None = TERMS) -> str:
    response = client_of(settings, terms).get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


LEADS_TO = (
    r"data:|mailto:|tel:|/bills/(terms|privacy|i/\w+/receipt)/"
    r"|https://pay\.example\.com/bills/(pay|answer|fresh-link)\b|$"
)
ALL = [*(f"/i/{name}/" for name in CASES), "/", "/terms/", "/privacy/", "/404.html", "/problem.html"]


@pytest.mark.parametrize("path", ALL)
def test_every_page_is_one_small_request_without_script_or_stranger(path: str) -> None:
    html = html_of(path)
    assert len(gzip.compress(html.encode(), 9)) <= 6 * 1024
    assert not re.search(r"<script|<iframe|<link(?! rel=\"icon\" href=\"data:,\")|@import|url\(| style=| on\w+=", html)
    for address in re.findall(r'(?:src|href|action)="([^"#]*)', html):
        assert re.match(LEADS_TO, address)
    assert html.startswith("<!DOCTYPE html>")
    assert html.count("<h1") == 1
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in html
    assert '<meta name="referrer" content="no-referrer">' in html


@pytest.mark.parametrize("path", ALL)
def test_the_policy_fits_the_stylesheet_in_the_page(path: str) -> None:
    html = html_of(path)
    css = html.partition("<style>")[2].partition("</style>")[0]
    (style,) = (one for one in theme_of(SETTINGS).styles.values() if one.css == css)
    assert re.findall("'sha256-[^']+'", html) == [f"'{style.css_hash}'"]


@pytest.mark.parametrize("path", ALL)
def test_no_page_speaks_of_time_from_today(path: str) -> None:
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html_of(path), flags=re.DOTALL).lower()
    for word in ("today", "tomorrow", "yesterday", " ago", "days overdue", "in 3 days", "final notice", "!"):
        assert word not in words


@pytest.mark.parametrize("name", ["overdue", "open"])
def test_what_is_left_can_be_paid_whole_or_in_part(name: str) -> None:
    html = html_of(f"/i/{name}/")
    assert html.count('<form method="post" action="https://pay.example.com/bills/pay">') == 2
    assert html.count(f'name="token" value="{name}"') == 2
    assert html.count('name="shown" value="GBP 840.00"') == 2
    assert 'name="want" value="all"' in html
    assert 'name="want" value="part"' in html
    assert ">Pay £840.00 now</button>" in html
    assert 'id="not-paid"' in html


@pytest.mark.parametrize("name", ["paid", "onway", "credit", "debit", "cancelled"])
def test_where_nothing_is_asked_there_is_no_form_no_button_no_failure_notice(name: str) -> None:
    body = html_of(f"/i/{name}/").partition("</style>")[2]
    for piece in ("<form", "<button", "<input", "not-paid", "Pay £", "/pay", "Sort code"):
        assert piece not in body


def test_the_invoice_says_what_it_is_for_and_how_else_to_pay() -> None:
    html = html_of("/i/overdue/")
    for text in (
        "It was due on 31 October 2026.",
        "£560.00 paid, thank you",
        'width="40%"',
        "Oak alcove shelving",
        "VAT at 20%",
        "Paid on 3 October 2026, bank transfer",
        "Due on the date shown.",
        "Half now,\nhalf later.",
        "<strong>oil</strong>",
        'href="/bills/terms/"',
        "Sort code",
        "Balance as of 22 November 2026",
        "mailto:hello@example.com?subject=Invoice%201042",
    ):
        assert text in html


def test_titles_reveal_neither_customer_nor_amount() -> None:
    for path in ALL:
        match = re.search("<title>(.*?)</title>", html_of(path))
        assert match is not None
        assert not re.search(r"\d|Sample", match[1].replace("404", ""))


def test_unknown_links_look_alike_whatever_is_wrong_with_them() -> None:
    client = client_of()
    unknown, odd = client.get("/i/unknown/"), client.get("/i/OVERDUE/")
    assert unknown.status_code == odd.status_code == 404
    assert unknown.data == odd.data == client.get("/404.html").data
    assert client.get("/404.html").status_code == 200
    assert client.get("/nowhere").data == unknown.data


def test_the_front_page_lists_nothing() -> None:
    html = html_of("/")
    assert "1042" not in html
    assert "/i/" not in html


def test_without_terms_there_is_neither_page_nor_link() -> None:
    assert client_of(terms=None).get("/terms/").status_code == 404
    assert "/terms/" not in html_of("/i/overdue/", terms=None)


def test_terms_keep_their_own_heading_and_get_one_where_they_have_none() -> None:
    assert html_of("/terms/").count("<h1") == 1
    assert '<h1 class="plain">Payment terms</h1>' in html_of("/terms/", terms="Just pay.")


def test_test_mode_is_said_until_real_money_moves() -> None:
    words = "This is a test payment page. No real money moves."
    assert words in html_of("/i/overdue/")
    live = SETTINGS.model_copy(update={"stripe": Stripe(livemode=True)})
    assert words not in html_of("/i/overdue/", settings=live)


def test_the_headers_file_is_part_of_the_site() -> None:
    response = client_of().get("/_headers")
    assert response.mimetype == "application/octet-stream"
    for name, value in security_headers(SETTINGS, theme_of(SETTINGS).css_hashes).items():
        assert f"  {name}: {value}\n" in response.get_data(as_text=True)


def test_every_text_of_owner_and_customer_is_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    invoice = replace(
        INVOICE,
        number=hostile,
        customer=Customer(hostile),
        subject=hostile,
        notes=hostile,
        terms_text=hostile,
        payment_reference=hostile,
        lines=LineItems.of([LineItem(hostile, Money(1, "GBP"), unit=hostile)]),
        taxes=(Tax(hostile, Money(1, "GBP")),),
        payments=(StatedPayment(Money(100, "GBP"), None, hostile),),
    )
    app = create_site(SiteContents(SETTINGS, date(2026, 11, 22), lambda _token: (invoice, ()), None))
    body = app.test_client().get(f"/i/{'a' * 32}/").get_data(as_text=True)
    assert "<script" not in body
    assert "&lt;script&gt;" in body
    assert "Harbour &amp; &lt;Pine&gt;" in body


def test_every_live_page_renders_with_its_template() -> None:
    app = create_site(SiteContents(SETTINGS, date(2026, 11, 22), CASES.get, None))
    left = Money(84000, "GBP")
    said = pages.check_page(INVOICE, left, Money(30000, "GBP"), SETTINGS, token="tok")
    html = app.jinja_env.get_template(said.template).render(page=said)
    for field in ('name="amount" value="300.00"', 'name="confirmed" value="1"', 'name="want" value="part"'):
        assert field in html
    assert ">Continue to payment</button>" in html
    problem = pages.problem_page(SETTINGS, pages.no_money_taken(), token="tok")
    html = app.jinja_env.get_template(problem.template).render(page=problem)
    assert "No money has been taken." in html
    assert 'href="https://pay.example.com/bills/i/tok/"' in html


def test_a_refused_part_names_the_field_and_keeps_what_was_typed() -> None:
    from portal.receivables.balance import balance_of  # noqa: PLC0415  used here alone
    from portal.receivables.offers import offers_for  # noqa: PLC0415  used here alone

    app = create_site(SiteContents(SETTINGS, date(2026, 11, 22), CASES.get, None))
    offers = offers_for(balance_of(INVOICE, (), date(2026, 11, 22)), parts_allowed=True)
    left = Money(84000, "GBP")
    said = pages.part_page(INVOICE, left, offers, SETTINGS, token="tok", typed='3"x', unreadable=True)
    html = app.jinja_env.get_template(said.template).render(page=said)
    assert "<title>Error: Pay a part" in html
    assert 'role="alert"' in html
    assert 'href="#amount"' in html
    assert 'value="3&#34;x"' in html
    assert 'aria-describedby="hint wrong" aria-invalid="true"' in html
    changed = pages.changed_page(INVOICE, None, left, offers, SETTINGS, token="tok")
    assert ">Pay £840.00 now</button>" in app.jinja_env.get_template(changed.template).render(page=changed)
