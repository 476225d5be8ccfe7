"""Mail: whether the server lets the portal in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.doctor.findings import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.doctor.findings import Finding
    from portal.settings.mail import MailSettings

_SERVER = Look("mail server")


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
        yield _SERVER.problem(f"{name} cannot be used: {refused.rstrip('.')}.", remedy)
    else:
        how = "takes the login" if settings.user else "answers; no login is set"
        yield _SERVER.ok(f"{name} {how}. `portal mail --test` sends you one.")
