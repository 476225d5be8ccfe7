from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.publish import FolderPublisher, Page, check_folders
from portal.errors import PortalError
from portal.ports import PageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A, B = "i/aaaa/index.html", "i/bbbb/index.html"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(open_ledger(tmp_path / "state" / "ledger.db")) as opened:
        yield opened


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "build"


@pytest.fixture
def publisher(tmp_path: Path, output: Path, ledger: SqlLedger) -> FolderPublisher:
    return FolderPublisher(output, ledger, lock=tmp_path / "state" / "publish.lock")


def page(path: str = A, body: bytes = b"new", fingerprint: str = "f", seq: int = 1) -> Page:
    return Page(path, body, fingerprint, seq)


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".portal")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("count", [1, 30, 700])
def test_pages_are_published_and_known(publisher: FolderPublisher, output: Path, count: int) -> None:
    pages = [page(f"i/{n}/index.html", b"page %d" % n, f"f{n}", n) for n in range(count)]
    published, kept = publisher.publish(iter(pages))
    assert (published, kept) == (tuple(each.path for each in pages), ())
    assert files(output) == {each.path: each.body for each in pages}
    assert publisher.known() == {each.path: PageRecord(each.path, each.fingerprint, each.seq) for each in pages}
    assert publisher.publish([]) == ((), ())


@pytest.mark.parametrize("body", [b"", b"x" * 3_000_000])
def test_a_page_may_be_empty_or_large(publisher: FolderPublisher, output: Path, body: bytes) -> None:
    publisher.publish([page(body=body)])
    assert files(output) == {A: body}


def test_a_page_is_replaced_by_one_of_the_same_or_a_later_entry(publisher: FolderPublisher, output: Path) -> None:
    for seq, body in ((3, b"three"), (3, b"three again"), (5, b"five")):
        assert publisher.publish([page(body=body, seq=seq)]).published == (A,)
        assert files(output) == {A: body}


def test_an_older_page_never_replaces_a_newer(publisher: FolderPublisher, output: Path) -> None:
    publisher.publish([page(body=b"five", fingerprint="five", seq=5)])
    result = publisher.publish([page(body=b"four", fingerprint="four", seq=4), page(B, seq=1)])
    assert result == ((B,), (A,))
    assert files(output)[A] == b"five"
    assert publisher.known()[A].fingerprint == "five"


def test_a_web_server_can_read_what_is_published(publisher: FolderPublisher, output: Path) -> None:
    before = os.umask(0o077)
    try:
        publisher.publish([page()])
        publisher.publish([page(f"{n}/index.html") for n in range(30)])
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in output.rglob("index.html")} == {0o644}
    assert {path.stat().st_mode & 0o777 for path in output.rglob("*") if path.is_dir()} == {0o755}


@pytest.mark.parametrize("path", ["i/aaaa/index.html", "i/aaaa", "i"])
def test_what_was_deleted_is_no_longer_known(publisher: FolderPublisher, output: Path, path: str) -> None:
    publisher.publish([page(), page(B)])
    os.renames(output / path, output.parent / "away" / path)
    assert A not in publisher.known()
    publisher.publish([page()])
    assert A in publisher.known()


def test_a_page_is_removed_with_the_folders_it_leaves_empty(publisher: FolderPublisher, output: Path) -> None:
    publisher.publish([page(), page(B), page("index.html")])
    (output / "i" / "bbbb" / "note.txt").write_text("the owner's own")
    assert publisher.remove([A, "i/never/index.html"]) == (A,)
    assert not (output / "i" / "aaaa").exists()
    assert publisher.remove([B, "index.html"]) == (B, "index.html")
    assert files(output) == {"i/bbbb/note.txt": b"the owner's own"}
    assert publisher.known() == {}
    (output / "i" / "bbbb" / "note.txt").unlink()
    publisher.publish([page(B)])
    publisher.remove([B])
    assert not (output / "i").exists()
    assert output.exists()


def test_what_the_portal_did_not_publish_is_not_removed(publisher: FolderPublisher, output: Path) -> None:
    publisher.publish([page()])
    (output / "robots.txt").write_text("mine")
    assert publisher.remove(["robots.txt"]) == ()
    assert files(output) == {A: b"new", "robots.txt": b"mine"}


@pytest.mark.parametrize(
    "path",
    ["", "/etc/x", "../x", "i/../../x", "i//x", "./x", "i/x/", "i/\0", "..\\x", ".portal", "i/.index.html.portal"],
)
def test_a_path_that_leaves_the_folder_is_refused(publisher: FolderPublisher, tmp_path: Path, path: str) -> None:
    publisher.publish([page()])
    before = files(tmp_path / "build"), sorted(tmp_path.iterdir())
    with pytest.raises(PortalError):
        publisher.publish([page(B), page(path)])
    assert (files(tmp_path / "build"), sorted(tmp_path.iterdir())) == before


def test_nothing_is_written_or_removed_through_a_symbolic_link(publisher: FolderPublisher, tmp_path: Path) -> None:
    publisher.publish([page()])
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "build" / "i").rename(elsewhere)
    (tmp_path / "build" / "i").symlink_to(elsewhere)
    with pytest.raises(PortalError, match="not a folder"):
        publisher.publish([page(body=b"newer")])
    with pytest.raises(PortalError, match="not a folder"):
        publisher.remove([A])
    assert files(elsewhere) == {"aaaa/index.html": b"new"}


def test_a_link_in_the_place_of_a_page_is_replaced_and_not_followed(publisher: FolderPublisher, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("keep")
    publisher.publish([page("index.html")])
    for name in ("index.html", ".index.html.portal"):
        (tmp_path / "build" / name).unlink(missing_ok=True)
    (tmp_path / "build" / "index.html").symlink_to(secret)
    assert "index.html" not in publisher.known()
    publisher.publish([page("index.html")])
    (tmp_path / "build" / ".index.html.portal").symlink_to(secret)
    with pytest.raises(PortalError):
        publisher.publish([page("index.html", b"newer")])
    assert secret.read_text() == "keep"


def test_a_folder_of_other_things_is_refused(publisher: FolderPublisher, output: Path) -> None:
    output.mkdir()
    (output / "thesis.txt").write_text("years of work")
    for attempt in (publisher.known, lambda: publisher.publish([page("thesis.txt")])):
        with pytest.raises(PortalError, match="did not make"):
            attempt()
    assert files(output) == {"thesis.txt": b"years of work"}


def test_a_folder_is_the_portals_by_its_marker_or_its_pages(publisher: FolderPublisher, output: Path) -> None:
    publisher.publish([page()])
    (output / ".portal").unlink()
    publisher.publish([page(B)])
    assert (output / ".portal").is_file()
    publisher.remove([A, B])
    (output / "_headers").write_text("an owner's file")
    assert publisher.known() == {}
    publisher.publish([page()])


def test_two_pages_at_one_path_are_refused(publisher: FolderPublisher) -> None:
    with pytest.raises(ValueError, match="same path"):
        publisher.publish([page(), page(body=b"other")])


def test_outputs_of_one_ledger_are_known_apart_and_move_with_the_project(tmp_path: Path) -> None:
    project = tmp_path / "project"
    with closing(open_ledger(project / "state" / "ledger.db")) as ledger:
        for name in ("build", "preview"):
            FolderPublisher(project / name, ledger, lock=project / "state" / "lock").publish([page(seq=len(name))])
    project.rename(tmp_path / "moved")
    with closing(open_ledger(tmp_path / "moved" / "state" / "ledger.db")) as ledger:
        publisher = FolderPublisher(tmp_path / "moved" / "build", ledger, lock=tmp_path / "moved" / "state" / "lock")
        assert publisher.known() == {A: PageRecord(A, "f", 5)}


@pytest.mark.parametrize(
    ("output", "state", "content", "count"),
    [
        ("build", "state", "content", 0),
        ("content/build", "content/.state", "content", 0),
        ("build2", "build", "content", 0),
        ("build", "build/state", "content", 1),
        ("state/build", "state", "content", 1),
        ("x", "x", "content", 1),
        ("x", "state", "x", 1),
        (".", "state", "content", 2),
        ("state/../site", "site/state", "site/content", 2),
    ],
)
def test_folders_that_would_lay_secrets_open_are_refused(
    tmp_path: Path, output: str, state: str, content: str, count: int
) -> None:
    folders = [tmp_path / name for name in (output, state, content)]
    if not count:
        check_folders(*folders)
        return
    with pytest.raises(PortalError) as caught:
        check_folders(*folders)
    assert len(caught.value.problems) == count


def test_folders_are_compared_behind_their_links(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "build").symlink_to(tmp_path / "state")
    with pytest.raises(PortalError):
        check_folders(tmp_path / "build", tmp_path / "state", tmp_path / "content")
