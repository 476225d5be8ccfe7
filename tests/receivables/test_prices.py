"""What settles an invoice until when, and that the price list and the balance of each day agree.

``PORTAL_EXAMPLES=10000`` sets how many examples each property is tried with.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.discounts import Discount
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.interest import BaseRate, Compensation, Interest, RateRule
from portal.receivables.invoice import Customer, Invoice, StatedPayment
from portal.receivables.money import Money
from portal.receivables.movements import movements_of
from portal.receivables.offers import offers_for, refusal_of_part
from portal.receivables.prices import price_list
from portal.receivables.statuses import InvoiceStatus
from portal.receivables.terms import LateFee, LateMode, Terms

EXAMPLES = int(os.environ.get("PORTAL_EXAMPLES", "100"))
ISSUED = date(2026, 5, 1)
EARLY = date(2026, 5, 10)
DUE = date(2026, 6, 5)
RATES = (BaseRate(date(2026, 1, 1), Decimal("2.27")), BaseRate(date(2026, 7, 1), Decimal("1.27")))
STATUTORY = Interest(RATES, surcharge=Decimal(9))
DAY = timedelta(1)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def invoice(total: Money, terms: Terms, *, prepaid: Money | None = None) -> Invoice:
    return Invoice(
        key="1",
        number="1",
        customer=Customer("Sample"),
        total=total,
        stated_due=total - prepaid if prepaid else total,
        issued_on=ISSUED,
        due_on=DUE,
        source="x",
        payments=(StatedPayment(prepaid),) if prepaid else (),
        terms=terms,
    )


def fact(kind: EntryKind, amount: Money, day: date, external_id: str = "pi_1", value_on: date | None = None) -> Entry:
    return Entry(kind, "1", amount, datetime.combine(day, time(12), UTC), external_id, value_on=value_on)


def paid(minor: int, day: date, external_id: str = "pi_1") -> Entry:
    return fact(EntryKind.PAYMENT, eur(minor), day, external_id)


def late(**fields: object) -> LateFee:
    plain: dict[str, object] = {"mode": LateMode.CHARGED, "starts_on": DUE + DAY, "counts_from": DUE}
    return LateFee(**(plain | fields))  # type: ignore[arg-type]


FLAT = Terms((Discount(EARLY, percent=Decimal(2)),), late(flat=eur(2500)))


def test_the_three_stages_of_an_invoice() -> None:
    """The example of the page: 490 until 10 May, 500 until 5 June, 525 after."""
    prices = price_list(invoice(eur(50000), FLAT), [], ISSUED)
    assert [(stage.amount, stage.until) for stage in prices.stages] == [
        (eur(49000), EARLY),
        (eur(50000), DUE),
        (eur(52500), None),
    ]
    assert prices.fresh_until == EARLY
    assert not prices.goes_on


@pytest.mark.parametrize(
    ("minor", "day", "remaining", "overpaid"),
    [
        (49000, EARLY, 0, 0),
        (49000, EARLY + DAY, 1000, 0),
        (48999, EARLY, 1001, 0),
        (50000, EARLY, 0, 0),
        (49500, EARLY, 0, 0),
        (50000, DUE, 0, 0),
        (50000, DUE + DAY, 2500, 0),
        (52500, DUE + DAY, 0, 0),
        (52600, DUE + DAY, 0, 100),
    ],
)
def test_one_payment(minor: int, day: date, remaining: int, overpaid: int) -> None:
    balance = balance_of(invoice(eur(50000), FLAT), [paid(minor, day)], DUE + 30 * DAY if remaining > 2000 else day)
    assert (balance.amount_remaining, balance.amount_overpaid) == (eur(remaining), eur(overpaid))


def test_a_discount_is_on_what_the_invoice_asks_for_after_prepayments() -> None:
    claim = invoice(eur(119000), FLAT, prepaid=eur(19000))
    assert balance_of(claim, [], EARLY).amount_offerable == eur(98000)
    assert balance_of(claim, [paid(98000, EARLY)], DUE).status is InvoiceStatus.PAID


def test_a_transfer_may_come_some_days_after_the_last_day_where_the_owner_allows_it() -> None:
    slow = Terms(FLAT.discounts, value_days=2)
    for days, remaining in ((2, 0), (3, 1000)):
        balance = balance_of(invoice(eur(50000), slow), [paid(49000, EARLY + days * DAY)], DUE)
        assert balance.amount_remaining == eur(remaining)


def test_the_value_date_and_the_time_zone_decide_the_day() -> None:
    in_time = fact(EntryKind.PAYMENT, eur(49000), EARLY + 5 * DAY, value_on=EARLY)
    assert balance_of(invoice(eur(50000), FLAT), [in_time], DUE).status is InvoiceStatus.PAID
    westward = Terms(FLAT.discounts, zone=ZoneInfo("America/New_York"))
    midnight = datetime.combine(EARLY + DAY, time(3), UTC)
    entry = Entry(EntryKind.PAYMENT, "1", eur(49000), midnight, "pi_1")
    assert balance_of(invoice(eur(50000), westward), [entry], DUE).status is InvoiceStatus.PAID
    assert balance_of(invoice(eur(50000), FLAT), [entry], DUE).amount_remaining == eur(1000)


def test_a_bank_debit_counts_from_the_day_it_was_started() -> None:
    started = fact(EntryKind.PAYMENT_STARTED, eur(49000), EARLY)
    claim = invoice(eur(50000), FLAT)
    waiting = balance_of(claim, [started], EARLY + 3 * DAY)
    assert (waiting.amount_remaining, waiting.amount_offerable) == (eur(49000), eur(0))
    assert balance_of(claim, [started, paid(49000, EARLY + 4 * DAY)], DUE).status is InvoiceStatus.PAID
    failed = fact(EntryKind.PAYMENT_FAILED, eur(49000), EARLY + 4 * DAY)
    assert balance_of(claim, [started, failed], DUE).amount_offerable == eur(50000)


def test_the_owners_refund_costs_no_discount_and_no_fee() -> None:
    claim = invoice(eur(50000), FLAT)
    entries = [paid(49000, EARLY), fact(EntryKind.REFUND, eur(10000), DUE + 40 * DAY, "re_1")]
    balance = balance_of(claim, entries, DUE + 50 * DAY)
    assert (balance.amount_remaining, balance.amount_fees) == (eur(10000), eur(0))


def test_a_refund_before_the_rest_is_paid_leaves_the_discount_open() -> None:
    entries = [paid(20000, ISSUED), fact(EntryKind.REFUND, eur(20000), ISSUED + DAY, "re_1")]
    claim = invoice(eur(50000), FLAT)
    assert balance_of(claim, entries, EARLY).amount_offerable == eur(49000)
    settled = balance_of(claim, [*entries, paid(49000, EARLY, "pi_2")], DUE + 90 * DAY)
    assert (settled.amount_remaining, settled.amount_overpaid) == (eur(0), eur(0))


def test_a_discount_of_everything_is_none() -> None:
    gift = Terms((Discount(EARLY, fixed=eur(50000)),))
    assert balance_of(invoice(eur(50000), gift), [], EARLY).amount_offerable == eur(50000)


def test_a_payment_that_a_dispute_took_back_earns_no_discount() -> None:
    entries = [paid(49000, EARLY), fact(EntryKind.DISPUTE_WITHDRAWN, eur(49000), EARLY + 9 * DAY, "txn_1")]
    assert balance_of(invoice(eur(50000), FLAT), entries, DUE).amount_remaining == eur(50000)
    back = fact(EntryKind.DISPUTE_REINSTATED, eur(49000), DUE, "txn_2")
    assert balance_of(invoice(eur(50000), FLAT), [*entries, back], DUE + 9 * DAY).status is InvoiceStatus.PAID


def test_part_payments_in_time_earn_their_share_where_the_owner_says_so() -> None:
    terms = Terms(FLAT.discounts, credit_part_payments=True)
    balance = balance_of(invoice(eur(372000), terms), [paid(98000, EARLY)], DUE)
    assert balance.amount_remaining == eur(272000)
    plain = balance_of(invoice(eur(372000), Terms(FLAT.discounts)), [paid(98000, EARLY)], DUE)
    assert plain.amount_remaining == eur(274000)


def test_interest_runs_on_what_is_open_and_never_on_itself() -> None:
    """A fee wrongly compounding: interest on 600 for 30 days, then on 300 for 30 days, at 10 per cent."""
    terms = Terms(late=late(interest=Interest((BaseRate(ISSUED, Decimal(10)),)), flat=eur(1000)))
    claim = invoice(eur(60000), terms)
    halfway, end = DUE + 30 * DAY, DUE + 60 * DAY
    assert balance_of(claim, [], halfway).amount_fees == eur(1000 + 493)
    entries = [paid(30000, halfway)]
    assert balance_of(claim, entries, end).amount_fees == eur(1000 + 740)
    settled = [*entries, paid(31740, end, "pi_2")]
    assert balance_of(claim, settled, end + 400 * DAY).status is InvoiceStatus.PAID


def test_interest_follows_the_half_year() -> None:
    terms = Terms(late=late(interest=STATUTORY))
    fee = balance_of(invoice(eur(1_000_000), terms), [], date(2026, 7, 31)).amount_fees
    exact = Decimal(1_000_000) * (Decimal("11.27") * 25 + Decimal("10.27") * 31) / 100 / 365
    assert fee == eur(round(exact))


def test_grace_moves_the_start_and_who_pays_within_it_pays_no_fee() -> None:
    terms = Terms(late=late(interest=STATUTORY, flat=eur(4000), starts_on=DUE + 8 * DAY))
    claim = invoice(eur(50000), terms)
    assert balance_of(claim, [], DUE + 7 * DAY).amount_fees == eur(0)
    assert balance_of(claim, [], DUE + 8 * DAY).amount_fees.minor > 4000
    assert balance_of(claim, [paid(50000, DUE + 7 * DAY)], DUE + 90 * DAY).status is InvoiceStatus.PAID
    part = balance_of(claim, [paid(40000, DUE + 7 * DAY)], DUE + 8 * DAY)
    assert part.amount_fees == eur(4000 + 25), "8 days on the 100 that were still open when grace ended"


def test_interest_in_steps_is_not_added_to_what_was_paid_between_them() -> None:
    terms = Terms(late=late(interest=STATUTORY, every_days=30))
    claim = invoice(eur(100_000), terms)
    assert balance_of(claim, [], DUE + 29 * DAY).amount_fees == eur(0)
    step = balance_of(claim, [], DUE + 30 * DAY).amount_fees
    assert step.minor > 0
    settled = [paid(100_000 + step.minor, DUE + 45 * DAY)]
    assert balance_of(claim, settled, DUE + 60 * DAY).status is InvoiceStatus.PAID
    prices = price_list(claim, [], DUE, most=3)
    assert [stage.until for stage in prices.stages] == [DUE + 29 * DAY, DUE + 59 * DAY, DUE + 89 * DAY]
    assert prices.goes_on


def test_caps_waivers_and_modes() -> None:
    capped = Terms(late=late(flat=eur(4000), cap=eur(1500)))
    assert balance_of(invoice(eur(50000), capped), [], DUE + DAY).amount_fees == eur(1500)
    waiver = fact(EntryKind.FEE_WAIVED, eur(9999), DUE + DAY, "w")
    waived = balance_of(invoice(eur(50000), FLAT), [waiver], DUE + DAY)
    assert (waived.amount_fees, waived.amount_remaining) == (eur(0), eur(50000))
    shown = Terms(late=late(mode=LateMode.SHOWN, flat=eur(4000)))
    assert balance_of(invoice(eur(50000), shown), [], DUE + DAY).amount_remaining == eur(50000)
    written_off = fact(EntryKind.WRITE_OFF, eur(52500), DUE + 9 * DAY, "o")
    assert balance_of(invoice(eur(50000), FLAT), [written_off], DUE + 90 * DAY).status is InvoiceStatus.WRITTEN_OFF
    fixed = Terms(late=late(compensation=Compensation.EU))
    assert balance_of(invoice(eur(50000), fixed), [], DUE + DAY).amount_fees == eur(4000)


def test_a_fee_too_small_for_a_card_is_not_asked_for_alone() -> None:
    terms = Terms(late=late(interest=STATUTORY))
    claim = invoice(eur(50000), terms)
    assert balance_of(claim, [], DUE + DAY).amount_remaining == eur(50015)
    assert balance_of(claim, [paid(50000, DUE + DAY)], DUE + DAY).status is InvoiceStatus.PAID


def test_catching_up_costs_everything_once_it_is_overdue_and_nothing_before() -> None:
    claim = invoice(eur(50000), FLAT)
    assert price_list(claim, [], DUE).catch_up == eur(0)
    assert price_list(claim, [], DUE + DAY).catch_up == eur(52500)


# ---- whatever the terms and the payments

_percents = st.decimals("0.01", "20", places=2)
_days = st.integers(0, 90).map(lambda days: ISSUED + days * DAY)


def _discounts(currency: str) -> st.SearchStrategy[tuple[Discount, ...]]:
    fixed = st.integers(1, 5000).map(lambda minor: Money(minor, currency))
    tier = st.one_of(
        st.builds(Discount, _days, percent=_percents), st.builds(Discount, _days, fixed=fixed, percent=st.none())
    )
    return st.lists(tier, max_size=3).map(lambda tiers: tuple(sorted(tiers, key=lambda tier: tier.last_on)))


def _late(currency: str) -> st.SearchStrategy[LateFee]:
    money = st.none() | st.integers(1, 5000).map(lambda minor: Money(minor, currency))
    interest = st.builds(
        Interest,
        st.just(RATES),
        surcharge=st.decimals("-3", "12", places=2),
        year_days=st.sampled_from([360, 365]),
        rule=st.sampled_from(RateRule),
        round_daily=st.booleans(),
    )
    return st.builds(
        LateFee,
        st.just(LateMode.CHARGED),
        st.integers(1, 20).map(lambda days: DUE + days * DAY),
        st.just(DUE),
        flat=money,
        percent=st.none() | _percents,
        interest=st.none() | interest,
        every_days=st.sampled_from([1, 7, 30]),
        compensation=st.none() | st.sampled_from(Compensation),
        cap=money,
    )


@st.composite
def claims(draw: st.DrawFn) -> tuple[Invoice, list[Entry]]:
    """An invoice of some currency with some terms, and a few facts about it."""
    currency = draw(st.sampled_from(["EUR", "GBP", "JPY", "KWD", "MGA"]))
    step = card_limits(currency).step
    total = Money(draw(st.integers(1, 300_000)) * step, currency)
    terms = Terms(
        discounts=draw(_discounts(currency)),
        late=draw(st.none() | _late(currency)),
        value_days=draw(st.sampled_from([0, 2])),
        credit_part_payments=draw(st.booleans()),
    )
    kinds = st.sampled_from(sorted(set(EntryKind) - {EntryKind.REVERSAL}))
    facts = draw(
        st.lists(
            st.tuples(kinds, st.integers(1, 200_000), _days, st.sampled_from("abc")),
            max_size=4,
            unique_by=lambda f: (f[0], f[3]),
        )
    )
    return invoice(total, terms), [
        fact(kind, Money(minor * step, currency), day, eid) for kind, minor, day, eid in facts
    ]


def known_on(day: date, entries: list[Entry]) -> list[Entry]:
    """A ledger holds what has happened."""
    return [entry for entry in entries if entry.occurred_at.date() <= day]


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(0, 120), st.lists(st.integers(0, 730), min_size=5, max_size=30))
def test_the_price_list_is_the_balance_of_each_day(
    claim: tuple[Invoice, list[Entry]], start: int, days: list[int]
) -> None:
    """For every day of the next two years, a sample of them at a time."""
    asked, as_of = claim[0], ISSUED + start * DAY
    entries = known_on(as_of, claim[1])
    moved = movements_of(entries, asked.currency)
    assume(moved.taken_back <= moved.received)
    prices = price_list(asked, entries, as_of, most=6)
    ends = [stage.until for stage in prices.stages if stage.until is not None]
    near = [day + shift * DAY for day in ends for shift in (0, 1)]
    for day in [*near, *(as_of + shift * DAY for shift in days)]:
        listed = prices.amount_on(day)
        truth = balance_of(asked, entries, day).amount_offerable
        if prices.stages and listed is None:
            assert prices.goes_on
            continue
        assert truth.minor == (listed.minor if listed else 0)


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(0, 400))
def test_every_stage_settles_it(claim: tuple[Invoice, list[Entry]], start: int) -> None:
    """Paying what a stage says on a day of it leaves nothing, then and for ever."""
    asked, as_of = claim[0], ISSUED + start * DAY
    entries = known_on(as_of, claim[1])
    moved = movements_of(entries, asked.currency)
    assume(moved.taken_back <= moved.received and not moved.on_its_way)
    day = as_of
    for stage in price_list(asked, entries, as_of).stages:
        day = stage.until or day + 500 * DAY
        payment = fact(EntryKind.PAYMENT, stage.amount, day, "last")
        for later in (0, 1, 40, 900):
            after = balance_of(asked, [*entries, payment], day + later * DAY)
            assert not after.amount_remaining
            assert not after.amount_overpaid


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(0, 700), st.integers(0, 60))
def test_what_is_left_never_falls_by_waiting(claim: tuple[Invoice, list[Entry]], start: int, wait: int) -> None:
    asked, entries = claim
    now = balance_of(asked, entries, ISSUED + start * DAY)
    then = balance_of(asked, entries, ISSUED + (start + wait) * DAY)
    assert then.amount_remaining >= now.amount_remaining
    assert then.amount_offerable >= now.amount_offerable
    assert type(then.amount_remaining.minor) is int


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(0, 400), st.integers(1, 400_000))
def test_a_part_never_leaves_what_no_card_can_pay(claim: tuple[Invoice, list[Entry]], start: int, part: int) -> None:
    """solidus_stripe#311, with a fee or a discount in the sum."""
    asked, as_of = claim[0], ISSUED + start * DAY
    entries = known_on(as_of, claim[1])
    balance = balance_of(asked, entries, as_of)
    offers = offers_for(balance, parts_allowed=True)
    limits = card_limits(asked.currency)
    amount = Money(part * limits.step, asked.currency)
    if offers.full is not None:
        assert limits.allow(offers.full)
    if refusal_of_part(offers, amount) is None and not balance.amount_on_its_way:
        after = balance_of(asked, [*entries, fact(EntryKind.PAYMENT, amount, as_of, "part")], as_of)
        left = after.amount_offerable
        assert not left or left >= limits.minimum or amount == offers.full
