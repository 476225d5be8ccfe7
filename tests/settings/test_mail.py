"""``[mail]``: what cannot be used is named with its line, and the password never stands in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.config import load_settings
from portal.errors import SettingsError
from portal.mailing.dues import wanted_kinds
from portal.ports.mail import MailKind

if TYPE_CHECKING:
    from pathlib import Path

    from portal.settings.mail import MailSettings

HEAD = '[business]\nname = "Sample"\nemail = "jo@example.com"\n'


def loaded(tmp_path: Path, text: str, **environment: str) -> MailSettings:
    (tmp_path / "portal.toml").write_text(HEAD + text, encoding="utf-8")
    mail = load_settings(tmp_path, environment).mail
    assert mail is not None
    return mail


def refused(tmp_path: Path, text: str, **environment: str) -> str:
    with pytest.raises(SettingsError) as error:
        loaded(tmp_path, text, **environment)
    return str(error.value)


def test_one_line_is_enough(tmp_path: Path) -> None:
    mail = loaded(tmp_path, '[mail]\nfrom = "hello@example.com"\n')
    assert (mail.sender, mail.host, mail.server_port, mail.receipts) == ("hello@example.com", None, 587, True)
    assert mail.owner_address("jo@example.com") == "jo@example.com"
    assert mail.owner_address(None) == "hello@example.com"
    assert mail.owner_address("no address") == "hello@example.com"


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_each_kind_of_security_has_its_port(tmp_path: Path, security: str, port: int) -> None:
    text = f'[mail]\nfrom = "a@example.com"\nhost = "smtp.example.com"\nsecurity = "{security}"\n'
    assert loaded(tmp_path, text).server_port == port


def test_the_password_comes_from_the_environment_alone(tmp_path: Path) -> None:
    text = '[mail]\nfrom = "a@example.com"\nhost = "smtp.example.com"\nuser = "a"\n'
    mail = loaded(tmp_path, text, PORTAL_SMTP_PASSWORD="hunter2")
    assert mail.password is not None
    assert mail.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(mail)
    assert "PORTAL_SMTP_PASSWORD" in refused(tmp_path, text + 'password = "hunter2"\n')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mail]\n", '[mail] and from = "you@your-domain"'),
        ('[mail]\nfrom = "nobody"\n', "portal.toml:5: mail.from: An e-mail address is a name, an @ and a domain."),
        ('[mail]\nfrom = "Jo <jo@example.com>"\n', "the @ is not one that is written to"),
        ('[mail]\nfrom = "a@example.com"\nhost = "smtp.example.com"\nsecurity = "none"\n', "on this machine"),
        ('[mail]\nfrom = "a@example.com"\nuser = "a"\n', "a user needs the host"),
        ('[mail]\nfrom = "a@example.com"\nform = "b"\n', "Did you mean from?"),
        ('[mail]\nfrom = "a@example.com"\nreply_to = "x"\n', "mail.reply_to"),
        ('[mail]\nfrom = "a@example.com"\nhost = "a b"\n', "mail.host"),
        ('[mail]\nfrom = "a@example.com"\nnotice_days = 31\n', "mail.notice_days"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, told: str) -> None:
    assert told.lower() in refused(tmp_path, text).lower()


def test_the_switches_say_which_kinds_are_wanted(tmp_path: Path) -> None:
    head = '[mail]\nfrom = "a@example.com"\n'
    # What nobody looks for in the ledger: it is written when it is decided, or when somebody asks.
    at_once = {MailKind.REMINDER, MailKind.FRESH_LINK, MailKind.LINK_NOTICE}
    usual = set(MailKind) - at_once - {MailKind.PAYMENT_NOTICE}
    assert wanted_kinds(None) == set()
    assert wanted_kinds(loaded(tmp_path, head), reminders=True) == usual | {MailKind.REMINDER}
    assert wanted_kinds(loaded(tmp_path, head)) == usual
    assert wanted_kinds(loaded(tmp_path, head + "receipts = false\n")) == usual - {MailKind.RECEIPT}
    assert wanted_kinds(loaded(tmp_path, head + "owner_notices = true\n")) == set(MailKind) - at_once
    assert wanted_kinds(loaded(tmp_path, head + "notice_days = 0\n")) == usual - {MailKind.CHARGE_NOTICE}
