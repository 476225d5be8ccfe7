from __future__ import annotations

import contextlib
import re
from datetime import UTC, date, datetime

import pytest
from babel import Locale, localedata
from babel.dates import format_date
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import MoneyError
from portal.formats import Formats, formats_for, page_locale, parse_amount
from portal.receivables.currencies import DECIMALS
from portal.receivables.money import Money

LOCALES = [name.replace("_", "-") for name in localedata.locale_identifiers()]
WRITTEN = ("en-GB", "en-IN", "en-DE", "de-DE", "de-CH", "fr-FR", "it-IT", "pt-BR", "pl-PL", "sv-SE", "ar-EG")


def by_babel(amount: Money, locale: str) -> str:
    """Babel's own output, with the currency's decimals by ISO 4217 (Babel's are those of daily use), a true minus."""
    parsed = Locale.parse(locale, sep="-")
    decimals = DECIMALS[amount.currency]
    zeros = "0." + "0" * decimals if decimals else "0"
    pattern = re.sub(r"0\.00", zeros, parsed.currency_formats["standard"].pattern)
    written = format_currency(
        amount.decimal, amount.currency, format=pattern, currency_digits=False, locale=parsed, numbering_system="latn"
    )
    return written.replace("-", "\N{MINUS SIGN}") if amount.minor < 0 else written


def without_added_space(text: str, symbol: str) -> str:
    """Babel leaves out CLDR's space between letters and digits: GBP1 for GBP 1."""
    return text.replace(f"{symbol}\N{NO-BREAK SPACE}", symbol, 1)


@pytest.mark.parametrize("locale", LOCALES)
def test_money_is_written_as_babel_writes_it_in_every_locale_and_currency(locale: str) -> None:
    formats = Formats(locale)
    amounts = [Money((123456789, -1234567)[place % 2], currency) for place, currency in enumerate(DECIMALS)]
    amounts += [Money(minor, currency) for minor in (0, 7, -7, 1000, 99999) for currency in ("EUR", "JPY", "KWD")]
    for amount in amounts:
        written, expected = formats.money(amount), by_babel(amount, locale)
        assert expected in (written, without_added_space(written, formats.symbol(amount.currency)))


@given(st.integers(-(10**14), 10**14), st.sampled_from(sorted(DECIMALS)), st.sampled_from(WRITTEN))
def test_any_amount_is_written_as_babel_writes_it(minor: int, currency: str, locale: str) -> None:
    formats, amount = formats_for(locale), Money(minor, currency)
    written = formats.money(amount)
    assert by_babel(amount, locale) in (written, without_added_space(written, formats.symbol(currency)))


def test_letters_never_touch_digits() -> None:
    assert formats_for("en-GB").money(Money(10050, "CHF")) == "CHF\N{NO-BREAK SPACE}100.50"
    assert formats_for("en-GB").money(Money(-10050, "CHF")) == "\N{MINUS SIGN}CHF\N{NO-BREAK SPACE}100.50"
    assert formats_for("en-GB").money(Money(84000, "GBP")) == "£840.00"


@pytest.mark.parametrize("locale", WRITTEN)
def test_dates_are_written_as_babel_writes_them(locale: str) -> None:
    for day in (date(2026, 10, 31), date(2026, 1, 1), date(2028, 2, 29)):
        for _again in range(2):
            assert formats_for(locale).date(day) == format_date(day, "long", Locale.parse(locale, sep="-"))


def test_a_moment_is_told_in_the_zone_of_the_business() -> None:
    moment = datetime(2026, 7, 20, 23, 30, tzinfo=UTC)
    assert formats_for("en-GB").moment(moment, "Europe/London") == "21 July 2026, 00:30"


@pytest.mark.parametrize(
    ("wanted", "default", "locale"),
    [
        (None, "en-GB", "en-GB"),
        ("en-US", "en-GB", "en-US"),
        ("fr-FR", "en-GB", "en-GB"),
        (None, "nl-NL", "en-NL"),
        (None, "nl", "en-NL"),
        ("sv-SE", "nl-NL", "en-NL"),
        (None, "ja-JP", "en-150"),
        ("not a tag", "en-GB", "en-GB"),
    ],
)
def test_english_words_meet_the_figures_of_the_country(wanted: str | None, default: str, locale: str) -> None:
    assert page_locale(wanted, default) == locale


@pytest.mark.parametrize(
    ("typed", "currency", "locale", "expected"),
    [
        ("35", "GBP", "en-GB", 3500),
        ("35", "EUR", "de-DE", 3500),
        ("35", "JPY", "en-GB", 35),
        ("35,5", "EUR", "de-DE", 3550),
        ("35.5", "GBP", "en-GB", 3550),
        ("1.234,56", "EUR", "de-DE", 123456),
        ("1.234,56", "GBP", "en-GB", 123456),
        ("1,234.56", "GBP", "en-GB", 123456),
        ("1,234.56", "EUR", "de-DE", 123456),
        ("1,234", "GBP", "en-GB", 123400),
        ("1.234", "EUR", "de-DE", 123400),
        ("1 234,56", "EUR", "fr-FR", 123456),
        ("1\u202f234,56", "EUR", "fr-FR", 123456),
        ("1\u2019234.50", "CHF", "de-CH", 123450),
        ("35.50", "EUR", "fr-FR", 3550),
        ("£35", "GBP", "en-GB", 3500),
        ("35 €", "EUR", "de-DE", 3500),
        ("gbp 35", "GBP", "en-GB", 3500),
        ("$5", "USD", "en-GB", 500),
        ("$5", "CAD", "en-GB", 500),
        ("US$5", "USD", "en-GB", 500),
        ("1,23,456.00", "INR", "en-IN", 12345600),
        ("1.234", "KWD", "en-GB", 1234),
        ("\u0663\u0665", "EUR", "de-DE", 3500),
        ("  840.00 ", "GBP", "en-GB", 84000),
        ("0", "GBP", "en-GB", 0),
        ("12,50", "GBP", "en-GB", 1250),
        ("12,5", "GBP", "en-GB", 1250),
        ("12,500", "GBP", "en-GB", 1250000),
        ("1.23", "EUR", "de-DE", 123),
        ("1,23", "KWD", "en-GB", 1230),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, currency: str, locale: str, expected: int) -> None:
    assert parse_amount(typed, currency, locale) == Money(expected, currency)


@pytest.mark.parametrize(
    ("typed", "currency", "locale"),
    [
        ("", "GBP", "en-GB"),
        ("   ", "GBP", "en-GB"),
        ("£", "GBP", "en-GB"),
        ("all of it", "GBP", "en-GB"),
        ("1e3", "GBP", "en-GB"),
        ("0x10", "GBP", "en-GB"),
        ("-5", "GBP", "en-GB"),
        ("\N{MINUS SIGN}5", "GBP", "en-GB"),
        ("+5", "GBP", "en-GB"),
        ("(5)", "GBP", "en-GB"),
        ("nan", "GBP", "en-GB"),
        ("1,234", "GBP", "de-DE"),
        ("0,500", "GBP", "en-GB"),
        ("1,23", "JPY", "en-GB"),
        ("12,", "GBP", "en-GB"),
        ("12,34,5", "GBP", "en-GB"),
        ("1,23,456.00", "GBP", "en-GB"),
        ("0.500", "EUR", "de-DE"),
        ("1.234", "EUR", "fr-FR"),
        ("1.234", "KWD", "fr-FR"),
        ("1.234", "GBP", "en-GB"),
        ("35.555", "GBP", "en-GB"),
        ("35.50", "JPY", "en-GB"),
        ("1,234.56.78", "GBP", "en-GB"),
        ("35.", "GBP", "en-GB"),
        (".5", "GBP", "en-GB"),
        ("€5", "GBP", "en-GB"),
        ("£5£", "GBP", "en-GB"),
        ("5 5", "GBP", "en-GB"),
        ("²", "GBP", "en-GB"),
        ("1" * 21, "GBP", "en-GB"),
        ("5\n6", "GBP", "en-GB"),
    ],
)
def test_what_is_not_one_amount_is_refused(typed: str, currency: str, locale: str) -> None:
    with pytest.raises(MoneyError):
        parse_amount(typed, currency, locale)


@given(st.integers(0, 10**11), st.sampled_from(["GBP", "JPY", "KWD", "EUR"]), st.sampled_from(WRITTEN))
def test_what_we_write_we_read_back(minor: int, currency: str, locale: str) -> None:
    """Written with its currency, or plain as a customer would type it; bidirectional marks are not typed."""
    amount, formats = Money(minor, currency), formats_for(locale)
    written = re.sub("[\u200e\u200f\u061c]", "", formats.money(amount))
    for text in (written, formats.plain(amount)):
        if len(text) <= 20:
            assert parse_amount(text, currency, locale) == amount


@given(st.text(max_size=24), st.sampled_from(WRITTEN))
def test_any_text_is_an_amount_from_zero_on_or_refused(text: str, locale: str) -> None:
    with contextlib.suppress(MoneyError):
        assert parse_amount(text, "EUR", locale).minor >= 0


@given(st.from_regex(r"[0-9]{1,4}[.,' ]?[0-9]{0,4}[.,' ]?[0-9]{0,4}", fullmatch=True), st.sampled_from(WRITTEN))
def test_no_amount_is_read_larger_than_its_digits(text: str, locale: str) -> None:
    try:
        amount = parse_amount(text, "EUR", locale)
    except MoneyError:
        return
    assert amount.minor <= int(re.sub(r"\D", "", text)) * 100
