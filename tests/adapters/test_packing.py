"""Packed copies lie beside their page, say the same, and go before it changes."""

from __future__ import annotations

import gzip
from contextlib import closing
from typing import TYPE_CHECKING

import brotli
import pytest

from portal.adapters import packing
from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.packing import copies_of
from portal.adapters.publish import FolderPublisher, Page
from portal.building.build import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from world import World

PATH = "i/aaaa/index.html"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(open_ledger(tmp_path / "state" / "ledger.db")) as opened:
        yield opened


def publisher_of(tmp_path: Path, ledger: SqlLedger, *, packed: bool = True) -> FolderPublisher:
    return FolderPublisher(tmp_path / "build", ledger, lock=tmp_path / "state" / "publish.lock", packed=packed)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".portal"}


def test_copies_say_what_the_page_says_and_are_always_the_same() -> None:
    body = b"<p>a page</p>" * 200
    copies = copies_of(PATH, body)
    assert gzip.decompress(copies[f"{PATH}.gz"]) == brotli.decompress(copies[f"{PATH}.br"]) == body
    assert max(map(len, copies.values())) < len(body) / 10
    assert copies == copies_of(PATH, body)
    assert copies_of("original/invoice.pdf", body) == copies_of("_headers", body) == {}


def test_without_brotli_there_is_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "brotli", None)
    assert set(copies_of(PATH, b"page")) == {f"{PATH}.gz"}


@pytest.mark.parametrize("count", [1, 30])
def test_pages_have_copies_where_that_is_asked_for_and_both_go_together(
    tmp_path: Path, ledger: SqlLedger, count: int
) -> None:
    pages = [Page(f"i/{n}/index.html", b"page %d" % n, "f", n) for n in range(count)]
    publisher = publisher_of(tmp_path, ledger)
    assert publisher.publish(pages).published == tuple(page.path for page in pages)
    for page in pages:
        assert gzip.decompress((tmp_path / "build" / f"{page.path}.gz").read_bytes()) == page.body
        assert brotli.decompress((tmp_path / "build" / f"{page.path}.br").read_bytes()) == page.body
    assert set(publisher.known()) == {page.path for page in pages}, "copies are no pages: no store is sent them"
    publisher.remove([page.path for page in pages])
    assert names(tmp_path / "build") == set()


def test_a_page_that_is_published_without_copies_leaves_none_of_an_older_one(tmp_path: Path, ledger: SqlLedger) -> None:
    publisher_of(tmp_path, ledger).publish([Page(PATH, b"old", "old", 1)])
    assert len(names(tmp_path / "build")) == 3
    publisher_of(tmp_path, ledger, packed=False).publish([Page(PATH, b"new", "new", 2)])
    assert names(tmp_path / "build") == {PATH}


def test_a_build_and_a_payment_keep_the_copies_true(world: World) -> None:
    settings = world.folders.content / "portal.toml"
    world.write("portal.toml", settings.read_text(encoding="utf-8") + "[publish]\npacked_copies = true\n")
    build(world.served())
    world.serve_again()
    before = packed_pages(world)
    assert len(before) > 3
    paid = world.at_checkout(world.pay().headers["Location"])
    world.come_back(paid)
    after = packed_pages(world)
    assert before.keys() <= after.keys()
    page = f"i/{world.open().token_of('1042')}/index.html"
    assert b"Paid in full" in after[page]
    assert b"Paid in full" not in before[page]
    world.write("portal.toml", settings.read_text(encoding="utf-8").replace("= true", "= false"))
    build(world.served())
    assert packed_pages(world) == {}


def packed_pages(world: World) -> dict[str, bytes]:
    """The pages that have copies, each held against the page itself."""
    found = {}
    for copy in world.folders.output.rglob("*.gz"):
        page = copy.with_suffix("")
        body = gzip.decompress(copy.read_bytes())
        assert body == page.read_bytes() == brotli.decompress(page.with_name(f"{page.name}.br").read_bytes())
        found[page.relative_to(world.folders.output).as_posix()] = body
    return found
