"""The ledger as its tables say, read without the portal: what the auditor holds against the provider's books."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from reckoning import Coming, Facts, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDS = {"answer withdrawn", "answer closed"}
PROVIDERS_OWN = ("pi_", "re_", "txn_", "du_")


@dataclass(frozen=True)
class Fact:
    """A row of ``entries``; ``day`` is the one that counts for terms."""

    seq: int
    kind: str
    invoice_key: str
    minor: int
    external_id: str
    day: date
    value_on: str | None
    note: str | None
    reverses: int | None
    schedule: str | None

    @property
    def is_owners(self) -> bool:
        """Whether the owner entered it."""
        return self.external_id.startswith("owner/")

    @property
    def is_providers(self) -> bool:
        """Whether it follows what the provider says."""
        return self.external_id.startswith(PROVIDERS_OWN)


@dataclass(frozen=True)
class Reservation:
    """A row of ``holds`` with its rows of ``hold_allocations``."""

    hold_id: str
    state: str
    checkout_id: str | None
    parts: dict[str, int]


@dataclass(frozen=True)
class Try:
    """A row of ``plan_attempts``."""

    plan_id: str
    installment: int
    number: int
    minor: int
    state: str
    begun_on: str


@dataclass(frozen=True)
class Agreement:
    """A row of ``plans``; one agreement has such a row for each of its invoices."""

    plan_id: str
    agreement: str
    invoice_key: str
    life: str
    amounts: tuple[int, ...]


class LedgerView:
    """The tables as they are now; read again only after somebody has written."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
        self._version = -1
        self.facts: tuple[Fact, ...] = ()
        self.holds: dict[str, Reservation] = {}
        self.tries: tuple[Try, ...] = ()
        self.plans: dict[str, Agreement] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def refresh(self) -> bool:
        """Read what was written since; False where nothing was."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return False
        self._version = version
        self.facts = tuple(self._facts())
        self.holds = {row[0]: Reservation(row[0], row[1], row[2], {}) for row in self._rows(_HOLDS)}
        for hold_id, key, minor in self._rows(_PARTS):
            self.holds[hold_id].parts[key] = minor
        self.tries = tuple(Try(*row) for row in self._rows(_TRIES))
        self.plans = {row[0]: Agreement(row[0], row[1], row[2], row[3], _amounts(row[4])) for row in self._rows(_PLANS)}
        return True

    def alarms(self) -> set[tuple[str, str]]:
        """Invoice and kind of every alarm."""
        return {(row[0], row[1]) for row in self._rows("SELECT coalesce(invoice_key, ''), kind FROM alarms")}

    def of(self, key: str) -> list[Fact]:
        """The facts of one invoice that are in force."""
        undone = {fact.reverses for fact in self.facts if fact.reverses is not None}
        return [f for f in self.facts if f.invoice_key == key and f.reverses is None and f.seq not in undone]

    def _facts(self) -> list[Fact]:
        return [
            Fact(seq, kind, key, minor, one, date.fromisoformat((value_on or at)[:10]), value_on, note, undoes, plan)
            for seq, kind, key, minor, one, at, value_on, note, undoes, plan in self._rows(_ENTRIES)
        ]

    def _rows(self, sql: str) -> list[Any]:
        with closing(self._connection.execute(sql)) as cursor:
            return cursor.fetchall()


_ENTRIES = (
    "SELECT seq, kind, invoice_key, amount_minor, external_id, occurred_at, value_on, note, reverses, schedule "
    "FROM entries ORDER BY seq"
)
_HOLDS = "SELECT hold_id, state, checkout_id FROM holds"
_PARTS = "SELECT hold_id, invoice_key, amount_minor FROM hold_allocations"
_TRIES = "SELECT plan_id, installment, attempt, amount_minor, state, begun_on FROM plan_attempts ORDER BY begun_at"
_PLANS = "SELECT plan_id, coalesce(agreement_id, plan_id), invoice_key, life, schedule FROM plans"


def _amounts(schedule: str) -> tuple[int, ...]:
    return tuple(minor for _day, minor in json.loads(schedule)["payments"])


def facts_here(rows: list[Fact]) -> Facts:
    """What the ledger says happened to one invoice, from its rows in force."""
    ids = {kind: {row.external_id for row in rows if row.kind == kind} for kind in {row.kind for row in rows}}
    came_back = ids.get("refund failed", set())
    ended = ids.get("payment", set()) | ids.get("payment failed", set())
    incoming = [
        row for row in rows if row.kind == "payment" or (row.kind == "payment started" and row.external_id not in ended)
    ]
    started = {row.external_id: row for row in rows if row.kind == "payment started"}
    coming = [
        Coming(row.seq, begun.seq, min(row.day, begun.day), row.minor)
        for row in incoming
        for begun in [started.get(row.external_id, row)]
    ]

    def dated(kind: str) -> list[tuple[date, int]]:
        return [(row.day, row.minor) for row in rows if row.kind == kind]

    def total(kind: str) -> int:
        return sum(row.minor for row in rows if row.kind == kind)

    asked = {row.external_id: (row.minor,) for row in rows if row.kind == "problem reported"}
    pairs = list(zip(incoming, coming, strict=True))
    return Facts(
        received=[(one.day, one.minor) for row, one in pairs if row.kind == "payment"],
        on_its_way=[(one.day, one.minor) for row, one in pairs if row.kind != "payment"],
        withdrawn=dated("dispute withdrawn"),
        returned=dated("dispute reinstated"),
        refunded=sum(row.minor for row in rows if row.kind == "refund" and row.external_id not in came_back),
        credited=total("credit note"),
        written_off=total("write-off"),
        waived=total("fee waived"),
        is_void=bool(ids.get("void")),
        plans=list(_plans(rows)),
        coming=coming,
        questioned=dated("problem reported"),
        answered=[(row.day, minor) for row in rows if row.kind in _ENDS for minor in asked.get(row.external_id, ())],
    )


def _plans(rows: list[Fact]) -> Iterator[Plan]:
    stopped = {row.external_id: row.day for row in rows if row.kind == "plan stopped"}
    for row in rows:
        if row.kind == "plan agreed":
            plain = json.loads(row.schedule or "")
            dues = tuple((date.fromisoformat(day), minor) for day, minor in plain["payments"])
            yield Plan(row.seq, row.day, plain["since_seq"], plain["grace_days"], dues, stopped.get(row.external_id))
