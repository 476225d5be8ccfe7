"""What customers are told of their data is what the settings say, in the four languages."""

from __future__ import annotations

from datetime import date

import pytest

from portal.building.site import create_site
from portal.building.site_contents import SiteContents
from portal.config import Settings


def page(own: str | None = None, path: str = "/privacy/", **tables: object) -> str:
    given = {"business": {"name": "B"}, "portal": {"languages": ["en", "de", "it", "pt"]}, **tables}
    contents = SiteContents(Settings.model_validate(given), date(2026, 11, 22), lambda _token: None, None, privacy=own)
    answer = create_site(contents).test_client().get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_how_long_things_are_kept_is_what_the_settings_say() -> None:
    said = page()
    for words in ("10 years after the year", "own words: 1 year after", "word for word: 180 days after"):
        assert words in said
    held = {"retention_words_days": 30, "retention_webhooks_days": 1, "retention_records_years": 7}
    said = page(privacy=held)
    for words in ("7 years after the year", "own words: 30 days after", "word for word: 1 day after"):
        assert words in said


def test_only_what_the_portal_does_is_told() -> None:
    assert "emails that we send" not in page()
    with_mail = page(mail={"from": "hello@example.com"}, privacy={"retention_mails_days": 400})
    assert "emails that we send" in with_mail
    assert "Emails: 400 days after" in with_mail
    assert "keeps these pages" not in page()
    assert "Host &lt;1&gt; keeps these pages" in page(privacy={"host": "Host <1>"})
    assert "What you wrote to ask for a new link: until we have dealt with it, for 1 year at most." in page()
    assert "such as the one that tells us of your request: 400 days after" in with_mail
    static = page(payments={"checkout": "links"})
    for words in ("own words", "such as a problem", "network address", "a new link"):
        assert words in page()
        assert words not in static


def test_the_owners_words_stand_below_under_one_heading() -> None:
    said = page("# More\n\nOur register number is **ZA1**. <script>alert(1)</script>")
    assert "<h2>More</h2>" in said
    assert "<strong>ZA1</strong>" in said
    assert said.count("<h1") == 1
    assert "<script" not in said


@pytest.mark.parametrize(("language", "words"), [("de", "7 Jahre ab Ende"), ("it", "7 anni"), ("pt", "7 anos após")])
def test_it_speaks_every_language_and_every_page_leads_there(language: str, words: str) -> None:
    assert words in page(path=f"/privacy/{language}/", privacy={"retention_records_years": 7})
    assert f'href="/privacy/{language}/"' in page(path=f"/404/{language}/")
    assert 'href="/privacy/"' in page(path="/problem.html")


def test_the_live_app_on_another_host_leads_back_to_the_pages() -> None:
    elsewhere = {"base_url": "https://pay.example.com/x", "live_url": "https://live.example.com"}
    assert 'href="https://pay.example.com/x/privacy/"' in page(portal=elsewhere)
