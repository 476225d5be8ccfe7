"""What one payment link may take, in every shape of balance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.card_limits import card_limits
from portal.receivables.link_terms import LinkTerms, link_terms_of
from portal.receivables.money import Money
from portal.receivables.offers import NoCard, Offers, PartOffer

LIMITS = card_limits("GBP")


def offers(minor: int, currency: str = "GBP", *, parts: bool = True) -> Offers:
    """Offers as ``offers_for`` makes them, for a balance of this much."""
    left, limits = Money(minor, currency), card_limits(currency)
    part = None
    if parts and left >= limits.minimum + limits.minimum:
        part = PartOffer(limits.minimum, min(left - limits.minimum, limits.maximum), left)
    full = left if limits.allow(left) else None
    return Offers(left, full, part, None if full else NoCard.BELOW_MINIMUM)


@given(st.integers(0, 300_000_000), st.booleans())
def test_never_more_than_is_left_and_always_a_card_payment(minor: int, parts: bool) -> None:  # noqa: FBT001  drawn
    terms = link_terms_of(offers(minor, parts=parts))
    if terms is None:
        assert minor < LIMITS.minimum.minor or minor > LIMITS.maximum.minor
        return
    assert terms.amount.minor <= minor
    assert LIMITS.allow(terms.amount)
    if terms.minimum is not None:
        assert parts
        assert LIMITS.minimum <= terms.minimum < terms.amount


@pytest.mark.parametrize(
    ("minor", "currency", "terms"),
    [
        (84000, "GBP", LinkTerms(Money(84000, "GBP"), Money(30, "GBP"))),
        (59, "GBP", LinkTerms(Money(59, "GBP"))),
        (29, "GBP", None),
        (10000, "JPY", LinkTerms(Money(10000, "JPY"), Money(50, "JPY"))),
        # Where not every amount between two bounds can be paid by card, only a fixed one is safe.
        (5120, "KWD", LinkTerms(Money(5120, "KWD"))),
        (5123, "KWD", None),
        (5000, "UGX", LinkTerms(Money(5000, "UGX"))),
    ],
)
def test_shapes(minor: int, currency: str, terms: LinkTerms | None) -> None:
    assert link_terms_of(offers(minor, currency)) == terms
