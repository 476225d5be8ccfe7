"""Line items: what is paid for, from a price that exists or from `price_data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox.catalogue import new_price
from portal.sandbox.errors import invalid
from portal.sandbox.ids import new_id
from portal.sandbox.money import check_amount

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json


def lines_of(call: Call, given: list[Json]) -> list[Json]:
    """Return the line items of a session or a link, or refuse them."""
    lines = [_line(call, one, f"line_items[{number}]") for number, one in enumerate(given)]
    if len({line["currency"] for line in lines}) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    if own_amount(lines) is None:
        check_amount(total(lines), lines[0]["currency"], None)
    return lines


def total(lines: list[Json]) -> int:
    """The sum of the line items."""
    return sum(line["amount_total"] for line in lines)


def own_amount(lines: list[Json]) -> Json | None:
    """Return minimum, maximum and preset where the customer chooses the amount."""
    owns = [line["price"]["custom_unit_amount"] for line in lines]
    if not any(owns):
        return None
    if len(lines) > 1 or lines[0]["quantity"] != 1:
        raise invalid("A price with custom_unit_amount must be the only line item.", param="line_items")
    own: Json = owns[0]
    return own


def with_amount(lines: list[Json], amount: int) -> list[Json]:
    """Return the one line item with the amount that the customer chose."""
    return [{**line, "amount_subtotal": amount, "amount_total": amount} for line in lines]


def page_of(lines: list[Json], url: str) -> Json:
    """Return the line items as the list that the API shows."""
    return {"object": "list", "data": lines, "has_more": False, "url": url}


def _line(call: Call, given: Json, at: str) -> Json:
    if ("price" in given) == ("price_data" in given):
        message = f"You must specify exactly one of these parameters: {at}[price], {at}[price_data]."
        raise invalid(message, param=at)
    if "quantity" not in given:
        raise invalid(f"Quantity is required. Add `quantity` to `{at}`", param=at, code="parameter_missing")
    price = _price(call, given, at)
    product = call.rows.get("product", price["product"])
    own = price["custom_unit_amount"]
    amount = ((own["preset"] or 0) if own else price["unit_amount"]) * given["quantity"]
    return {
        "id": new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": given.get("metadata", {}),
        "price": price,
        "quantity": given["quantity"],
        # Shown on the page only; the API has it on the product.
        "_note": product["description"],
    }


def _price(call: Call, given: Json, at: str) -> Json:
    if "price_data" in given:
        # Stripe keeps prices that were made in passing, and their products, as archived.
        return new_price(call, {"active": False, **given["price_data"]}, f"{at}[price_data]")
    price = call.rows.get("price", given["price"], param=f"{at}[price]")
    if not price["active"]:
        message = "The price specified is inactive. This field only accepts active prices."
        raise invalid(message, param=f"{at}[price]")
    return price
