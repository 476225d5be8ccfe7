"""Payment references with check digits: made from an invoice's key, read from what an invoice states.

A reference is always the same for the same key, so no list of them has to be kept.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from stdnum import iso11649, luhn
from stdnum.be import ogm_vcs
from stdnum.ch import esr
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from portal.transfers.accounts import grouped

if TYPE_CHECKING:
    from collections.abc import Callable


class ReferenceKind(StrEnum):
    """What a reference is, which decides how it is checked and where a symbol carries it."""

    TEXT = "text"
    RF = "RF"
    SWISS = "QR reference"
    FINNISH = "viitenumero"
    BELGIAN = "OGM-VCS"
    NORWEGIAN = "KID"


NATIONAL = {
    "BE": ReferenceKind.BELGIAN,
    "FI": ReferenceKind.FINNISH,
    "NO": ReferenceKind.NORWEGIAN,
}
"""The references that banks of a country check themselves, by the country of the payee's IBAN."""

LONGEST_RF_BODY = 21
_DIGITS = {
    ReferenceKind.SWISS: 26,
    ReferenceKind.FINNISH: 19,
    ReferenceKind.BELGIAN: 10,
    ReferenceKind.NORWEGIAN: 24,
}
"""How many digits stand before the check digits."""
_FEWEST_FINNISH = 3
_NO_LOOK_ALIKES = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGEST_LETTERS = 12
_RF_SHAPE = re.compile(r"RF[0-9]{2}(?: ?[A-Z0-9])+")
_BELGIAN_SHAPE = re.compile(r"\s*([+*])\1\1.*\1\1\1\s*")
_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a transfer quotes; ``text`` is as banks exchange it, without blanks unless it is plain text."""

    kind: ReferenceKind
    text: str

    @property
    def shown(self) -> str:
        """As people read and type it; banks take it with or without the blanks."""
        match self.kind:
            case ReferenceKind.RF:
                return grouped(self.text)
            case ReferenceKind.SWISS:
                return str(esr.format(self.text))
            case ReferenceKind.FINNISH:
                # Groups of five from the right, as Finance Finland's instruction has it.
                return grouped(self.text[::-1], 5)[::-1]
            case ReferenceKind.BELGIAN:
                return f"+++{ogm_vcs.format(self.text)}+++"
            case _:
                return self.text


def reference_for(key: str, kind: ReferenceKind) -> Reference:
    """The reference of an invoice, from its key alone.

    The key's own letters and digits where they fit, so that people recognise it; a digest of it where they do not.
    Two keys may come to the same reference: ``portal.payees`` finds those.

    Args:
        key: the invoice's key.
        kind: any but ``TEXT``.
    """
    plain = _NOT_ALPHANUMERIC.sub("", key.upper())
    if kind is ReferenceKind.RF:
        fits = 0 < len(plain) <= LONGEST_RF_BODY and plain.strip("0") != ""
        return Reference(kind, creditor_reference(plain if fits else _letters_of(key)))
    fewest = _FEWEST_FINNISH if kind is ReferenceKind.FINNISH else 1
    body = plain.lstrip("0")
    fits = body.isdecimal() and fewest <= len(body) <= _DIGITS[kind]
    return Reference(kind, _MAKE[kind](body if fits else _digits_of(key, _DIGITS[kind])))


def short_reference(key: str) -> Reference:
    """An RF reference of 16 characters, for British transfers, which carry 18 at most."""
    return Reference(ReferenceKind.RF, creditor_reference(_letters_of(key)))


def creditor_reference(body: str) -> str:
    """``RF``, two check digits (ISO 7064 mod 97-10) and the body: 1 to 21 of A-Z and 0-9 (ISO 11649)."""
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"


def read_reference(text: str, expected: ReferenceKind | None = None) -> Reference:
    """A reference that an invoice states, taken at its word: of a kind only where its check digits hold.

    Args:
        text: as stated.
        expected: the kind the payee's bank goes by; digits alone are of that kind or plain text.
    """
    if claims_to_be_rf(text) and iso11649.is_valid(text):
        return Reference(ReferenceKind.RF, str(iso11649.compact(text)))
    if _BELGIAN_SHAPE.fullmatch(text) and is_right(text, ReferenceKind.BELGIAN):
        return Reference(ReferenceKind.BELGIAN, str(ogm_vcs.compact(text.replace("*", "+"))))
    if expected is not None and is_right(text, expected):
        compact = re.sub(r"[\s/+*]", "", text)
        return Reference(expected, compact.zfill(27) if expected is ReferenceKind.SWISS else compact)
    return Reference(ReferenceKind.TEXT, text)


def claims_to_be_rf(text: str) -> bool:
    """Whether a text has the shape of an RF reference, right or wrong."""
    return bool(_RF_SHAPE.fullmatch(text.strip().upper()))


def is_right(text: str, kind: ReferenceKind) -> bool:
    """Whether the length and the check digits of a reference of this kind are right."""
    try:
        return _CHECK[kind](text)
    except ValidationError:
        return False


def matching_form(text: str) -> str:
    """A reference as two of them are compared: without blanks, marks, case, and zeros that carry nothing.

    Banks pad references with zeros, also behind the check digits of an RF reference, which they do not change.
    """
    plain = _NOT_ALPHANUMERIC.sub("", text.upper())
    if claims_to_be_rf(plain) and iso11649.is_valid(plain):
        return plain[:4] + plain[4:].lstrip("0")
    return plain.lstrip("0") if plain.isdecimal() else plain


def _letters_of(key: str) -> str:
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest())
    return "".join(_NO_LOOK_ALIKES[number >> (5 * place) & 31] for place in range(_DIGEST_LETTERS))


def _digits_of(key: str, size: int) -> str:
    """So many digits, the first of them not a zero, for banks leave out zeros in front."""
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=16).digest())
    return str(10 ** (size - 1) + number % (9 * 10 ** (size - 1)))


def _belgian(body: str) -> str:
    ten = body.zfill(_DIGITS[ReferenceKind.BELGIAN])
    return f"{ten}{ogm_vcs.calc_check_digits(ten)}"


def _swiss(body: str) -> str:
    return f"{body}{esr.calc_check_digit(body)}".zfill(27)


def _finnish(body: str) -> str:
    return f"{body}{_finnish_check_digit(body)}"


def _finnish_check_digit(body: str) -> int:
    """Weights 7, 3, 1 from the right; what is missing to the next ten (Finance Finland, reference number)."""
    total = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(body)))
    return -total % 10


def _is_swiss(text: str) -> bool:
    compact = re.sub(r"\s", "", text)
    return len(compact) == _DIGITS[ReferenceKind.SWISS] + 1 and bool(esr.validate(compact))


def _is_belgian(text: str) -> bool:
    return bool(ogm_vcs.validate(text.replace("*", "+")))


def _is_finnish(text: str) -> bool:
    compact = re.sub(r"\s", "", text).lstrip("0")
    sizes = range(_FEWEST_FINNISH + 1, _DIGITS[ReferenceKind.FINNISH] + 2)
    right_shape = compact.isascii() and compact.isdecimal() and len(compact) in sizes
    return right_shape and int(compact[-1]) == _finnish_check_digit(compact[:-1])


def _is_norwegian(text: str) -> bool:
    """Two to 25 characters; modulus 10, or modulus 11, whose check digit 10 is written as a hyphen (Bits, KID)."""
    compact = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[0-9]{1,24}[0-9-]", compact):
        return False
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(compact[:-1])))
    eleven = -total % 11
    return bool(luhn.is_valid(compact)) or compact[-1] == ("-" if eleven == 10 else str(eleven))  # noqa: PLR2004  modulus 11


_MAKE: dict[ReferenceKind, Callable[[str], str]] = {
    ReferenceKind.SWISS: _swiss,
    ReferenceKind.FINNISH: _finnish,
    ReferenceKind.BELGIAN: _belgian,
    ReferenceKind.NORWEGIAN: lambda body: f"{body}{luhn.calc_check_digit(body)}",
}
_CHECK: dict[ReferenceKind, Callable[[str], bool]] = {
    ReferenceKind.RF: lambda text: bool(iso11649.validate(text)),
    ReferenceKind.SWISS: _is_swiss,
    ReferenceKind.FINNISH: _is_finnish,
    ReferenceKind.BELGIAN: _is_belgian,
    ReferenceKind.NORWEGIAN: _is_norwegian,
}
