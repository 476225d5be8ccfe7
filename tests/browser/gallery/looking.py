"""A browser that shows kept states: the real bytes and headers at their real addresses, and nothing else."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page, Route
    from states import State

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d|.*status of 50\d")
"""What a browser notes of a page whose status is meant to be an error."""


@dataclass
class Looker:
    """One tab that goes from state to state.

    Attributes:
        requests: addresses asked for since the last ``show``; ``data:`` ones are none.
        complaints: what the console said since then: script errors, and what the Content-Security-Policy stopped.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _now: State | None = None

    def __post_init__(self) -> None:
        self.page.route("**/*", self._answer)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", self._note_error)
        self.page.on("dialog", self._note_dialog)

    def show(self, state: State, *, opened: bool = False) -> Page:
        """Go to a state; ``opened`` unfolds what is folded."""
        self.requests.clear()
        self.complaints.clear()
        self._now = state
        self.page.goto(state.url)
        if opened:
            self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        return self.page

    def violations(self, rules: list[str] | None = None) -> list[str]:
        """What axe-core finds on the page at hand; of everything it knows, or of some rules alone."""
        self.page.evaluate(AXE)
        wanted = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AXE_TAGS}
        options = {"runOnly": wanted, "resultTypes": ["violations"]}
        found: dict[str, Any] = self.page.evaluate("options => axe.run(document, options)", options)
        return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]

    def _answer(self, route: Route) -> None:
        address = route.request.url
        if not address.startswith("data:"):
            self.requests.append(address)
        if self._now is not None and address.partition("#")[0] == self._now.address:
            route.fulfill(status=self._now.status, headers=self._now.headers, body=self._now.body)
        else:
            route.abort()

    def _note_message(self, message: ConsoleMessage) -> None:
        self._note(message.text)

    def _note_error(self, error: Error) -> None:
        self._note(str(error))

    def _note_dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog {dialog.message}")
        dialog.dismiss()

    def _note(self, text: str) -> None:
        if not _EXPECTED.match(text):
            self.complaints.append(text)


@contextmanager
def looking(browser: Browser, **options: Any) -> Iterator[Looker]:  # noqa: ANN401  passed on
    """A tab of a context of its own: ``viewport``, ``color_scheme`` and what else a context can be."""
    context: BrowserContext = browser.new_context(**options)
    yield Looker(context.new_page())
    context.close()
