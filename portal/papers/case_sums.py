"""The sums of the case file: how the balance comes about, how the late fee does, and what was written off."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from portal.ports.mail import MailKind, MessageState
from portal.receivables.entries import in_force
from portal.receivables.hindsight import happened_on
from portal.receivables.interest import Compensation, RateRule
from portal.receivables.late_fees import FeeKind
from portal.receivables.money import Money, decimals_of, portion, zero
from portal.receivables.movements import movements_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.fee_reckoning import FeeReckoning, InterestLine
    from portal.receivables.invoice import Invoice
    from portal.receivables.late_fees import FeePart
    from portal.receivables.terms import LateFee
    from portal.reporting.case_files import CaseFile, WriteOffDecision

Row = dict[str, Any]
Line = tuple[str, Money, bool]
"""What stands on a line of sums: its label, its amount, and whether it is a sum of those above."""

_LAWS = {
    Compensation.EU: "the fixed sum of Directive 2011/7/EU, article 6",
    Compensation.UK: "the fixed sum of the Late Payment of Commercial Debts (Interest) Act 1998, section 5A",
}
_RULES = {
    RateRule.FOLLOWS: "A new base rate counts from its day.",
    RateRule.FIXED_AT_START: "The base rate of the 30 June or 31 December before interest began counts to the end.",
}
_ARRIVED = frozenset({MessageState.SENT, MessageState.WRITTEN})


def balance_rows(case: CaseFile, formats: Formats) -> list[Row]:
    """The arithmetic of the balance, each line with its sign; what is nothing is left out."""
    rows = [*_due_rows(case), *_paid_rows(case)]
    if case.write_off is not None:
        rows += _rows_since(case, case.write_off)
    return [
        {"label": label, "value": formats.money(amount), "strong": strong}
        for label, amount, strong in rows
        if amount or strong
    ]


def _due_rows(case: CaseFile) -> list[Line]:
    invoice, balance = case.invoice, case.sums.balance
    lines = (
        ("Rounding and the like, as the invoice states", invoice.adjustment),
        ("Credited", -balance.amount_credited),
        ("Discount for paying early", -balance.amount_discounted),
        ("Written off before", -balance.amount_written_off),
        ("Late fees", balance.amount_fees),
    )
    reason = balance.reason.value if balance.reason else "What cannot be asked for on this invoice"
    rest = balance.amount_due - sum((amount for _label, amount in lines), invoice.total)
    return [
        ("Total of the invoice", invoice.total, True),
        *((label, amount, False) for label, amount in (*lines, (reason, rest))),
        ("Amount due", balance.amount_due, True),
    ]


def _paid_rows(case: CaseFile) -> list[Line]:
    invoice, balance = case.invoice, case.sums.balance
    moved = movements_of(case.sums.entries, invoice.currency)
    lines = (
        ("Paid before, as the invoice states", invoice.amount_prepaid),
        ("Paid through the portal, or recorded in it", moved.received),
        ("Refunded", -moved.refunded),
        ("Held back by card networks", -moved.disputed),
        ("Set off against other invoices", -moved.used),
    )
    rest = balance.amount_paid - sum((amount for _label, amount in lines), zero(invoice.currency))
    return [
        *((label, amount, False) for label, amount in (*lines, ("What is not counted", rest))),
        ("Paid in all", balance.amount_paid, True),
        ("Left to pay", balance.amount_remaining, True),
        ("Paid beyond what was due", balance.amount_overpaid, False),
        ("Of what is left, on its way from the bank", balance.amount_on_its_way, False),
    ]


def _rows_since(case: CaseFile, decision: WriteOffDecision) -> list[Line]:
    """From the decision to where the invoice stands now."""
    since = case.now.balance.amount_paid - decision.before.balance.amount_paid
    return [
        ("Written off", -decision.entry.amount, False),
        ("Paid since, less what went back", since, False),
        ("Left to pay now", case.now.balance.amount_remaining, True),
    ]


def fee_section(case: CaseFile, formats: Formats, settings: Settings) -> Row | None:
    """How the late fee comes about; None without one."""
    reckoning, late = case.sums.fee, case.invoice.terms.late
    if reckoning is None or late is None:
        return None
    parts = zip(reckoning.parts, reckoning.interest, strict=True)
    return {
        "as_of": formats.date(case.sums.as_of),
        "rule": list(_rule(late, formats, settings)),
        "parts": [_part(part, lines, late, formats) for part, lines in parts],
        "pauses": [f"{formats.date(one.first)} to {formats.date(one.last)}" for one in _past(reckoning, case)],
        "rows": list(_to_what_is_charged(reckoning, late, formats)),
    }


def _past(reckoning: FeeReckoning, case: CaseFile) -> list[Any]:
    return [one for one in reckoning.pauses if one.first <= case.sums.as_of]


def _rule(late: LateFee, formats: Formats, settings: Settings) -> Iterator[str]:
    yield f"The fee begins on {formats.date(late.starts_on)}; days count after {formats.date(late.counts_from)}."
    interest = late.interest
    if interest is None:
        return
    yield (
        f"Interest is simple, {interest.surcharge.normalize():f} percentage points above the base rate, "
        f"{interest.year_days} days to the year, added each {late.every_days} days. {_RULES[interest.rule]}"
    )
    entered = settings.terms.late.interest
    sources = {rate.valid_from: rate.source for rate in entered.rates} if entered else {}
    for rate in interest.base_rates:
        source = f" ({sources[rate.valid_from]})" if sources.get(rate.valid_from) else ""
        yield f"Base rate from {formats.date(rate.valid_from)}: {rate.percent.normalize():f} %{source}."


def _part(part: FeePart, lines: tuple[InterestLine, ...], late: LateFee, formats: Formats) -> Row:
    base, day = formats.money(part.base), formats.date(part.began_on)
    what = {
        FeeKind.FLAT: f"A fixed sum, once, since {day}",
        FeeKind.COMPENSATION: f"Once, since {day}: {_LAWS[late.compensation] if late.compensation else ''}",
        FeeKind.PERCENT: f"{(late.percent or Decimal(0)).normalize():f} % of {base}, open on {day}",
        FeeKind.INTEREST: f"Interest from {day} on, rounded half up once",
    }[part.kind]
    year = late.interest.year_days if late.interest else 0
    return {
        "what": what,
        "amount": formats.money(part.amount),
        "lines": [
            {
                "principal": formats.money(one.principal),
                "days": f"{formats.date(one.first)} to {formats.date(one.last)}",
                "count": one.days,
                "rate": f"{one.percent.normalize():f} % / {year}",
                "exact": _exact(one.exact, one.principal.currency),
            }
            for one in lines
        ],
    }


def _exact(minor: Decimal, currency: str) -> str:
    """Two digits beyond the currency's own, so that a reader can add them up."""
    decimals = decimals_of(currency)
    return f"{minor.scaleb(-decimals).quantize(Decimal(1).scaleb(-decimals - 2)):f}"


def _to_what_is_charged(reckoning: FeeReckoning, late: LateFee, formats: Formats) -> Iterator[Row]:
    yield {"label": "Reckoned in all", "value": formats.money(reckoning.reckoned), "strong": False}
    if reckoning.limited != reckoning.reckoned:
        why = "Within its cap" if late.cap is not None and late.cap < reckoning.reckoned else "As a card can carry it"
        yield {"label": why, "value": formats.money(reckoning.limited), "strong": False}
    if reckoning.waived:
        yield {"label": "Waived by the owner", "value": formats.money(-reckoning.waived), "strong": False}
    rest = reckoning.charged - max(reckoning.limited - reckoning.waived, zero(reckoning.reckoned.currency))
    if rest:
        yield {"label": "Left out, too small to be collected", "value": formats.money(rest), "strong": False}
    yield {"label": "Asked for", "value": formats.money(reckoning.charged), "strong": True}


def write_off_rows(case: CaseFile, formats: Formats, zone: tzinfo) -> list[Row]:
    """What a tax adviser asks for when a debt is given up; empty where it was not."""
    decision = case.write_off
    if decision is None:
        return []
    invoice, entry = case.invoice, decision.entry
    decided = happened_on(entry, zone)
    fees = min(decision.before.balance.amount_fees, entry.amount)
    rows: list[tuple[str, str]] = [
        ("Written off", formats.money(entry.amount)),
        ("Of it late fees", formats.money(fees)),
        *_taxes(invoice, entry.amount - fees, formats),
        ("Decided on", formats.date(decided)),
        ("Why", entry.note or "No reason was noted."),
        ("Ledger entry", f"{entry.seq}, {entry.external_id}"),
        ("Invoice dated", formats.date(invoice.issued_on) if invoice.issued_on else "The invoice has no date."),
        ("Day of supply", "Not stated apart from the invoice's date."),
        ("Due on", formats.date(invoice.due_on) if invoice.due_on else "The invoice has no due date."),
    ]
    if invoice.due_on:
        rows.append(("Days from the due date to the decision", str((decided - invoice.due_on).days)))
    rows += _efforts(case, formats, zone)
    return [{"label": label, "value": value, "strong": False} for label, value in rows]


def _taxes(invoice: Invoice, given_up: Money, formats: Formats) -> Iterator[tuple[str, str]]:
    """The tax in what was given up of the invoice itself, in proportion to its total, rounded half up."""
    if not invoice.taxes or invoice.total.minor <= 0:
        yield "Tax in it", "The invoice's file states no tax."
        return
    share = Decimal(given_up.minor) / invoice.total.minor
    for tax in invoice.taxes:
        part = portion(tax.amount, share)
        yield f"{tax.label} in it, in proportion", f"{formats.money(part)} of {formats.money(tax.amount)}"


def _efforts(case: CaseFile, formats: Formats, zone: tzinfo) -> Iterator[tuple[str, str]]:
    reminders = [
        one.tried_at or one.created_at
        for one in case.messages
        if one.state in _ARRIVED and one.cause.kind is MailKind.REMINDER
    ]
    days = ", ".join(formats.date(at.astimezone(zone).date()) for at in reminders)
    yield "Reminders sent or written", f"{len(reminders)}: {days}" if reminders else "None through the portal."
    answers = [one for one in in_force(case.entries) if one.kind.value in {"promised", "problem reported", "said paid"}]
    yield "Answers of the customer", str(len(answers)) if answers else "None through the portal."
