"""The catalogues: every text of the portal is there, translated, in each language, and keeps what it must keep."""

from __future__ import annotations

import ast
import re
import tomllib
from contextvars import copy_context
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

from portal.texts import (
    CATALOGUE,
    LANGUAGES,
    SOURCE_LANGUAGE,
    TRANSLATIONS,
    gettext,
    language_of,
    ngettext,
    speak,
    speaking,
    spoken,
    teach,
)

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).parents[1]
TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
SAME_IN = {
    "de": {"BIC", "Bank", "IBAN", "QR-IBAN"},
    "it": {"BIC", "IBAN", "Privacy", "QR-IBAN"},
    "pt": {"BIC", "IBAN", "QR-IBAN", "Total", "cheque"},
}
"""Texts that are written alike in English."""


@cache
def texts_of_the_portal() -> frozenset[str | tuple[str, ...]]:
    """Every text that code and templates ask for: the same search as ``make words`` does."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT, methods, keywords=keywords)
    return frozenset(message for _file, _line, message, _comments, _context in found)


@cache
def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / CATALOGUE).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def pairs(message: Message) -> list[tuple[str, str]]:
    """Each translation beside what it translates; all plural forms beside the plural."""
    if isinstance(message.id, tuple):
        assert isinstance(message.string, tuple)
        sources = [message.id[0], *[message.id[1]] * (len(message.string) - 1)]
        return list(zip(sources, message.string, strict=True))
    return [(str(message.id), str(message.string))]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_the_four_languages_are_there() -> None:
    assert set(LANGUAGES) >= {"en", "de", "it", "pt"}
    assert LANGUAGES[0] == "en"
    assert len(texts_of_the_portal()) > 200


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_in_the_catalogue_and_no_other(language: str) -> None:
    """Run ``make words`` after a change of a text, then translate what is new: docs/translating.md."""
    ids = {message.id for message in messages(language)}
    assert ids - texts_of_the_portal() == set()
    assert texts_of_the_portal() - ids == set()
    assert catalogue(language).obsolete == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_by_a_person(language: str) -> None:
    forms = catalogue(language).num_plurals
    for message in messages(language):
        assert not message.fuzzy, message.id
        if isinstance(message.id, tuple):
            assert len(message.string or ()) == forms, message.id
        for source, text in pairs(message):
            assert text.strip(), source
            assert text != source or source in SAME_IN.get(language, ()) or not re.search("[a-z]{3}", source), source


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_what_is_filled_in(language: str) -> None:
    for message in messages(language):
        for source, text in pairs(message):
            assert placeholders(text) == placeholders(source), source
            assert text.count("%") == text.count("%("), source


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_are_not_much_longer(language: str) -> None:
    """Buttons and tags were laid out for the English words."""
    for message in messages(language):
        for source, text in pairs(message):
            assert len(text) <= 1.6 * len(source) + 20, source


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_end_as_the_text_ends_and_never_shout(language: str) -> None:
    for message in messages(language):
        for source, text in pairs(message):
            assert "!" not in text, source
            assert not re.search(r"[<>&]", text), source
            assert (text[-1] in ".:?") == (source[-1] in ".:?"), source
            assert text == text.strip()
            assert '"' not in text, source


def test_italian_dates_need_no_elision() -> None:
    """A date may begin with 8 or 11: "il 8 ottobre" is wrong, "il giorno 8 ottobre" and "in data" are not."""
    for message in messages("it"):
        for source, text in pairs(message):
            assert not re.search(r"\b(il|al|dal|del|nel|sul) %\((date|day|moment)\)s", text, re.IGNORECASE), source


def test_the_language_is_that_of_the_page_being_made() -> None:
    assert (spoken(), gettext("Payment terms")) == ("en-GB", "Payment terms")
    with speaking("de-AT"):
        assert (spoken(), gettext("Payment terms")) == ("de-AT", "Zahlungsbedingungen")
        with speaking("it"):
            assert gettext("Payment terms") == "Condizioni di pagamento"
        assert gettext("Payment terms") == "Zahlungsbedingungen"
    assert gettext("Payment terms") == "Payment terms"


def test_a_language_without_words_speaks_english() -> None:
    with speaking("ja-JP"):
        assert gettext("Payment terms") == "Payment terms"


@pytest.mark.parametrize(
    ("locale", "one", "many"),
    [
        ("en-GB", "1 payment of 5", "3 payments of 5"),
        ("de-DE", "1 Rate zu 5", "3 Raten zu je 5"),
        ("it-IT", "1 rata da 5", "3 rate da 5"),
        ("pt-PT", "1 prestação de 5", "3 prestações de 5"),
    ],
)
def test_plurals(locale: str, one: str, many: str) -> None:
    words = ("%(number)s payment of %(amount)s", "%(number)s payments of %(amount)s")
    with speaking(locale):
        assert ngettext(*words, 1, amount="5") == one
        assert ngettext(*words, 3, amount="5") == many


def test_threads_speak_their_own_language() -> None:
    """Many threads make pages at once, and none hears another."""
    heard: dict[str, set[str]] = {}
    start = Barrier(4)

    def say(locale: str) -> None:
        start.wait()
        for _ in range(300):
            with speaking(locale):
                heard.setdefault(locale, set()).add(gettext("Total"))

    threads = [Thread(target=say, args=(locale,)) for locale in ("en-GB", "de-DE", "it-IT", "pt-PT")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"en-GB": {"Total"}, "de-DE": {"Gesamtbetrag"}, "it-IT": {"Totale"}, "pt-PT": {"Total"}}


def test_speaking_ends_with_its_context() -> None:
    copy_context().run(speak, "de-DE")
    assert spoken() == "en-GB"


def test_no_catalogue_can_bring_html_into_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import texts  # noqa: PLC0415  to put a hostile catalogue in place

    class Hostile(NullTranslations):
        def gettext(self, _message: str) -> str:
            return "<b>%(name)s</b>"

    monkeypatch.setattr(texts, "_words_of", lambda _language: Hostile())
    texts._voice_of.cache_clear()
    environment = Environment(autoescape=True)
    teach(environment)
    template = environment.from_string('{{ _("Hello %(name)s", name="<i>") }}')
    with speaking("de-XX"):
        assert template.render() == "&lt;b&gt;&lt;i&gt;&lt;/b&gt;"
    texts._voice_of.cache_clear()


def test_language_of_a_tag() -> None:
    assert [language_of(tag) for tag in ("de", "de-AT", "pt_BR", "EN-gb")] == ["de", "de", "pt", "en"]


def test_no_text_hides_inside_an_f_string() -> None:
    """Babel does not look into the fields of f-strings, so a text there would stay English without a word."""
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "portal").rglob("*.py")
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(outer, ast.JoinedStr)
        for node in ast.walk(outer)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}
    ]
    assert hidden == []
