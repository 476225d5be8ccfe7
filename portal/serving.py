"""One WSGI server for pages, live app and sandbox: gunicorn, one worker, several threads."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from pydantic import SecretStr

from portal.building.freeze import PageFreezer
from portal.config import Settings, Stripe
from portal.hosting.headers import security_headers
from portal.live.app import WEBHOOK_BYTES, create_live
from portal.live.mail_worker import MailWorker
from portal.live.outbox_worker import LeftToWorker, OutboxWorker
from portal.live.static_host import StaticHost
from portal.live.whole_bodies import WholeBodies
from portal.sandbox import Sandbox
from portal.theming.theme import theme_of
from portal.wiring.portal import open_portal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from portal.wiring.portal import Folders

THREADS = 8
SANDBOX_PATH = "/sandbox"
SANDBOX_FOLDER = "sandbox"
"""Below the state folder; there once the sandbox has run."""
_WITHOUT_BUTTONS = frozenset({"/return", "/webhooks/stripe"})
"""What is served where customers pay through links: a checkout beside a link could take more than is left."""
_GRACE_SECONDS = 3
_SECRET_FILE = "sandbox-webhook.secret"  # noqa: S105  a file's name
_log = logging.getLogger(__name__)


def sandbox_stripe(settings: Settings, state: Path) -> Stripe:
    """How to reach the sandbox in place of Stripe: its address, a key and a webhook secret of its own."""
    return Stripe(
        api_key=SecretStr("sk_test_sandbox"),
        webhook_secret=SecretStr(_sandbox_secret(state)),
        api_base=settings.live_url + SANDBOX_PATH,
        checkout_base=settings.live_url,
        mark_installments=settings.stripe.mark_installments,
    )


def _sandbox_secret(state: Path) -> str:
    """Made once and kept, since the sandbox still has webhooks to send when it starts again."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / _SECRET_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"whsec_{secrets.token_hex(24)}", encoding="ascii")
    return path.read_text(encoding="ascii")


class Dispatcher:
    """Sends each request to the app that knows its address; everything else is a page."""

    def __init__(self, pages: WSGIApplication, live: WSGIApplication, live_paths: Iterable[str]) -> None:
        self._pages = pages
        self._live = live
        self._live_paths = frozenset(live_paths)
        self._mounted: dict[str, WSGIApplication] = {}

    def mount(self, prefix: str, app: WSGIApplication) -> None:
        """Serve an app below a path, which it does not see."""
        self._mounted[prefix] = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        path = environ.get("PATH_INFO", "")
        for prefix, app in self._mounted.items():
            if path.startswith(f"{prefix}/"):
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                environ["PATH_INFO"] = path.removeprefix(prefix)
                return app(environ, start_response)
        app = self._live if path in self._live_paths else self._pages
        return app(environ, start_response)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a server process runs; ``stop`` ends its threads."""

    app: Dispatcher
    workers: tuple[OutboxWorker | MailWorker, ...]
    sandbox: Sandbox | None

    def start(self) -> None:
        """Start the threads beside the requests."""
        for worker in self.workers:
            worker.start()
        if self.sandbox is not None:
            self.sandbox.start()

    def stop(self) -> None:
        """End them."""
        if self.sandbox is not None:
            self.sandbox.stop()
        for worker in reversed(self.workers):
            worker.stop()


def assemble(settings: Settings, folders: Folders, fixed_day: date | None = None, *, works: bool = True) -> Parts:
    """Everything one server process serves. The sandbox is part of it only where no Stripe key is set.

    Without ``works`` it neither freezes pages nor sends mails: `portal work` does, perhaps on another machine.
    """
    stripe = settings.stripe
    if use_sandbox := stripe.api_key is None:
        stripe = sandbox_stripe(settings, folders.state)
    portal = open_portal(settings, folders, fixed_day, stripe=stripe)
    pages = StaticHost(folders.output, security_headers(settings, theme_of(settings).css_hashes))
    freezer = PageFreezer(portal)
    live = create_live(portal, freezer if works else LeftToWorker(portal.ledger))
    paths = {rule.rule for rule in live.url_map.iter_rules()}
    app = Dispatcher(pages, live, paths & _WITHOUT_BUTTONS if settings.payments.by_links else paths)
    sandbox = _sandbox(settings, stripe, folders.state) if use_sandbox else None
    if sandbox is not None:
        app.mount(SANDBOX_PATH, sandbox.app)
    workers = (OutboxWorker(freezer), MailWorker(portal.post_office())) if works else ()
    return Parts(app, workers, sandbox)


def _sandbox(settings: Settings, stripe: Stripe, state: Path) -> Sandbox:
    return Sandbox(
        state / SANDBOX_FOLDER,
        public_url=stripe.api_base,
        webhook_url=f"{settings.live_url}/webhooks/stripe",
        webhook_secret=_sandbox_secret(state),
    )


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no type hints
    """Gunicorn around the parts, which are made in the worker: no connection and no thread crosses a fork."""

    def __init__(  # noqa: PLR0913  what one server is made of
        self,
        settings: Settings,
        folders: Folders,
        fixed_day: date | None,
        *,
        host: str,
        port: int,
        works: bool = True,
    ) -> None:
        self._arguments = (settings, folders, fixed_day)
        self._works = works
        self._bind = f"{host}:{port}"
        self._parts: Parts | None = None
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings: one process, since the sandbox and SQLite live in it; threads for waiting on Stripe."""
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "loglevel": "warning",
            "graceful_timeout": _GRACE_SECONDS,
            "control_socket_disable": True,
            "worker_exit": lambda _server, _worker: self._stop(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """The app, once per worker."""
        self._parts = assemble(*self._arguments, works=self._works)
        self._parts.start()
        return WholeBodies(self._parts.app, WEBHOOK_BYTES)

    def _stop(self) -> None:
        if self._parts is not None:
            self._parts.stop()
