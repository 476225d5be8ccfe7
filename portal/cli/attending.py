"""Mails that a command has brought about, written and sent before it ends; and how what became of them is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal.cli.common import tell_problems
from portal.errors import Problem
from portal.ports.mail import MessageState

if TYPE_CHECKING:
    from portal.mailing.post_office import PostReport
    from portal.wiring.portal import Portal


def attend(portal: Portal) -> None:
    """Write and send what a command has brought about. A mail server that fails is told, and fails nothing."""
    try:
        if portal.settings.mail is None and not portal.ledger.mail_switches():
            return  # nobody has set mail up, so what makes mails need not even be imported
        tell_delivery(portal.post_office().attend())
    except Exception as error:  # noqa: BLE001  whatever it is: what the command was for is done
        tell_problems(
            [Problem(f"Mails could not be looked after: {error}", "`portal mail --send` tries again.")], "Mails"
        )


def tell_delivery(report: PostReport) -> None:
    """What became of the mails that waited."""
    outcomes = report.delivered.outcomes
    if outcomes:
        told = ", ".join(f"{count} {spoken(state)}" for state, count in sorted(outcomes.items()))
        click.echo(f"Mails: {told}.", err=True)
    if report.delivered.server_problem:
        problem = f"The mail server takes nothing now: {report.delivered.server_problem}"
        remedy = "Mails wait and are tried again; `portal mail --test` tries the settings."
        tell_problems([Problem(problem, remedy)], "Mails wait")


def spoken(state: MessageState) -> str:
    """The state of a mail as it is told."""
    return "waiting" if state is MessageState.PLANNED else state.value
