"""Publishing that is killed, refused by the disk or overtaken at every step: a page is the old or the new one, whole.

Each kind of fault has a twin that writes in place, or without looking at the ledger, which has to go wrong.
"""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from dying import NEW, OLD, files, in_child, pages, steps_until_done

from portal.adapters.publish import FolderPublisher, Page
from portal.errors import PortalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.adapters.ledger.sql_ledger import SqlLedger

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture
def publisher(tmp_path: Path, ledger: SqlLedger) -> FolderPublisher:
    return FolderPublisher(tmp_path / "build", ledger, lock=tmp_path / "state" / "publish.lock")


@pytest.mark.parametrize("count", [1, 20])
def test_a_page_that_is_replaced_is_whole_wherever_the_freeze_dies(
    publisher: FolderPublisher, ledger: SqlLedger, tmp_path: Path, count: int
) -> None:
    seen, step = set(), 0
    old, new = pages(count, OLD, 1), pages(count, NEW, 2)
    publisher.publish(old)
    for step in steps_until_done(lambda: publisher.publish(new), ledger):  # noqa: B007  its last value is looked at
        found = files(tmp_path / "build")
        bodies = {found[page.path] for page in old}
        assert bodies <= {OLD, NEW}
        seen |= bodies
        for path, record in publisher.known().items():
            assert not record.fingerprint or found[path].startswith(record.fingerprint.encode())
        restore_old(publisher, ledger, old)
    assert seen == {OLD, NEW}
    assert step > 8


def restore_old(publisher: FolderPublisher, ledger: SqlLedger, old: list[Page]) -> None:
    """Bring an older state back, as nothing but a test may: the ledger forgets that there was a newer page."""
    publisher.remove([page.path for page in old])
    assert ledger.pages(publisher.name) == {}
    publisher.publish(old)


def test_a_first_page_that_was_cut_short_is_made_again_or_leaves_nothing(
    publisher: FolderPublisher, ledger: SqlLedger, tmp_path: Path
) -> None:
    (page,) = pages(1, NEW, 2)
    publisher.publish([Page("index.html", b"front", "f", 0)])
    for step in steps_until_done(lambda: publisher.publish([page]), ledger):
        found = files(tmp_path / "build")
        assert found.get(page.path, NEW) == NEW
        if found.keys() & {page.path, "i/0/.index.html.portal"}:
            assert page.path in publisher.known(), "whatever lies there must be known, or nobody would remove it"
        if step % 2:
            assert publisher.publish([page]).published == (page.path,)
            assert files(tmp_path / "build") == {"index.html": b"front", page.path: NEW}
        publisher.remove(publisher.known().keys() - {"index.html"})
        assert files(tmp_path / "build") == {"index.html": b"front"}


def test_a_removal_that_was_cut_short_is_finished_by_the_next(
    publisher: FolderPublisher, ledger: SqlLedger, tmp_path: Path
) -> None:
    both = pages(2, OLD, 1)
    publisher.publish(both)
    for _ in steps_until_done(lambda: publisher.remove([both[0].path]), ledger):
        assert files(tmp_path / "build")[both[1].path] == OLD
        publisher.remove(publisher.known().keys() - {both[1].path})
        assert files(tmp_path / "build") == {both[1].path: OLD}
        publisher.publish([both[0]])


def kill_in_the_middle_of_a_file(action: Callable[[], object]) -> int:
    """Have the kernel kill a child as soon as a file it writes grows beyond 5,000 bytes."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
        action()

    return in_child(limited)


def test_a_page_written_in_place_is_torn(tmp_path: Path) -> None:
    target = tmp_path / "index.html"
    target.write_bytes(OLD)
    assert kill_in_the_middle_of_a_file(lambda: target.write_bytes(NEW)) == -signal.SIGXFSZ
    assert target.read_bytes() not in {OLD, NEW}, "this setting has to show a torn page, or the next test shows nothing"


def test_a_published_page_is_not_torn(publisher: FolderPublisher, ledger: SqlLedger, tmp_path: Path) -> None:
    (old,), (new,) = pages(1, OLD, 1), pages(1, NEW, 2)
    publisher.publish([old])

    def publish_without_noting() -> None:  # the ledger's own file is longer than the limit
        ledger.record_pages = lambda *_args, **_kwargs: None  # type: ignore[method-assign]
        publisher.publish([new])

    assert kill_in_the_middle_of_a_file(publish_without_noting) == -signal.SIGXFSZ
    assert files(tmp_path / "build")[old.path] == OLD
    publisher.publish([new])
    assert files(tmp_path / "build") == {old.path: NEW}


@pytest.mark.parametrize("count", [1, 25])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "rename", "mkdir"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_refuses_leaves_old_pages_and_says_why(  # noqa: PLR0913, PLR0917  a table of faults
    publisher: FolderPublisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, call: str, number: int
) -> None:
    publisher.publish(pages(count, OLD, 1))
    before = files(tmp_path / "build")
    more = [*pages(count, NEW, 2), Page("i/one-more/index.html", NEW, "f", 2)]
    original = getattr(os, call)

    def refused(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  stands for any of them
        if call == "open" and str(args[0]).endswith(".lock"):
            return original(*args, **kwargs)
        if call == "write":
            original(args[0], args[1][:100])
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refused)
        if call == "fsync" and count > 20:
            publisher.publish(more)  # all at once by sync()
            return
        with pytest.raises(PortalError, match=os.strerror(number)):
            publisher.publish(more)
    assert files(tmp_path / "build") == before
    publisher.publish(more)
    assert set(files(tmp_path / "build").values()) == {NEW}
    assert all(record.fingerprint for record in publisher.known().values())


def test_bytes_reach_the_disk_before_the_name_and_the_name_before_the_note(
    publisher: FolderPublisher, ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def noting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  stands for any of them
            calls.append(name)
            return original(*args, **kwargs)

        return call

    for name in ("write", "fsync", "rename", "sync"):
        monkeypatch.setattr(os, name, noting(name, getattr(os, name)))
    monkeypatch.setattr(ledger, "record_pages", noting("note", ledger.record_pages))
    publisher.publish(pages(1, OLD, 1))
    assert calls == ["note", "fsync", "fsync", "write", "fsync", "rename", "fsync", "note"]
    calls.clear()
    publisher.publish(pages(25, NEW, 2))
    assert calls == ["note", *["write"] * 25, "sync", *["rename"] * 25, "sync", "note"]


def freezes_at_once(publisher: FolderPublisher) -> None:
    """Eight threads publish one page as it was after the entries 1 to 40, each in an order of its own."""
    barrier = threading.Barrier(8)

    def freeze(number: int) -> None:
        seqs = list(range(1, 41))
        random.Random(number).shuffle(seqs)  # noqa: S311  the same orders on every run
        barrier.wait(timeout=10)
        for seq in seqs[:12] if number else seqs:
            publisher.publish([Page("i/0/index.html", b"%d" % seq, str(seq), seq)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(freeze, range(8)))


def test_the_newest_of_many_freezes_at_once_stays(publisher: FolderPublisher, tmp_path: Path) -> None:
    freezes_at_once(publisher)
    assert files(tmp_path / "build") == {"i/0/index.html": b"40"}
    assert publisher.known()["i/0/index.html"].seq == 40


def test_without_a_look_at_the_ledger_an_older_freeze_wins(
    publisher: FolderPublisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FolderPublisher, "_newer", lambda *_: frozenset())
    publisher.publish(pages(1, NEW, 2))
    publisher.publish(pages(1, OLD, 1))
    assert files(tmp_path / "build")["i/0/index.html"] == OLD


def test_processes_that_freeze_at_once_agree_with_the_ledger(publisher: FolderPublisher, tmp_path: Path) -> None:
    def freeze(number: int) -> None:
        order = random.Random(number)  # noqa: S311  the same orders on every run
        for _ in range(25):
            seq = order.randrange(1, 100)
            publisher.publish(Page(f"i/{n}/index.html", b"%d" % seq, str(seq), seq) for n in range(3))

    def forked(number: int) -> int:
        child = os.fork()
        if not child:
            code = 1
            try:
                freeze(number)
                code = 0
            finally:
                os._exit(code)
        return child

    children = [forked(number) for number in range(4)]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    found = files(tmp_path / "build")
    assert {path: record.fingerprint.encode() for path, record in publisher.known().items()} == found
    newest = max(random.Random(number).randrange(1, 100) for number in range(4))  # noqa: S311  the same orders
    assert all(int(body) >= newest for body in found.values())
