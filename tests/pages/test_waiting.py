"""What is said while a payment is on its way."""

from __future__ import annotations

import pytest

from portal.pages.waiting import voucher_sentences
from portal.receivables.money import Money


@pytest.mark.parametrize(("currency", "is_said"), [("EUR", True), ("JPY", True), ("GBP", False), ("CHF", False)])
def test_a_voucher_is_spoken_of_only_in_currencies_that_have_them(currency: str, is_said: bool) -> None:  # noqa: FBT001  a column of the table
    assert ("voucher" in " ".join(voucher_sentences(Money(9000, currency)))) is is_said
