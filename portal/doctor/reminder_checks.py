"""Reminders: whether the ladder can be used and each of its steps can be sent, and whether mails reach anybody."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from portal.counting import counted
from portal.doctor.findings import Look
from portal.errors import ContentError
from portal.receivables.balance import balance_of
from portal.receivables.dunning import Verdict
from portal.receivables.ladder_trial import NeverSent, gentler_later, steps_never_sent
from portal.reminder_texts import checked_texts
from portal.wiring.portal import MAIL_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from portal.config import Settings
    from portal.doctor.findings import Finding
    from portal.errors import Problem
    from portal.mailing.reminding import CustomerDecision
    from portal.receivables.invoice import Invoice
    from portal.receivables.ladder import Ladder, Step
    from portal.settings.reminders import ReminderSettings
    from portal.wiring.portal import Portal

_LADDER, _WAY, _WAITING = Look("reminder ladder"), Look("reminders by mail"), Look("reminders due")
_WAITED = timedelta(4)
"""A weekend with a holiday beside it; whoever is reminded by a command that runs daily waits no longer."""


def look_at_reminders(portal: Portal, invoices: Sequence[Invoice]) -> Iterator[Finding]:
    """The ladder, the way that mails take, and what waits; ``invoices`` are all there are."""
    settings = portal.settings
    if settings.reminders is None:
        yield _LADDER.skipped("Reminders are not switched on.", "docs/reminders.md says how, if you want them.")
        return
    entries, today = portal.ledger.entries_by_invoice(), portal.today()
    unpaid = [one for one in invoices if balance_of(one, entries.get(one.key, ()), today).amount_remaining]
    try:
        ladder = checked_texts(portal.folders.content, settings).ladder
    except ContentError as error:
        yield from (_LADDER.problem(*_told(one)) for one in error.problems)
    else:
        yield from look_at_ladder(settings.reminders, ladder, invoices)
        yield from look_at_waiting(partial(_look, portal), today)
    yield from look_at_way(settings, str(portal.folders.state / MAIL_FOLDER), unpaid)


def _told(problem: Problem) -> tuple[str, str]:
    place = ":".join(str(part) for part in (problem.file, problem.line) if part)
    return f"{place}: {problem.problem}" if place else problem.problem, problem.remedy


def _look(portal: Portal) -> Sequence[CustomerDecision]:
    reminding = portal.post_office().reminding
    return reminding().look() if reminding else ()


def look_at_ladder(settings: ReminderSettings, ladder: Ladder, invoices: Sequence[Invoice]) -> Iterator[Finding]:
    """Whether each step can be sent, and sounds no gentler than the one before it.

    Args:
        settings: with the owner's bounds.
        ladder: the steps that are on.
        invoices: all there are, for how long before they are due they are issued.
    """
    found = [*_unsent(settings, ladder), *_gentler(ladder), *_too_early(ladder, invoices)]
    yield from found
    if not ladder.steps:
        yield _LADDER.problem("Every step is switched off, so nobody is reminded.", "Switch one on: docs/reminders.md.")
    elif not found:
        first, last = _when(ladder.steps[0]), _when(ladder.steps[-1])
        yield _LADDER.ok(f"{counted(len(ladder.steps), 'step')}, from {first} to {last}; each can be sent.")


def _unsent(settings: ReminderSettings, ladder: Ladder) -> Iterator[Finding]:
    bounds = {
        NeverSent.ENOUGH: (f"most = {settings.most}", "raise `most` under [reminders]"),
        NeverSent.TOO_CLOSE: (f"gap_days = {settings.gap_days}", "lower `gap_days` under [reminders]"),
    }
    for one in steps_never_sent(ladder, gap_days=settings.gap_days, most=settings.most):
        bound, change = bounds[one.why]
        what = f"The step {one.step.name}, {_when(one.step)}, is hardly ever sent: {one.why.value} ({bound})."
        yield _LADDER.warning(what, f"Give it another day in reminders/{one.step.name}.md, or {change}.")


def _gentler(ladder: Ladder) -> Iterator[Finding]:
    for before, after in gentler_later(ladder):
        what = (
            f"The step {after.name}, {_when(after)}, has a {after.tone.value} tone,"
            f" and comes after {before.name}, whose tone is {before.tone.value}."
        )
        yield _LADDER.warning(what, f"Change `when` or `tone` in reminders/{after.name}.md: a ladder goes up.")


def _too_early(ladder: Ladder, invoices: Iterable[Invoice]) -> Iterator[Finding]:
    spans = [(one.due_on - one.issued_on).days for one in invoices if one.due_on and one.issued_on]
    for step in ladder.steps:
        if spans and step.days < 0 and max(spans) <= -step.days:
            what = f"The step {step.name}, {_when(step)}, fits none of your invoices: they are due sooner than that."
            yield _LADDER.warning(what, f"Move it nearer to the due date in reminders/{step.name}.md.")


def look_at_way(settings: Settings, folder: str, open_invoices: Sequence[Invoice]) -> Iterator[Finding]:
    """Whether reminders leave, and whether customers have an address that they can be sent to.

    Args:
        settings: with reminders switched on.
        folder: where mails are written to without a mail server, and without a live key.
        open_invoices: those with something left to pay.
    """
    host = settings.mail.host if settings.mail else None
    if settings.stripe.is_live and host is None:
        what = f"Reminders are on, and reach nobody: no mail server is set, so they are only written to {folder}."
        yield _WAY.problem(what, "Set host under [mail]: docs/mail.md says how.")
    elif not settings.stripe.is_live:
        what = f"Reminders are on, and written to {folder}: without a live Stripe key nobody is sent one."
        yield _WAY.warning(what, "Read some there before real customers get them.")
    else:
        yield _WAY.ok(f"Reminders leave through {host}.")
    without = [one.number for one in open_invoices if not one.customer.email]
    if without:
        named = ", ".join(without[:3])
        more = f" and {len(without) - 3:,} more" if len(without) > 3 else ""  # noqa: PLR2004  as many as are named
        what = f"Nobody can be reminded of {named}{more}: {counted(len(without), 'invoice')} without an e-mail address."
        yield _WAY.warning(what, "Add the address to the invoice or to a list of customers: docs/content-format.md.")


def look_at_waiting(look: Callable[[], Sequence[CustomerDecision]], today: date) -> Iterator[Finding]:
    """Whether reminders that are due go out: where some have been for days, nothing seems to send them."""
    due = [
        (outcome.on, one.facts[outcome.key].invoice.number)
        for one in look()
        for outcome in one.decision.outcomes
        if outcome.verdict is Verdict.SEND and outcome.on
    ]
    if not due:
        yield _WAITING.ok("No reminder waits to be sent.")
        return
    since, number = min(due)
    what = f"{counted(len(due), 'reminder')} to be sent now; that of invoice {number} fell due on {since}."
    if today - since > _WAITED:
        yield _WAITING.warning(what, "`portal serve` sends them by itself; without it, run `portal remind` every day.")
    else:
        yield _WAITING.ok(what)


def _when(step: Step) -> str:
    if step.days == 0:
        return "on the due date"
    days = counted(abs(step.days), "day")
    return f"{days} {'after' if step.days > 0 else 'before'} due"
