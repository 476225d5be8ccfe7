"""Without a mail server mails become files: whole or not at all, for their owner's eyes only."""

from __future__ import annotations

import email
import email.policy
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from portal.adapters.mail import FileMailer, Sender
from portal.ports.mail import Handover, Mail, MailKind

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

AT = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
MAIL = Mail("maya@example.org", "Hello", "Hello\n", "<p>Hello</p>", "0123456789abcdef", MailKind.CHARGE_DECLINED)


def mailer(folder: Path) -> FileMailer:
    return FileMailer(folder / "mail", Sender("Sample Business", "hello@example.com"))


def test_files_sort_by_time_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    names = []
    for minute in (5, 1, 3):
        mail = replace(MAIL, message_id=f"{minute:016x}")
        names.append(mailer(tmp_path).send(mail, AT + timedelta(minutes=minute)).answer)
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == sorted(names) == [names[1], names[2], names[0]]
    assert names[0] == "20261122T053500.000000Z-charge-declined-0000000000000005.eml"
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700
    message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.SMTP)
    assert message["To"] == "maya@example.org"


def test_a_full_disk_leaves_nothing_and_the_mail_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        delivery = mailer(tmp_path).send(MAIL, AT)
    assert delivery.outcome is Handover.WAITS
    assert delivery.is_server_down
    assert "No space left" in delivery.answer
    assert list((tmp_path / "mail").iterdir()) == []
    assert mailer(tmp_path).send(MAIL, AT).outcome is Handover.WRITTEN
    assert len(list((tmp_path / "mail").iterdir())) == 1


def test_what_a_killed_run_left_is_no_hindrance(tmp_path: Path) -> None:
    name = mailer(tmp_path).send(MAIL, AT).answer
    (tmp_path / "mail" / f".{name}.draft").write_bytes(b"half a ma")
    assert mailer(tmp_path).send(MAIL, AT).outcome is Handover.WRITTEN
    assert [file.name for file in (tmp_path / "mail").iterdir()] == [name]


def test_a_mail_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    delivery = mailer(tmp_path).send(replace(MAIL, to="nobody"), AT)
    assert delivery.outcome is Handover.REFUSED
    assert "nobody" in delivery.answer
    assert not (tmp_path / "mail").exists()
