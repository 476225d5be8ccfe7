"""What a table says of whether a customer is a business."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.sources import Loaded

WARNED = "warned"


@pytest.mark.parametrize(
    ("column", "cell", "answer"),
    [
        ("Customer type", "Business", True),
        ("Customer type", "Individual", False),
        ("Business", "yes", True),
        ("Company", "no", False),
        ("Company", "Rivera Landscaping Ltd", None),
        ("Kundentyp", "Geschäftskunde", True),
        ("Kundentyp", "Privat", False),
        ("Tipo cliente", "Azienda", True),
        ("Tipo cliente", "Persona fisica", False),
        ("B2B", "", None),
        ("Customer type", "VIP", WARNED),
    ],
)
def test_whether_a_customer_is_a_business(read: Callable[..., Loaded], column: str, cell: str, answer: object) -> None:
    row = "1,Rivera,2026-10-01,2026-10-31,10.00,GBP"
    found = read({"open.csv": f"Number,Customer,Date,Due date,Total,Currency,{column}\n{row},{cell}\n"})
    assert found.problems == ()
    assert found.invoices[0].customer.is_business is (None if answer == WARNED else answer)
    assert found.invoices[0].customer.name == "Rivera"
    assert bool(found.warnings) == (answer == WARNED)
