"""The languages that Stripe's pages speak."""

from __future__ import annotations

from typing import Any

from babel import Locale

_TAGS = frozenset(
    """bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk
    sl sv th tr vi zh zh-HK zh-TW""".split()
)


def provider_locale(locale: str) -> Any:  # noqa: ANN401  Stripe types its 42 tags as literals
    """Stripe's tag for a locale such as ``en-GB``; ``auto`` where it has none, which is the browser's language."""
    language = Locale.parse(locale, sep="-").language
    return next((tag for tag in (locale, language) if tag in _TAGS), "auto")
