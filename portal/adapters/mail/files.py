"""Mails as ``.eml`` files, where no mail server is set: any mail program opens them."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from portal.adapters.mail.letters import compose
from portal.adapters.private_files import create_private_file, make_private_folder, sync_folder
from portal.errors import MailError
from portal.ports.mail import Delivery, Handover

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from portal.adapters.mail.letters import Sender
    from portal.ports.mail import Mail


@dataclass(frozen=True, slots=True)
class FileMailer:
    """Writes each mail into a file of its own, whole or not at all; their names sort by time."""

    folder: Path
    sender: Sender

    def send(self, mail: Mail, at: datetime) -> Delivery:
        """Write one mail."""
        try:
            letter = compose(mail, self.sender, at)
        except MailError as error:
            return Delivery(Handover.REFUSED, str(error))
        kind = mail.kind.value.replace(" ", "-")
        name = f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{kind}-{mail.message_id}.eml"
        try:
            self._put(name, letter)
        except OSError as error:
            return Delivery(Handover.WAITS, f"The file cannot be written: {error.strerror}.", is_server_down=True)
        return Delivery(Handover.WRITTEN, name)

    def _put(self, name: str, letter: bytes) -> None:
        make_private_folder(self.folder)
        draft = self.folder / f".{name}.draft"
        with suppress(FileNotFoundError):
            draft.unlink()
        try:
            create_private_file(draft, letter)
            os.rename(draft, self.folder / name)  # noqa: PTH104  as plain as the rest
        except OSError:
            with suppress(OSError):
                draft.unlink()
            raise
        sync_folder(self.folder)


def remove_letters(folder: Path, message_ids: Iterable[str]) -> int:
    """Remove the files of mails whose text was erased; how many there were."""
    wanted = tuple(f"-{message_id}.eml" for message_id in message_ids)
    found = [path for path in folder.glob("*.eml") if wanted and path.name.endswith(wanted)]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
