"""What several kinds of faults are tried on."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    """An empty ledger of its own."""
    with closing(open_ledger(tmp_path / "state" / "ledger.db")) as opened:
        yield opened
