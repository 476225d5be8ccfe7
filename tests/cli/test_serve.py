"""``portal serve`` as a process of its own: what it refuses, what it serves, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import requests

from portal.live.whole_bodies import BODY_SECONDS
from portal.serving import THREADS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PORTAL = [sys.executable, "-c", "from portal.cli import main; main()"]
KEYS = {"PORTAL_STRIPE_KEY": "sk_live_1", "PORTAL_STRIPE_WEBHOOK_SECRET": "whsec_1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "content" / "invoices").mkdir(parents=True)
    (tmp_path / "content" / "portal.toml").write_text('[business]\nname = "Sample"\n')
    (tmp_path / "content" / "invoices" / "1.csv").write_text("Number,Customer,Currency,Total\n1,Sample Ltd,EUR,10.00\n")
    return tmp_path


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return subprocess.Popen(
        [*PORTAL, *arguments],
        cwd=folder,
        env=plain | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def refusal(folder: Path, *arguments: str, **environment: str) -> str:
    process = started(folder, "serve", *arguments, **environment)
    _out, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in errors
    return errors


@pytest.fixture
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    address = f"http://127.0.0.1:{port}"
    started(folder, "build", PORTAL_BASE_URL=address).communicate(timeout=30)
    process = started(folder, "serve", "--show-links", PORTAL_BASE_URL=address)
    wait_for(address)
    yield process
    process.kill()
    process.communicate()


def wait_for(address: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            requests.get(f"{address}/", timeout=1)
        except requests.ConnectionError:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)
        else:
            return


def test_it_serves_pages_and_sandbox_and_ends_cleanly(serving: subprocess.Popen[str], port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    assert requests.get(f"{address}/sandbox/", timeout=5).status_code == 200
    assert requests.get(f"{address}/nothing", timeout=5).status_code == 404
    serving.send_signal(signal.SIGINT)
    out, errors = serving.communicate(timeout=20)
    assert serving.returncode == 0
    assert "Traceback" not in errors
    assert f"{address}/i/" in out
    assert "Open this one first" in out
    assert "EUR 10.00" in out


def test_with_a_live_key_there_is_no_sandbox(folder: Path, port: int) -> None:
    process = started(
        folder, "serve", "--port", str(port), **KEYS, PORTAL_BASE_URL="https://pay.example", PORTAL_LIVE_URL=""
    )
    wait_for(f"http://127.0.0.1:{port}")
    try:
        for path in ("/sandbox/", "/sandbox/v1/checkout/sessions"):
            assert requests.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code == 404
    finally:
        process.terminate()
        out, _errors = process.communicate(timeout=20)
    assert "sandbox" not in out
    assert not (folder / "var" / "sandbox").exists()


def test_a_live_key_without_the_rest_is_refused_with_all_that_is_missing(folder: Path) -> None:
    errors = refusal(folder, PORTAL_STRIPE_KEY="sk_live_1")
    assert "PORTAL_STRIPE_WEBHOOK_SECRET" in errors
    assert "portal.base_url" in errors
    assert "sk_live_1" not in errors


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("length", [1000, 10**8], ids=["slow", "endless"])
def test_a_few_slow_senders_keep_nobody_waiting_for_long(port: int, length: int) -> None:
    head = f"POST /pay HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\ntoken="
    with ExitStack() as connections:
        for _ in range(THREADS):
            slow = connections.enter_context(socket.create_connection(("127.0.0.1", port)))
            slow.send(head.encode())
        assert requests.get(f"http://127.0.0.1:{port}/nothing", timeout=4 * BODY_SECONDS).status_code == 404


@pytest.mark.parametrize("name", ["PORTAL_BASE_URL", "PORTAL_LIVE_URL"])
def test_a_key_that_got_lost_does_not_bring_the_sandbox_to_customers(folder: Path, name: str) -> None:
    errors = refusal(folder, **{name: "https://pay.example"})
    assert "PORTAL_STRIPE_KEY" in errors
    assert "play money" in errors
    assert not (folder / "var" / "sandbox").exists()


def test_a_test_key_beside_livemode_is_refused_at_start(folder: Path) -> None:
    settings = folder / "content" / "portal.toml"
    settings.write_text(settings.read_text() + "[stripe]\nlivemode = true\n")
    assert "test key" in refusal(folder, PORTAL_STRIPE_KEY="sk_test_1")


def test_a_port_that_is_taken_is_explained(folder: Path, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert f"Port {port}" in refusal(folder, "--port", str(port))
