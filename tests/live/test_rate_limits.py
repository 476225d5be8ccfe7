"""Too many forms from one link or one network: refused gently, and never in the way of somebody who pays."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
import requests
from werkzeug.test import Client

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.errors import LedgerBusyError
from portal.links.issuing import LinkPlace
from portal.live.rate_limits import WINDOW_SECONDS, Counted, RateLimits, network_of
from portal.ports.links import LinkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from werkzeug.test import TestResponse
    from world import World

    from portal.adapters.ledger.sql_ledger import SqlLedger

MOST = {Counted.LINK: 3, Counted.ADDRESS: 5}
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = open_ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def limits(ledger: SqlLedger, at: datetime = START) -> RateLimits:
    return RateLimits(ledger, MOST, b"k" * 32, lambda: at)


def test_each_link_has_its_own_count(ledger: SqlLedger) -> None:
    said = [limits(ledger).exceeded("one", None) for _ in range(4)]
    assert said == [None, None, None, Counted.LINK]
    assert limits(ledger).exceeded("two", None) is None


def test_an_address_is_counted_over_all_links(ledger: SqlLedger) -> None:
    said = [limits(ledger).exceeded(f"link {n}", "8.8.8.8") for n in range(6)]
    assert said == [None] * 5 + [Counted.ADDRESS]
    assert limits(ledger).exceeded("other", "8.8.4.4") is None


def test_counts_begin_anew(ledger: SqlLedger) -> None:
    for _ in range(9):
        limits(ledger).exceeded("one", "8.8.8.8")
    later = limits(ledger, START + timedelta(seconds=WINDOW_SECONDS))
    assert later.exceeded("one", "8.8.8.8") is None
    assert ledger.count(["probe"], int(START.timestamp()) // WINDOW_SECONDS + 1) == {"probe": 1}


def test_where_nothing_can_be_counted_nothing_is_refused() -> None:
    class Busy:
        def count(self, subjects: Iterable[str], window: int) -> Mapping[str, int]:  # noqa: ARG002  never reached
            raise LedgerBusyError([])

    assert RateLimits(Busy(), MOST, b"k" * 32, lambda: START).exceeded("one", "8.8.8.8") is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2606:4700:1:2:3:4:5:6", "2606:4700:1:2::/64"),
        ("127.0.0.1", None),
        ("10.0.0.7", None),
        ("fe80::1", None),
        ("unix", None),
    ],
)
def test_what_is_counted_for_an_address(address: str, counted: str | None) -> None:
    assert network_of(address) == counted


def allow(world: World, settings: str) -> None:
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + settings, encoding="utf-8")
    world.build()
    world.serve_again()


def send(world: World, path: str = "/pay", address: str = "127.0.0.1", **headers: str) -> TestResponse:
    hidden = world.form(world.page())
    fields = {"token": hidden["token"], "shown": hidden["shown"], "want": "all"}
    client = Client(world.parts.app)
    return client.post(path, data=fields, environ_base={"REMOTE_ADDR": address}, headers=headers)


def test_who_pays_is_sent_to_the_open_checkout_however_often_they_press(world: World) -> None:
    allow(world, "[limits]\nper_link = 5\n")
    first = world.pay().headers["Location"]
    assert {world.pay().headers["Location"] for _ in range(8)} == {first}


def test_who_pays_a_statement_is_sent_to_its_open_checkout_and_not_to_an_invoices(world: World) -> None:
    world.invoice("1043")
    allow(world, "[limits]\nper_link = 5\n")
    portal = world.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    of_invoice = world.pay("1043").headers["Location"]
    page = unescape(requests.get(portal.url_of_link(link), timeout=10).text)
    form = world.form(page) | {"want": "all"}

    def press() -> requests.Response:
        return requests.post(f"{world.url}/pay", data=form, allow_redirects=False, timeout=60)

    pressed = [press() for _ in range(8)]
    assert {answer.status_code for answer in pressed} == {303}
    assert len({answer.headers["Location"] for answer in pressed}) == 1
    assert pressed[-1].headers["Location"] != of_invoice


def test_other_forms_wait(world: World) -> None:
    allow(world, "[limits]\nper_link = 5\n")
    answers = [send(world, "/answer") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429] * 2
    assert "Please wait a little" in answers[-1].text
    assert answers[-1].headers["Retry-After"] == str(WINDOW_SECONDS)


def test_who_comes_back_too_often_is_sent_to_their_page_and_the_provider_is_not_asked(world: World) -> None:
    allow(world, "[limits]\nper_link = 5\n")
    paid = world.at_checkout(world.pay().headers["Location"])
    client = Client(world.parts.app)
    back = paid.headers["Location"].removeprefix(world.url)
    page = world.open().url_of("1042")
    guessed = re.sub("checkout=[^&]*", "checkout=cs_test_00000000", back)
    assert [client.get(guessed).status_code for _ in range(6)] == [502] * 5 + [303]
    assert client.get(guessed).headers["Location"] == page
    world.open().issuing().revoke(LinkPlace(LinkKind.INVOICE, "1042", "1042"))
    assert client.get(guessed).status_code == 429, "nor through a link that was taken back"


def test_who_pressed_too_often_still_comes_back(world: World) -> None:
    allow(world, "[limits]\nper_link = 5\n")
    opened = [world.pay().headers["Location"] for _ in range(8)]
    world.come_back(world.at_checkout(opened[-1], webhook="lose"))
    assert "Paid in full" in world.page()


def test_an_address_of_the_internet_waits_and_one_behind_our_proxy_is_told_apart(world: World) -> None:
    allow(world, "[limits]\nper_link = 10000\nper_address = 10\n")
    assert [send(world, address="8.8.8.8").status_code for _ in range(11)][-1] == 429
    assert send(world, address="8.8.4.4").status_code == 303
    assert send(world, address="8.8.4.4", X_Forwarded_For="8.8.8.8").status_code == 303


def test_behind_a_proxy_the_sender_is_whom_the_proxy_names(world: World) -> None:
    path = world.folders.content / "portal.toml"
    text = path.read_text().replace("[portal]", "[portal]\nproxies = 1")
    path.write_text(text + "[limits]\nper_link = 10000\nper_address = 10\n", encoding="utf-8")
    world.build()
    world.serve_again()
    forged = {"X_Forwarded_For": "9.9.9.9, 8.8.8.8"}
    assert [send(world, **forged).status_code for _ in range(11)][-1] == 429
    assert send(world, X_Forwarded_For="8.8.8.8, 9.9.9.9").status_code == 303


def test_one_sender_cannot_fill_the_owners_inbox(world: World) -> None:
    client = Client(world.parts.app)

    def ask(number: int, address: str) -> int:
        form = {"email": f"a{number}@example.com", "words": "", "lang": ""}
        return client.post("/fresh-link", data=form, environ_base={"REMOTE_ADDR": address}).status_code

    assert [ask(number, "8.8.8.8") for number in range(12)] == [303] * 10 + [429] * 2
    assert ask(12, "8.8.4.4") == 303
    assert len(world.open().ledger.link_requests()) == 11
    assert send(world, address="8.8.8.8").status_code == 303, "who asked too often can still pay"


def test_webhooks_are_never_counted(world: World) -> None:
    allow(world, "[limits]\nper_address = 10\n")
    client = Client(world.parts.app)
    answers = {client.post("/webhooks/stripe", environ_base={"REMOTE_ADDR": "8.8.8.8"}).status_code for _ in range(15)}
    assert answers == {400}


def test_the_live_app_answers_to_its_own_names_only(world: World) -> None:
    hidden = world.form(world.page())
    answer = requests.post(f"{world.url}/pay", data=hidden, headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
