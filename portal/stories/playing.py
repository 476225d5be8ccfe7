"""Playing a story in the sandbox: customers click, banks answer, the owner runs commands; nothing is written past them.

Every step goes the way that it goes in earnest: through the published page, the live app, the sandbox's checkout and a
signed webhook. So what the sample shows is what the portal does.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from portal.adapters.stripe.plans import stripe_collector
from portal.bookkeeping.entries import OwnerEntries
from portal.bookkeeping.wishes import WriteOff
from portal.building.build import build
from portal.building.freeze import PageFreezer
from portal.config import load_settings
from portal.errors import PortalError, Problem
from portal.links.issuing import LinkPlace
from portal.pages import door_address
from portal.ports.links import LinkKind
from portal.receivables.entries import EntryKind
from portal.receivables.money import parse_money
from portal.serving import Parts, assemble, sandbox_stripe
from portal.sources.load import FOLDER
from portal.stories.reading import Bounces, Collects, GivenBack, GivenUp, Pays, Relinked, Reports, Spreads, TakenBack
from portal.stories.visitor import Visitor
from portal.wiring.portal import now, open_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from portal.config import Settings
    from portal.receivables.entries import Entry
    from portal.sandbox import Sandbox
    from portal.stories.reading import Step, Story
    from portal.stories.visitor import Visit
    from portal.wiring.portal import Folders, Portal

_EMAIL = "customer@example.com"
"""What a customer types whose address no invoice has."""


def play(story: Story, folders: Folders, fixed_day: date | None, *, host: str, port: int) -> int:
    """Build the pages and let everything happen that a story tells; how many steps were played.

    Where something has happened to one of its invoices already, the story was played before: nothing is done, and 0 is
    returned.

    Raises:
        PortalError: there is a Stripe key, so that this is no sandbox; or a step cannot be done.
    """
    settings = load_settings(folders.content)
    if settings.stripe.api_key is not None or settings.payments.by_links:
        raise PortalError(
            Problem("A story is played in the sandbox alone, with pay buttons.", "Take the Stripe key away, and links.")
        )
    if story.invoices & open_portal(settings, folders, fixed_day).ledger.entries_by_invoice().keys():
        return 0
    with _as_it_was(story, folders) as earlier:
        _Stage(load_settings(earlier.content), earlier, fixed_day, host, port).play(story.steps)
    return len(story.steps)


@contextmanager
def _as_it_was(story: Story, folders: Folders) -> Iterator[Folders]:
    """The owner's folder with the invoices that are gone since."""
    with tempfile.TemporaryDirectory(prefix="story-", dir=folders.state) as place:
        content = Path(place) / "content"
        shutil.copytree(folders.content, content)
        for name, text in story.earlier.items():
            (content / FOLDER / name).write_text(text, encoding="utf-8")
        yield replace(folders, content=content)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where the story is played: everything is served as ``portal serve`` serves it, one day after the other."""

    settings: Settings
    folders: Folders
    fixed_day: date | None
    host: str
    port: int

    def play(self, steps: tuple[Step, ...]) -> None:
        build(self._opened(self.fixed_day))
        for days_ago, of_one_day in groupby(steps, lambda step: step.days_ago):
            day = self._opened(self.fixed_day).today() - timedelta(days_ago) if days_ago else self.fixed_day
            parts = assemble(self.settings, self.folders, day)
            with _serving(parts, self.host, self.port):
                actors = _Actors(self._opened(day), parts, Visitor())
                for step in of_one_day:
                    actors.do(step)

    def _opened(self, day: date | None) -> Portal:
        return open_portal(self.settings, self.folders, day, stripe=sandbox_stripe(self.settings, self.folders.state))


@contextmanager
def _serving(parts: Parts, host: str, port: int) -> Iterator[None]:
    server = make_server(host, port, parts.app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(WSGIRequestHandler):
    """Answers without a word in the terminal: the addresses of pages are their keys."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  werkzeug's signature
        """Nothing is told."""


@dataclass(frozen=True, slots=True)
class _Actors:
    """Customers, banks and the owner on one day."""

    portal: Portal
    parts: Parts
    visitor: Visitor

    def do(self, step: Step) -> None:
        """One step, and the webhooks that it causes."""
        match step:
            case Pays():
                self._pay(step)
            case Spreads():
                self._spread(step)
            case Reports():
                self._report(step)
            case GivenBack():
                amount = parse_money(step.amount, self._paid(step.invoice).amount.currency) if step.amount else None
                self._sandbox.refund(self._charge(step.invoice), amount.minor if amount else None)
            case TakenBack():
                self._sandbox.open_dispute(self._charge(step.invoice))
            case GivenUp():
                OwnerEntries(self.portal.ledger, self.portal.gateway, now, self.portal.today).write(
                    step.invoice, WriteOff(step.why)
                )
            case Bounces():
                self._sandbox.fail_pending()
            case Relinked():
                self._relink(step)
            case Collects():
                self._collect()
        self._sandbox.deliver_due()
        PageFreezer(self.portal).freeze_stale()

    @property
    def _sandbox(self) -> Sandbox:
        if self.parts.sandbox is None:
            raise RuntimeError("a story is played in the sandbox alone")
        return self.parts.sandbox

    def _pay(self, step: Pays) -> None:
        page = self.visitor.open(self.portal.url_of(step.invoice))
        if step.amount is None:
            checkout = self.visitor.send(page.form(want="all"))
        else:
            check = self.visitor.send(page.form(want="part"), amount=step.amount)
            checkout = self.visitor.send(check.form(want="part", confirmed="1"))
        self._at_checkout(checkout, step.by)

    def _spread(self, step: Spreads) -> None:
        page = self.visitor.open(self.portal.url_of(step.invoice))
        check = self.visitor.send(page.form(want="choose"), plan=step.plan)
        self._at_checkout(self.visitor.send(check.form(want="agree")), step.by)

    def _at_checkout(self, checkout: Visit, means: str) -> None:
        form = checkout.form(means="")
        asked = {"email": _EMAIL} if form.fields.get("email") == "" else {}
        self.visitor.send(form, means=means, **asked)

    def _report(self, step: Reports) -> None:
        token = self.portal.token_of(step.invoice)
        page = self.visitor.open(door_address(self.portal.settings, token, "problem"))
        self.visitor.send(page.form(want="problem"), reason=step.reason.value, words=step.words)

    def _relink(self, step: Relinked) -> None:
        """What ``portal links rotate`` and ``portal links pay-only`` do."""
        if step.does == "gets a new link":
            self.portal.issuing().rotate(LinkPlace(LinkKind.INVOICE, step.invoice, step.invoice))
        else:
            self.portal.issuing().issue(LinkPlace(LinkKind.PAY_ONLY, step.invoice, step.invoice))

    def _collect(self) -> None:
        """What ``portal collect`` does."""
        gateway = self.portal.gateway
        collector = stripe_collector(gateway.settings, self.portal.portal_id) if gateway else None
        if gateway is not None and collector is not None:
            list(self.portal.collection(gateway, collector).collect())

    def _charge(self, invoice_key: str) -> str:
        return self._sandbox.charge_of(self._paid(invoice_key).external_id)

    def _paid(self, invoice_key: str) -> Entry:
        payments = [one for one in self.portal.ledger.entries_of(invoice_key) if one.kind is EntryKind.PAYMENT]
        if not payments:
            raise PortalError(
                Problem(f"Invoice {invoice_key} was not paid, so nothing can go back.", "Have it paid first.")
            )
        return payments[-1]
