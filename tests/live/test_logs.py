"""What the server's log holds when something breaks: enough to find the cause, and nobody's link."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from werkzeug.test import Client

if TYPE_CHECKING:
    import pytest
    from world import World


def test_a_ledger_that_fails_puts_no_link_into_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    token = world.open().token_of("1042")
    with closing(sqlite3.connect(world.folders.state / "ledger.sqlite")) as ledger:
        ledger.execute("ALTER TABLE links RENAME COLUMN kind TO sort")
    answer = Client(world.parts.app).get(f"/answered?link={token}")
    assert answer.status_code == 500
    assert token not in answer.text
    assert "Unexpected error" in caplog.text
    assert "links.kind" in caplog.text
    assert token not in caplog.text
