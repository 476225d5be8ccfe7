"""The late fee as it is told line by line comes to what the balance asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.fee_reckoning import fee_reckoning
from portal.receivables.interest import BaseRate, Compensation, Interest
from portal.receivables.invoice import Customer, DuePart, Invoice
from portal.receivables.late_fees import FeeKind
from portal.receivables.money import Money, zero
from portal.receivables.terms import LateFee, LateMode, LatePart, Terms

DUE = date(2026, 1, 31)
RATES = (BaseRate(date(2025, 7, 1), Decimal("2.27")), BaseRate(date(2026, 3, 1), Decimal("1.5")))


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@st.composite
def lives(draw: st.DrawFn) -> tuple[Invoice, list[Entry]]:
    total = draw(st.integers(500, 500_000))
    first = draw(st.integers(100, total - 100))
    days = (DUE - timedelta(20), DUE)
    split = draw(st.booleans())
    amounts = (eur(first), eur(total - first))
    dated = tuple(zip(days, amounts, strict=True)) if split else ()
    late = LateFee(
        LateMode.CHARGED,
        DUE + timedelta(8),
        DUE,
        flat=draw(st.sampled_from([None, eur(1500)])),
        percent=draw(st.sampled_from([None, Decimal("2.5")])),
        interest=draw(st.sampled_from([None, Interest(RATES, Decimal(9))])),
        every_days=draw(st.sampled_from([1, 30])),
        compensation=draw(st.sampled_from([None, Compensation.EU])),
        cap=draw(st.sampled_from([None, eur(5000)])),
        parts=tuple(LatePart(a, day + timedelta(8), day) for a, day in zip(amounts, days, strict=True))
        if split
        else (),
    )
    parts = tuple(DuePart(day, amount) for day, amount in dated)
    invoice = Invoice(
        "1",
        "1",
        Customer("C"),
        eur(total),
        eur(total),
        date(2026, 1, 1),
        DUE,
        "1.md",
        parts=parts,
        terms=Terms(late=late, zone=UTC),
    )
    kinds = [EntryKind.PAYMENT, EntryKind.PAYMENT, EntryKind.CREDIT_NOTE, EntryKind.FEE_WAIVED, EntryKind.WRITE_OFF]
    entries = [
        Entry(
            draw(st.sampled_from(kinds)),
            "1",
            eur(draw(st.integers(1, total))),
            datetime(2026, 1, 2, 12, tzinfo=UTC) + timedelta(draw(st.integers(0, 200))),
            f"x{seq}",
            seq=seq,
        )
        for seq in range(1, draw(st.integers(1, 4)))
    ]
    return invoice, entries


@given(lives(), st.integers(0, 400))
def test_lines_parts_and_balance_agree(life: tuple[Invoice, list[Entry]], after: int) -> None:
    invoice, entries = life
    as_of = date(2026, 1, 2) + timedelta(after)
    balance = balance_of(invoice, entries, as_of)
    told = fee_reckoning(invoice, entries, balance, as_of)
    if told is None:
        assert not balance.amount_fees
        return
    for part, lines in zip(told.parts, told.interest, strict=True):
        exact = sum((line.exact for line in lines), Decimal(0)).to_integral_value(ROUND_HALF_UP)
        assert (int(exact) == part.amount.minor) == (part.kind is FeeKind.INTEREST)
    assert sum((part.amount for part in told.parts), zero("EUR")) == told.reckoned
    assert told.charged == balance.amount_fees
    rest = max(told.limited - told.waived, zero("EUR"))
    # A rest that no card payment could carry is the one thing that is left out.
    assert told.charged == rest or rest - told.charged < eur(50)
