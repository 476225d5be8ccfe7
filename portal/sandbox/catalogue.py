"""Products and prices: what a line item points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.sandbox import allowed
from portal.sandbox.errors import invalid, missing
from portal.sandbox.ids import new_id
from portal.sandbox.money import check_amount, check_currency, check_form
from portal.sandbox.params import Flag, Group, Tags, Text, Tree, Url, Whole

if TYPE_CHECKING:
    from portal.sandbox.call import Call
    from portal.sandbox.errors import Json
    from portal.sandbox.params import Kind

PRODUCT = Tree({**allowed.PRODUCT_FIELDS, "active": Flag(), "shippable": Flag(), "url": Url()}, required=("name",))
_OWN_AMOUNT = Group(
    {"enabled": Flag(), "maximum": Whole(), "minimum": Whole(), "preset": Whole()}, required=("enabled",)
)
_PRODUCT_OF_PRICE: dict[str, Kind] = {
    **{name: allowed.PRODUCT_FIELDS[name] for name in ("metadata", "name", "tax_code", "unit_label")},
    "active": Flag(),
}
PRICE = Tree(
    {
        "active": Flag(),
        "currency": Text(),
        "custom_unit_amount": _OWN_AMOUNT,
        "metadata": Tags(),
        "nickname": Text(),
        "product": Text(),
        "product_data": Group(_PRODUCT_OF_PRICE, required=("name",)),
        "tax_behavior": allowed.TAX_BEHAVIOUR,
        "unit_amount": Whole(),
    },
    required=("currency",),
)


def create_product(call: Call, given: Json) -> Json:
    """POST /v1/products."""
    return new_product(call, given)


def new_product(call: Call, given: Json) -> Json:
    """Keep a product."""
    product = {
        "id": new_id("prod_"),
        "object": "product",
        "active": given.get("active", True),
        "created": call.now,
        "default_price": None,
        "description": given.get("description"),
        "images": given.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": given.get("metadata", {}),
        "name": given["name"],
        "package_dimensions": None,
        "shippable": given.get("shippable"),
        "statement_descriptor": None,
        "tax_code": given.get("tax_code"),
        "unit_label": given.get("unit_label"),
        "updated": call.now,
        "url": given.get("url"),
    }
    return call.rows.add(product)


def create_price(call: Call, given: Json) -> Json:
    """POST /v1/prices."""
    return new_price(call, given, "")


def new_price(call: Call, given: Json, at: str) -> Json:
    """Keep a price and, where `product_data` is given, its product. `at` is where the parameters stood."""
    currency = check_currency(given["currency"], _at(at, "currency"))
    own = _own_amount(given, currency, at)
    amount = None if own else _unit_amount(given, currency, at)
    price = {
        "id": new_id("price_"),
        "object": "price",
        "active": given.get("active", True),
        "billing_scheme": "per_unit",
        "created": call.now,
        "currency": currency,
        "custom_unit_amount": own,
        "livemode": False,
        "lookup_key": None,
        "metadata": given.get("metadata", {}),
        "nickname": given.get("nickname"),
        "product": _product(call, given, at),
        "recurring": None,
        "tax_behavior": given.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": None if amount is None else str(amount),
    }
    return call.rows.add(price)


def _at(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _unit_amount(given: Json, currency: str, at: str) -> int:
    if "unit_amount" not in given:
        raise missing(_at(at, "unit_amount"))
    return check_form(given["unit_amount"], currency, _at(at, "unit_amount"))


def _own_amount(given: Json, currency: str, at: str) -> Json | None:
    own = given.get("custom_unit_amount", {})
    if not own.get("enabled"):
        return None
    if "unit_amount" in given:
        raise invalid("You may only specify one of these parameters: unit_amount, custom_unit_amount.")
    amounts = {name: own.get(name) for name in ("maximum", "minimum", "preset")}
    for name, amount in amounts.items():
        if amount is not None:
            check_amount(amount, currency, _at(at, f"custom_unit_amount[{name}]"))
    _check_order(amounts)
    return amounts


def _check_order(amounts: Json) -> None:
    order = [amounts[name] for name in ("minimum", "preset", "maximum") if amounts[name] is not None]
    if order != sorted(order):
        raise invalid("The minimum, preset and maximum must be in rising order.", param="custom_unit_amount")


def _product(call: Call, given: Json, at: str) -> str:
    if ("product" in given) == ("product_data" in given):
        message = "You must specify exactly one of these parameters: product, product_data."
        raise invalid(message, param=_at(at, "product"))
    if "product" in given:
        found: str = call.rows.get("product", given["product"], param=_at(at, "product"))["id"]
        return found
    made: str = new_product(call, {"active": given.get("active", True), **given["product_data"]})["id"]
    return made
