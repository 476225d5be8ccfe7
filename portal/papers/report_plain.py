"""The report as plain values for other programs, and its open invoices as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from portal.papers.report_words import what_stands
from portal.receivables.answers import PromiseState
from portal.spreadsheet_cells import harmless

if TYPE_CHECKING:
    from portal.receivables.aging import Aging
    from portal.receivables.expected import Expectation
    from portal.receivables.habits import Habit
    from portal.reporting.invoice_days import InvoiceOnDay
    from portal.reporting.next_steps import NextStep
    from portal.reporting.report import Report

COLUMNS = (
    "invoice",
    "customer",
    "currency",
    "issued_on",
    "due_on",
    "days_late",
    "bucket",
    "total",
    "paid",
    "late_fees",
    "left",
    "promised_on",
    "plan",
    "stands",
)


def plain_report(report: Report) -> dict[str, Any]:
    """The report as plain values; amounts are decimal strings, days ISO dates."""
    return {
        "as_of": report.as_of.isoformat(),
        "next_steps": None if report.steps is None else [_step(one) for one in report.steps],
        "aging": [_aging(one) for one in report.agings],
        "expected": [_expectation(one) for one in report.expectations],
        "open": [_open(one, report) for one in report.open],
        "problems": [one.invoice.key for one in report.problems],
        "promises": {
            "kept": report.promises_kept,
            "broken": report.promises_broken,
            "open": [one.invoice.key for one in report.promised],
        },
        "plans_at_risk": [one.invoice.key for one in report.plans if one.plan and one.plan.risk],
        "reasons": [
            {"reason": one.reason.value, "invoices": one.invoices, "still_open": one.still_open}
            for one in report.reasons
        ],
        "customers": [_habit(one) for one in report.habits],
    }


def report_table(report: Report) -> str:
    """The open invoices as CSV (RFC 4180), one row each, the latest first.

    A text that a spreadsheet would take for a formula has an apostrophe put before it.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in report.open:
        row = _open(one, report)
        writer.writerow([_harmless(row[name]) for name in COLUMNS])
    return out.getvalue()


def _harmless(value: Any) -> Any:  # noqa: ANN401  a cell
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else value


def _step(step: NextStep) -> dict[str, Any]:
    subjects = [{"invoice": one.invoice_key, "text": one.text} for one in step.subjects]
    return {"what": step.what, "remedy": step.remedy, "subjects": subjects}


def _aging(one: Aging) -> dict[str, Any]:
    return {
        "currency": one.currency,
        "total": one.total.decimal_text,
        "late": one.late.decimal_text,
        "invoices": one.invoices,
        "buckets": [
            {"bucket": row.bucket.value, "invoices": row.invoices, "amount": row.amount.decimal_text}
            for row in one.rows
        ],
    }


def _expectation(one: Expectation) -> dict[str, Any]:
    return {
        "currency": one.currency,
        "overdue": one.overdue.decimal_text,
        "weeks": [
            {
                "week": week.starts_on.isoformat(),
                "total": week.total.decimal_text,
                "due": week.due.decimal_text,
                "plan": week.plan.decimal_text,
                "promised": week.promised.decimal_text,
            }
            for week in one.weeks
        ],
        "later": one.later.decimal_text,
        "undated": one.undated.decimal_text,
        "on_its_way": one.on_its_way.decimal_text,
    }


def _open(one: InvoiceOnDay, report: Report) -> dict[str, Any]:
    invoice, balance, due_on = one.invoice, one.balance, one.due_on()
    promise = one.promise_in(PromiseState.OPEN)
    return {
        "invoice": invoice.key,
        "customer": invoice.customer.name,
        "currency": invoice.currency,
        "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else None,
        "due_on": due_on.isoformat() if due_on else None,
        "days_late": one.days_late(report.as_of),
        "bucket": one.bucket(report.as_of).value,
        "total": invoice.total.decimal_text,
        "paid": balance.amount_paid.decimal_text,
        "late_fees": balance.amount_fees.decimal_text,
        "left": balance.amount_remaining.decimal_text,
        "promised_on": promise.day.isoformat() if promise else None,
        "plan": one.plan.stands.state.value if one.plan else None,
        "stands": "; ".join(what_stands(one, str)),
    }


def _habit(one: Habit) -> dict[str, Any]:
    return {
        "customer": one.name,
        "invoices": one.invoices,
        "days_to_pay": one.days_to_pay,
        "days_late": one.days_late,
        "promises_kept": one.kept,
        "promises_broken": one.broken,
    }
