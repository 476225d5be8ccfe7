"""A whole portal on loopback: content, pages, live app and sandbox under one real HTTP server."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from postgres_server import Server, find_programs, running_server
from world import World, served_world

from portal.building.build import build
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _no_terminal() -> Iterator[None]:
    """Commands say the same wherever the tests run: readline, which pytest loads, claims a terminal of 80 columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        yield


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A built portal that is being served."""
    with served_world(tmp_path) as here:
        yield here


@pytest.fixture
def linked_world(tmp_path: Path) -> Iterator[World]:
    """A portal that is paid through payment links of the sandbox, built with them; the server has pages only."""
    with served_world(tmp_path, '[payments]\ncheckout = "links"\n') as here:
        build(here.served())
        yield here


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own."""
    programs = find_programs()
    if programs is None:
        reason = "PostgreSQL is not installed: see tests/postgres/install-postgresql.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_server(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger may be made, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/ledger.db"
    server: Server = request.getfixturevalue("postgres")
    return server.new_schema()


@pytest.fixture
def make_invoice() -> Callable[..., Invoice]:
    """An invoice as a value: ``make_invoice(total=Money(...), due_on=date(...))``."""

    def make(**fields: object) -> Invoice:
        total = fields.pop("total", Money(84000, "GBP"))
        plain: dict[str, object] = {
            "key": "1042",
            "number": "1042",
            "customer": Customer("Sample Customer Ltd"),
            "total": total,
            "stated_due": total,
            "issued_on": date(2026, 10, 1),
            "due_on": date(2026, 10, 31),
            "source": "invoices/1042.md",
        }
        return Invoice(**(plain | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    """A fact as a value: ``make_entry(30000, kind=EntryKind.PAYMENT)``."""

    def make(
        minor: int,
        currency: str = "GBP",
        *,
        kind: EntryKind = EntryKind.PAYMENT,
        external_id: str = "pi_1",
        key: str = "1042",
    ) -> Entry:
        happened = datetime(2026, 11, 20, 12, tzinfo=UTC)
        return Entry(kind, key, Money(minor, currency), happened, external_id, "Visa ending 4242")

    return make


MANY_HISTORIES, OFTEN_ENOUGH = 2000, 50
"""Among so many random histories each thing is to have happened so often: what is rare was hardly tried."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how often each thing happened in the random histories."""
    happened, rare = _happened(terminalreporter)
    if happened:
        terminalreporter.section("what happened in the random histories")
        terminalreporter.write_line(", ".join(f"{name} {times:,}" for name, times in sorted(happened.items())))
    if rare:
        terminalreporter.write_line(f"FAILED: too rare to have been tried: {', '.join(rare)}", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where the histories hardly tried something; with several processes only the first one knows them all."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, pytest.TerminalReporter) and _happened(reporter)[1]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _happened(reporter: pytest.TerminalReporter) -> tuple[Counter[str], list[str]]:
    """How often each thing happened, and what happened too rarely."""
    properties = [dict(report.user_properties) for report in reporter.getreports("passed")]
    happened: Counter[str] = Counter()
    for some in properties:
        happened.update(some.get("happened", {}))
    if happened["histories"] < MANY_HISTORIES:
        return happened, []
    expected = {name for some in properties for name in some.get("expected", ())}
    return happened, sorted(name for name in expected if happened[name] < OFTEN_ENOUGH)
