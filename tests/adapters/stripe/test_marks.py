"""What stands in Stripe's metadata is read back as it was written, and whatever else stands there breaks nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.links import portal_id_of
from portal.adapters.stripe.marks import VALUE_LENGTH, invoice_marks, marks_in
from portal.adapters.stripe.requests import ShopFront, _branding, session_params
from portal.ports import CheckoutLine, CheckoutRequest
from portal.receivables.allocation import Allocation, Allocations, total_of
from portal.receivables.money import Money

OURS = portal_id_of(b"k" * 32)
KEYS = st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=40, unique=True)


def parts(keys: list[str], currency: str = "GBP") -> Allocations:
    return tuple(Allocation(key, Money(100 * number, currency)) for number, key in enumerate(keys, start=1))


@given(KEYS, st.sampled_from(["GBP", "JPY", "KWD", "ISK", "MGA"]))
def test_invoices_are_read_back_as_they_were_written(keys: list[str], currency: str) -> None:
    allocations = parts(keys, currency)
    marks = invoice_marks(allocations)
    assert all(len(value) <= VALUE_LENGTH and value == value.strip() for value in marks.values()) or len(keys) == 1
    assert all(name.isascii() and len(name) <= 40 for name in marks)
    found = marks_in(marks, total_of(allocations), OURS)
    assert (found.allocations, found.is_garbled, found.is_anothers) == (allocations, False, False)


def test_one_invoice_is_named_plainly() -> None:
    assert invoice_marks(parts(["1042"])) == {"invoice": "1042"}
    assert invoice_marks(parts(["1042", "A 7"])) == {"invoices_1": '[["1042",100],["A\\u00207",200]]'}


def test_a_hundred_invoices_fit_and_names_without_end_are_refused() -> None:
    marks = invoice_marks(parts([f"INV-2026-{number:08}" for number in range(100)]))
    assert len(marks) < 10
    with pytest.raises(ValueError, match="too long names"):
        invoice_marks(parts(["x" * 15_000, "y" * 15_000]))


@pytest.mark.parametrize(
    "written",
    [
        *("", "[]", "7", "null", "{", '"ab"', '["ab"]', "[[]]", '[["1042"]]', '[["1042",0]]', '[["1042",-5]]'),
        *('[["1042",1.5]]', '[["1042",true]]', "[[1042,5]]", '[["1042",5],["1042",5]]', '{"1042":5}', "[" * 100_000),
        *('[["1042",5,6]]', '[["1042","5"]]', "\N{GREEK SMALL LETTER ALPHA}"),
    ],
)
def test_invoices_that_cannot_be_read_are_told(written: str) -> None:
    found = marks_in({"hold": "h", "invoices_1": written}, Money(500, "GBP"), OURS)
    assert (found.allocations, found.is_garbled) == ((), True)


@given(st.dictionaries(st.sampled_from(["hold", "invoice", "invoices_1", "invoices_2", "opened", "portal"]), st.text()))
def test_whatever_stands_there_breaks_nothing(metadata: dict[str, str]) -> None:
    found = marks_in(metadata, Money(500, "GBP"), OURS)
    assert found.hold_id == metadata.get("hold")
    assert all(part.amount.minor > 0 for part in found.allocations)


@pytest.mark.parametrize("written", ["", "x", "-5", "9" * 400, "٣", "1.5"])
def test_a_moment_that_is_none_is_left_out(written: str) -> None:
    assert marks_in({"opened": written}, Money(500, "GBP"), OURS).opened_at is None


@pytest.mark.parametrize(
    ("metadata", "own", "anothers"),
    [
        ({"portal": OURS}, OURS, False),
        ({"portal": portal_id_of(b"x" * 32)}, OURS, True),
        ({}, OURS, False),
        ({"portal": "any"}, None, False),
    ],
)
def test_only_another_portals_mark_is_another_portals(
    metadata: dict[str, str], own: str | None, *, anothers: bool
) -> None:
    assert marks_in(metadata, Money(500, "GBP"), own).is_anothers is anothers


def test_a_portals_id_says_nothing_of_its_key_and_stays() -> None:
    assert OURS == portal_id_of(b"k" * 32) == "iog3n4esu5psqjds"
    assert OURS.isalnum()


def test_a_request_has_a_line_and_the_marks_of_each_invoice() -> None:
    at = datetime(2026, 11, 21, 22, 50, 1, 999_999, tzinfo=UTC)
    allocations = parts(["1042", "1043"])
    request = CheckoutRequest(
        hold_id="hold_1",
        opened_at=at,
        allocations=allocations,
        lines=tuple(CheckoutLine(f"Invoice {part.invoice_key}", part.amount) for part in allocations),
        description="Invoices",
        customer_email=None,
        locale="en-GB",
        expires_at=at,
        success_url="https://pay.example/",
        cancel_url="https://pay.example/",
    )
    params = session_params(request, ShopFront("Sample"), OURS)
    prices = [line["price_data"] for line in params["line_items"]]
    assert [price["product_data"]["name"] for price in prices] == ["Invoice 1042", "Invoice 1043"]
    assert [price["unit_amount"] for price in prices] == [100, 200]
    marks = params["metadata"]
    assert isinstance(marks, dict)
    assert marks == params["payment_intent_data"]["metadata"]
    found = marks_in(marks, Money(300, "GBP"), OURS)
    assert (found.hold_id, found.allocations) == ("hold_1", allocations)
    assert found.opened_at == at.replace(microsecond=0)


def test_stripes_page_has_the_colours_of_the_pages() -> None:
    plain = _branding(ShopFront("Sample"))
    assert plain == {"display_name": "Sample"}
    front = _branding(ShopFront("Sample", "#14594d", "#f3f1eb"))
    assert (front["button_color"], front["background_color"]) == ("#14594d", "#f3f1eb")
    assert "logo" not in front
    shown = _branding(ShopFront("Sample", logo_url="https://joiner.example/logo.png"))
    assert shown["logo"] == {"type": "url", "url": "https://joiner.example/logo.png"}
