"""Pages and answers in each language, chosen by the customer's tag or on the page."""

from __future__ import annotations

import re
from datetime import UTC, date
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from english import english_in

from portal.building.site import create_site
from portal.building.site_contents import SiteContents
from portal.config import Settings, load_settings
from portal.errors import SettingsError
from portal.invoice_terms import with_terms
from portal.languages import further_languages, own_words, provider_wish, speaking_to
from portal.ports import LIVE_STATES
from portal.receivables.invoice import Customer, StatedDiscount
from portal.texts import LANGUAGES, speaking, spoken
from portal.wiring.checkout_requests import checkout_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient
    from world import World

    from portal.receivables.invoice import Invoice

LOCALES = {"en": "en-GB", "pt": "pt-PT"}
EVERY = ("de", "en", "it", "pt")
_IN_TEN_DAYS = StatedDiscount(10, Decimal(2))
SAYS = {
    "en": ("Pay £840.00 now", "It was due on 31 October 2026.", "Left to pay"),
    "de": ("Jetzt 840,00 £ zahlen", "Fällig war der Betrag am 31. Oktober 2026.", "Noch zu zahlen"),
    "it": ("Paga ora 840,00 £", "La scadenza era il giorno 31 ottobre 2026.", "Da pagare"),
    "pt": ("Pagar 840,00 £ agora", "A data de vencimento foi 31 de outubro de 2026.", "Por pagar"),
}


def settings_of(locale: str = "en-GB", languages: tuple[str, ...] = EVERY, **terms: object) -> Settings:
    portal = {"base_url": "https://pay.example.com/bills", "locale": locale, "languages": languages}
    tables = {"business": {"name": "Sample Business"}, "portal": portal, "terms": terms}
    return Settings.model_validate(tables)


def site_of(
    invoice: Invoice, settings: Settings, terms: str | None = None, terms_in: dict[str, str] | None = None
) -> FlaskClient:
    found = {"tok": (invoice, ())}
    app = create_site(SiteContents(settings, date(2026, 11, 21), found.get, terms, terms_in or {}))
    app.testing = True
    return app.test_client()


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.get_data(as_text=True)).replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")


def links_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<a href="([^"]+)" lang="(\w+)">', page))


def assert_no_english(page: str) -> None:
    assert english_in(page) == []


@pytest.mark.parametrize("language", EVERY)
def test_a_page_speaks_the_customers_language(make_invoice: Callable[..., Invoice], language: str) -> None:
    invoice = make_invoice(customer=Customer("A", language=language))
    page = text_of(site_of(invoice, settings_of(languages=())), "/i/tok/")
    assert f'<html lang="{LOCALES.get(language, language)}"' in page
    for words in SAYS[language]:
        assert words in page
    assert 'class="langs' not in page
    assert 'name="lang"' not in page


@pytest.mark.parametrize("language", ["de", "it", "pt"])
def test_every_page_can_be_had_in_each_language_without_a_word_of_english(
    make_invoice: Callable[..., Invoice], language: str
) -> None:
    client = site_of(make_invoice(), settings_of(), "# Terms", {language: "# AGB"})
    for path in (f"/i/tok/{language}/", f"/terms/{language}/", f"/{language}/", f"/404/{language}/"):
        page = text_of(client, path)
        assert re.search(f'<html lang="{language}', page)
        assert_no_english(page)
    for words in SAYS[language]:
        assert words in text_of(client, f"/i/tok/{language}/")


def test_the_switch_leads_to_the_other_languages_and_back(make_invoice: Callable[..., Invoice]) -> None:
    client = site_of(make_invoice(), settings_of(), "Terms")
    for path, further in (("/i/tok/", "/i/tok/"), ("/", "/"), ("/terms/", "/terms/"), ("/404.html", "/404/")):
        own = text_of(client, path)
        expected = {f"/bills{further}{one}/": one for one in ("de", "it", "pt")}
        assert links_of(own) == expected
        assert ">Deutsch</a>" in own
        assert ">Italiano</a>" in own
        assert ">Português</a>" in own
        german = text_of(client, f"{further}de/")
        back = {f"/bills{path}": "en"} | {href: one for href, one in expected.items() if one != "de"}
        assert links_of(german) == back
        assert ">English</a>" in german


def test_a_page_is_not_there_twice_in_its_own_language(make_invoice: Callable[..., Invoice]) -> None:
    client = site_of(make_invoice(customer=Customer("A", language="de-AT")), settings_of())
    assert client.get("/i/tok/de/").status_code == 404
    assert client.get("/i/tok/en/").status_code == 200
    assert client.get("/i/tok/fr/").status_code == 404
    assert 'lang="de-AT"' in text_of(client, "/i/tok/")
    assert "840,00" in text_of(client, "/i/tok/")


def test_forms_links_and_terms_keep_to_the_language_that_was_chosen(make_invoice: Callable[..., Invoice]) -> None:
    page = text_of(site_of(make_invoice(), settings_of(), "Terms"), "/i/tok/it/")
    assert page.count('<input type="hidden" name="lang" value="it">') == page.count("<form") == 2
    assert 'href="/bills/terms/it/"' in page


def test_the_owners_words_are_in_the_page_language_or_marked(make_invoice: Callable[..., Invoice]) -> None:
    settings = settings_of(summary="Due on <time>.", summary_in={"de": "Fällig wie angegeben."})
    client = site_of(make_invoice(), settings, "Terms", {"de": "Bedingungen"})
    assert '<p class="asis">Due on <time>.</p>' in text_of(client, "/i/tok/")
    assert '<p class="asis">Fällig wie angegeben.</p>' in text_of(client, "/i/tok/de/")
    assert '<p class="asis" lang="en">Due on <time>.</p>' in text_of(client, "/i/tok/it/")
    assert "Bedingungen" in text_of(client, "/terms/de/")
    assert '<div lang="en"><p>Terms</p>' in text_of(client, "/terms/it/")
    assert '<div lang="' not in text_of(client, "/terms/")


def test_the_owners_note_on_paying_early_is_in_the_page_language_or_marked(
    make_invoice: Callable[..., Invoice],
) -> None:
    early = make_invoice(issued_on=date(2026, 11, 20), due_on=date(2026, 12, 20), discounts=(_IN_TEN_DAYS,))
    settings = settings_of(discount_note="Less VAT.", discount_note_in={"de": "Weniger Steuer."})
    client = site_of(with_terms(early, settings.terms, UTC), settings)
    assert '<p class="says">Less VAT.</p>' in text_of(client, "/i/tok/")
    assert '<p class="says">Weniger Steuer.</p>' in text_of(client, "/i/tok/de/")
    assert '<p class="says" lang="en">Less VAT.</p>' in text_of(client, "/i/tok/pt/")


def test_the_invoices_own_words_are_marked_where_they_are_in_another_language(
    make_invoice: Callable[..., Invoice],
) -> None:
    words = {"subject": "Betreff", "notes": "Notiz", "terms_text": "Frist"}
    marked = ('<span lang="de">Betreff', '<p class="asis" lang="de">Frist', '<div class="prose" lang="de"><p>Notiz')
    client = site_of(make_invoice(**words, written_in="de-AT"), settings_of())
    assert all(piece in text_of(client, "/i/tok/") for piece in marked)
    assert not any(piece in text_of(client, "/i/tok/de/") for piece in marked)
    english = site_of(make_invoice(**words), settings_of())
    assert '<span lang="en">Betreff' in text_of(english, "/i/tok/de/")
    assert "<span>Betreff" in text_of(english, "/i/tok/")


@pytest.mark.parametrize(
    ("method", "german"),
    [
        ("Visa ending 4242", "Visa mit Endziffern 4242"),
        ("Bank transfer", "Überweisung"),
        ("Tauschgeschäft", "Tauschgeschäft"),
    ],
)
def test_words_kept_in_english_are_said_in_the_page_language(method: str, german: str) -> None:
    from portal.pages.known_words import method_in_words, tax_in_words, unit_in_words  # noqa: PLC0415  used here alone

    assert method_in_words(method) == method.replace("Bank", "bank")
    with speaking("de-DE"):
        assert method_in_words(method) == german
        assert tax_in_words("VAT at 7.7%", ",") == "USt 7,7%"
        assert tax_in_words("MwSt. 19 %", ",") == "MwSt. 19 %"
        assert unit_in_words("days") == "Tage"


def test_own_words_of_the_language_itself() -> None:
    with speaking("de-DE"):
        assert own_words("Hallo", {}, settings_of("de-DE")).lang is None
        assert own_words("Hello", {}, settings_of()).lang == "en"


def test_the_provider_speaks_the_pages_language() -> None:
    settings = settings_of()
    french, nobody = Customer("A", language="fr-FR"), Customer("A")
    with speaking_to(settings, french):
        assert (spoken(), provider_wish(french)) == ("en-GB", "fr-FR")
    with speaking_to(settings, french, "it"):
        assert (spoken(), provider_wish(french)) == ("it", "it")
    with speaking_to(settings, nobody):
        assert provider_wish(nobody) == "en-GB"


def test_further_languages_leave_out_the_pages_own() -> None:
    assert further_languages(settings_of(), None) == ("de", "it", "pt")
    assert further_languages(settings_of("it-CH"), None) == ("de", "en", "pt")
    german = Customer("A", language="de-CH")
    assert further_languages(settings_of(languages=("en", "de")), german) == ("en",)


def test_a_language_without_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text('[business]\nname = "A"\n[portal]\nlanguages = ["de", "xx"]\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, {})
    problem = caught.value.problems[0]
    assert (problem.field, problem.line) == ("portal.languages", 4)
    assert ", ".join(LANGUAGES) in problem.problem


# ---- over HTTP


@pytest.fixture
def speaking_world(world: World) -> World:
    """A served portal whose pages can be had in four languages."""
    _set(world, 'languages = ["en", "de", "it", "pt"]\n')
    return world


def _set(world: World, portal: str) -> None:
    text = f'[business]\nname = "Sample Business"\n[portal]\nbase_url = "{world.url}"\n{portal}'
    world.write("portal.toml", text)
    world.parts.stop()
    world.build()
    world.assemble().start()


def _page_in(world: World, language: str) -> str:
    answer = requests.get(f"{world.open().url_of('1042')}{language}/", timeout=10)
    assert answer.status_code == 200
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def _send(world: World, page: str, **fields: str) -> requests.Response:
    hidden = world.form(page)
    sent = {name: hidden[name] for name in ("token", "shown", "lang") if name in hidden} | {"want": "part"} | fields
    return requests.post(f"{world.url}/pay", data=sent, allow_redirects=False, timeout=60)


@pytest.mark.parametrize(("language", "typed"), [("de", "1.234,50"), ("it", "1.234,50"), ("pt", "1 234,50")])
def test_a_customer_pays_a_part_in_the_language_of_the_page(speaking_world: World, language: str, typed: str) -> None:
    world = speaking_world
    world.invoice("1042", total="2000.00")
    world.build()
    page = _page_in(world, language)
    check = _send(world, page, amount=typed)
    assert check.status_code == 200
    said = unescape(check.text).replace("\N{NO-BREAK SPACE}", " ")
    assert f'<html lang="{language}' in said
    assert_no_english(said)
    assert 'name="amount" value="1234.50"' in said
    assert f'/{language}/#amount"' in said
    opened = _send(world, said, amount="1234.50", confirmed="1")
    assert opened.status_code == 303
    back = world.come_back(world.at_checkout(opened.headers["Location"]))
    assert back.status_code == 303
    assert back.headers["Location"].endswith(f"/{language}/")
    after = _page_in(world, language)
    assert_no_english(after)
    assert "4242" in after


def test_a_plan_is_agreed_to_in_the_language_it_was_shown_in(speaking_world: World) -> None:
    world = speaking_world
    _set(world, 'languages = ["it"]\n[[plans]]\npayments = 3\ncollected = "by hand"\n')
    hidden = world.form(_page_in(world, "it"))
    assert hidden["lang"] == "it"
    sent = {name: hidden[name] for name in ("token", "shown", "lang")} | {"want": "choose", "plan": "3-monthly-by-hand"}
    check = requests.post(f"{world.url}/plan", data=sent, timeout=60)
    assert_no_english(check.text)
    agreed = world.form(check.text)
    assert agreed["lang"] == "it"
    opened = requests.post(f"{world.url}/plan", data=agreed, allow_redirects=False, timeout=60)
    assert opened.status_code == 303
    world.come_back(world.at_checkout(opened.headers["Location"]))
    record = world.open().ledger.plan_in_force("1042")
    assert record is not None
    assert record.plan.consent_text.startswith("Accetto di pagare a Sample Business")
    stop = requests.post(f"{world.url}/plan", data=agreed | {"want": "stop"}, timeout=60)
    assert "Interrompere il piano?" in stop.text


def test_refusals_and_problems_are_said_in_the_language_of_the_page(speaking_world: World) -> None:
    world = speaking_world
    page = _page_in(world, "de")
    wrong = _send(world, page, amount="viel")
    assert wrong.status_code == 422
    assert_no_english(unescape(wrong.text))
    changed = _send(world, page, shown="GBP 1.00", amount="1,00")
    assert changed.status_code == 409
    assert_no_english(unescape(changed.text))
    gone = _send(world, page, token="a" * 32, want="all")
    assert gone.status_code == 404
    assert_no_english(unescape(gone.text))
    lost = requests.get(f"{world.url}/return?link=x&checkout=y&lang=it", timeout=10)
    assert (lost.status_code, "Pagina non trovata" in lost.text) == (404, True)


def test_a_language_that_is_not_offered_is_not_followed(world: World) -> None:
    answer = _send(world, world.page(), lang="../../evil", amount="35")
    assert '<html lang="en-GB"' in answer.text
    assert "evil" not in answer.text


def test_one_request_leaves_no_language_to_the_next(speaking_world: World) -> None:
    world = speaking_world
    app = world.parts.app._live
    from werkzeug.test import Client  # noqa: PLC0415  used here alone

    client = Client(app)
    german = client.post("/pay", data={"token": "x", "want": "all", "lang": "de"})
    assert "Seite nicht gefunden" in german.text
    assert "Page not found" in client.get("/nowhere").text
    assert spoken() == "en-GB"


def test_what_the_checkout_is_told(speaking_world: World) -> None:
    world = speaking_world
    _send(world, _page_in(world, "it"), want="all")
    portal = world.open()
    invoice = portal.ledger.invoice("1042")
    assert invoice is not None
    with portal.ledger.transaction() as tx:
        hold = tx.holds("1042", LIVE_STATES)[0]
    with speaking_to(portal.settings, invoice.customer, "it"):
        request = checkout_request(portal, hold, [invoice])
    assert (request.locale, request.lines[0].title) == ("it", "Fattura 1042")
    assert parse_qs(urlsplit(request.success_url).query)["lang"] == ["it"]
    assert request.cancel_url == f"{world.url}{portal.path_of('1042')}it/#not-paid"
    with speaking_to(portal.settings, Customer("A", language="de-DE")):
        request = checkout_request(portal, hold, [invoice])
    assert (request.lines[0].title, "lang" in request.success_url) == ("Rechnung 1042", False)
    assert request.cancel_url == f"{world.url}{portal.path_of('1042')}#not-paid"


def test_the_checkout_is_in_the_language_of_the_page_that_was_clicked_on(speaking_world: World) -> None:
    """One that is open in another language is closed first, so that there never are two to be paid."""
    world = speaking_world
    clicks = [("de", "de"), ("de", "de"), ("it", "it"), ("", "en-GB")]
    urls = []
    for folder, locale in clicks:
        page = _page_in(world, folder) if folder else world.page()
        opened = _send(world, page, want="all")
        assert opened.status_code == 303
        urls.append(opened.headers["Location"])
        with world.sandbox._books.look() as call:
            sessions = call.rows.where("checkout.session")
        assert [one["locale"] for one in sessions if one["status"] == "open"] == [locale]
    assert urls[0] == urls[1]
    assert len(set(urls)) == 3
    world.come_back(world.at_checkout(urls[-1]))
    assert world.balance().amount_paid == world.balance().amount_due


def test_pages_in_further_languages_are_frozen_and_taken_away(speaking_world: World) -> None:
    world = speaking_world
    folder = world.folders.output / world.open().path_of("1042").strip("/")
    assert sorted(path.parent.name for path in folder.glob("*/index.html")) == ["de", "it", "pt"]
    before = (folder / "de" / "index.html").read_bytes()
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    assert "Vollständig bezahlt" in (folder / "de" / "index.html").read_text(encoding="utf-8")
    assert (folder / "de" / "index.html").read_bytes() != before
    _set(world, "")
    assert [path.parent.name for path in folder.glob("*/index.html")] == ["receipt"], "in one language, like the page"
    assert [path.parent.name for path in folder.glob("receipt/*/index.html")] == []
    assert (folder / "index.html").is_file()
    assert not (world.folders.output / "de").exists()


def test_pages_of_an_invoice_that_cannot_be_read_stay_in_every_language(speaking_world: World) -> None:
    world = speaking_world
    folder = world.folders.output / world.open().path_of("1042").strip("/")
    world.write("invoices/1042.md", "+++\nnumber = \n+++\n")
    assert world.build().problems
    assert sorted(path.parent.name for path in folder.glob("*/index.html")) == ["de", "it", "pt"]


def test_the_providers_page_speaks_the_language_of_the_page_at_hand(speaking_world: World) -> None:
    world = speaking_world
    wanted = {"own": ("", "en-GB"), "german": ("de/", "de"), "italian": ("it/", "it"), "portuguese": ("pt/", "pt")}
    for key in wanted:
        world.invoice(key)
    world.build()
    api = {"Authorization": "Bearer sk_test_sandbox"}
    for key, (path, locale) in wanted.items():
        page = unescape(requests.get(f"{world.open().url_of(key)}{path}", timeout=10).text)
        checkout = _send(world, page, want="all").headers["Location"].rpartition("/")[2]
        address = f"{world.url}/sandbox/v1/checkout/sessions/{checkout}"
        assert requests.get(address, headers=api, timeout=10).json()["locale"] == locale
