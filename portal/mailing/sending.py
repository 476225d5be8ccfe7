"""Sending mails, each once: decided once, written down before the server is asked, and never repeated in doubt.

A program may be killed at any point. Before the claim is committed, the mail is simply sent later; after it, nobody
can know, so the message counts as unknown until the owner says otherwise.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.errors import LedgerBusyError, MailError, Problem
from portal.ports.mail import Handover, Message, MessageState, Withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from portal.ports import Ledger, LedgerTransaction
    from portal.ports.mail import Cause, Delivery, Mail, Mailer

LEASE = timedelta(minutes=10)
"""After so long without an outcome the program that was sending is gone; a conversation takes three minutes at most."""
MOST_TRIES = 36
"""Tries of a mail that was never handed over; with the pauses between them they take about five days."""
LONGEST_PAUSE = timedelta(hours=4)
MAY_BE_RETRIED = frozenset({MessageState.UNKNOWN, MessageState.FAILED, MessageState.NO_ADDRESS})
"""States that only the owner's word ends."""

_log = logging.getLogger(__name__)
_STATES = {
    Handover.SENT: MessageState.SENT,
    Handover.WRITTEN: MessageState.WRITTEN,
    Handover.WAITS: MessageState.PLANNED,
    Handover.REFUSED: MessageState.FAILED,
    Handover.UNKNOWN: MessageState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a run did.

    Attributes:
        outcomes: how many messages came to which state.
        server_problem: why it stopped early, where the mail server takes nothing now.
    """

    outcomes: Mapping[MessageState, int] = field(default_factory=dict)
    server_problem: str | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """Decides on mails and delivers those that wait.

    Attributes:
        rewrite: the mail as it reads by now, in the transaction that claims it; or why it does not go.
    """

    ledger: Ledger
    mailer: Mailer
    rewrite: Callable[[Message, LedgerTransaction], Mail | Withheld]
    now: Callable[[], datetime]

    def post(self, mail: Mail, cause: Cause) -> bool:
        """Decide that a mail is sent for a cause; False where that was decided before, whatever became of it."""
        with self.ledger.transaction() as tx:
            return tx.add_message(planned(mail, cause, self.now()))

    def deliver_waiting(
        self, *, hurry: bool = False, say: Callable[[Message, int, int], None] = lambda _message, _nth, _all: None
    ) -> DeliveryReport:
        """Hand over what waits, oldest first, until the server takes nothing more.

        Args:
            hurry: try at once also what was tried a short while ago.
            say: told each message before it is handed over, its place, and how many there are.
        """
        outcomes: Counter[MessageState] = Counter()
        outcomes[MessageState.UNKNOWN] += self._give_up_lost()
        waiting = [one for one in self.ledger.messages({MessageState.PLANNED}) if hurry or self._is_time(one)]
        for number, message in enumerate(waiting, start=1):
            claimed = self._claim_or_leave(message)
            if claimed is None:
                continue
            if claimed.state is not MessageState.SENDING:
                outcomes[claimed.state] += 1
                continue
            say(claimed, number, len(waiting))
            delivery = self.mailer.send(claimed.mail, self.now())
            outcomes[self._conclude(claimed, delivery)] += 1
            if delivery.is_server_down:
                return DeliveryReport(+outcomes, delivery.answer)
        return DeliveryReport(+outcomes)

    def retry(self, message_id: str) -> Message:
        """Have a message sent again by the owner's word, who knows that it did not arrive, or that twice is no harm.

        Raises:
            MailError: there is no such message, or it needs no such word.
        """
        with self.ledger.transaction() as tx:
            message = tx.message(message_id)
            if message is None or message.state not in MAY_BE_RETRIED:
                state = message.state.value if message else "not known"
                raise MailError(
                    Problem(f"Message {message_id} is {state}; it is not sent again.", "`portal mail` lists them all.")
                )
            again = replace(message, state=MessageState.PLANNED, tries=0, tried_at=None)
            tx.update_message(again)
        return again

    # ---- one message

    def _is_time(self, message: Message) -> bool:
        return message.tried_at is None or self.now() >= message.tried_at + pause_after(message.tries)

    def _claim_or_leave(self, waiting: Message) -> Message | None:
        """The same as ``_claim``; one message that cannot be written must not keep the others."""
        try:
            return self._claim(waiting)
        except LedgerBusyError:
            return None
        except Exception:  # noqa: BLE001  as said above; it stays planned
            _log.exception("Message %s could not be written anew", waiting.mail.message_id)
            return None

    def _claim(self, waiting: Message) -> Message | None:
        """Take a message for sending, as it reads by now; None where somebody else did."""
        with self.ledger.transaction() as tx:
            mail = self.rewrite(waiting, tx)
            message = tx.message(waiting.mail.message_id)
            if message is None or message.state is not MessageState.PLANNED:
                return None
            claimed = self._claimed(message, mail)
            tx.update_message(claimed)
        return claimed

    def _claimed(self, message: Message, mail: Mail | Withheld) -> Message:
        if isinstance(mail, Withheld):
            return replace(message, state=MessageState.OVERTAKEN, answer=mail.why)
        if not mail.to:
            return replace(message, mail=mail, state=MessageState.NO_ADDRESS)
        return replace(
            message, mail=mail, state=MessageState.SENDING, tries=message.tries + 1, tried_at=self.now(), answer=None
        )

    def _conclude(self, claimed: Message, delivery: Delivery) -> MessageState:
        state = _STATES[delivery.outcome]
        if state is MessageState.PLANNED and claimed.tries >= MOST_TRIES:
            state = MessageState.FAILED
        with self.ledger.transaction() as tx:
            message = tx.message(claimed.mail.message_id)
            # Where another program has given this one up for lost, the outcome is known after all.
            if message is not None and message.tried_at == claimed.tried_at:
                tx.update_message(replace(message, state=state, answer=delivery.answer))
        return state

    def _give_up_lost(self) -> int:
        """Messages whose sender was killed: what became of them nobody knows."""
        lost = 0
        for sending in self.ledger.messages({MessageState.SENDING}):
            if sending.tried_at is not None and self.now() < sending.tried_at + LEASE:
                continue
            with self.ledger.transaction() as tx:
                message = tx.message(sending.mail.message_id)
                if message == sending:
                    answer = "The program ended while it was being sent."
                    tx.update_message(replace(message, state=MessageState.UNKNOWN, answer=answer))
                    lost += 1
        return lost


def planned(mail: Mail, cause: Cause, now: datetime) -> Message:
    """A message that waits to be sent; or that cannot be, for want of an address."""
    state = MessageState.PLANNED if mail.to else MessageState.NO_ADDRESS
    return Message(cause, replace(mail, message_id=cause.message_id, kind=cause.kind), state, now)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries: two minutes, four, eight, up to four hours."""
    return min(timedelta(minutes=2 ** min(tries, 10)), LONGEST_PAUSE)
