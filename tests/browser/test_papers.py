"""The owner's papers in a real Chromium: nothing is blocked or fetched, all fits a phone, and all can read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

import pytest
from desk import Desk
from looking import AXE

from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.receivables.schedules import PlanSchedule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]
pytestmark = pytest.mark.browser
LONG = "Edward Long-Name International Holdings and Partners of Somewhere Else"
LATE = '[terms.late]\nmode = "charged"\nbusiness_only = false\n[terms.late.interest]\nsurcharge = "8"\n'
RATE = '[[terms.late.interest.rates]]\nvalid_from = 2026-01-01\npercent = "4.00"\n'
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A report with something in each of its parts, and the case file of an invoice that was written off."""
    moment = datetime(2026, 11, 21, 9, tzinfo=UTC)
    monkeypatch.setattr("portal.papers.report_page.now", lambda: moment)
    desk = Desk(tmp_path)
    settings = desk.world.folders.content / "portal.toml"
    desk.world.write("portal.toml", settings.read_text(encoding="utf-8") + LATE + RATE)
    for number, total in (("1", "4200.00"), ("2", "700.00"), ("3", "123456789.00"), ("4", "90.00")):
        path = desk.world.invoice(number, total=total, due_on=f"2026-1{int(number) % 3}-05")
        path.write_text(path.read_text(encoding="utf-8").replace("Sample Customer Ltd", LONG), encoding="utf-8")
    desk.world.build()
    days = (date(2026, 11, 1), date(2026, 12, 1))
    schedule = PlanSchedule(5, 0, tuple((day, Money(35000, "GBP")) for day in days))
    desk.entry(EntryKind.PROBLEM_REPORTED, "1", 420000, "2026-11-12", method="work", note="Long" + "word" * 40)
    desk.entry(EntryKind.PLAN_AGREED, "2", 70000, "2026-10-20", schedule=schedule)
    desk.entry(EntryKind.PROMISED, "3", 9900, "2026-11-18", value_on=date(2026, 11, 27))
    desk.entry(EntryKind.REASON_GIVEN, "3", 9900, "2026-11-18", method="forgot")
    desk.entry(EntryKind.PROMISED, "4", 9000, "2026-10-08", value_on=date(2026, 10, 20))
    desk.entry(EntryKind.PAYMENT, "4", 9500, "2026-10-19")
    desk.run("report")
    case = desk.json("write-off", "1042", "--why", "Insolvent")["record_for_your_tax_adviser"]
    return {"report": desk.world.folders.state / "report.html", "case": tmp_path / case}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_papers_fit_and_can_be_read(
    browser: Browser, papers: dict[str, Path], picture: Callable[[Page, str], None], scheme: Scheme
) -> None:
    for width in (320, 1280):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        for name, path in papers.items():
            page.goto(path.as_uri())
            assert page.evaluate(BEYOND) == 0, (name, width)
            picture(page, f"{name}-{width}")
            page.evaluate(AXE)
            found = page.evaluate("() => axe.run()")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], (name, width)
        context.close()


def test_nothing_is_blocked_and_nothing_fetched(browser: Browser, papers: dict[str, Path]) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on(
        "request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    for path in papers.values():
        page.goto(path.as_uri())
        assert page.evaluate("getComputedStyle(document.querySelector('.box')).borderRadius") == "16px"
    assert said == []
    page.close()
