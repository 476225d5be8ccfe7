"""How much is done, counted rather than timed: what must not grow with the number of invoices does not."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from world import World

from portal.adapters.ledger.engine import _open_engines
from portal.adapters.output_folder import OutputFolder
from portal.building.build import build
from portal.building.freeze import PageFreezer
from portal.building.staging import StagingFreezer
from portal.cli.build import write_owners_report
from portal.receivables.balance import balance_of
from portal.serving import SANDBOX_PATH, Dispatcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance

FEW, MANY = 60, 120
READS_OF_A_PAYMENT = 9  # over the two events that Stripe sends; docs/scaling.md reckons with it
MAIL = '[mail]\nfrom = "hello@example.com"\n'


def world_with(root: Path, count: int) -> World:
    world = World(root)
    settings = world.folders.content / "portal.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + MAIL, encoding="utf-8")
    for number in range(1, count):
        world.invoice(str(number), total=f"{number}.50")
    return world


@contextmanager
def statements_to_the_ledger() -> Iterator[list[str]]:
    """The SQL that every ledger that is opened meanwhile, or open already, is sent."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        told.append(statement)

    engines = list(_open_engines)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield told
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are rendered from now on."""
    told: list[str] = []
    freeze_each = StagingFreezer.freeze_each

    def noted(freezer: StagingFreezer, urls: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for url, body in freeze_each(freezer, urls):
            told.append(url)
            yield url, body

    monkeypatch.setattr(StagingFreezer, "freeze_each", noted)
    return told


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of the output folder that are written from now on."""
    told: list[str] = []
    put_in_place = OutputFolder.put_in_place

    def noted(folder: OutputFolder, path: str, *, sync: bool) -> None:
        told.append(path)
        put_in_place(folder, path, sync=sync)

    monkeypatch.setattr(OutputFolder, "put_in_place", noted)
    return told


@pytest.fixture
def stripe_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Stripe is asked from now on, as "POST /v1/checkout/sessions"; the numbers of things are left out."""
    told: list[str] = []
    answer = Dispatcher.__call__

    def noted(dispatcher: Dispatcher, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix(SANDBOX_PATH)
        if path.startswith("/v1/"):
            told.append(f"{environ['REQUEST_METHOD']} {re.sub(r'/(cs|pi)_[^/]+', '/ID', path)}")
        return answer(dispatcher, environ, start_response)

    monkeypatch.setattr(Dispatcher, "__call__", noted)
    return told


def statements_of_a_build(world: World) -> int:
    portal = world.open()
    with statements_to_the_ledger() as told:
        report = build(portal)
        portal.post_office().attend()
        write_owners_report(portal, report.documents)
    return len(told)


@pytest.mark.parametrize("asked_by_name", [1, 500])
def test_a_build_asks_the_ledger_as_often_for_many_invoices_as_for_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_by_name: int
) -> None:
    monkeypatch.setattr("portal.links.page_links._ASKED_BY_NAME", asked_by_name)
    few, many = world_with(tmp_path / "few", FEW), world_with(tmp_path / "many", MANY)
    assert statements_of_a_build(few) == statements_of_a_build(many), "the first build"
    assert statements_of_a_build(few) == statements_of_a_build(many), "where nothing changed"


def test_no_change_renders_nothing_and_one_change_renders_its_pages(
    tmp_path: Path, rendered: list[str], written: list[str]
) -> None:
    world = world_with(tmp_path, FEW)
    world.build()
    rendered.clear()
    written.clear()
    world.build()
    assert rendered == []
    assert written == []
    world.invoice("3", total="77.00")
    world.build()
    token = world.open().token_of("3")
    assert [url for url in rendered if url.startswith("/i/")] == [f"/i/{token}/"]
    assert len(rendered) == len(written) == 2, "the page and its statement"


def test_a_day_that_passes_renders_only_the_pages_that_it_changes(tmp_path: Path, rendered: list[str]) -> None:
    world = World(tmp_path)
    world.invoice("due tomorrow", due_on=str(world.day))
    world.invoice("due later", due_on="2030-01-01")
    world.build()
    rendered.clear()
    world.day = next_day(world.day)
    world.build()
    assert [url for url in rendered if url.startswith("/i/")] == [f"/i/{world.open().token_of('due tomorrow')}/"]


def next_day(day: date) -> date:
    return day.fromordinal(day.toordinal() + 1)


def test_freezing_after_a_payment_asks_as_often_however_many_invoices_there_are(
    tmp_path: Path, rendered: list[str]
) -> None:
    counts = []
    for count in (FEW, MANY):
        world = world_with(tmp_path / str(count), count)
        give_each_its_own_customer(world, count)
        world.build()
        portal = world.open()
        freezer = PageFreezer(portal)
        with portal.ledger.transaction() as tx:
            tx.enqueue_freeze("3")
        rendered.clear()
        with statements_to_the_ledger() as told:
            freezer.freeze_stale()
        counts.append(len(told))
        assert rendered == [f"/i/{portal.token_of('3')}/"]
    assert counts[0] == counts[1]


def give_each_its_own_customer(world: World, count: int) -> None:
    """For a statement's page is of as many invoices as are on it."""
    for number in range(1, count):
        path = world.invoice(str(number), total=f"{number}.50")
        path.write_text(path.read_text(encoding="utf-8").replace("accounts@", f"{number}@"), encoding="utf-8")


@pytest.mark.parametrize("on_a_statement", [False, True])
def test_each_balance_is_worked_out_once_for_all_that_a_build_makes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, on_a_statement: bool
) -> None:
    """Its pages, what they say settles it and until when, its statement, and the table of links."""
    world = world_with(tmp_path, FEW)
    if not on_a_statement:
        give_each_its_own_customer(world, FEW)
    told: list[str] = []

    def noted(invoice: Invoice, entries: Iterable[Entry], as_of: date) -> InvoiceBalance:
        told.append(invoice.key)
        return balance_of(invoice, entries, as_of)

    for module in list(sys.modules.values()):
        if getattr(module, "balance_of", None) is balance_of and module.__name__.startswith("portal."):
            monkeypatch.setattr(module, "balance_of", noted)
    portal = world.open()
    build(portal)
    assert sorted(told) == sorted(invoice.key for invoice in portal.ledger.invoices())


def test_a_build_only_reads_at_stripe_and_as_often_for_many_invoices_as_for_few(
    world: World, stripe_calls: list[str]
) -> None:
    counts = []
    for count in (FEW, MANY):
        for number in range(1, count):
            world.invoice(str(number), total=f"{number}.50")
        build(world.served())
        stripe_calls.clear()
        build(world.served())
        assert [call for call in stripe_calls if not call.startswith("GET ")] == []
        counts.append(sorted(stripe_calls))
    assert counts[0] == counts[1]
    assert len(counts[0]) == len(set(counts[0])), "no list is asked for twice"


def test_a_click_is_one_call_and_a_webhook_only_reads(world: World, stripe_calls: list[str]) -> None:
    answer = world.pay()
    assert stripe_calls == ["POST /v1/checkout/sessions"]
    stripe_calls.clear()
    paid = world.at_checkout(answer.headers["Location"])
    world.sandbox.deliver_due()
    assert world.entries() != ()
    assert [call for call in stripe_calls if not call.startswith("GET ")] == []
    assert len(stripe_calls) == READS_OF_A_PAYMENT, stripe_calls
    stripe_calls.clear()
    world.come_back(paid)
    assert stripe_calls == ["GET /v1/checkout/sessions/ID"]
