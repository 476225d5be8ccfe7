"""`expand[]`: the whole object in the place of its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import links, sessions
from portal.sandbox.errors import invalid
from portal.sandbox.events import public, with_pending

if TYPE_CHECKING:
    from portal.sandbox.errors import Json
    from portal.sandbox.store import Rows

DEEPEST = 4
# Where an id stands, and the kind of object it names.
EXPANDABLE = {
    "checkout.session": {
        "customer": "customer",
        "payment_intent": "payment_intent",
        "payment_link": "payment_link",
    },
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
    },
    "charge": {"customer": "customer", "payment_intent": "payment_intent"},
    "refund": {
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_method": {"customer": "customer"},
    "price": {"product": "product"},
}
LINES = {"checkout.session": sessions.lines_page, "payment_link": links.lines_page}


def shown(rows: Rows, thing: Json, paths: list[str]) -> Json:
    """Return an object or a list as the API shows it."""
    if any(path.count(".") >= DEEPEST for path in paths):
        raise invalid("You cannot expand more than 4 levels of a property.", param="expand")
    wanted = _by_head(paths)
    if thing["object"] == "list":
        for head in wanted.keys() - {"data"}:
            raise _cannot(head)
        return {**thing, "data": [shown(rows, one, wanted.get("data", [])) for one in thing["data"]]}
    if thing["object"] == "event":
        thing = with_pending(rows, thing)
    inside = {name: _inside(rows, thing, name, rest) for name, rest in wanted.items() if _stands_in(thing, name)}
    return {**public(thing), **inside}


def _by_head(paths: list[str]) -> dict[str, list[str]]:
    """Sort paths by their first step: what is to be expanded, and what inside it."""
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).extend([rest] if rest else [])
    return heads


def _cannot(name: str) -> Exception:
    return invalid(f"This property cannot be expanded ({name}).", param="expand")


def _stands_in(thing: Json, name: str) -> bool:
    """Whether it is there to be expanded: what names the failing of a refund is not, before it has failed."""
    return name in thing or name not in EXPANDABLE.get(thing["object"], {})


def _inside(rows: Rows, thing: Json, name: str, paths: list[str]) -> Json | None:
    if name == "line_items" and thing["object"] in LINES:
        return shown(rows, LINES[thing["object"]](thing), paths)
    kind = EXPANDABLE.get(thing["object"], {}).get(name)
    if kind is None:
        raise _cannot(name)
    return shown(rows, rows.get(kind, thing[name]), paths) if thing[name] else None
