"""Everything about mails in one go: decide what is due, then hand over what waits."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.errors import PortalError
from portal.mailing.sending import DeliveryReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.mailing.announcing import Announcing
    from portal.mailing.reminding import Reminding
    from portal.mailing.sending import Mailing
    from portal.ports.mail import Message

_log = logging.getLogger(__name__)


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
        reminding: reads the ladder as it is by now; None where there are no reminders.
    """

    announcing: Announcing
    mailing: Mailing | None
    where: str
    reminding: Callable[[], Reminding] | None = None

    def begin(self) -> None:
        """Write about what happens from here on, where that was not so before."""
        self.announcing.begin()

    def attend(
        self,
        *,
        calendar: bool = True,
        hurry: bool = False,
        remind: bool = False,
        say: Callable[[Message, int, int], None] = lambda _message, _nth, _all: None,
    ) -> PostReport:
        """Decide and deliver; see ``Announcing.post_due`` and ``Mailing.deliver_waiting``.

        Args:
            calendar: look also for what the day alone brings about.
            hurry: try at once also what was tried a short while ago.
            remind: write the reminders that are due, too.
            say: told each message before it is handed over.
        """
        new = self.announcing.post_due(calendar=calendar) + (self._remind() if remind else 0)
        if self.mailing is None:
            return PostReport(new, DeliveryReport())
        return PostReport(new, self.mailing.deliver_waiting(hurry=hurry, say=say))

    def _remind(self) -> int:
        """The reminders that are due; what hinders them hinders no other mail."""
        if self.reminding is None:
            return 0
        try:
            return len(self.reminding().post_due())
        except PortalError as error:
            _log.warning("Reminders wait: %s", error)
            return 0
