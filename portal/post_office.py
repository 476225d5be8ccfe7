"""Everything about mails in one go: decide what is due, then hand over what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.mailing import DeliveryReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.announcing import Announcing
    from portal.mail_ports import Message
    from portal.mailing import Mailing


@dataclass(frozen=True, slots=True)
class PostReport:
    """What was done: how many mails are new, and what became of those that waited."""

    new: int
    delivered: DeliveryReport


@dataclass(frozen=True, slots=True)
class PostOffice:
    """The mails of one portal.

    Attributes:
        mailing: None where no mail is set up; then nothing is written and nothing is sent.
        where: the mail server or the folder, in words.
    """

    announcing: Announcing
    mailing: Mailing | None
    where: str

    def begin(self) -> None:
        """Write about what happens from here on, where that was not so before."""
        self.announcing.begin()

    def attend(
        self,
        *,
        calendar: bool = True,
        hurry: bool = False,
        say: Callable[[Message, int, int], None] = lambda _message, _nth, _all: None,
    ) -> PostReport:
        """Decide and deliver; see ``Announcing.post_due`` and ``Mailing.deliver_waiting``."""
        new = self.announcing.post_due(calendar=calendar)
        if self.mailing is None:
            return PostReport(new, DeliveryReport())
        return PostReport(new, self.mailing.deliver_waiting(hurry=hurry, say=say))
