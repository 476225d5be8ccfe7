"""Put the parts of mail together: who decides, who writes, and what carries it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from portal.adapters.mail import FileMailer, Sender, Server, SmtpMailer
from portal.mailing.announcing import Announcing
from portal.mailing.dues import wanted_kinds
from portal.mailing.links import fresh_link_by_now
from portal.mailing.post_office import PostOffice
from portal.mailing.sending import Mailing
from portal.mails import MailWriter
from portal.ports.mail import OUTDATED, MailKind
from portal.wiring.reminders import reminding_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from portal.config import Settings
    from portal.mailing.reminding import Reminding
    from portal.ports import Ledger, LedgerTransaction, LinkKind
    from portal.ports.mail import Mail, Mailer, Message, Withheld
    from portal.receivables.invoice import Invoice
    from portal.settings.mail import MailSettings


@dataclass(frozen=True, slots=True)
class MailParts:
    """What mails are made from and sent with.

    Attributes:
        content: the owner's files, for the ladder of reminders.
        mail_folder: where mails are written to, without a mail server.
        is_live: whether real money moves.
        url_of: the page of an invoice.
        opens: whether the link of an invoice leads to its page.
        holding_url: the address that a kind of link to a subject has by now; None where it opens nothing.
        page_over: the one page that shows several invoices, if there is one.
        refresh: brings in what the provider knows.
        fixed_day: the day to work as of, where the owner asked for one.
    """

    settings: Settings
    ledger: Ledger
    link_key: bytes
    content: Path
    mail_folder: Path
    is_live: bool
    url_of: Callable[[str], str]
    opens: Callable[[str], bool]
    holding_url: Callable[[LinkKind, str], str | None]
    page_over: Callable[[Sequence[Invoice]], str | None]
    refresh: Callable[[], object]
    now: Callable[[], datetime]
    today: Callable[[], date]
    fixed_day: date | None


def post_office_of(parts: MailParts) -> PostOffice:
    """The operations that write and send mails; without ``[mail]`` they do nothing."""
    settings, reminders = parts.settings.mail, parts.settings.reminders
    writer = MailWriter(
        parts.settings, parts.url_of, is_live=parts.is_live, page_over=parts.page_over, opens=parts.opens
    )
    announcing = Announcing(
        ledger=parts.ledger,
        wanted=wanted_kinds(settings, reminders=reminders is not None),
        write=writer.write,
        notice_days=settings.notice_days if settings else 0,
        now=parts.now,
        today=parts.today,
    )
    mailer, where = _mailer(parts, settings) if settings else (None, "")
    reminding = partial(_reminding, parts, writer) if reminders else None

    def rewrite(message: Message, tx: LedgerTransaction) -> Mail | Withheld:
        match message.cause.kind:
            case MailKind.REMINDER:
                return reminding().rewrite(message, tx) if reminding else OUTDATED
            case MailKind.FRESH_LINK:
                return fresh_link_by_now(message, parts.holding_url)
            case _:
                return announcing.rewrite(message, tx)

    mailing = Mailing(parts.ledger, mailer, rewrite, parts.now) if mailer else None
    return PostOffice(announcing, mailing, where, reminding)


def smtp_server(settings: MailSettings) -> Server:
    """How the owner's mail server is reached."""
    password = settings.password.get_secret_value() if settings.password else None
    return Server(settings.host or "", settings.server_port, settings.security, settings.user, password)


def _reminding(parts: MailParts, writer: MailWriter) -> Reminding:
    """The operation that reminds, with the ladder as the owner has it by now."""
    return reminding_of(
        parts.settings,
        parts.content,
        parts.ledger,
        parts.link_key,
        writer,
        page_over=parts.page_over,
        opens=parts.opens,
        refresh=parts.refresh,
        now=parts.now,
        today=parts.today,
        fixed_day=parts.fixed_day,
    )


def _mailer(parts: MailParts, settings: MailSettings) -> tuple[Mailer, str]:
    """A mail server only where real money moves: nobody is written to about a test."""
    sender = Sender(parts.settings.business.name, settings.sender)
    if settings.host and parts.is_live:
        return SmtpMailer(smtp_server(settings), sender), settings.host
    return FileMailer(parts.mail_folder, sender), str(parts.mail_folder)
