"""Kinds of parameter: each reads a piece of the wire tree, or refuses it as Stripe does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from portal.sandbox.errors import invalid, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.sandbox.wire import Wire

METADATA_KEYS = 50
METADATA_KEY_LENGTH = 40
METADATA_TEXT_LENGTH = 500
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Kind(Protocol):
    """Something that can read one parameter."""

    def read(self, given: Wire, at: str) -> object:
        """Return the value, or raise an ApiError that names `at`."""


def _text(given: Wire, at: str) -> str:
    if isinstance(given, dict):
        raise invalid(f"Invalid string: {at}", param=at)
    return given


@dataclass(frozen=True)
class Text:
    """A string; an empty one is refused unless `blank`."""

    longest: int = 5000
    blank: bool = False

    def read(self, given: Wire, at: str) -> str:
        """Return the text."""
        text = _text(given, at)
        if not text and not self.blank:
            message = f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset."
            raise invalid(message, param=at, code="parameter_invalid_empty")
        if len(text) > self.longest:
            message = f"Invalid string: {text[:20]}...; must be at most {self.longest} characters"
            raise invalid(message, param=at)
        return text


@dataclass(frozen=True)
class Whole:
    """An integer."""

    least: int | None = None
    most: int | None = None

    def read(self, given: Wire, at: str) -> int:
        """Return the number."""
        text = _text(given, at)
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise invalid(f"Invalid integer: {text}", param=at, code="parameter_invalid_integer")
        number = int(text)
        if self.least is not None and number < self.least:
            raise self._out(f"greater than or equal to {self.least}", at)
        if self.most is not None and number > self.most:
            raise self._out(f"less than or equal to {self.most}", at)
        return number

    @staticmethod
    def _out(bound: str, at: str) -> Exception:
        return invalid(f"This value must be {bound}.", param=at, code="parameter_invalid_integer")


@dataclass(frozen=True)
class Flag:
    """A boolean. `served` narrows it to the values that the sandbox can honour."""

    served: tuple[bool, ...] = (True, False)

    def read(self, given: Wire, at: str) -> bool:
        """Return the boolean."""
        text = _text(given, at)
        # The client writes True and False inside lists.
        if text.lower() not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {text}", param=at)
        flag = text.lower() == "true"
        if flag not in self.served:
            raise invalid(f"The sandbox does not serve {at}={text}.", param=at)
        return flag


@dataclass(frozen=True)
class Choice:
    """One of a few words. `served` narrows it to those that the sandbox can honour."""

    words: tuple[str, ...]
    served: tuple[str, ...] = ()

    def read(self, given: Wire, at: str) -> str:
        """Return the word."""
        text = _text(given, at)
        if text not in self.words:
            raise invalid(f"Invalid {at}: must be one of {', '.join(self.words)}", param=at)
        if self.served and text not in self.served:
            raise invalid(f"The sandbox does not serve {at}={text}.", param=at)
        return text


@dataclass(frozen=True)
class Url:
    """An absolute web address."""

    def read(self, given: Wire, at: str) -> str:
        """Return the address."""
        text = _text(given, at)
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise invalid("Not a valid URL", param=at, code="url_invalid")
        return text


@dataclass(frozen=True)
class Email:
    """An e-mail address."""

    def read(self, given: Wire, at: str) -> str:
        """Return the address."""
        text = _text(given, at)
        if not EMAIL.fullmatch(text):
            raise invalid(f"Invalid email address: {text}", param=at, code="email_invalid")
        return text


@dataclass(frozen=True)
class Tags:
    """Metadata: up to 50 keys of 40 characters, values of 500.

    An empty value removes a key: where there is something to remove it from, `unset` lets it through.
    """

    unset: bool = False

    def read(self, given: Wire, at: str) -> dict[str, str]:
        """Return the metadata."""
        if isinstance(given, str):
            if given:
                raise invalid(f"Invalid object: {at}", param=at)
            return {}
        if len(given) > METADATA_KEYS:
            raise invalid(f"You can only add {METADATA_KEYS} metadata keys.", param=at)
        texts = {key: self._one(key, one, f"{at}[{key}]") for key, one in given.items()}
        return {key: text for key, text in texts.items() if text or self.unset}

    @staticmethod
    def _one(key: str, given: Wire, at: str) -> str:
        text = _text(given, at)
        if len(key) > METADATA_KEY_LENGTH:
            message = f"Metadata keys must be at most {METADATA_KEY_LENGTH} characters"
            raise invalid(message, param=at)
        if len(text) > METADATA_TEXT_LENGTH:
            message = f"Metadata values must be at most {METADATA_TEXT_LENGTH} characters"
            raise invalid(message, param=at)
        return text


@dataclass(frozen=True)
class Gone:
    """A parameter that the pinned API version no longer takes."""

    code: str
    message: str

    def read(self, given: Wire, at: str) -> object:
        """Refuse it, with Stripe's own code."""
        del given
        raise invalid(self.message, param=at, code=self.code)


@dataclass(frozen=True)
class Many:
    """A list."""

    item: Kind
    most: int = 100

    def read(self, given: Wire, at: str) -> list[object]:
        """Return the items in the order of their numbers."""
        if isinstance(given, str) or {*given} != {str(number) for number in range(len(given))}:
            raise invalid("Invalid array", param=at)
        if len(given) > self.most:
            raise invalid(f"Array {at} exceeded maximum {self.most} allowed elements.", param=at)
        return [self.item.read(given[str(n)], f"{at}[{n}]") for n in range(len(given))]


@dataclass(frozen=True)
class Group:
    """An object: the parameters that are served, and no other."""

    fields: Mapping[str, Kind]
    required: tuple[str, ...] = ()

    def read(self, given: Wire, at: str) -> dict[str, object]:
        """Return the parameters that were given."""
        if isinstance(given, str):
            raise invalid(f"Invalid object: {at}", param=at)
        for name in given:
            if name not in self.fields:
                unknown = self._at(at, name)
                message = f"Received unknown parameter: {unknown}"
                raise invalid(message, param=unknown, code="parameter_unknown")
        for name in self.required:
            if name not in given:
                raise missing(self._at(at, name))
        return {name: self.fields[name].read(one, self._at(at, name)) for name, one in given.items()}

    @staticmethod
    def _at(at: str, name: str) -> str:
        return f"{at}[{name}]" if at else name


@dataclass(frozen=True)
class Either:
    """A group, or something written as plain text."""

    plain: Kind
    group: Kind

    def read(self, given: Wire, at: str) -> object:
        """Read it as the one that it looks like."""
        return (self.plain if isinstance(given, str) else self.group).read(given, at)


@dataclass(frozen=True)
class Unset:
    """A parameter that an empty string clears."""

    kind: Kind

    def read(self, given: Wire, at: str) -> object:
        """Return None for the empty string, or else what the kind reads."""
        return None if given == "" else self.kind.read(given, at)


@dataclass(frozen=True)
class Tree:
    """All parameters of one operation; every operation takes `expand`."""

    fields: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, given: dict[str, Wire]) -> dict[str, object]:
        """Return the parameters, or raise an ApiError for the first that is wrong."""
        return Group({**self.fields, "expand": Many(Text())}, self.required).read(given, "")
