"""Which language a page is in: the customer's own, or the one they chose on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.formats import language_name, page_locale
from portal.texts import chosen_language, language_of, speak, speaking, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from portal.config import Settings
    from portal.receivables.invoice import Customer


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody's own words on a page; ``lang`` is their language where that is not the page's."""

    text: str
    lang: str | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The same page in another language: its name for those who speak it, and where it is."""

    language: str
    name: str
    href: str


def own_locale(settings: Settings, customer: Customer | None) -> str:
    """The locale of a customer's pages before anything was chosen; without a customer, of pages for everybody."""
    return page_locale(customer.language if customer else None, settings.portal.locale)


def further_languages(settings: Settings, customer: Customer | None) -> tuple[str, ...]:
    """The languages a page can be had in besides its own."""
    own = language_of(own_locale(settings, customer))
    return tuple(language for language in settings.portal.languages if language != own)


def speaking_to(
    settings: Settings, customer: Customer | None, asked: str | None = None
) -> AbstractContextManager[None]:
    """Make a page or another text for a customer, in the language asked for where it can be had in that."""
    return speaking(_locale(settings, customer, asked), chosen=_choice(settings, customer, asked))


def speak_to(settings: Settings, customer: Customer | None, asked: str | None = None) -> None:
    """The same for the rest of a request; what a form or an address asks for is only a wish."""
    speak(_locale(settings, customer, asked), chosen=_choice(settings, customer, asked))


def in_chosen_language(path: str) -> str:
    """A page's path or address, or that of the same page in the language the reader chose."""
    return in_language(path, chosen_language())


def in_language(path: str, language: str | None) -> str:
    """The path of a page in a further language; the page itself where that is None."""
    return f"{path}{language}/" if language else path


def language_switch(
    settings: Settings, customer: Customer | None, href_of: Callable[[str | None], str]
) -> tuple[LanguageLink, ...]:
    """The other languages of the page being made; ``href_of`` says where it is in a further one, or, None, its own."""
    further = further_languages(settings, customer)
    if not further:
        return ()
    own, now = language_of(own_locale(settings, customer)), language_of(spoken())
    every = {own: href_of(None), **{one: href_of(one) for one in further}}
    return tuple(LanguageLink(one, language_name(one), href) for one, href in every.items() if one != now)


def own_words(text: str, translated: Mapping[str, str], settings: Settings) -> Words:
    """The owner's words as the page being made shows them: in its language where there are such, else as they are.

    Args:
        text: in the language of ``portal.locale``.
        translated: the same in other languages.
        settings: the owner's.
    """
    now = language_of(spoken())
    if now in translated:
        return Words(translated[now])
    return Words(text, foreign(None, settings))


def provider_wish(customer: Customer) -> str:
    """The locale for the provider's own pages: the page's, or the customer's own where only we lack words in it."""
    return spoken() if chosen_language() else customer.language or spoken()


def foreign(written_in: str | None, settings: Settings) -> str | None:
    """For the ``lang`` of words in a language, or None in the portal's: the language, where it is not the page's."""
    language = language_of(written_in or settings.portal.locale)
    return None if language == language_of(spoken()) else language


def _choice(settings: Settings, customer: Customer | None, asked: str | None) -> str | None:
    return asked if asked and asked in further_languages(settings, customer) else None


def _locale(settings: Settings, customer: Customer | None, asked: str | None) -> str:
    if asked is None:
        return own_locale(settings, customer)
    wanted = customer.language if customer else None
    return page_locale(wanted, settings.portal.locale, asked=_choice(settings, customer, asked))
