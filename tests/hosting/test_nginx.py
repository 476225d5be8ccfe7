"""Pages behind a real nginx: what ``portal headers nginx`` prints does what ``portal serve`` does by itself."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from portal.cli import main
from portal.config import load_settings
from portal.hosting.headers import security_headers
from portal.theming.theme import theme_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from world import World

PROGRAMS = ("nginx", "/usr/sbin/nginx", "/opt/homebrew/bin/nginx")
SERVER = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{ }}
http {{
    types {{ text/html html; }}
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    access_log {folder}/access.log;
    server {{
        listen 127.0.0.1:{port};
        include {folder}/portal.conf;
    }}
}}
"""
ODD = (
    "/i/",
    "/i",
    "/_headers",
    "/.nojekyll",
    "/.git/config",
    "/i/.hidden/",
    "/nothing",
    f"/i/{'a' * 32}/",
    "/i/1042/",
    "/terms/index.html/x",
    "//i//",
)
OUTSIDE = ("/../var/ledger.sqlite", "/..%2fvar%2fledger.sqlite", "/%2e%2e/var/link.key", "/i/../../var/link.key")


@pytest.fixture
def furnished(world: World) -> World:
    """A portal that has a page of every kind."""
    world.write("pages/terms.md", "# Payment terms\n\nPay within 30 days.\n")
    world.build()
    return world


@pytest.fixture
def nginx() -> str:
    """The program; where there is none the tests are skipped, and fail in CI."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        reason = "nginx is not installed: see tests/hosting/install-nginx.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


@contextmanager
def running(nginx: str, world: World, folder: Path) -> Iterator[str]:
    """An nginx with what the portal prints for it; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = ("--content", world.folders.content, "--output", world.folders.output, "--state", world.folders.state)
    printed = CliRunner().invoke(main, ["headers", "nginx", *map(str, where)])
    assert printed.exit_code == 0, printed.output
    folder.mkdir(exist_ok=True)
    (folder / "portal.conf").write_text(printed.output)
    (folder / "nginx.conf").write_text(SERVER.format(folder=folder, port=port))
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([nginx, "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"], stderr=said)
    try:
        _wait_for(port, process, folder / "said")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + 10
    while True:
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < until, said.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)


def paths(world: World) -> list[str]:
    """Every page, each also as people mistype it."""
    page = world.open().path_of("1042")
    return ["/", "/terms/", "/404.html", page, page.rstrip("/"), page.upper(), f"{page}index.html", *ODD]


def asked(address: str, path: str, method: str = "GET") -> requests.Response:
    """An answer to a path exactly as it is written."""
    request = requests.Request(method, address).prepare()
    request.url = address + path
    with requests.Session() as session:
        return session.send(request, allow_redirects=False, timeout=10)


@pytest.mark.parametrize("live", ["beside the pages", "elsewhere"])
def test_every_answer_is_that_of_the_portals_own_server(
    furnished: World, nginx: str, tmp_path: Path, live: str
) -> None:
    if live == "elsewhere":
        settings = furnished.folders.content / "portal.toml"
        settings.write_text(f'{settings.read_text()}live_url = "https://live.example.com"\n')
        furnished.build()
        furnished.serve_again()
    loaded = load_settings(furnished.folders.content, {})
    headers = security_headers(loaded, theme_of(loaded).css_hashes)
    with running(nginx, furnished, tmp_path / "nginx") as address:
        for path in paths(furnished):
            there, here = asked(address, path), asked(furnished.url, path)
            assert (there.status_code, there.content) == (here.status_code, here.content), path
            assert {name: there.headers.get(name) for name in headers} == headers, path
            assert there.headers["Content-Type"].lower() == here.headers["Content-Type"], path
            assert "Location" not in there.headers, path
        assert {asked(address, path).status_code for path in OUTSIDE} <= {400, 404}
        assert asked(address, "/terms/", "POST").status_code == 405
    log = tmp_path / "nginx" / "access.log"
    assert not log.exists() or log.read_text() == "", "an address was written into a log"


def test_pay_buttons_go_through_it(furnished: World, nginx: str, tmp_path: Path) -> None:
    hidden = furnished.form(furnished.page())
    with running(nginx, furnished, tmp_path / "nginx") as address:
        opened = requests.post(f"{address}/pay", data=hidden | {"want": "all"}, allow_redirects=False, timeout=60)
        assert opened.status_code == 303
        assert opened.headers["Location"].startswith(f"{furnished.url}/sandbox/")
        webhook = requests.post(f"{address}/webhooks/stripe", data=b"{}", timeout=10)
        assert webhook.status_code == 400
        assert webhook.headers["Referrer-Policy"] == "no-referrer"


def test_whom_a_client_names_as_sender_is_not_believed(furnished: World, nginx: str, tmp_path: Path) -> None:
    settings = furnished.folders.content / "portal.toml"
    text = settings.read_text().replace("[portal]", "[portal]\nproxies = 1")
    settings.write_text(f"{text}[limits]\nper_address = 10\n")
    furnished.build()
    furnished.serve_again()
    forged = {"X-Forwarded-For": "8.8.8.8"}
    with running(nginx, furnished, tmp_path / "nginx") as address:
        asked_often = [requests.post(f"{address}/answer", headers=forged, timeout=10).status_code for _ in range(12)]
    assert set(asked_often) == {400}, "requests were counted for an address of somebody else"


def test_with_payment_links_nothing_is_passed_on(linked_world: World, nginx: str, tmp_path: Path) -> None:
    with running(nginx, linked_world, tmp_path / "nginx") as address:
        assert requests.get(linked_world.open().url_of("1042"), timeout=10).status_code == 200
        assert asked(address, linked_world.open().path_of("1042")).status_code == 200
        assert requests.post(f"{address}/webhooks/stripe", data=b"{}", timeout=10).status_code in {404, 405}


def test_packed_copies_are_sent_as_they_lie_there_and_not_missed_where_there_is_none(
    furnished: World, nginx: str, tmp_path: Path
) -> None:
    settings = (furnished.folders.content / "portal.toml").read_text(encoding="utf-8")
    furnished.write("portal.toml", settings + "[publish]\npacked_copies = true\n")
    furnished.build()
    page = furnished.folders.output / "i" / furnished.open().token_of("1042") / "index.html"
    copy = page.with_name("index.html.gz")
    with running(nginx, furnished, tmp_path / "nginx") as address:
        url = f"{address}/{page.parent.relative_to(furnished.folders.output)}/"
        sent = requests.get(url, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=10)
        assert sent.raw.read(decode_content=False) == copy.read_bytes()
        assert sent.headers["Content-Encoding"] == "gzip"
        headers = security_headers(load_settings(furnished.folders.content, {}), ())
        assert sent.headers["Cache-Control"] == headers["Cache-Control"]
        assert requests.get(url, headers={"Accept-Encoding": ""}, timeout=10).content == page.read_bytes()
        copy.unlink()
        assert requests.get(url, timeout=10).content == page.read_bytes()
