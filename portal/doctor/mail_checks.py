"""Mail: whether the server lets the portal in, and which records the domain should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.doctor.findings import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.doctor.findings import Finding
    from portal.mail_settings import MailSettings

_SERVER, _RECORDS = Look("mail server"), Look("mail records")


def look_at_mail(settings: MailSettings | None, log_in: Callable[[], str | None], folder: str) -> Iterator[Finding]:
    """Whether mails leave, as far as that can be seen without sending one.

    Args:
        settings: of mails, where the owner has any.
        log_in: connects to the server and logs in; why that does not work, or None.
        folder: where mails go without a server.
    """
    if settings is None:
        yield _SERVER.skipped("No mails are sent: there is no [mail] in the settings.", "docs/mail.md says how.")
        return
    if settings.host is None:
        yield _SERVER.warning(f"Mails are only written to {folder}: no mail server is set.", "Set mail.host.")
        return
    refused = log_in()
    name = f"{settings.host}:{settings.server_port}"
    if refused:
        remedy = "Look at mail.host, port, security and user, and at PORTAL_SMTP_PASSWORD."
        yield _SERVER.problem(f"{name} does not let the portal in: {refused}", remedy)
    else:
        how = "takes the login" if settings.user else "answers; no login is set"
        yield _SERVER.ok(f"{name} {how}. `portal mail --test` sends you one.")
    yield from look_at_records(settings.sender.rpartition("@")[2])


def look_at_records(domain: str) -> Iterator[Finding]:
    """The records that let mails from this domain arrive; they are named, and not looked up."""
    texts = (
        f'SPF: TXT at {domain}: "v=spf1 include:YOUR-MAIL-PROVIDER -all"',
        f"DKIM: the record that your mail provider gives you, below _domainkey.{domain}",
        f'DMARC: TXT at _dmarc.{domain}: "v=DMARC1; p=quarantine; rua=mailto:YOU@{domain}"',
    )
    what = f"Whether {domain} has its SPF, DKIM and DMARC records is not checked; without them mails land in junk."
    yield _RECORDS.skipped(what, "Set them where your domain is managed. " + "; ".join(texts))
