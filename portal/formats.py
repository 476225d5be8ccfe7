"""How people of a locale write money and dates: Babel's own output, prepared once so that each call is cheap."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from portal.errors import MoneyError, Problem
from portal.receivables.money import decimals_of, parse_money
from portal.texts import LANGUAGES, SOURCE_LANGUAGE, language_of, spoken

if TYPE_CHECKING:
    from datetime import date, datetime

    from babel.numbers import NumberPattern

    from portal.receivables.money import Money

_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_LONGEST_AMOUNT = 20
_THOUSANDS = (3, 3)
_GROUPING_ONLY = "'"
_AS_GROUPING = re.compile(r"[\s\u00a0\u2009\u202f'\u2019\u066c]")
_DIRECTION_MARKS = re.compile("[\u200e\u200f\u061c]")
_MARKS = re.compile(r"[.,']")
_AT_HOME = {"en": "en-150", "pt": "pt-PT"}
"""Where a language alone would mean another country than that of its words: America, Brazil."""


@dataclass(frozen=True, slots=True)
class _Affixes:
    """What stands around the digits of one currency, ``before[0]`` from zero on; a minus is none of CLDR's hyphens."""

    symbol: str
    before: tuple[str, str]
    after: tuple[str, str]
    decimals: int
    unit: int


class Formats:
    """Money and dates as one locale writes them.

    Attributes:
        locale: the tag, such as ``en-GB``.
        decimal_mark: ``.`` or ``,`` or another.
        group_mark: what stands between groups of digits; often a kind of space.
        group_sizes: digits in the last group and in the groups before it: ``(3, 3)``, in India ``(3, 2)``.
    """

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._babel = Locale.parse(locale, sep="-")
        self._pattern: NumberPattern = self._babel.currency_formats["standard"]
        self.decimal_mark: str = get_decimal_symbol(self._babel)
        self.group_mark: str = get_group_symbol(self._babel)
        self.group_sizes: tuple[int, int] = self._pattern.grouping
        self._affixes: dict[str, _Affixes] = {}
        self._dates: dict[date, str] = {}

    @cached_property
    def language(self) -> str:
        """The language alone: ``en``."""
        return str(self._babel.language)

    @cached_property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self._babel.text_direction)

    def money(self, amount: Money) -> str:
        """An amount with its currency and all its decimals: ``£840.00``, ``840,00 €``, ``¥1,200``."""
        return self.minor_units(amount.minor, amount.currency)

    def minor_units(self, minor: int, currency: str) -> str:
        """The same of an amount that is no ``Money``."""
        affixes = self._affixes.get(currency) or self._prepare(currency)
        sign = minor < 0
        whole, fraction = divmod(-minor if sign else minor, affixes.unit)
        number = self._grouped(whole)
        if affixes.decimals:
            number = f"{number}{self.decimal_mark}{str(fraction).zfill(affixes.decimals)}"
        return f"{affixes.before[sign]}{number}{affixes.after[sign]}"

    def plain(self, amount: Money) -> str:
        """The number alone, without grouping or currency, as it would be typed: ``1234.50``, ``1234,50``."""
        return amount.decimal_text.replace(".", self.decimal_mark)

    def date(self, day: date) -> str:
        """A day with the month's name: ``31 October 2026``."""
        text = self._dates.get(day)
        if text is None:
            text = self._dates[day] = format_date(day, "long", self._babel)
        return text

    def moment(self, moment: datetime, zone: str) -> str:
        """A day and the time in a zone: ``21 November 2026, 09:00``."""
        local = moment.astimezone(ZoneInfo(zone))
        return f"{self.date(local.date())}, {format_time(local.time(), 'short', locale=self._babel)}"

    def symbol(self, currency: str) -> str:
        """The sign this locale writes for a currency: ``£``, ``US$``, ``KWD``."""
        return (self._affixes.get(currency) or self._prepare(currency)).symbol

    def _grouped(self, whole: int) -> str:
        if self.group_sizes == _THOUSANDS:
            return f"{whole:,}".replace(",", self.group_mark)
        digits = str(whole)
        last, before = self.group_sizes
        groups = [digits[-last:]]
        rest = digits[:-last]
        while rest:
            groups.append(rest[-before:])
            rest = rest[:-before]
        return self.group_mark.join(reversed(groups))

    def _prepare(self, currency: str) -> _Affixes:
        symbol = str(get_currency_symbol(currency, self._babel))
        prefix, suffix = self._pattern.prefix, self._pattern.suffix
        affixes = self._affixes[currency] = _Affixes(
            symbol=symbol,
            before=(_spaced(prefix[0], symbol), _spaced(prefix[1].replace("-", "\N{MINUS SIGN}"), symbol)),
            after=(suffix[0].replace("¤", symbol), suffix[1].replace("-", "\N{MINUS SIGN}").replace("¤", symbol)),
            decimals=decimals_of(currency),
            unit=10 ** decimals_of(currency),
        )
        return affixes


def _spaced(prefix: str, symbol: str) -> str:
    """A prefix with the symbol in it; letters never touch digits (CLDR ``currencySpacing``, which Babel leaves out)."""
    touches = prefix.endswith("¤") and unicodedata.category(symbol[-1])[0] not in "SZ"
    return prefix.replace("¤", symbol) + (_NO_BREAK_SPACE if touches else "")


@lru_cache(maxsize=64)
def formats_for(locale: str) -> Formats:
    """The formats of a locale such as ``en-GB``, prepared once."""
    return Formats(locale)


def spoken_formats() -> Formats:
    """Money and dates as the page being made writes them; see ``portal.texts.speaking``."""
    return formats_for(spoken())


@lru_cache(maxsize=256)
def page_locale(wanted: str | None, default: str, *, asked: str | None = None) -> str:
    """The locale a page is written in.

    Its language is the one that was asked for, else the customer's own, else the portal's, the first in which the
    words exist, else English. Figures and dates are those of the country that the customer's or the portal's tag
    names with that language, else of the portal's country where people write that language there: German words
    on the page of a customer in ``de-AT`` come with Austrian figures, English words in ``de-DE`` with "840,00 €".

    Args:
        wanted: the customer's language tag, None where it is not known.
        default: ``settings.portal.locale``.
        asked: the language that the customer chose on the page, None where that was not done.
    """
    tags = [str(locale).replace("_", "-") for locale in map(_known, (wanted, default)) if locale is not None]
    languages = [language_of(tag) for tag in (asked or "", *tags)]
    language = next((one for one in languages if one in LANGUAGES), SOURCE_LANGUAGE)
    named = next((tag for tag in tags if language_of(tag) == language and tag != language), None)
    there = f"{language}-{_territory(default)}"
    return named or (there if _known(there) else _AT_HOME.get(language, language))


@lru_cache(maxsize=64)
def language_name(language: str) -> str:
    """What a language is called by those who speak it: ``Deutsch``."""
    name = str(Locale.parse(language).get_language_name(language))
    return name[:1].upper() + name[1:]


def country_of(tag: str | None) -> str | None:
    """The country that a language tag names: ``AT`` of ``de-AT``; None where it names none."""
    locale = _known(tag)
    return str(locale.territory) if locale and locale.territory else None


def _known(tag: str | None) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-") if tag else None
    except (UnknownLocaleError, ValueError):
        return None


def _territory(tag: str) -> str | None:
    """The country of a tag; that of its most likely speakers where it names none."""
    locale = _known(tag)
    if locale is None:
        return None
    return locale.territory or Locale.parse(f"und_{locale.language}").territory


def parse_amount(text: str, currency: str, locale: str) -> Money:
    """An amount as a customer types it: ``1.234,56``, ``1,234.56``, ``1 234,56``, ``£35``, ``35 €``, ``35,5``.

    Where the digits alone leave two readings, the locale's own decimal mark decides; what then is not well formed
    is refused, never guessed: ``1.234`` in fr-FR, ``0.500`` in de-DE. ``35`` is 35.00 everywhere, and ``12,50`` is
    12.50: the number pad of a phone has one mark only, that of the phone's country.

    Raises:
        MoneyError: not one amount of this currency, negative, or with too many decimals.
    """
    formats = formats_for(locale)
    typed = text.strip()
    if not typed:
        raise MoneyError(Problem("There is no amount.", _example(formats, currency)))
    if len(typed) > _LONGEST_AMOUNT:
        raise MoneyError(Problem("The amount is too long.", _example(formats, currency)))
    digits = _without_currency(_ascii_digits(typed), currency, formats)
    parts = _whole_and_fraction(_AS_GROUPING.sub(_GROUPING_ONLY, digits), formats)
    if parts is None:
        raise MoneyError(Problem(f"{typed!r} is not an amount.", _example(formats, currency)))
    whole, fraction = parts
    if len(fraction) > decimals_of(currency):
        raise MoneyError(Problem(f"{typed!r} has too many decimals for {currency}.", _example(formats, currency)))
    return parse_money(f"{whole}.{fraction}" if fraction else whole, currency)


def _example(formats: Formats, currency: str) -> str:
    decimals = decimals_of(currency)
    return f"Write digits only, such as {'35' + (formats.decimal_mark + '5'.ljust(decimals, '0') if decimals else '')}."


def _ascii_digits(text: str) -> str:
    """Arabic, Indian or full-width digits as plain ones, and the marks that belong to them."""
    plain = "".join(str(unicodedata.decimal(char, char)) for char in _DIRECTION_MARKS.sub("", text))
    return plain.replace("\N{ARABIC DECIMAL SEPARATOR}", ",").replace("\N{FULLWIDTH FULL STOP}", ".")


def _without_currency(text: str, currency: str, formats: Formats) -> str:
    """The text without this currency's code or sign at one of its ends; any other sign stays, and is refused."""
    english = str(get_currency_symbol(currency, "en"))
    bare_sign = "".join(char for char in english if unicodedata.category(char) == "Sc")
    local = _DIRECTION_MARKS.sub("", formats.symbol(currency))
    for sign in sorted({currency, local, english, bare_sign} - {""}, key=len, reverse=True):
        if text.casefold().startswith(sign.casefold()):
            return text[len(sign) :].lstrip()
        if text.casefold().endswith(sign.casefold()):
            return text[: -len(sign)].rstrip()
    return text


def _whole_and_fraction(text: str, formats: Formats) -> tuple[str, str] | None:
    """Digits before and after the decimal mark, or None where the text is not one well-formed number."""
    marks = _MARKS.findall(text)
    if _has_two_readings(text, marks, formats):
        return None
    decimal_mark = _decimal_mark_in(text, marks, formats)
    whole, _, fraction = text.rpartition(decimal_mark) if decimal_mark else (text, "", "")
    if decimal_mark and not fraction.isdecimal():
        return None
    group_marks = set(_MARKS.findall(whole))
    if len(group_marks) > 1 or decimal_mark in group_marks:
        return None
    groups = whole.split(group_marks.pop()) if group_marks else [whole]
    are_digits = all(group.isascii() and group.isdecimal() for group in groups)
    return ("".join(groups), fraction) if are_digits and _well_grouped(groups, formats.group_sizes) else None


def _has_two_readings(text: str, marks: list[str], formats: Formats) -> bool:
    """Whether its only mark is one this locale does not write (some keypads have no other) and may mean thousands."""
    foreign = len(marks) == 1 and marks[0] not in (formats.decimal_mark, formats.group_mark, _GROUPING_ONLY)
    return foreign and _is_before_a_group(text, marks[0], formats)


def _is_before_a_group(text: str, mark: str, formats: Formats) -> bool:
    return len(text) - text.index(mark) - 1 == formats.group_sizes[0]


def _decimal_mark_in(text: str, marks: list[str], formats: Formats) -> str | None:
    """Which mark of the text is the decimal mark, None where it has none."""
    last = marks[-1] if marks else _GROUPING_ONLY
    if len(set(marks)) > 1 and last != _GROUPING_ONLY:
        return last
    if len(marks) > 1 or last == _GROUPING_ONLY:
        return None
    return None if last == formats.group_mark and _is_before_a_group(text, last, formats) else last


def _well_grouped(groups: list[str], sizes: tuple[int, int]) -> bool:
    if len(groups) == 1:
        return True
    first, *middle, last = groups
    if len(last) != sizes[0] or not first or first[0] == "0":
        return False
    # Indian customers write both 1,23,456 and 123,456.
    return any(len(first) <= size and all(len(group) == size for group in middle) for size in set(sizes))
