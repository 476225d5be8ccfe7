"""What a command has just written into the ledger, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.cli.common import readable
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from portal.receivables.entries import Entry

_WORDS = {
    EntryKind.PAYMENT: "Payment of {amount} recorded",
    EntryKind.CREDIT_NOTE: "Credit of {amount} recorded",
    EntryKind.WRITE_OFF: "{amount} written off",
    EntryKind.FEE_WAIVED: "Late fee of {amount} waived",
    EntryKind.VOID: "Cancelled, {amount} is no longer asked for",
    EntryKind.REVERSAL: "Entry of {amount} undone",
}


def written_in_words(entry: Entry, *, is_new: bool) -> str:
    """A sentence: ``Payment of GBP 100.00 recorded: entry 3 of invoice 1042.``; or that it was there already."""
    what = _WORDS.get(entry.kind, f"{entry.kind.value} of {{amount}}").format(amount=readable(entry.amount))
    already = "" if is_new else "Nothing was written, it is there already. "
    return f"{already}{what}: entry {entry.seq} of invoice {entry.invoice_key}."
