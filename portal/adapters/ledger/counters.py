"""Counts of requests, kept beside the ledger so that all servers share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam

from portal.adapters.ledger.engine import insert_or, writing
from portal.adapters.ledger.tables import counters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.engine import Engine

_new = insert_or(counters)
_COUNT = _new.on_conflict_do_update(
    index_elements=[counters.c.subject, counters.c.time_window], set_={"number": counters.c.number + 1}
).returning(counters.c.number)
_FORGET = counters.delete().where(counters.c.time_window < bindparam("oldest"))


class CountersOfLedger:
    """The part of the ledger that counts; see ``portal.live.rate_limits.Counters``."""

    _engine: Engine

    def count(self, subjects: Iterable[str], window: int) -> Mapping[str, int]:
        """Count one more for each subject in a window of time; how many that makes. Earlier windows are forgotten.

        Raises:
            LedgerBusyError: others kept the database locked; nothing was counted.
        """
        counted: dict[str, int] = {}
        with writing(self._engine) as connection:
            for subject in sorted(subjects):
                values = {"subject": subject, "time_window": window, "number": 1}
                counted[subject] = connection.execute(_COUNT, values).scalar_one()
            if 1 in counted.values():
                connection.execute(_FORGET, {"oldest": window})
        return counted
