"""The invoice's own PDF: found beside its source, published below its link, and gone with it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
import requests
from pypdf import PdfWriter

from portal import sources

if TYPE_CHECKING:
    from pathlib import Path

    from world import World

PDF = b"%PDF-1.7\nan invoice\n%%EOF\n"


def blank() -> bytes:
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(stream)
    return stream.getvalue()


BLANK = blank()


def put(world: World, name: str, body: bytes = PDF) -> Path:
    path = world.folders.content / "invoices" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def saved(world: World) -> requests.Response:
    """What the page's link leads to."""
    found = re.search(r'href="([^"]+)" download="([^"]+)"', world.page())
    assert found is not None
    assert found[2] == "1042.pdf"
    return requests.get(f"{world.url}{found[1]}", timeout=10)


def test_the_invoice_itself_is_below_its_own_link(world: World) -> None:
    put(world, "1042.pdf")
    world.build()
    answer = saved(world)
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    published = [path for path in world.folders.output.rglob("*") if path.suffix == ".pdf"]
    assert [path.name for path in published] == ["invoice.pdf"]
    assert "1042" not in str(published[0].relative_to(world.folders.output))


def test_only_a_changed_document_is_published_again_and_a_removed_one_goes(world: World) -> None:
    path = put(world, "1042.pdf")
    world.build()
    assert world.build().pages.written == 0
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    assert saved(world).content == PDF
    path.write_bytes(PDF + b"corrected")
    world.build()
    assert saved(world).content == PDF + b"corrected"
    address = re.search(r'href="([^"]+invoice\.pdf)"', world.page())
    assert address is not None
    path.unlink()
    world.build()
    assert "invoice.pdf" not in world.page()
    assert requests.get(f"{world.url}{address[1]}", timeout=10).status_code == 404


def test_a_document_may_be_named_like_the_number(world: World) -> None:
    (world.folders.content / "invoices" / "1042.md").rename(world.folders.content / "invoices" / "october.md")
    put(world, "1042.pdf")
    world.build()
    assert saved(world).content == PDF


def test_rows_of_a_table_are_matched_by_number(world: World) -> None:
    world.write("invoices/open.csv", "number,customer,total,currency,due date\n77,Sample,10.00,GBP,2026-12-01\n")
    put(world, "77.pdf")
    world.build()
    assert "invoice.pdf" in world.page("77")


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("9999.pdf", BLANK, "No invoice belongs to this document"),
        ("other/1042.pdf", BLANK, "No invoice belongs to this document"),
        ("1042.pdf", b"<html>", "This is no PDF"),
        ("1042.pdf", b"", "This is no PDF"),
        ("1042.pdf", PDF + b"x" * (10 * 1024 * 1024), "larger than 10 MiB"),
    ],
)
def test_what_cannot_be_shown_is_named_and_the_invoice_stays(world: World, name: str, body: bytes, told: str) -> None:
    put(world, name, body)
    loaded = sources.load(world.folders.content)
    assert [invoice.key for invoice in loaded.invoices] == ["1042"]
    assert [problem.file for problem in loaded.warnings] == [f"invoices/{name}"]
    assert told in loaded.warnings[0].problem
    world.build()
    assert "invoice.pdf" not in world.page()


def test_nobody_reads_it_without_the_link(world: World) -> None:
    put(world, "1042.pdf")
    world.build()
    for path in ("/invoice.pdf", "/1042.pdf", "/i/invoice.pdf", "/invoices/1042.pdf", f"/i/{'a' * 32}/invoice.pdf"):
        assert requests.get(f"{world.url}{path}", timeout=10).status_code == 404
