"""The report as a page with charts, and its private file below the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.papers.paper import Stationery, stationery, write_paper
from portal.papers.report_words import (
    BUCKETS,
    LATE_REASONS,
    after_the_weeks,
    before_the_weeks,
    problem_in_words,
    what_stands,
)
from portal.receivables.answers import PromiseState
from portal.reporting.report import report_of
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from portal.documents import Documents
    from portal.receivables.aging import Aging
    from portal.receivables.entries import Entry
    from portal.receivables.expected import Expectation, ExpectedWeek
    from portal.receivables.habits import Habit
    from portal.receivables.money import Money
    from portal.reporting.invoice_days import InvoiceOnDay
    from portal.reporting.next_steps import NextStep
    from portal.reporting.report import Reason, Report
    from portal.wiring.portal import Portal

REPORT_FILE = "report.html"
MOST_ROWS = 300
"""Of one table: a page is for looking at, and the table that ``--csv`` prints has them all."""
MOST_SUBJECTS = 8
_NARROWEST = 0.5
"""Percent of a bar: what is not nothing can be seen."""

Row = dict[str, Any]


def write_report(portal: Portal, documents: Documents | None = None) -> Path:
    """Write the report of today below the state, whole or not at all, for the portal's own account alone.

    Args:
        portal: whose.
        documents: all invoices as last built with their facts, where they are at hand.

    Raises:
        PortalError: the folder or the disk does not take it.
    """
    return write_report_page(portal, report_on(portal, documents))


def report_on(portal: Portal, documents: Documents | None = None) -> Report:
    """The report for the day that the portal works as of; only today's says what to do next."""
    zone = ZoneInfo(portal.settings.portal.timezone)
    return report_of(portal.ledger, portal.today(), now().astimezone(zone).date(), zone, documents)


def write_report_page(portal: Portal, report: Report) -> Path:
    """The same for a report that was gathered before; that of another day has the day in its file's name."""
    page = ReportPage(portal, report, stationery(portal.settings, now()))
    name = REPORT_FILE if report.steps is not None else f"report-{report.as_of}.html"
    return write_paper(portal.folders.state / name, page.render().encode())


class ReportPage:
    """What the report's page says, in plain values for its template."""

    def __init__(self, portal: Portal, report: Report, paper: Stationery) -> None:
        self._portal = portal
        self._urls = portal.urls_of(one.invoice.key for one in report.open[:MOST_ROWS])
        self._report = report
        self._paper = paper
        self._money = paper.formats.money
        self._date = paper.formats.date
        self._zone = ZoneInfo(portal.settings.portal.timezone)

    def render(self) -> str:
        """The page."""
        as_of = self._date(self._report.as_of)
        return self._paper.render("report", title=f"Money owed to you, {as_of}", page=self._page(as_of))

    def _page(self, as_of: str) -> Row:
        report = self._report
        return {
            "as_of": as_of,
            "steps": None if report.steps is None else [self._step(step) for step in report.steps],
            "currencies": [self._currency(*both) for both in zip(report.agings, report.expectations, strict=True)],
            "open": [self._open(one) for one in report.open[:MOST_ROWS]],
            "more_open": max(len(report.open) - MOST_ROWS, 0),
            "problems": [self._problem(one, one.answers.problem) for one in report.problems if one.answers.problem],
            "plans": list(filter(None, map(self._plan, report.plans[:MOST_ROWS]))),
            "promised": list(filter(None, map(self._promised, report.promised[:MOST_ROWS]))),
            "promises_total": report.promises_kept + report.promises_broken,
            "promises_past": self._promises_past(),
            "reasons": [self._reason(one) for one in report.reasons],
            "habits": [self._habit(one) for one in report.habits[:MOST_ROWS]],
            "more_habits": max(len(report.habits) - MOST_ROWS, 0),
        }

    def _step(self, step: NextStep) -> Row:
        shown = step.subjects[:MOST_SUBJECTS]
        subjects = [{"text": one.text, "href": self._href(one.invoice_key)} for one in shown]
        return {
            "what": step.what,
            "remedy": step.remedy,
            "subjects": subjects,
            "more": len(step.subjects) - len(shown),
        }

    def _currency(self, aging: Aging, coming: Expectation) -> Row:
        most = max(row.amount.minor for row in aging.rows)
        highest = max((week.total.minor for week in coming.weeks), default=0)
        return {
            "code": aging.currency,
            "total": self._money(aging.total),
            "late": self._money(aging.late),
            "invoices": aging.invoices,
            "in_several": sum(row.invoices for row in aging.rows) != aging.invoices,
            "aging": [
                {
                    "label": BUCKETS[row.bucket],
                    "invoices": row.invoices,
                    "amount": self._money(row.amount),
                    "chart": chart((f"c{place}", row.amount.minor), most=most),
                }
                for place, row in enumerate(aging.rows)
            ],
            "weeks": [self._week(week, highest) for week in coming.weeks],
            "before": self._sums(before_the_weeks(coming)),
            "after": self._sums(after_the_weeks(coming)),
        }

    def _sums(self, sums: Iterable[tuple[str, Money]]) -> list[Row]:
        return [{"label": label, "amount": self._money(amount)} for label, amount in sums]

    def _week(self, week: ExpectedWeek, highest: int) -> Row:
        small = [
            f"{self._money(amount)} {words}"
            for amount, words in ((week.plan, "by a payment plan"), (week.promised, "promised"))
            if amount
        ]
        parts = (("c0", week.due.minor), ("plan", week.plan.minor), ("promised", week.promised.minor))
        return {
            "label": self._date(week.starts_on),
            "small": f"of it {' and '.join(small)}" if small else "",
            "amount": self._money(week.total),
            "chart": chart(*parts, most=highest),
        }

    def _of_invoice(self, one: InvoiceOnDay) -> Row:
        invoice = one.invoice
        return {"number": invoice.number, "customer": invoice.customer.name, "href": self._href(invoice.key)}

    def _open(self, one: InvoiceOnDay) -> Row:
        due_on = one.due_on()
        return self._of_invoice(one) | {
            "due": self._date(due_on) if due_on else "",
            "days_late": one.days_late(self._report.as_of) or "",
            "left": self._money(one.balance.amount_remaining),
            "stands": "; ".join(what_stands(one, self._date)),
        }

    def _problem(self, one: InvoiceOnDay, said: Entry) -> Row:
        return self._of_invoice(one) | {
            "reason": problem_in_words(said.method),
            "words": said.note or "",
            "day": self._date(said.occurred_at.astimezone(self._zone).date()),
            "amount": self._money(said.amount),
        }

    def _plan(self, one: InvoiceOnDay) -> Row | None:
        if one.plan is None:
            return None
        stands, risk = one.plan.stands, one.plan.risk
        coming = stands.next
        return self._of_invoice(one) | {
            "state": (risk or stands.state.value).capitalize(),
            "at_risk": risk is not None,
            "next": f"{self._money(stands.next_request)} on {self._date(coming.due_on)}" if coming else "",
            "paid": self._money(stands.paid),
            "rest": self._money(stands.rest),
        }

    def _promised(self, one: InvoiceOnDay) -> Row | None:
        promise = one.promise_in(PromiseState.OPEN)
        if promise is None:
            return None
        return self._of_invoice(one) | {"day": self._date(promise.day), "amount": self._money(promise.entry.amount)}

    def _promises_past(self) -> list[Row]:
        kept, broken = self._report.promises_kept, self._report.promises_broken
        rows = (("Kept", kept, "c0"), ("Not kept", broken, "c4"))
        return [
            {"label": label, "count": count, "chart": chart((shade, count), most=max(kept, broken))}
            for label, count, shade in rows
        ]

    def _reason(self, one: Reason) -> Row:
        most = max(each.invoices for each in self._report.reasons)
        return {
            "label": LATE_REASONS[one.reason],
            "count": one.invoices,
            "still_open": one.still_open,
            "chart": chart(("c0", one.invoices), most=most),
        }

    def _habit(self, one: Habit) -> Row:
        slowest = max((each.days_to_pay or 0 for each in self._report.habits), default=0)
        return {
            "name": one.name,
            "invoices": one.invoices,
            "days_to_pay": "" if one.days_to_pay is None else one.days_to_pay,
            "days_late": "" if one.days_late is None else one.days_late,
            "kept": one.kept or "",
            "broken": one.broken or "",
            "chart": chart(("c0", max(one.days_to_pay or 0, 0)), most=slowest),
        }

    def _href(self, key: str | None) -> str | None:
        """The page that the customer sees, for a look at what stands on it."""
        return (self._urls.get(key) or self._portal.url_of(key)) if key else None


def chart(*parts: tuple[str, int], most: int) -> list[Row]:
    """The segments of one bar, in percent of the longest bar of its table; those without anything are left out."""
    return list(_segments(parts, most))


def _segments(parts: Sequence[tuple[str, int]], most: int) -> Iterator[Row]:
    start = 0.0
    for shade, size in parts:
        if size > 0 and most > 0:
            width = max(round(100 * size / most, 1), _NARROWEST)
            yield {"shade": shade, "start": round(start, 1), "width": width}
            start += width
