"""A passing day makes those pages anew whose words it changes, and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from world import World

from portal.building.site import page_of
from portal.building.site_contents import SiteContents
from portal.payments import planning
from portal.ports.plans import PlanLife
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DAY = timedelta(1)
FIRST = date(2026, 11, 2)
AGREED = datetime(2026, 11, 2, 9, tzinfo=UTC)
SETTINGS = """
[[terms.discounts]]
days = 40
percent = "2"

[terms.late]
mode = "charged"
business_only = false
grace_days = 3
flat = { GBP = "25.00" }

[terms.late.interest]
rates = [{ valid_from = 2026-01-01, percent = "8" }]
every_days = 7

[[plans]]
payments = 3
collected = "by hand"
first_on = 2026-11-12
"""
PARTS = '[[parts]]\npercent = "40"\ndue_on = 2026-11-04\n[[parts]]\ndue_on = 2026-11-24\n+++\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Invoices that a day changes in every way there is, on the day on which one of them went on a plan."""
    here = World(tmp_path, day=FIRST)
    here.write("portal.toml", (here.folders.content / "portal.toml").read_text(encoding="utf-8") + SETTINGS)
    for number, due_on in (("overdue", "2026-10-20"), ("now", "2026-11-02"), ("later", "2026-11-18")):
        here.invoice(number, due_on=due_on)
    here.invoice("discounted", due_on="2027-02-01")
    in_parts = here.invoice("in parts", due_on="2026-11-24")
    in_parts.write_text(in_parts.read_text(encoding="utf-8").removesuffix("+++\n") + PARTS, encoding="utf-8")
    for number in ("on a plan", "broken"):
        here.invoice(number, due_on="2026-11-05")
    paid = '[[payments]]\namount = "840.00"\n+++\n'
    settled = here.invoice("paid")
    settled.write_text(settled.read_text(encoding="utf-8").removesuffix("+++\n") + paid, encoding="utf-8")
    assert not here.build().problems
    put_on_a_plan(here, "on a plan", (FIRST, FIRST + 30 * DAY))
    put_on_a_plan(here, "broken", (FIRST, FIRST + 4 * DAY, FIRST + 14 * DAY))
    here.build()
    return here


def put_on_a_plan(world: World, key: str, days: tuple[date, ...]) -> None:
    """Agreed by hand on the first day, with its first payment."""
    amounts = (Money(84000 - 20000 * (len(days) - 1), "GBP"), *[Money(20000, "GBP")] * (len(days) - 1))
    installments = tuple(
        Installment(number, day, amount) for number, (day, amount) in enumerate(zip(days, amounts, strict=True), 1)
    )
    plan = PaymentPlan(f"plan {key}", key, installments, False, 2, AGREED, "I agree.", "none", 0)
    with world.open().ledger.transaction() as tx:
        tx.append(Entry(EntryKind.PAYMENT, key, amounts[0], AGREED, f"pi {key}"))
    planning.agree_without_payment((replace(plan, since_seq=0),), world.open().ledger)
    assert world.open().ledger.plans_in_force()[key].life is PlanLife.IN_FORCE


def fresh_until(world: World) -> Mapping[str, date | None]:
    """By path: the last day for which each page is made."""
    portal = world.open()
    invoices = {key: portal.ledger.invoice(key) for key in portal.ledger.invoice_sources()}
    by_token = {
        portal.path_of(key).split("/")[2]: (invoice, portal.ledger.entries_of(key))
        for key, invoice in invoices.items()
        if invoice is not None
    }
    contents = SiteContents(portal.settings, world.day, by_token.get, None, plan_of=portal.ledger.plan_in_force)
    found = {}
    for token in by_token:
        page = page_of(contents, token)
        assert page is not None
        found[f"i/{token}/index.html"] = page.fresh_until
    return found


def prints(world: World) -> Mapping[str, str]:
    """By path: what each page was made from."""
    return {path: record.fingerprint for path, record in world.open().publisher().known().items()}


def test_a_passing_day_renders_only_the_pages_whose_day_has_come(world: World) -> None:
    changes = 0
    for _ in range(45):
        until, before = fresh_until(world), prints(world)
        yesterday = world.day
        world.day += DAY
        report = world.build()
        after = prints(world)
        changed = {path for path in after if after[path] != before[path]}
        assert report.pages.written == len(changed)
        # A receipt says what is left, so it changes with its invoice.
        of_invoices = {path.replace("/receipt/", "/") for path in changed if path.startswith("i/")}
        assert of_invoices <= {path for path, day in until.items() if day == yesterday}, yesterday
        assert of_invoices or not changed, "a statement changes with one of its invoices only"
        assert all(day is None or day >= yesterday for day in until.values())
        changes += len(changed)
    assert changes > 12


def test_every_page_whose_words_change_is_rendered(world: World) -> None:
    """The control: a page that was not made anew would have come out the same."""
    for _ in range(5):
        world.day += 9 * DAY
        world.build()
        kept = {path: path.read_bytes() for path in (world.folders.output / "i").rglob("*.html")}
        for path in kept:
            path.unlink()
        ledger = world.open().ledger
        output = str(world.folders.output)
        ledger.record_pages(output, published=(), removed=[*ledger.pages(output)])
        world.build()
        for path, body in kept.items():
            assert words_of(path.read_bytes()) == words_of(body)


def words_of(body: bytes) -> list[str]:
    """The page but for the sentence that says of which day it is."""
    return [line for line in body.decode().splitlines() if "Balance as of" not in line]
