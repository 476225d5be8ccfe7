"""Events: what happened, with the object as it was then, and the deliveries it causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.ids import new_id

if TYPE_CHECKING:
    from portal.sandbox.call import Call, Fate
    from portal.sandbox.errors import Json
    from portal.sandbox.store import Rows

API_VERSION = "2026-10-28.endive"


def public(thing: Json) -> Json:
    """Return the object without what only the sandbox knows of it (keys that begin with an underscore)."""
    return {key: value for key, value in thing.items() if not key.startswith("_")}


def emit(call: Call, event_type: str, thing: Json) -> None:
    """Record that `thing` changed, and plan the webhooks; they leave only after the change is committed."""
    event = {
        "id": new_id("evt_"),
        "object": "event",
        "api_version": API_VERSION,
        "created": call.now,
        "data": {"object": public(thing)},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": event_type,
    }
    call.rows.add(event)
    if call.fate is not None:
        _plan(call, call.fate, event["id"])


def _plan(call: Call, fate: Fate, event_id: object) -> None:
    state, copies = ("pending", fate.copies) if fate.copies else ("lost", 1)
    sql = "INSERT INTO deliveries (event, due, state) VALUES (?, ?, ?)"
    for _ in range(copies):
        call.rows.connection.execute(sql, (event_id, call.now + fate.delay_seconds, state))


def with_pending(rows: Rows, event: Json) -> Json:
    """Return the event with the number of webhooks still to be delivered."""
    sql = "SELECT count(*) FROM deliveries WHERE event = ? AND state = 'pending'"
    (pending,) = rows.connection.execute(sql, (event["id"],)).fetchone()
    return {**event, "pending_webhooks": pending}
