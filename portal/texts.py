"""The words of the pages: English in the code is the source text, catalogues hold it in other languages.

The language is that of the page being made: whoever makes one says so once, with ``speaking``, and every text inside
follows. It belongs to the thread and the request at hand, so pages in several languages can be made side by side.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

SOURCE_LANGUAGE = "en"
TRANSLATIONS = Path(__file__).parent / "translations"
CATALOGUE = Path("LC_MESSAGES") / "portal.po"


def _languages() -> tuple[str, ...]:
    folders = sorted(TRANSLATIONS.iterdir()) if TRANSLATIONS.is_dir() else []
    return (SOURCE_LANGUAGE, *(folder.name for folder in folders if (folder / CATALOGUE).is_file()))


LANGUAGES = _languages()
"""Languages the words exist in: English, and each that has a catalogue."""


class _Said(dict[str, str]):
    """Texts of a catalogue by what they are in the code, each looked up once: most pages have the same sixty."""

    def __init__(self, words: NullTranslations) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, message: str) -> str:
        text = self[message] = self._words.gettext(message)
        return text


@dataclass(frozen=True, slots=True)
class _Voice:
    """The locale of the page being made, its words, and the language the reader chose, if it was not theirs before."""

    locale: str
    words: NullTranslations
    said: _Said
    chosen: str | None = None


_ENGLISH = NullTranslations()
_voice: ContextVar[_Voice] = ContextVar(
    "voice",
    default=_Voice("en-GB", _ENGLISH, _Said(_ENGLISH)),  # noqa: B039  frozen but for what it has looked up
)


@contextmanager
def speaking(locale: str, *, chosen: str | None = None) -> Iterator[None]:
    """Make a page, or another text for one reader, in a locale such as ``de-AT``: its language's words, or English.

    Args:
        locale: of the page.
        chosen: its language, where the reader chose it instead of their own: links and forms then keep to it.
    """
    token = _voice.set(_voice_of(locale, chosen))
    try:
        yield
    finally:
        _voice.reset(token)


def speak(locale: str, *, chosen: str | None = None) -> None:
    """The same from here on, for as long as the current context lasts: the request's, in the live app."""
    _voice.set(_voice_of(locale, chosen))


def spoken() -> str:
    """The locale of the page being made; ``en-GB`` where nobody said."""
    return _voice.get().locale


def chosen_language() -> str | None:
    """The language that the reader chose on the page; None where the page is in their own."""
    return _voice.get().chosen


def language_of(tag: str) -> str:
    """The language of a tag alone: ``de`` for ``de-AT``."""
    return tag.replace("_", "-").partition("-")[0].lower()


def gettext(message: str, /, **values: str) -> str:
    """A text in the page's language; ``%(name)s`` in it is filled from ``values``, which are plain text, not HTML."""
    text = _voice.get().said[message]
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: str) -> str:
    """A text that changes with a number; ``%(number)s`` is filled too."""
    return _voice.get().words.ngettext(singular, plural, number) % {"number": str(number), **values}


def teach(environment: Environment) -> None:
    """Give ``_()`` and ``{% trans %}`` to a template environment; what they return is escaped like any text."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]  # the extension adds it
    environment.globals["_"] = gettext  # the extension's own asks the context each time, which costs on every page
    environment.globals["chosen_language"] = chosen_language


@lru_cache(maxsize=64)
def _voice_of(locale: str, chosen: str | None) -> _Voice:
    language = language_of(locale)
    words = _words_of(language) if language in LANGUAGES else _ENGLISH
    return _Voice(locale, words, _Said(words), chosen)


@lru_cache(maxsize=64)
def _words_of(language: str) -> NullTranslations:
    """A catalogue, read from its source once per process: there is no compiled copy that could be out of step."""
    if language == SOURCE_LANGUAGE:
        return _ENGLISH
    from babel.messages.mofile import write_mo  # noqa: PLC0415  50 ms that a portal in English need not spend
    from babel.messages.pofile import read_po  # noqa: PLC0415  the same

    compiled = BytesIO()
    with (TRANSLATIONS / language / CATALOGUE).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
