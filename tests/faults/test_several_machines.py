"""Two live servers, a worker and the owner's commands on one PostgreSQL, killed at random: nothing is lost or double.

Runs a few seconds; PORTAL_FAULT_SECONDS=600 makes it minutes. PORTAL_FAULT_SEED repeats choices, not their timing.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import requests
from bank_files import Line, camt053
from postgres_server import Server  # noqa: TC002  pytest reads it
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from portal.config import load_settings
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind, in_force
from portal.sandbox import Sandbox
from portal.wiring.portal import Folders, Portal, open_portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

SECONDS = float(os.environ.get("PORTAL_FAULT_SECONDS", "10"))
SEED = int(os.environ.get("PORTAL_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
INVOICES = 8
"""The last two are paid by transfer alone; for those before them, cards and transfers meet."""
TOTAL = 84000
COMMAND = [sys.executable, "-c", "from portal.cli import main; main()"]
INVOICE = """+++
number = "{number}"
customer = "Customer {number}"
email = "{number}@example.com"
due_on = 2099-01-01
currency = "GBP"
total = "840.00"
+++
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening(app: Callable[[WSGIEnvironment, StartResponse], Any]) -> Iterator[str]:
    """A small server for an app, as long as the block runs; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def wait_for(arguments: tuple[str, ...]) -> None:
    """Wait until a server listens; a worker is given a moment."""
    if "--port" not in arguments:
        time.sleep(1)
        return
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", int(arguments[-1])), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"{arguments} does not listen")


@dataclass
class Balancer:
    """Sends each request to one of the live servers, and to the other where that one does not listen."""

    ports: list[int]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:  # noqa: ANN401  WSGI's
        request = Request(environ)
        kept = {name: request.headers[name] for name in ("Content-Type", "Stripe-Signature") if name in request.headers}
        body = request.get_data()
        answer = Response("nobody listens", 502)
        for port in random.sample(self.ports, len(self.ports)):
            url = f"http://127.0.0.1:{port}{request.full_path.rstrip('?')}"
            try:
                said = requests.request(
                    request.method, url, data=body, headers=kept, allow_redirects=False, timeout=(1, 30)
                )
            except requests.ConnectionError as error:
                if "refused" in str(error):
                    continue
                break
            answer = Response(said.content, said.status_code, content_type=said.headers.get("Content-Type"))
            if "Location" in said.headers:
                answer.headers["Location"] = said.headers["Location"]
            break
        return answer(environ, start_response)


@dataclass
class Town:
    """All that runs, and what happened."""

    folder: Path
    environment: dict[str, str]
    url: str
    dice: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*COMMAND, *arguments], cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )

    def command(self, *arguments: str, mortal: bool = False) -> str | None:
        """What a command of the owner's printed; None where it was killed or refused."""
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            doomed = mortal and self.dice.random() < 0.5
            out, errors = process.communicate(timeout=self.dice.uniform(0.5, 5) if doomed else 120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.happened["command killed"] += 1
            return None
        assert "Traceback" not in errors, errors
        if not mortal:
            assert process.returncode == 0, out + errors
        return out if process.returncode == 0 else None

    @contextmanager
    def portal(self) -> Iterator[Portal]:
        content = self.folder / "content"
        folders = Folders(content, self.folder / "build", self.folder / "var")
        portal = open_portal(load_settings(content, self.environment), folders)
        with closing(portal.ledger):
            yield portal


def customer(town: Town, seed: int) -> None:
    """Opens pages, presses buttons, pays, comes back; some give up on the way."""
    dice = random.Random(seed)  # noqa: S311  chance, not secrecy
    with town.portal() as portal:
        paths = [portal.path_of(str(1000 + number)) for number in range(INVOICES - 2)]
    while not town.over.is_set():
        path = dice.choice(paths)
        with suppress(requests.RequestException):
            hidden = dict(
                re.findall(
                    r'<input type="hidden" name="(\w+)" value="([^"]*)"',
                    unescape(requests.get(town.url + path, timeout=30).text),
                )
            )
            if "token" in hidden:
                want = dice.choice([{"want": "all"}, {"want": "part", "amount": f"{dice.randrange(10, 90)}.00"}])
                sent = {"token": hidden["token"], "shown": hidden["shown"], **want}
                opened = requests.post(f"{town.url}/pay", data=sent, allow_redirects=False, timeout=30)
                to = opened.headers.get("Location", "")
                if "/checkout/" in to and dice.random() < 0.8:
                    paid = requests.post(f"{to}/pay", data={"means": "4242"}, allow_redirects=False, timeout=30)
                    town.happened["paid by card"] += 1
                    requests.get(paid.headers["Location"], allow_redirects=False, timeout=30)
        time.sleep(dice.uniform(0.05, 0.4))


def owner(town: Town, statement: Path) -> None:
    """Records transfers from the bank and cash, over and over; each command may be killed."""
    while not town.over.is_set():
        if town.dice.random() < 0.7:
            if told := town.command("match", str(statement), "--accept", "--json", mortal=True):
                town.happened["transfers recorded"] += len(json.loads(told)["recorded"])
        else:
            number = str(1000 + town.dice.randrange(INVOICES))
            details = ("--on", "2026-01-05", "--by", "cash", "--reference", "till")
            if town.command("record", number, "25.00", *details, mortal=True):
                town.happened["cash recorded"] += 1


def chaos(town: Town, starts: dict[str, tuple[str, ...]]) -> None:
    """Kills one process after the other, and starts it again; the next one when it is up."""
    while not town.over.wait(town.dice.uniform(0.5, 4)):
        name = town.dice.choice(list(starts))
        process = town.running[name]
        process.kill()
        process.wait()
        town.happened[f"{name} killed"] += 1
        town.start(name, *starts[name])
        wait_for(starts[name])


def payments_of(portal: Portal) -> set[str]:
    """The payments of all invoices, each held against what is left of its invoice."""
    found: set[str] = set()
    for key, entries in portal.ledger.entries_by_invoice().items():
        invoice = portal.ledger.invoice(key)
        assert invoice is not None
        standing = balance_of(invoice, entries, portal.today())
        assert not standing.amount_overpaid, (key, entries)
        payments = [one for one in in_force(entries) if one.kind is EntryKind.PAYMENT]
        assert len({one.external_id for one in payments}) == len(payments)
        assert sum(one.amount.minor for one in payments) + standing.amount_remaining.minor == TOTAL
        found.update(one.external_id for one in payments)
    return found


@pytest.fixture
def town(tmp_path: Path, postgres: Server, caplog: pytest.LogCaptureFixture) -> Iterator[Town]:
    caplog.set_level(logging.ERROR, "werkzeug")
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        url = stack.enter_context(listening(Balancer(ports)))
        shops: list[Sandbox] = []
        sandbox_url = stack.enter_context(listening(lambda environ, start: shops[0].app(environ, start)))  # noqa: PLW0108  filled below
        secret = "whsec_several"
        hook = f"{url}/webhooks/stripe"
        shops.append(Sandbox(tmp_path / "stripe", public_url=sandbox_url, webhook_url=hook, webhook_secret=secret))
        content = tmp_path / "content" / "invoices"
        content.mkdir(parents=True)
        (content.parent / "portal.toml").write_text('[business]\nname = "S"\n[mail]\nfrom = "a@example.com"\n')
        for number in range(1000, 1000 + INVOICES):
            (content / f"{number}.md").write_text(INVOICE.format(number=number))
        environment = {name: text for name, text in os.environ.items() if not name.startswith("PORTAL_")} | {
            "PORTAL_BASE_URL": url,
            "PORTAL_LEDGER_URL": postgres.new_schema(),
            "PORTAL_STRIPE_KEY": "sk_test_several",
            "PORTAL_STRIPE_WEBHOOK_SECRET": secret,
            "PORTAL_STRIPE_API_BASE": sandbox_url,
            "PORTAL_STRIPE_CHECKOUT_BASE": sandbox_url,
        }
        made = Town(tmp_path, environment, url, random.Random(SEED))  # noqa: S311  chance, not secrecy
        made.command("build")
        with made.portal() as portal:
            portal.post_office().begin()
        shops[0].start()
        starts = {
            "one": ("serve", "--no-work", "--port", str(ports[0])),
            "two": ("serve", "--no-work", "--port", str(ports[1])),
            "worker": ("work",),
        }
        for name, arguments in starts.items():
            made.start(name, *arguments)
        for arguments in starts.values():
            wait_for(arguments)
        threads = ThreadPoolExecutor(5)
        statement = tmp_path / "bank.xml"
        lines = [Line("840.00", f"invoice {1000 + number}", value_on="2026-01-05") for number in range(4, INVOICES)]
        statement.write_text(camt053(*lines))
        tasks = [threads.submit(customer, made, SEED + number) for number in range(3)]
        tasks += [threads.submit(owner, made, statement), threads.submit(chaos, made, starts)]
        time.sleep(SECONDS)
        made.over.set()
        for task in tasks:
            task.result(timeout=120)
        threads.shutdown()
        for process in made.running.values():
            process.send_signal(signal.SIGKILL)
            process.wait()
        shops[0].stop()
        yield made


def test_nothing_is_lost_or_double(town: Town, record_property: Callable[[str, object], None]) -> None:
    town.command("sync")
    town.command("work", "--once")
    pages = {path: path.read_bytes() for path in (town.folder / "build" / "i").rglob("*.html")}
    town.command("build")
    assert {path: path.read_bytes() for path in pages} == pages, "the worker left a page that was not true"
    reconciled = json.loads(town.command("reconcile", "--json") or "")
    assert reconciled["differences"] == []
    with town.portal() as portal:
        paid = payments_of(portal)
    receipts = [one for one in json.loads(town.command("mail", "--json") or "") if one["kind"] == "receipt"]
    assert {one["state"] for one in receipts} <= {"written"}
    assert len(receipts) == len(paid), "one receipt for each payment"
    town.happened["payments"] = len(paid)
    record_property("happened", dict(town.happened) | {"seed": SEED})
    assert town.happened["paid by card"]
    assert any("killed" in name for name in town.happened)
