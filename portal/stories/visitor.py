"""A customer who opens pages and presses buttons, by HTTP and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from portal.errors import PortalError, Problem

_SECONDS = 30
_OK = 200


@dataclass
class Form:
    """A form as it stands on a page: where it is sent to, and its fields as they are filled in."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """A page that was opened, with its forms."""

    url: str
    forms: tuple[Form, ...]

    def form(self, **wanted: str) -> Form:
        """The first form with these fields filled in like this; an empty value is any.

        Raises:
            PortalError: there is none.
        """
        for one in self.forms:
            if all(name in one.fields and value in {"", one.fields[name]} for name, value in wanted.items()):
                return one
        raise PortalError(
            Problem(
                f"The page {self.url} has no form for {wanted}.", "Look at the page: this cannot be done there now."
            )
        )


class _Forms(HTMLParser):
    """Collects the forms of a page, with fields as a browser would send them untouched, and boxes to tick ticked."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._url = url
        self._open: Form | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or one of its fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(urljoin(self._url, given.get("action", "")), given.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(self._open, tag, given)

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        if tag == "form":
            self._open = None

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "textarea" or (tag == "input" and _is_sent(given)):
            form.fields[name] = value


def _is_sent(given: dict[str, str]) -> bool:
    """Text as it stands, the chosen one of several, and boxes that have to be ticked."""
    match given.get("type", "text"):
        case "radio":
            return "checked" in given
        case "checkbox":
            return "checked" in given or "required" in given
        case _:
            return bool(given.get("name"))


class Visitor:
    """Opens pages and sends forms, following where they lead."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy has no business on this machine's own address

    def open(self, url: str) -> Visit:
        """The page at an address."""
        return self._visit(self._session.get(url, timeout=_SECONDS))

    def send(self, form: Form, **fields: str) -> Visit:
        """Send a form with these fields filled in; the page it leads to.

        Raises:
            PortalError: it was refused.
        """
        return self._visit(self._session.post(form.action, data={**form.fields, **fields}, timeout=_SECONDS))

    def _visit(self, answer: requests.Response) -> Visit:
        if answer.status_code != _OK:
            raise PortalError(
                Problem(
                    f"{answer.url} answered with status {answer.status_code}.",
                    "Open the page in a browser: it says what is in the way.",
                )
            )
        found = _Forms(answer.url)
        found.feed(answer.text)
        return Visit(answer.url, tuple(found.forms))
