"""When a customer has a statement, when its link holds, and that its page is made whenever one of its invoices is."""

from __future__ import annotations

import gzip
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from world import World

from portal.bookkeeping.entries import OwnerEntries
from portal.bookkeeping.wishes import PaidBy, RecordPayment
from portal.building.freeze import PageFreezer
from portal.ports.links import Link, LinkKind
from portal.receivables.money import Money
from portal.wiring.portal import now

if TYPE_CHECKING:
    from pathlib import Path

NAMED = """+++
number = "{number}"
customer = {{ name = "{name}", email = "{email}", reference = "{reference}" }}
issued_on = 2026-10-01
due_on = 2026-10-31
currency = "GBP"
total = "10.00"
+++
"""


@pytest.fixture
def unserved(tmp_path: Path) -> World:
    return World(tmp_path, port=8000)


def statements(world: World) -> tuple[Link, ...]:
    return world.open().ledger.links_in_force(LinkKind.STATEMENT)


def named(world: World, number: str, name: str, *, email: str = "", reference: str = "") -> Path:
    text = NAMED.format(number=number, name=name, email=email, reference=reference)
    return world.write(f"invoices/{number}.md", text)


def page_of(world: World, link: Link) -> str:
    return (world.folders.output / "s" / link.token / "index.html").read_text(encoding="utf-8")


def record(world: World, key: str, minor: int, reference: str = "one") -> None:
    portal = world.open()
    wish = RecordPayment(Money(minor, "GBP"), date(2026, 11, 20), PaidBy.TRANSFER, reference)
    OwnerEntries(portal.ledger, None, now, portal.today).write(key, wish)


def test_two_documents_of_one_customer_make_a_statement(unserved: World) -> None:
    unserved.build()
    assert statements(unserved) == ()
    unserved.invoice("1043")
    unserved.build()
    (link,) = statements(unserved)
    body = page_of(unserved, link)
    assert "£1,680.00" in body
    for number in ("1042", "1043"):
        assert f'href="{unserved.open().path_of(number)}"' in body
    assert link.token not in "".join(path.read_text() for path in (unserved.folders.output / "i").rglob("*.html"))


def test_a_statement_holds_and_names_those_that_are_no_longer_open(unserved: World) -> None:
    second = unserved.invoice("1043")
    unserved.build()
    (link,) = statements(unserved)
    second.unlink()
    unserved.build()
    assert statements(unserved) == (link,)
    settled = page_of(unserved, link).partition("Nothing left to pay on these")[2]
    assert "1043" in settled
    assert "No longer open" in settled
    (unserved.folders.content / "invoices/1042.md").unlink()
    unserved.build()
    assert statements(unserved) == (link,)
    assert "Nothing is open on any of your invoices" in page_of(unserved, link)


def test_a_paid_document_that_is_taken_out_leaves_a_true_page(unserved: World) -> None:
    """The last entry was of the invoice that is gone: the page made without it is the newer one all the same."""
    second = unserved.invoice("1043")
    unserved.build()
    record(unserved, "1042", 1000)
    record(unserved, "1043", 2000)
    unserved.build()
    (link,) = statements(unserved)
    assert "£820.00" in page_of(unserved, link)
    second.unlink()
    unserved.build()
    assert "£820.00" not in page_of(unserved, link)


def test_a_slip_of_the_pen_in_one_file_takes_nothing_from_the_statement(unserved: World) -> None:
    second = unserved.invoice("1043")
    unserved.build()
    (link,) = statements(unserved)
    before = page_of(unserved, link)
    second.write_text("+++\nnumber = \n+++\n", encoding="utf-8")
    report = unserved.build()
    assert report.problems
    assert statements(unserved) == (link,)
    assert page_of(unserved, link) == before


def test_who_shares_a_name_an_address_or_a_number(unserved: World) -> None:
    named(unserved, "A-1", "Ada", email="home@example.com")
    named(unserved, "A-2", "Charles", email="home@example.com")
    named(unserved, "B-1", "Ada")
    named(unserved, "B-2", "Ada")
    named(unserved, "C-1", "Lovelace Ltd", email="a@example.com", reference="17")
    named(unserved, "C-2", "Lovelace Limited", email="a@example.com", reference="17")
    unserved.build()
    (link,) = statements(unserved)
    numbers = re.findall(r">Invoice ([A-Z0-9-]+)</a>", page_of(unserved, link))
    assert numbers == ["C-1", "C-2"]


def test_the_statement_is_frozen_with_each_of_its_invoices(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    (link,) = statements(unserved)
    record(unserved, "1042", 4000)
    record(unserved, "1043", 50000)
    portal = unserved.open()
    before = (unserved.folders.output / "s" / link.token / "index.html").stat().st_mtime_ns
    assert PageFreezer(portal).freeze_stale() == 2
    assert portal.ledger.stale_invoices() == ()
    body = page_of(unserved, link)
    assert "£800.00" in body
    assert "£340.00" in body
    assert "£1,140.00" in body
    assert (unserved.folders.output / "s" / link.token / "index.html").stat().st_mtime_ns > before
    known = portal.publisher().known()
    assert known[f"s/{link.token}/index.html"].seq == portal.ledger.entries_of("1043")[-1].seq
    for key in ("1042", "1043"):
        assert known[portal.path_of(key)[1:] + "index.html"].seq == portal.ledger.entries_of(key)[-1].seq
    assert unserved.build().pages.written == 0, "a build makes the same page of the same facts"


def test_a_large_statement_stays_within_the_first_round_trip(unserved: World) -> None:
    for number in range(200):
        unserved.invoice(
            f"INV-2026-{number * 7919 % 100000:05}", total=f"{number * 131 % 9000 + 20}.{number % 90 + 10}"
        )
    unserved.build()
    (link,) = statements(unserved)
    body = page_of(unserved, link)
    assert body.count('href="/i/') == body.count('type="checkbox"') == 100
    assert "One payment settles 100 invoices at most" in body
    assert "101 more invoices, due later" in body
    assert len(gzip.compress(body.encode(), 9)) <= 14 * 1024
