"""Amounts as programs export them: signs, symbols, and a decimal mark that is decided for a whole column."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from portal.receivables.currencies import DECIMALS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class DecimalMark(StrEnum):
    """What stands before the cents; the other one groups thousands."""

    POINT = "."
    COMMA = ","


SYMBOLS: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "US$": frozenset({"USD"}),
    "CA$": frozenset({"CAD"}),
    "C$": frozenset({"CAD"}),
    "A$": frozenset({"AUD"}),
    "NZ$": frozenset({"NZD"}),
    "R$": frozenset({"BRL"}),
    "₹": frozenset({"INR"}),
    "zł": frozenset({"PLN"}),
    "Kč": frozenset({"CZK"}),
    "Ft": frozenset({"HUF"}),
    "₪": frozenset({"ILS"}),
    "₺": frozenset({"TRY"}),
    "₩": frozenset({"KRW"}),
    "Fr": frozenset({"CHF"}),
    "$": frozenset("USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU JMD TTD BBD BZD BSD BMD FJD NAD".split()),
    "¥": frozenset({"JPY", "CNY"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}
"""Signs of money and the currencies they can mean; where it is one, the sign decides."""

_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t"), " ")
_MINUS = {ord("\N{MINUS SIGN}"): "-", ord("\u2013"): "-", ord("\u2019"): "'"}
_NO_CENTS = re.compile(r"(?<=[0-9])[.,]\s?(?:-{1,2}|\u2014)(?=\s*[^0-9]*$)")  # 1'200.- and 1200,-- are whole amounts
_AMOUNT = re.compile(
    r"(?P<open>\()?\s*(?P<before>[-+])?\s*(?:(?P<mark>[^\s0-9.,'()+-]{1,4})\.?)?\s*(?P<inside>[-+])?\s*"
    r"(?P<digits>[0-9][0-9 .,']*|[.,][0-9]+)\s*"
    r"(?:(?P<behind>[^\s0-9.,'()+-]{1,4})\.?)?\s*(?P<after>-)?\s*(?P<close>\))?"
)
_PLAIN = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,12})?")
"""What most amounts of most tables look like: nothing in them has to be taken apart."""
_KEPT = 4096
"""Amounts that are remembered: each is looked at for its mark, its currency and its value."""
_WITH_CENTS = re.compile(r"[0-9]{1,15}\.[0-9]{1,2}")
_MOST_DIGITS = 40
_MOST_WHOLE = 15
_MOST_PART = 12  # together fewer than the 28 digits that decimal arithmetic keeps
_FILLED_GROUP = 3


class WrittenAmount(NamedTuple):
    """An amount taken apart: its sign, its digits with their marks, and the symbol or code beside them."""

    negative: bool
    digits: str
    symbol: str | None

    @property
    def currencies(self) -> frozenset[str] | None:
        """The currencies that its symbol can mean, or None without one."""
        if self.symbol is None:
            return None
        return SYMBOLS.get(self.symbol) or frozenset({self.symbol.upper()})


@lru_cache(_KEPT)
def take_apart(text: str) -> WrittenAmount | None:
    """An amount as somebody wrote it, or None where the text is none."""
    if _PLAIN.fullmatch(text):
        return WrittenAmount(negative=False, digits=text, symbol=None)
    cleaned = _NO_CENTS.sub("", text.translate(_BLANKS).translate(_MINUS).strip())
    found = _AMOUNT.fullmatch(cleaned) if len(cleaned) <= _MOST_DIGITS else None
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [sign for sign in (found["before"], found["inside"], found["after"]) if sign]
    symbols = {symbol for symbol in (found["mark"], found["behind"]) if symbol}
    if len(signs) + bool(found["open"]) > 1 or len(symbols) > 1:
        return None
    symbol = symbols.pop() if symbols else None
    if symbol and symbol not in SYMBOLS and symbol.upper() not in DECIMALS:
        return None
    return WrittenAmount(bool(found["open"]) or "-" in signs, found["digits"].strip(), symbol)


def votes_of(texts: Sequence[str], times: Sequence[int] | None = None) -> Counter[DecimalMark]:
    """How many amounts of a column show which decimal mark.

    Args:
        texts: the amounts.
        times: for how many rows each of them stands; None is one.
    """
    if all(map(_WITH_CENTS.fullmatch, texts)):  # as in most columns: then none has to be looked at by itself
        return Counter({DecimalMark.POINT: sum(times) if times else len(texts)})
    votes: Counter[DecimalMark] = Counter()
    for text, count in _counted(texts, times).items():
        if isinstance(vote := _vote(text), DecimalMark):
            votes[vote] += count
    return votes


def _counted(texts: Sequence[str], times: Sequence[int] | None) -> Counter[str]:
    if times is None:
        return Counter(texts)
    counted: Counter[str] = Counter()
    for text, count in zip(texts, times, strict=True):
        counted[text] += count
    return counted


def mark_of(votes: Counter[DecimalMark]) -> DecimalMark | None:
    """The decimal mark that amounts show, by majority; None where they show none or are torn."""
    point, comma = votes[DecimalMark.POINT], votes[DecimalMark.COMMA]
    if point == comma:
        return None
    return DecimalMark.POINT if point > comma else DecimalMark.COMMA


def is_ambiguous(text: str) -> bool:
    """Whether an amount reads differently with either decimal mark: ``1.234``."""
    return _vote(text) == "either"


def _vote(text: str) -> DecimalMark | str | None:
    if _WITH_CENTS.fullmatch(text):
        return DecimalMark.POINT
    written = take_apart(text)
    if written is None:
        return None
    digits = written.digits
    point, comma = digits.count("."), digits.count(",")
    if point and comma:
        return DecimalMark.POINT if digits.rfind(".") > digits.rfind(",") else DecimalMark.COMMA
    if not point and not comma:
        return None
    own, other = (DecimalMark.POINT, DecimalMark.COMMA) if point else (DecimalMark.COMMA, DecimalMark.POINT)
    if point + comma > 1:
        return other
    before, _, behind = digits.partition(own)
    groups = len(behind) == _FILLED_GROUP and 0 < len(before) <= _FILLED_GROUP and not before.startswith("0")
    return "either" if groups else own


def plain_minor(text: str, mark: DecimalMark, decimals: int) -> int | None:
    """The minor units of an amount written with all its decimals and nothing else, as most are; None of any other."""
    return int(text.replace(mark, "")) if _plain_with(mark, decimals)(text) else None


@lru_cache
def _plain_with(mark: DecimalMark, decimals: int) -> Callable[[str], object]:
    """What tells whether an amount is written with so many decimals and nothing else."""
    part = rf"\{mark}[0-9]{{{decimals}}}" if decimals else ""
    return re.compile(rf"[0-9]{{1,{_MOST_WHOLE}}}{part}").fullmatch


def decimal_of(written: WrittenAmount, mark: DecimalMark) -> Decimal | None:
    """The number, or None where its groups are not groups of thousands."""
    group = "," if mark is DecimalMark.POINT else "."
    whole, _, part = written.digits.partition(mark)
    plain = whole.isdigit() or not whole
    grouped = plain or re.fullmatch(rf"[0-9]{{1,3}}([{group} '])(?:[0-9]{{2,3}}\1)*[0-9]{{3}}", whole)
    if not grouped or (part and not part.isdigit()) or not (whole or part):
        return None
    digits = whole if plain else re.sub(r"[^0-9]", "", whole)
    if len(digits) > _MOST_WHOLE or len(part) > _MOST_PART:
        return None
    number = Decimal(f"{digits or '0'}.{part or '0'}")
    return -number if written.negative else number
