"""Lists: newest first, with Stripe's filters and cursors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from portal.sandbox.errors import invalid, no_such
from portal.sandbox.params import Choice, Either, Flag, Group, Many, Text, Tree, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.sandbox.errors import Json
    from portal.sandbox.params import Kind
    from portal.sandbox.store import Rows

COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
CREATED = Either(Whole(), Group({name: Whole() for name in COMPARE}))
PAGE_FIELDS: Mapping[str, Kind] = {
    "ending_before": Text(),
    "limit": Whole(least=1, most=100),
    "starting_after": Text(),
}
_BY_TIME: Mapping[str, Kind] = {**PAGE_FIELDS, "created": CREATED}
FILTERS: dict[str, Mapping[str, Kind]] = {
    "checkout.session": {
        **_BY_TIME,
        "customer": Text(),
        "customer_details": Group({"email": Text()}, required=("email",)),
        "payment_intent": Text(),
        "payment_link": Text(),
        "status": Choice(("open", "complete", "expired")),
    },
    "payment_intent": {**_BY_TIME, "customer": Text()},
    "charge": {**_BY_TIME, "customer": Text(), "payment_intent": Text()},
    "refund": {**_BY_TIME, "charge": Text(), "payment_intent": Text()},
    "dispute": {**_BY_TIME, "charge": Text(), "payment_intent": Text()},
    "invoice": {
        **_BY_TIME,
        "collection_method": Choice(("charge_automatically", "send_invoice")),
        "customer": Text(),
        "status": Choice(("draft", "open", "paid", "uncollectible", "void")),
    },
    "event": {**_BY_TIME, "delivery_success": Flag(), "type": Text(), "types": Many(Text(), most=20)},
    "payment_link": {**PAGE_FIELDS, "active": Flag()},
    "webhook_endpoint": PAGE_FIELDS,
}
EVENT_SECONDS = 30 * 24 * 60 * 60
_UNDELIVERED = "EXISTS (SELECT 1 FROM deliveries WHERE event = objects.id AND state <> 'sent')"

Conditions = list[tuple[str, Any]]


def filters_of(kind: str) -> Tree:
    """The parameters of a list."""
    return Tree(FILTERS[kind])


def page(rows: Rows, kind: str, given: Json, url: str, now: int) -> Json:
    """Return one page of a list."""
    if "starting_after" in given and "ending_before" in given:
        raise invalid("You can only specify one of these parameters: starting_after, ending_before.")
    limit = given.get("limit", 10)
    backwards = "ending_before" in given
    conditions = _conditions(rows, kind, given)
    if kind == "event":
        conditions.append(("created >= ?", now - EVENT_SECONDS))
    things = _fetch(rows, kind, conditions, limit + 1, "ASC" if backwards else "DESC")
    shown = things[:limit]
    return {
        "object": "list",
        "data": shown[::-1] if backwards else shown,
        "has_more": len(things) > limit,
        "url": url,
    }


def _fetch(rows: Rows, kind: str, conditions: Conditions, limit: int, order: str) -> list[Json]:
    where = "".join(f" AND {condition}" for condition, _ in conditions)
    sql = f"SELECT body FROM objects WHERE kind = ?{where} ORDER BY seq {order} LIMIT ?"  # noqa: S608 - conditions are written below
    values = [value for condition, value in conditions if "?" in condition]
    found = rows.connection.execute(sql, (kind, *values, limit)).fetchall()
    return [json.loads(body) for (body,) in found]


def _conditions(rows: Rows, kind: str, given: Json) -> Conditions:
    conditions: Conditions = []
    for name, value in given.items():
        match name:
            case "starting_after":
                conditions.append(("seq < ?", _seq(rows, kind, value, name)))
            case "ending_before":
                conditions.append(("seq > ?", _seq(rows, kind, value, name)))
            case "created":
                conditions += _created(value)
            case "customer_details":
                conditions.append(("json_extract(body, '$.customer_details.email') = ?", value["email"]))
            case "types":
                conditions.append(
                    ("json_extract(body, '$.type') IN (SELECT value FROM json_each(?))", json.dumps(value))
                )
            case "delivery_success":
                conditions.append((f"{'NOT ' if value else ''}{_UNDELIVERED}", None))
            case "limit" | "expand":
                pass
            case _:
                conditions.append((f"json_extract(body, '$.{name}') = ?", value))
    return conditions


def _created(value: Any) -> Conditions:  # noqa: ANN401 - a number, or a range as read by CREATED
    if isinstance(value, int):
        return [("created = ?", value)]
    return [(f"created {COMPARE[name]} ?", bound) for name, bound in value.items()]


def _seq(rows: Rows, kind: str, cursor: str, param: str) -> int:
    sql = "SELECT seq FROM objects WHERE id = ? AND kind = ?"
    row = rows.connection.execute(sql, (cursor, kind)).fetchone()
    if row is None:
        raise no_such(kind, cursor, param=param)
    return int(row[0])


LINES = Tree(PAGE_FIELDS)


def cut(whole: Json, given: Json) -> Json:
    """Return one page of a list that is at hand, such as line items."""
    found = whole["data"]
    ids = [one["id"] for one in found]
    for cursor in ("starting_after", "ending_before"):
        if cursor in given and given[cursor] not in ids:
            raise no_such("item", given[cursor], param=cursor)
    limit = given.get("limit", 10)
    if "ending_before" in given:
        found = found[: ids.index(given["ending_before"])]
        return {**whole, "data": found[-limit:], "has_more": len(found) > limit}
    if "starting_after" in given:
        found = found[ids.index(given["starting_after"]) + 1 :]
    return {**whole, "data": found[:limit], "has_more": len(found) > limit}
