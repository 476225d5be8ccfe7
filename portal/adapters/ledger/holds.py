"""Reservations in the ledger: their rows, and what may be asked of and written to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from portal.adapters.ledger.engine import reading
from portal.adapters.ledger.tables import hold_allocations, holds, plans
from portal.ports import Hold, HoldState
from portal.receivables.allocation import Allocation
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Connection, Engine, Row

_ALL = (
    select(holds, hold_allocations.c.invoice_key, hold_allocations.c.amount_minor)
    .join(hold_allocations, hold_allocations.c.hold_id == holds.c.hold_id)
    .order_by(holds.c.created_at, holds.c.hold_id, hold_allocations.c.position)
)
_ONE = _ALL.where(holds.c.hold_id == bindparam("hold_id"))
_IN_STATES = _ALL.where(holds.c.state.in_(bindparam("states", expanding=True)))
_THAT_TOUCH = select(hold_allocations.c.hold_id).where(hold_allocations.c.invoice_key == bindparam("key"))
_OF_INVOICE = _IN_STATES.where(holds.c.hold_id.in_(_THAT_TOUCH))
_OF_PLAN = select(plans.c.invoice_key).where(plans.c.agreement_id == bindparam("agreement_id"))
_UPDATE = (
    holds.update()
    .where(holds.c.hold_id == bindparam("which"))
    .values({name: bindparam(name) for name in ("state", "checkout_id", "url")})
)


class HoldsInTransaction(ABC):
    """The part of a ledger transaction that is about reservations; see ``portal.ports.LedgerTransaction``."""

    _connection: Connection

    @abstractmethod
    def lock(self, *keys: str) -> None:
        """Keep everybody else away from invoices until the transaction ends."""

    def holds(self, key: str, states: Iterable[HoldState]) -> tuple[Hold, ...]:
        """The reservations in any of these states that touch an invoice, oldest first.

        They cannot change meanwhile, for whoever changes one has locked all its invoices.
        """
        self.lock(key)
        found = self._connection.execute(_OF_INVOICE, {"key": key, "states": _words(states)})
        return _holds(found)

    def hold(self, hold_id: str) -> Hold | None:
        """One reservation. It never moves to other invoices, so it may be read once to learn which ones to lock.

        Where it is for a plan, all invoices of the plan's agreement are locked with it: paid, it changes them all.
        """
        found = _holds(self._connection.execute(_ONE, {"hold_id": hold_id}))
        if not found:
            return None
        planned = self._connection.scalars(_OF_PLAN, {"agreement_id": found[0].plan_id}) if found[0].plan_id else ()
        self.lock(*found[0].invoice_keys, *planned)
        return _holds(self._connection.execute(_ONE, {"hold_id": hold_id}))[0]

    def add_hold(self, hold: Hold) -> None:
        """Keep a new reservation."""
        self.lock(*hold.invoice_keys)
        self._connection.execute(holds.insert(), _row(hold))
        self._connection.execute(hold_allocations.insert(), _allocation_rows(hold))

    def update_hold(self, hold: Hold) -> None:
        """Keep a reservation's state, checkout id and address; its allocations and times never change.

        Raises:
            KeyError: there is no such reservation.
        """
        self.lock(*hold.invoice_keys)
        values = {"which": hold.hold_id, "state": hold.state.value, "checkout_id": hold.checkout_id, "url": hold.url}
        if self._connection.execute(_UPDATE, values).rowcount != 1:
            raise KeyError(hold.hold_id)


class HoldsOfLedger:
    """The part of a ledger that is about reservations; see ``portal.ports.Ledger``."""

    _engine: Engine

    def holds_in(self, states: Iterable[HoldState]) -> tuple[Hold, ...]:
        """The reservations of all invoices in any of these states, oldest first."""
        with reading(self._engine) as connection:
            return _holds(connection.execute(_IN_STATES, {"states": _words(states)}))


def _words(states: Iterable[HoldState]) -> list[str]:
    return sorted(state.value for state in states)


def _holds(rows: Iterable[Row[Any]]) -> tuple[Hold, ...]:
    """The holds of rows that follow each other, one for each allocation."""
    return tuple(_hold(list(some)) for _hold_id, some in groupby(rows, key=lambda row: row.hold_id))


def _hold(rows: list[Row[Any]]) -> Hold:
    row = rows[0]
    return Hold(
        hold_id=row.hold_id,
        allocations=tuple(Allocation(one.invoice_key, Money(one.amount_minor, one.currency)) for one in rows),
        state=HoldState(row.state),
        created_at=row.created_at,
        expires_at=row.expires_at,
        checkout_id=row.checkout_id,
        url=row.url,
        plan_id=row.plan_id,
        token=row.token,
        language=row.language,
    )


def _row(hold: Hold) -> dict[str, Any]:
    return {
        "hold_id": hold.hold_id,
        "currency": hold.amount.currency,
        "state": hold.state.value,
        "created_at": hold.created_at,
        "expires_at": hold.expires_at,
        "checkout_id": hold.checkout_id,
        "url": hold.url,
        "plan_id": hold.plan_id,
        "token": hold.token,
        "language": hold.language,
    }


def _allocation_rows(hold: Hold) -> list[dict[str, Any]]:
    return [
        {
            "hold_id": hold.hold_id,
            "position": position,
            "invoice_key": part.invoice_key,
            "amount_minor": part.amount.minor,
        }
        for position, part in enumerate(hold.allocations)
    ]
