"""The table of operations: method, address, parameters, and what they do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from portal.sandbox import catalogue, customers, intent_api, links, lists, refunds, sessions
from portal.sandbox.answers import Answer
from portal.sandbox.expand import shown
from portal.sandbox.params import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json

    Act = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """One operation. `act` gets the call, the parameters that were read, and the ids in the address."""

    method: str
    path: str
    tree: Tree
    act: Act


def _making(make: Callable[..., Json | Answer]) -> Act:
    def act(call: Call, given: Json, *ids: str) -> Answer:
        made = make(call, given, *ids)
        return made if isinstance(made, Answer) else _shown(call, made, given)

    return act


def _shown(call: Call, thing: Json, given: Json) -> Answer:
    return Answer(HTTPStatus.OK, shown(call.rows, thing, given.get("expand", [])))


def _one(kind: str, call: Call, given: Json, object_id: str) -> Answer:
    return _shown(call, call.rows.get(kind, object_id), given)


def _list(kind: str, path: str, call: Call, given: Json) -> Answer:
    found = lists.page(call.rows, kind, given, path, call.now)
    return _shown(call, found, given)


def _lines(read: Callable[..., Json], call: Call, given: Json, object_id: str) -> Answer:
    page = lists.cut(read(call.rows, object_id), given)
    return _shown(call, page, given)


def _reading(path: str, kind: str, *, listed: bool = True) -> list[Route]:
    routes = [Route("GET", f"{path}/<object_id>", Tree(), partial(_one, kind))]
    if listed:
        routes.append(Route("GET", path, lists.filters_of(kind), partial(_list, kind, path)))
    return routes


SESSIONS = "/v1/checkout/sessions"
LINKS = "/v1/payment_links"
ROUTES = (
    Route("POST", SESSIONS, sessions.CREATE, _making(sessions.create)),
    Route("POST", f"{SESSIONS}/<object_id>/expire", Tree(), _making(sessions.expire)),
    Route("GET", f"{SESSIONS}/<object_id>/line_items", lists.LINES, partial(_lines, sessions.line_items)),
    *_reading(SESSIONS, "checkout.session"),
    Route("POST", "/v1/payment_intents", intent_api.CREATE, _making(intent_api.create)),
    *_reading("/v1/payment_intents", "payment_intent"),
    *_reading("/v1/charges", "charge"),
    Route("POST", "/v1/refunds", refunds.CREATE, _making(refunds.create)),
    *_reading("/v1/refunds", "refund"),
    *_reading("/v1/events", "event"),
    *_reading("/v1/disputes", "dispute"),
    *_reading("/v1/invoices", "invoice"),
    Route("POST", "/v1/customers", customers.CREATE, _making(customers.create)),
    *_reading("/v1/customers", "customer", listed=False),
    *_reading("/v1/payment_methods", "payment_method", listed=False),
    Route("POST", "/v1/products", catalogue.PRODUCT, _making(catalogue.create_product)),
    *_reading("/v1/products", "product", listed=False),
    Route("POST", "/v1/prices", catalogue.PRICE, _making(catalogue.create_price)),
    *_reading("/v1/prices", "price", listed=False),
    Route("POST", LINKS, links.CREATE, _making(links.create)),
    Route("POST", f"{LINKS}/<object_id>", links.UPDATE, _making(links.update)),
    Route("GET", f"{LINKS}/<object_id>/line_items", lists.LINES, partial(_lines, links.line_items)),
    *_reading(LINKS, "payment_link"),
    *_reading("/v1/webhook_endpoints", "webhook_endpoint"),
)
