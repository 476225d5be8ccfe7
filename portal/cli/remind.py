"""``portal remind``: who gets a reminder and why, who is held back and until when, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from portal.building.freeze import PageFreezer
from portal.cli.common import as_json_option, opened, portal_command, print_json, readable, tell_problems
from portal.cli.layout import print_table, wrapped
from portal.errors import PortalError, Problem
from portal.ports.mail import MessageState
from portal.receivables.dunning import Verdict
from portal.receivables.reminder_holds import HoldReason
from portal.reminder_texts import checked_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from portal.mailing.reminding import CustomerDecision, Posted, Reminding
    from portal.ports.mail import Message
    from portal.receivables.dunning import Outcome
    from portal.receivables.ladder import Step
    from portal.receivables.reminder_holds import ReminderHold
    from portal.wiring.portal import Folders, Portal

_SHOWN_NEXT = 10


@click.command()
@portal_command
@click.option("--dry-run", is_flag=True, help="Only say what would be sent; nothing is asked, written or sent.")
@click.option("--check", is_flag=True, help="Only look at the words of the ladder, and say what is wrong with them.")
@as_json_option
def remind(folders: Folders, as_of: date | None, *, dry_run: bool, check: bool, as_json: bool) -> None:
    """Send the reminders that are due, one mail to each customer, and say who is held back and why."""
    portal = opened(folders, as_of)
    if check:
        _check(portal, as_json=as_json)
        return
    reminding = reminding_in(portal)
    if dry_run:
        looked = reminding.look()
        sent = [_Row(one, None) for one in looked if one.decision.to_send]
    else:
        posted = _send(portal, reminding)
        messages = {one.mail.message_id: one for one in portal.ledger.messages()}
        sent = [_Row(one.decided, messages.get(one.message_id)) for one in posted]
        looked = reminding.look()
    if as_json:
        print_json(_plain(sent, looked))
        return
    _tell_sent(sent, dry_run=dry_run)
    _tell_held(looked)
    _tell_next(looked)


def reminding_in(portal: Portal) -> Reminding:
    """The operation that reminds.

    Raises:
        PortalError: reminders are not switched on, or their words cannot be used.
    """
    office = portal.post_office()
    if office.reminding is None:
        raise PortalError(
            Problem("Reminders are not switched on.", "Add [reminders] to portal.toml: docs/reminders.md says how.")
        )
    return office.reminding()


def hold_in_words(hold: ReminderHold) -> str:
    """Why a reminder is kept back: "a day was promised, until 2026-12-05"."""
    if hold.reason is HoldReason.QUIET and hold.words:
        return f"{hold.reason.value}; {hold.words}"
    until = f", until {hold.until}" if hold.until else ""
    words = f" ({hold.words})" if hold.words else ""
    return f"{hold.reason.value}{until}{words}"


class _Row:
    """One mail: what was decided, and its message, if it was written down."""

    def __init__(self, decided: CustomerDecision, message: Message | None) -> None:
        self.decided, self.message = decided, message

    @property
    def state(self) -> str:
        """What became of it."""
        if self.message is None:
            return "would be sent"
        return "waits" if self.message.state is MessageState.PLANNED else self.message.state.value

    @property
    def step(self) -> str:
        """Whose words it has."""
        return self.decided.decision.step.name if self.decided.decision.step else "-"


def _send(portal: Portal, reminding: Reminding) -> tuple[Posted, ...]:
    """Write down what is due, hand it over, and freeze what the provider's news has changed."""
    office = portal.post_office()
    office.begin()
    posted = reminding.post_due()
    report = office.mailing.deliver_waiting(hurry=True) if office.mailing else None
    PageFreezer(portal).freeze_stale()
    if report and report.server_problem:
        problem = f"The mail server takes nothing now: {report.server_problem}"
        tell_problems([Problem(problem, "Mails wait; the next run tries again.")], "Mails wait")
    return posted


def _check(portal: Portal, *, as_json: bool) -> None:
    texts = checked_texts(portal.folders.content, portal.settings)
    owners = {text.step for text in texts.owners}
    if as_json:
        print_json({"steps": [_plain_step(step, is_own=step.name in owners) for step in texts.ladder.steps]})
        return
    rows = [("Step", "When", "Tone", "Words")]
    rows += [
        (one.name, _when(one), one.tone.value, "yours" if one.name in owners else "the portal's")
        for one in texts.ladder.steps
    ]
    print_table(rows)
    click.echo("\nNothing is wrong with the words.")


def _plain_step(step: Step, *, is_own: bool) -> dict[str, Any]:
    return {
        "step": step.name,
        "days": step.days,
        "every_days": step.every_days,
        "tone": step.tone.value,
        "consequence": step.consequence.value if step.consequence else None,
        "is_own": is_own,
    }


def _when(step: Step) -> str:
    again = f", then every {step.every_days} days" if step.every_days else ""
    if step.days == 0:
        return f"on the due date{again}"
    return f"{abs(step.days)} days {'after' if step.days > 0 else 'before'} due{again}"


def _tell_sent(rows: Sequence[_Row], *, dry_run: bool) -> None:
    if not rows:
        click.echo("No reminder is due." if dry_run else "No reminder was due.")
        return
    states = () if dry_run else ("State",)
    listed: list[tuple[str, ...]] = [("Step", "Customer", "Invoice", "Left to pay", "Due on", *states)]
    for row in rows:
        for place, outcome in enumerate(row.decided.decision.to_send):
            head = (row.step, row.decided.customer.name) if place == 0 else ("", "")
            state = (row.state if place == 0 else "",) if states else ()
            listed.append((*head, *_invoice_cells(row.decided, outcome), *state))
    print_table(listed, right=frozenset({3}), loose=(1,))
    click.echo(f"\n{len(rows)} {'mail' if len(rows) == 1 else 'mails'}{' would be sent' if dry_run else ''}.")
    shown = "" if dry_run else "`portal mail` lists them, `portal mail --show ID` prints one. "
    click.echo(wrapped("", f"{shown}`portal explain NUMBER` tells an invoice's story."))


def _invoice_cells(decided: CustomerDecision, outcome: Outcome) -> tuple[str, ...]:
    facts, case = decided.facts[outcome.key], decided.cases[outcome.key]
    left = readable(facts.balance(decided.as_of).amount_offerable)
    return facts.invoice.number, left, str(case.due_on or "-")


def _tell_held(looked: Iterable[CustomerDecision]) -> None:
    rows = [(one, outcome) for one in looked for outcome in one.decision.outcomes if outcome.verdict is Verdict.HELD]
    if not rows:
        return
    click.echo(f"\nHeld back ({len(rows)}):")
    listed: list[tuple[str, ...]] = [("  Invoice", "Customer", "Step", "Why")]
    listed += [
        (
            f"  {one.facts[outcome.key].invoice.number}",
            one.customer.name,
            outcome.rung.name if outcome.rung else "-",
            hold_in_words(outcome.hold) if outcome.hold else "",
        )
        for one, outcome in rows
    ]
    print_table(listed, loose=(3, 1))


def _tell_next(looked: Iterable[CustomerDecision]) -> None:
    coming = sorted(_coming(looked), key=lambda row: row[0])
    if not coming:
        return
    click.echo("\nNext:")
    listed = [(f"  {on}", *others) for on, *others in coming[:_SHOWN_NEXT]]
    print_table([("  On", "Step", "Invoice", "Customer"), *listed], loose=(3,))
    if len(coming) > _SHOWN_NEXT:
        click.echo(f"  and {len(coming) - _SHOWN_NEXT} more; `--json` lists them all.")


def _coming(looked: Iterable[CustomerDecision]) -> Iterator[tuple[str, str, str, str]]:
    for one in looked:
        for outcome in one.decision.outcomes:
            if outcome.verdict is Verdict.LATER and outcome.rung and outcome.on:
                number = one.facts[outcome.key].invoice.number
                yield one.earliest(outcome).isoformat(), outcome.rung.name, number, one.customer.name


def _plain(rows: Iterable[_Row], looked: Iterable[CustomerDecision]) -> dict[str, Any]:
    return {
        "sent": [
            {
                "step": row.step,
                "customer": row.decided.customer.name,
                "to": row.decided.customer.email,
                "message": row.message.mail.message_id if row.message else None,
                "state": row.state,
                "invoices": [_plain_outcome(row.decided, one) for one in row.decided.decision.to_send],
            }
            for row in rows
        ],
        "invoices": [_plain_outcome(one, outcome) for one in looked for outcome in one.decision.outcomes],
    }


def _plain_outcome(decided: CustomerDecision, outcome: Outcome) -> dict[str, Any]:
    hold = outcome.hold
    return {
        "invoice": outcome.key,
        "customer": decided.customer.name,
        "verdict": outcome.verdict.value,
        "step": outcome.rung.name if outcome.rung else None,
        "on": outcome.on.isoformat() if outcome.on else None,
        "reason": hold.reason.value if hold else None,
        "until": hold.until.isoformat() if hold and hold.until else None,
        "passed_over": [rung.name for rung in outcome.passed],
    }
