"""``portal mail``: what was sent, what waits, and what needs the owner's word."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from portal.adapters.mail import Sender, SmtpMailer
from portal.cli.attending import spoken, tell_delivery
from portal.cli.common import as_json_option, opened, portal_command, print_json, tell_problems
from portal.cli.layout import print_table
from portal.errors import PortalError, Problem
from portal.mailing.sending import MAY_BE_RETRIED
from portal.ports.mail import Cause, Handover, Mail, MailKind, MessageState
from portal.wiring.mail import smtp_server
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.mailing.post_office import PostOffice
    from portal.ports.mail import Message
    from portal.wiring.portal import Folders, Portal

_SHOWN_AT_ONCE = 20
"""Messages that need nothing any more; all that need something are always listed."""
_DONE = frozenset({MessageState.SENT, MessageState.WRITTEN, MessageState.OVERTAKEN})
_NEEDS = {
    MessageState.UNKNOWN: "Whether {name} to {to} arrived is not known: {answer}",
    MessageState.FAILED: "{name} to {to} was not sent: {answer}",
    MessageState.NO_ADDRESS: "{name} could not be sent, for the customer has no e-mail address.",
}
_REMEDIES = {
    MessageState.UNKNOWN: "Ask them, or look at your mail provider's log; `portal mail --retry {id}` sends it again.",
    MessageState.FAILED: "Mend what it says, then `portal mail --retry {id}`.",
    MessageState.NO_ADDRESS: "Add the address to the invoice, run `portal build`, then `portal mail --retry {id}`.",
}


@click.command()
@portal_command
@click.option("--send", is_flag=True, help="Write and send now what is due or waits.")
@click.option("--retry", metavar="ID", help="Send a message again whose outcome is unknown or that failed.")
@click.option("--show", metavar="ID", help="Print one message as plain text.")
@click.option("--test", is_flag=True, help="Send one mail to yourself through the mail server, to try the settings.")
@as_json_option
def mail(  # noqa: PLR0913  each is an option
    folders: Folders, as_of: date | None, *, send: bool, retry: str | None, show: str | None, test: bool, as_json: bool
) -> None:
    """List the mails: sent, waiting, and those that need your word."""
    portal = opened(folders, as_of)
    if test:
        _try_settings(portal)
        return
    if show:
        click.echo(_readable(_found(portal, show)))
        return
    office = portal.post_office()
    if retry and office.mailing is not None:
        office.mailing.retry(_found(portal, retry).mail.message_id)
    if send or retry:
        _send(office)
    messages = portal.ledger.messages()
    if as_json:
        print_json([_plain(message) for message in messages])
        return
    _list(messages)
    tell_problems(_to_look_at(messages), "Need your word")


def _send(office: PostOffice) -> None:
    if office.mailing is None:
        raise _not_set_up()

    def say(message: Message, number: int, count: int) -> None:
        click.echo(f"Mail {number} of {count}: {_name(message)} to {message.mail.to}", err=True)

    click.echo(f"Handing over to {office.where}", err=True)
    tell_delivery(office.attend(hurry=True, say=say))


def _list(messages: Sequence[Message]) -> None:
    if not messages:
        click.echo("No mail was written yet.")
        return
    done = [message for message in messages if message.state in _DONE]
    shown = {message.mail.message_id for message in done[-_SHOWN_AT_ONCE:]}
    rows: list[tuple[str, ...]] = [("Message", "Decided (UTC)", "State", "About", "Invoice", "To")]
    rows += [_row(one) for one in messages if one.state not in _DONE or one.mail.message_id in shown]
    print_table(rows)
    counts = Counter(message.state for message in messages)
    told = ", ".join(f"{count} {spoken(state)}" for state, count in sorted(counts.items()))
    click.echo(f"\n{len(messages)} in all: {told}.")
    if counts[MessageState.OVERTAKEN]:
        click.echo("Why one was overtaken: portal mail --show ID")


def _row(message: Message) -> tuple[str, ...]:
    return (
        message.mail.message_id,
        f"{message.created_at:%Y-%m-%d %H:%M}",
        spoken(message.state),
        message.cause.kind.value,
        message.cause.invoice_key or "-",
        message.mail.to or "-",
    )


def _to_look_at(messages: Sequence[Message]) -> list[Problem]:
    return [
        Problem(
            _NEEDS[one.state].format(name=_name(one), to=one.mail.to, answer=one.answer or "no answer").rstrip(".")
            + ".",
            _REMEDIES[one.state].format(id=one.mail.message_id),
            field=one.mail.message_id,
        )
        for one in messages
        if one.state in MAY_BE_RETRIED
    ]


def _name(message: Message) -> str:
    about = f" of invoice {message.cause.invoice_key}" if message.cause.invoice_key else ""
    return f"{message.cause.kind.value.capitalize()}{about}"


def _found(portal: Portal, beginning: str) -> Message:
    """The message with an id that begins so."""
    found = [one for one in portal.ledger.messages() if one.mail.message_id.startswith(beginning)]
    if len(found) != 1:
        problem = f"{len(found) or 'No'} messages begin with {beginning!r}."
        raise PortalError(Problem(problem, "`portal mail` lists them all.", field="ID"))
    return found[0]


def _readable(message: Message) -> str:
    mail = message.mail
    head = f"To: {mail.to or '-'}\nSubject: {mail.subject}\nState: {spoken(message.state)}"
    answer = f"\nAnswer: {message.answer}" if message.answer else ""
    return f"{head}{answer}\n\n{mail.text}"


def _plain(message: Message) -> dict[str, str | int | None]:
    return {
        "message": message.mail.message_id,
        "state": message.state.value,
        "kind": message.cause.kind.value,
        "invoice": message.cause.invoice_key,
        "cause": message.cause.cause,
        "to": message.mail.to or None,
        "subject": message.mail.subject,
        "created_at": message.created_at.isoformat(),
        "tries": message.tries,
        "tried_at": message.tried_at.isoformat() if message.tried_at else None,
        "answer": message.answer,
    }


def _try_settings(portal: Portal) -> None:
    """One mail to the owner, outside the ledger, and also where no real money moves."""
    settings, business = portal.settings.mail, portal.settings.business
    if settings is None or not settings.host:
        raise _not_set_up()
    moment = now()
    text = f"This mail was sent to try the settings of the portal of {business.name}. They work.\n"
    cause = Cause(MailKind.ALARM_NOTICE, "trial", moment.isoformat())
    trial = Mail(
        to=settings.owner_address(business.email),
        subject="The portal's mail settings work",
        text=text,
        html=f'<!DOCTYPE html>\n<html lang="en"><head><title>A trial</title></head><body><p>{text}</p></body></html>\n',
        message_id=cause.message_id,
        kind=cause.kind,
    )
    delivery = SmtpMailer(smtp_server(settings), Sender(business.name, settings.sender)).send(trial, moment)
    if delivery.outcome is not Handover.SENT:
        raise PortalError(
            Problem(f"{settings.host} did not take the mail: {delivery.answer}", "docs/mail.md may help.")
        )
    click.echo(f"Sent to {trial.to}: {delivery.answer}")


def _not_set_up() -> PortalError:
    return PortalError(
        Problem("No mail server is set up.", "Set [mail] from and host in portal.toml: docs/mail.md says how.")
    )
