"""The words of the pages: English is the source text, catalogues can be added without touching a template."""

from __future__ import annotations

from gettext import NullTranslations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = ("en",)
"""Languages the words exist in; a page in any other speaks the first."""

_ENGLISH = NullTranslations()


def gettext(message: str, /, **values: str) -> str:
    """A text in the page's language; ``%(name)s`` in it is filled from ``values``, which are plain text, not HTML."""
    text = _ENGLISH.gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: str) -> str:
    """A text that changes with a number; ``%(number)s`` is filled too."""
    return _ENGLISH.ngettext(singular, plural, number) % {"number": str(number), **values}


def teach(environment: Environment) -> None:
    """Give ``_()`` and ``{% trans %}`` to a template environment; what they return is escaped like any text."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]  # the extension adds it
    environment.globals["_"] = gettext  # the extension's own asks the context each time, which costs on every page
