"""What Stripe says about amounts: exponents, smallest and largest charges, and how they are written."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency

from portal.sandbox.errors import invalid

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
# Sent with two decimals although the currency has none, so the last two digits must be 0.
WHOLE_HUNDREDS = frozenset({"isk", "ugx"})
CURRENCIES = (
    ZERO_DECIMAL
    | THREE_DECIMAL
    | WHOLE_HUNDREDS
    | frozenset(
        (
            "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
            "cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils "
            "inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad "
            "ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std "
            "szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw"
        ).split()
    )
)
# docs.stripe.com/currencies, minor units.
MINIMUM = {
    **dict.fromkeys("usd aud brl cad chf cop eur idr ils inr jpy krw nzd php rub sgd zar ars".split(), 50),
    "aed": 200,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}
MAXIMUM = 99_999_999


def exponent(currency: str) -> int:
    """Digits after the point in an amount as sent."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def smallest(currency: str) -> int:
    """The smallest charge.

    For a currency that Stripe does not list, the rule is half a US dollar at the day's rate. The sandbox
    knows no rates and takes half a unit instead.
    """
    return MINIMUM.get(currency) or max(50, 10 ** exponent(currency) // 2)


def written(amount: int, currency: str) -> str:
    """The amount as a customer reads it: £840.00, ¥840, ISK 840."""
    places = 0 if currency in WHOLE_HUNDREDS else exponent(currency)
    pattern = "¤#,##0" + ("." + "0" * places if places else "")
    number = Decimal(amount).scaleb(-exponent(currency))
    code = currency.upper()
    text = format_currency(number, code, pattern, locale="en_GB", currency_digits=False)
    return text.replace(code, f"{code}\N{NO-BREAK SPACE}")


def check_currency(currency: str, param: str) -> str:
    """Return the code in lower case, or refuse one that Stripe does not know."""
    code = currency.lower()
    if code not in CURRENCIES:
        message = f"Invalid currency: {currency}. Stripe currently supports these currencies: usd, eur, gbp, ..."
        raise invalid(message, param=param)
    return code


def check_amount(amount: int, currency: str, param: str | None) -> int:
    """Return the amount, or refuse one that cannot be charged."""
    check_form(amount, currency, param)
    if amount < smallest(currency):
        least = written(smallest(currency), currency)
        message = f"Amount must be at least {least} {currency}"
        raise invalid(message, param=param, code="amount_too_small")
    return amount


def check_form(amount: int, currency: str, param: str | None) -> int:
    """Return the amount, or refuse one that the currency cannot have or that is over eight digits."""
    if amount < 0:
        raise invalid("Invalid non-negative integer", param=param, code="parameter_invalid_integer")
    if amount > MAXIMUM:
        message = f"Amount must be no more than {written(MAXIMUM, currency)}"
        raise invalid(message, param=param, code="amount_too_large")
    step = 100 if currency in WHOLE_HUNDREDS else 10 if currency in THREE_DECIMAL else 1
    if amount % step:
        message = f"Invalid amount for {currency}: it must be a multiple of {step}"
        raise invalid(message, param=param, code="invalid_charge_amount")
    return amount
