"""Which mails are due for what customers said besides paying: to them that it is noted, to the owner, and the reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.ports.mail import Cause, MailKind
from portal.receivables.answers import ANSWER_KINDS
from portal.receivables.entries import ANSWER_ENDS, EntryKind, in_force

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from portal.ports.mail import Switch
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

_TOLD = ANSWER_KINDS - {EntryKind.REASON_GIVEN}
"""Why it is late is asked in passing; nobody needs a mail about it."""
_KINDS_ABOUT = {EntryKind.REMINDERS_STOPPED: (MailKind.ANSWER_NOTICE,)}
"""Who wants no more mails gets none to say so."""


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """A customer said something; ``closing`` is the owner's word on it, in a reply."""

    cause: Cause
    invoice: Invoice
    answer: Entry
    closing: Entry | None = None


def answer_mails_due(
    invoice: Invoice, entries: Sequence[Entry], switches: Mapping[MailKind, Switch]
) -> Iterator[AnswerDue]:
    """The mails about what a customer said on one invoice; nothing about what was taken back or dealt with since."""
    facts = in_force(entries)
    said = {entry.external_id: entry for entry in facts if entry.kind in _TOLD}
    ended = {entry.external_id: entry for entry in facts if entry.kind in ANSWER_ENDS}
    for answer_id, answer in said.items():
        if answer_id not in ended:
            for kind in _KINDS_ABOUT.get(answer.kind, (MailKind.ANSWER_NOTED, MailKind.ANSWER_NOTICE)):
                if _is_on(switches, kind, answer):
                    yield AnswerDue(_cause(kind, invoice, answer_id), invoice, answer)
    for answer_id, closing in ended.items():
        about = said.get(answer_id)
        in_words = closing.kind is EntryKind.ANSWER_CLOSED and closing.note
        if about is not None and in_words and _is_on(switches, MailKind.ANSWER_REPLY, closing):
            yield AnswerDue(_cause(MailKind.ANSWER_REPLY, invoice, answer_id), invoice, about, closing)


def _is_on(switches: Mapping[MailKind, Switch], kind: MailKind, entry: Entry) -> bool:
    switch = switches.get(kind)
    return switch is not None and entry.seq > switch.entry_seq


def _cause(kind: MailKind, invoice: Invoice, answer_id: str) -> Cause:
    return Cause(kind, invoice.key, answer_id, invoice.key)
