"""What is otherwise since the last build: new invoices, changed ones, paid ones, and those that are no longer open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.receivables.balance import balance_of
from portal.receivables.invoice import Invoice
from portal.receivables.statuses import InvoiceStatus, NothingToPay

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from portal.documents import Documents
    from portal.ports.builds import BuildRecord, EarlierClaim, InvoiceComparison
    from portal.receivables.entries import Entry
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money

_NOT_THE_OWNERS = frozenset({"key", "source", "terms", "gone_on"})
"""What differs without the owner having written anything else: places, and what is worked out from the settings."""
_MONEY = frozenset({"total", "stated_due", "payments"})
_MANY_GONE = 5
_PAID_BEFORE = "what was paid before"
_WORDS = {
    "issued_on": "date",
    "due_on": "due date",
    "lines": "items",
    "cancelled_on": "cancellation",
    "parts": "due dates of parts",
    "original": "PDF",
    "bank_account": "bank account",
}


@dataclass(frozen=True, slots=True)
class InvoiceChange:
    """One invoice that is otherwise than at the last build.

    Attributes:
        invoice: as it is now; one that is no longer listed as the last build had it.
        what: what the owner wrote otherwise, in words: ``due date``.
        left: what is left to pay now; of one that is no longer open, what was left before.
        before: what it asked for in all, where it asks for another amount now.
        paid: what it has received, where it is paid now.
    """

    invoice: Invoice
    left: Money
    what: tuple[str, ...] = ()
    before: Money | None = None
    paid: Money | None = None


@dataclass(frozen=True, slots=True)
class BuildChanges:
    """What is otherwise since the last build, each list by invoice key.

    Attributes:
        since: when that was; None at the first build.
        paid: those that are paid in full now and were not before, however the money came.
        no_longer_open: those that left the owner's files with something left to pay. Nobody says they were paid.
    """

    since: datetime | None
    new: tuple[InvoiceChange, ...]
    changed: tuple[InvoiceChange, ...]
    paid: tuple[InvoiceChange, ...]
    no_longer_open: tuple[InvoiceChange, ...]


def changes_of(documents: Documents, compared: InvoiceComparison, last: BuildRecord | None) -> BuildChanges:
    """What is otherwise in these documents since the last build.

    Args:
        documents: as they are now.
        compared: the owner's invoices beside those of the last build.
        last: that build.
    """
    paid = tuple(_paid(documents, compared, last)) if last else ()
    told = {change.invoice.key for change in paid}
    changed = _changed(documents, compared.changed)
    return BuildChanges(
        since=last.finished_at if last else None,
        new=tuple(InvoiceChange(documents.invoices[key], _left(documents, key)) for key in sorted(compared.new)),
        changed=tuple(one for one in changed if one.what != (_PAID_BEFORE,) or one.invoice.key not in told),
        paid=paid,
        no_longer_open=tuple(one for one in _no_longer_open(documents, compared.gone) if one.invoice.key not in told),
    )


def changed_amounts(changes: BuildChanges, entries: Mapping[str, Iterable[Entry]]) -> Iterator[Problem]:
    """A warning for each invoice that asks for another amount than before; both amounts are kept."""
    for change in changes.changed:
        if change.before is None:
            continue
        invoice, paid = change.invoice, any(True for _fact in entries.get(change.invoice.key, ()))
        what = f"Invoice {invoice.number} asked for {change.before} before, and asks for {invoice.claim} now."
        remedy = f"If that is not meant, put {change.before} back; `portal show {invoice.key}` keeps both."
        if paid:
            remedy = (
                "If the new amount leaves out what was paid here, put the old one back: it would count twice."
                f" `portal show {invoice.key}` keeps both."
            )
        yield Problem(what, remedy, file=invoice.source, field="total")


def many_gone(changes: BuildChanges, still_open: int) -> Iterator[Problem]:
    """A warning where so many left the owner's files at once that an export may have gone wrong."""
    gone = len(changes.no_longer_open)
    if gone >= _MANY_GONE and gone > still_open:
        yield Problem(
            f"{gone:,} of {gone + still_open:,} open invoices are not in your files any more, and so no longer open.",
            "If a file is missing or cut short, put it back and build again: then they are open as before.",
        )


def words_for(before: Invoice, after: Invoice) -> tuple[str, ...]:
    """What the owner wrote otherwise; nothing where only its place moved or the settings changed."""
    names = [field.name for field in fields(Invoice) if field.name not in _NOT_THE_OWNERS]
    other = [name for name in names if getattr(before, name) != getattr(after, name)]
    words = [_WORDS.get(name, name.replace("_", " ")) for name in other if name not in _MONEY]
    if before.claim == after.claim and _MONEY.intersection(other):
        words.insert(0, _PAID_BEFORE if before.amount_prepaid != after.amount_prepaid else "total")
    if before.gone_on is not None:
        words.insert(0, "it is back")
    return tuple(words)


def earlier_words(claims: Iterable[EarlierClaim]) -> tuple[str, ...]:
    """What an invoice asked for before, one line each."""
    return tuple(f"{claim.invoice.claim} until {claim.until:%Y-%m-%d %H:%M} UTC" for claim in claims)


def _left(documents: Documents, key: str) -> Money:
    return documents.balance(key).amount_remaining


def _changed(documents: Documents, before: Mapping[str, Invoice]) -> Iterator[InvoiceChange]:
    for key, old in sorted(before.items()):
        invoice = documents.invoices[key]
        other = old.claim if old.claim != invoice.claim else None
        words = words_for(old, invoice)
        if words or other is not None:
            yield InvoiceChange(invoice, _left(documents, key), words, other)


def _paid(documents: Documents, compared: InvoiceComparison, last: BuildRecord) -> Iterator[InvoiceChange]:
    """Those paid by now that were not; where nothing was written about one since, it stands as it stood."""
    stored = {**compared.changed, **compared.gone}
    moved = (key for key, facts in documents.entries.items() if facts[-1].seq > last.seq)
    new = set(compared.new)
    for key in sorted({*compared.changed, *moved}):
        if key in new or key not in documents.invoices:
            continue
        now = documents.balance(key)
        if now.status is not InvoiceStatus.PAID:
            continue
        known = tuple(fact for fact in documents.entries_of(key) if fact.seq <= last.seq)
        old = stored.get(key, documents.invoices[key])
        if balance_of(old, known, last.as_of).status is not InvoiceStatus.PAID:
            yield InvoiceChange(documents.invoices[key], now.amount_remaining, paid=now.amount_paid)


def _no_longer_open(documents: Documents, gone: Mapping[str, Invoice]) -> Iterator[InvoiceChange]:
    for key, old in sorted(gone.items()):
        if old.gone_on is None and key in documents.invoices and _is_no_longer_open(documents.balance(key)):
            before = balance_of(old, documents.entries_of(key), documents.as_of)
            yield InvoiceChange(old, before.amount_remaining)


def _is_no_longer_open(balance: InvoiceBalance) -> bool:
    return balance.reason is NothingToPay.NO_LONGER_OPEN


def nothing_changed(changes: BuildChanges) -> bool:
    """Whether there is nothing to tell."""
    return not (changes.new or changes.changed or changes.paid or changes.no_longer_open)
