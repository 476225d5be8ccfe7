"""What keeps the reminders of an invoice back, from its facts in the ledger, and which day its ladder counts from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.mailing.reminder_cases import CaseReader, ReminderFacts, ReminderPost
from portal.ports.plans import PlanLife, PlanRecord
from portal.ports.reminders import ReminderClaim
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, DuePart, Invoice
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan
from portal.receivables.reminder_holds import HoldReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.receivables.dunning import InvoiceCase

TODAY = date(2026, 11, 23)
MAYA = Customer("Maya", "maya@example.org")


def entry(kind: EntryKind, minor: int = 84000, *, on: date = TODAY, seq: int = 1, **fields: object) -> Entry:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    plain: dict[str, object] = {"external_id": f"{kind.value} {seq}", "seq": seq}
    return Entry(kind, "1042", Money(minor, "GBP"), at, **(plain | fields))  # type: ignore[arg-type]


def plan(*, automatic: bool, first: date, grace_days: int = 7) -> PlanRecord:
    installments = tuple(Installment(n, first + timedelta(30 * (n - 1)), Money(28000, "GBP")) for n in (1, 2, 3))
    agreed = datetime(2026, 10, 1, tzinfo=UTC)
    record = PaymentPlan("plan_1", "1042", installments, automatic, grace_days, agreed, "I agree.", "none", 0)
    return PlanRecord(record, PlanLife.IN_FORCE)


def read(  # noqa: PLR0913  what a test is about
    invoice: Invoice,
    *entries: Entry,
    on_plan: PlanRecord | None = None,
    customer: Customer = MAYA,
    at_checkout: bool = False,
    claims: tuple[ReminderClaim, ...] = (),
    post: ReminderPost = ReminderPost(frozenset(), frozenset()),  # noqa: B008  frozen
    opens: bool = True,
) -> InvoiceCase:
    reader = CaseReader(7, UTC, post, lambda _key: opens, TODAY)
    return reader.case(ReminderFacts(invoice, entries, on_plan, at_checkout, claims), customer)


def reasons(case: InvoiceCase) -> list[HoldReason]:
    return [hold.reason for hold in case.holds]


def test_nothing_holds_an_invoice_that_is_simply_late(make_invoice: Callable[..., Invoice]) -> None:
    case = read(make_invoice())
    assert (case.is_open, case.due_on, case.occasion, case.holds) == (True, date(2026, 10, 31), "", ())


@pytest.mark.parametrize(
    ("kind", "fields", "reason", "until"),
    [
        (EntryKind.PROMISED, {"value_on": date(2026, 11, 30)}, HoldReason.PROMISED, date(2026, 11, 30)),
        (EntryKind.PROBLEM_REPORTED, {}, HoldReason.PROBLEM, None),
        (EntryKind.SAID_PAID, {"value_on": TODAY}, HoldReason.SAID_PAID, None),
        (EntryKind.DISPUTE_OPENED, {}, HoldReason.DISPUTED, None),
        (EntryKind.PAYMENT_STARTED, {"minor": 10000}, HoldReason.ON_ITS_WAY, None),
        (EntryKind.REMINDERS_STOPPED, {}, HoldReason.STOPPED, None),
        (EntryKind.REMINDERS_PAUSED, {"value_on": TODAY}, HoldReason.PAUSED, TODAY),
        (EntryKind.PAYMENT, {"minor": 10000}, HoldReason.JUST_PAID, date(2026, 11, 29)),
    ],
)
def test_what_was_said_and_paid_holds(
    make_invoice: Callable[..., Invoice], kind: EntryKind, fields: dict[str, object], reason: HoldReason, until: date
) -> None:
    case = read(make_invoice(), entry(kind, **fields))  # type: ignore[arg-type]
    assert [(hold.reason, hold.until) for hold in case.holds] == [(reason, until)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([entry(EntryKind.PROMISED, value_on=date(2026, 11, 22), on=date(2026, 11, 10))], []),
        ([entry(EntryKind.REMINDERS_PAUSED, value_on=date(2026, 11, 22), on=date(2026, 11, 10))], []),
        ([entry(EntryKind.PAYMENT, 10000, on=date(2026, 11, 16))], []),
        (
            [
                entry(EntryKind.PROBLEM_REPORTED, external_id="a", on=date(2026, 11, 1)),
                entry(EntryKind.ANSWER_CLOSED, external_id="a", seq=2),
            ],
            [HoldReason.JUST_ANSWERED],
        ),
        (
            [
                entry(EntryKind.REMINDERS_STOPPED, external_id="a"),
                entry(EntryKind.ANSWER_CLOSED, external_id="a", seq=2),
            ],
            [HoldReason.STOPPED, HoldReason.JUST_ANSWERED],
        ),
        (
            [
                entry(EntryKind.REMINDERS_STOPPED, external_id="a"),
                entry(EntryKind.ANSWER_WITHDRAWN, external_id="a", seq=2),
            ],
            [],
        ),
    ],
)
def test_holds_end(make_invoice: Callable[..., Invoice], facts: list[Entry], expected: list[HoldReason]) -> None:
    assert reasons(read(make_invoice(), *facts)) == expected


def test_what_makes_a_mail_useless_holds_it(make_invoice: Callable[..., Invoice]) -> None:
    assert reasons(read(make_invoice(), customer=Customer("Maya"))) == [HoldReason.NO_ADDRESS]
    refused = ReminderPost(frozenset({"maya@example.org"}), frozenset())
    assert reasons(read(make_invoice(), post=refused)) == [HoldReason.ADDRESS_REFUSED]
    assert reasons(read(make_invoice(), opens=False)) == [HoldReason.NO_PAGE]
    assert reasons(read(make_invoice(), at_checkout=True)) == [HoldReason.AT_CHECKOUT]
    assert reasons(read(make_invoice(total=Money(20, "GBP")))) == [HoldReason.TOO_LITTLE]


def test_each_part_has_its_own_day(make_invoice: Callable[..., Invoice]) -> None:
    parts = (
        DuePart(date(2026, 10, 15), Money(30000, "GBP")),
        DuePart(date(2026, 12, 15), Money(54000, "GBP")),
    )
    invoice = make_invoice(parts=parts, due_on=date(2026, 12, 15))
    assert (read(invoice).due_on, read(invoice).occasion) == (date(2026, 10, 15), "2026-10-15")
    paid = entry(EntryKind.PAYMENT, 30000, on=date(2026, 10, 20))
    assert read(invoice, paid).due_on == date(2026, 12, 15)


@pytest.mark.parametrize(
    ("automatic", "first", "expected"),
    [
        (True, date(2026, 12, 1), [HoldReason.ON_PLAN]),
        (False, date(2026, 12, 1), [HoldReason.ON_PLAN]),
        (True, date(2026, 11, 20), [HoldReason.ON_PLAN]),
        (False, date(2026, 11, 20), []),
        (True, date(2026, 11, 10), []),
        (False, date(2026, 11, 10), []),
    ],
    ids=["kept", "kept by hand", "missed, charged again", "missed by hand", "broken", "broken by hand"],
)
def test_a_plan_that_is_kept_holds_and_one_that_is_missed_counts_from_its_payment(
    make_invoice: Callable[..., Invoice], *, automatic: bool, first: date, expected: list[HoldReason]
) -> None:
    record = plan(automatic=automatic, first=first)
    agreed = entry(EntryKind.PLAN_AGREED, external_id="plan_1", schedule=record.plan.schedule, on=date(2026, 10, 1))
    case = read(make_invoice(), agreed, on_plan=record)
    assert reasons(case) == expected
    assert (case.due_on, case.occasion) == (first, first.isoformat())


def test_a_mail_that_waits_counts_as_of_this_day(make_invoice: Callable[..., Invoice]) -> None:
    claims = (ReminderClaim("1042", "due", date(2026, 11, 1), None), ReminderClaim("1042", "friendly", TODAY, "m1"))
    told = read(make_invoice(), claims=claims, post=ReminderPost(frozenset(), frozenset({"m1"}))).told
    assert [(one.name, one.on, one.is_sent) for one in told] == [
        ("due", date(2026, 11, 1), False),
        ("friendly", TODAY, True),
    ]
