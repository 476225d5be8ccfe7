"""Freezing that is killed at every step: a web server never finds a packed copy that its page has overtaken."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from dying import NEW, OLD, files, pages, steps_until_done

from portal.adapters.publish import FolderPublisher

if TYPE_CHECKING:
    from pathlib import Path

    from portal.adapters.ledger.sql_ledger import SqlLedger

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.mark.parametrize("count", [1, 20])
def test_a_packed_copy_is_never_older_than_its_page_wherever_the_freeze_dies(
    ledger: SqlLedger, tmp_path: Path, count: int
) -> None:
    publisher = FolderPublisher(tmp_path / "build", ledger, lock=tmp_path / "state" / "publish.lock", packed=True)
    old, new = pages(count, OLD, 1), pages(count, NEW, 2)
    publisher.publish(old)
    seen = set()
    for step in steps_until_done(lambda: publisher.publish(new), ledger):
        found = files(tmp_path / "build")
        for page in old:
            copy = found.get(f"{page.path}.gz")
            assert copy is None or gzip.decompress(copy) == found[page.path]
            seen.add((found[page.path], copy is None))
        if step % 5 == 0:
            publisher.publish(new)
            assert {gzip.decompress(files(tmp_path / "build")[f"{page.path}.gz"]) for page in new} == {NEW}
        publisher.remove([page.path for page in old])  # as if there had been no newer page
        publisher.publish(old)
        assert len(files(tmp_path / "build")) == 3 * count, "no draft is left"
    assert seen == {(OLD, False), (OLD, True), (NEW, True), (NEW, False)}
