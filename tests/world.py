"""One portal that really runs, for tests: its folders, its commands, and what a customer does over HTTP."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

import requests
from werkzeug.serving import make_server

from portal.building.build import BuildReport, build
from portal.config import load_settings
from portal.receivables.balance import balance_of
from portal.serving import Parts, assemble, sandbox_stripe
from portal.wiring.portal import Folders, Portal, open_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from portal.receivables.entries import Entry
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.sandbox import Sandbox

DAY = date(2026, 11, 21)

INVOICE = """+++
number = "{number}"
customer = "Sample Customer Ltd"
email = "accounts@example.com"
issued_on = 2026-10-01
due_on = {due_on}
currency = "{currency}"
total = "{total}"
+++
"""


class World:
    """One portal that really runs; what a test does to it goes over HTTP wherever a customer's would."""

    def __init__(self, root: Path, *, port: int = 8000, day: date = DAY) -> None:
        self.day = day
        self.folders = Folders(root / "content", root / "build", root / "var")
        (self.folders.content / "invoices").mkdir(parents=True)
        self.url = f"http://127.0.0.1:{port}"
        self.write("portal.toml", f'[business]\nname = "Sample Business"\n[portal]\nbase_url = "{self.url}"\n')
        self.invoice("1042")

    def write(self, name: str, text: str) -> Path:
        """A file of the owner's."""
        path = self.folders.content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def invoice(self, number: str, total: str = "840.00", currency: str = "GBP", due_on: str = "2026-10-31") -> Path:
        """An invoice of the owner's."""
        text = INVOICE.format(number=number, total=total, currency=currency, due_on=due_on)
        return self.write(f"invoices/{number}.md", text)

    def open(self) -> Portal:
        """The portal as a command of the owner's opens it."""
        return open_portal(load_settings(self.folders.content, {}), self.folders, self.day)

    def build(self) -> BuildReport:
        """What ``portal build`` does."""
        return build(self.open())

    def assemble(self) -> Parts:
        """What ``portal serve`` serves."""
        self.parts = assemble(load_settings(self.folders.content, {}), self.folders, self.day)
        return self.parts

    def serve_again(self, day: date | None = None) -> None:
        """Stop and start serving: with the settings as they are now, and on another day where one is given."""
        self.parts.stop()
        self.day = day or self.day
        self.assemble().start()

    @property
    def sandbox(self) -> Sandbox:
        assert self.parts.sandbox is not None
        return self.parts.sandbox

    def served(self) -> Portal:
        """The portal with the sandbox as its gateway."""
        settings = load_settings(self.folders.content, {})
        return open_portal(settings, self.folders, self.day, stripe=sandbox_stripe(settings, self.folders.state))

    # ---- what a customer does

    def page(self, key: str = "1042") -> str:
        """The page behind an invoice's link, as plain HTML."""
        answer = requests.get(self.open().url_of(key), timeout=10)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def form(self, page: str) -> dict[str, str]:
        """The hidden fields of the first pay form on a page."""
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))

    def pay(self, key: str = "1042", **fields: str) -> requests.Response:
        """Press a button of the page: all that is left unless the fields say otherwise."""
        hidden = self.form(self.page(key))
        sent = {"token": hidden["token"], "shown": hidden["shown"], "want": "all"} | fields
        return requests.post(f"{self.url}/pay", data=sent, allow_redirects=False, timeout=60)

    def at_checkout(self, url: str, means: str = "4242", webhook: str = "send") -> requests.Response:
        """Choose a way to pay on the checkout page at ``url``; the answer is where the customer goes next."""
        form = {"means": means, "webhook": webhook}
        return requests.post(f"{url}/pay", data=form, allow_redirects=False, timeout=60)

    def come_back(self, answer: requests.Response) -> requests.Response:
        """Follow the checkout's redirect to the portal, not further."""
        return requests.get(answer.headers["Location"], allow_redirects=False, timeout=60)

    # ---- what has come of it

    def entries(self, key: str = "1042") -> tuple[Entry, ...]:
        return self.open().ledger.entries_of(key)

    def balance(self, key: str = "1042") -> InvoiceBalance:
        portal = self.open()
        invoice = portal.ledger.invoice(key)
        assert invoice is not None
        return balance_of(invoice, portal.ledger.entries_of(key), self.day)


@contextmanager
def served_world(root: Path, settings: str = "") -> Iterator[World]:
    """A built portal that is being served on loopback; ``settings`` follow those of the sample business."""
    here: World
    server = make_server("127.0.0.1", 0, lambda environ, start: here.parts.app(environ, start), threaded=True)  # noqa: PLW0108  filled below
    here = World(root, port=server.server_port)
    here.write("portal.toml", (root / "content" / "portal.toml").read_text(encoding="utf-8") + settings)
    here.build()
    here.assemble().start()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield here
    here.parts.stop()
    server.shutdown()
    server.server_close()
    thread.join()
