"""What the portal holds on a customer, what of it may go, and what has to stay; nothing is changed here.

What may go is people's own words, mails and the provider's reports. Amounts, dates and payment ids are bookkeeping:
the law asks for them for years, and without them nobody could show that an invoice was paid. As long as something is
left to pay, words and mails are needed for the claim and stay too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.errors import Problem, UnknownInvoiceError
from portal.ports import HoldState
from portal.ports.mail import MailKind, MessageState
from portal.ports.privacy import ToErase
from portal.receivables.balance import balance_of
from portal.receivables.customers import customer_key
from portal.receivables.entries import ERASED, WORDS_OF_PEOPLE
from portal.receivables.hindsight import happened_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from portal.ports import Ledger
    from portal.ports.checkouts import Hold
    from portal.ports.links import LinkRequest
    from portal.ports.mail import Message
    from portal.ports.plans import PlanRecord
    from portal.ports.privacy import StoredEvent
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.settings.privacy import PrivacySettings


@dataclass(frozen=True, slots=True)
class HeldInvoice:
    """Everything on one invoice; it is None where the content no longer has it.

    ``settled_on`` is the day on which it was settled; None while something is left to pay, or nobody knows.
    """

    key: str
    invoice: Invoice | None
    entries: tuple[Entry, ...]
    plans: tuple[PlanRecord, ...]
    holds: tuple[Hold, ...]
    settled_on: date | None

    @property
    def words(self) -> tuple[Entry, ...]:
        """The entries that hold somebody's words."""
        kept = (one for one in self.entries if one.kind in WORDS_OF_PEOPLE)
        return tuple(one for one in kept if one.note is not None and one.note != ERASED)


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail, and the keys of the invoices that it is about; a reminder may be about several."""

    message: Message
    about: frozenset[str]

    @property
    def is_whole(self) -> bool:
        """Whether its text is still there, and it is not just being sent."""
        return self.message.mail.text != ERASED and self.message.state is not MessageState.SENDING


@dataclass(frozen=True, slots=True)
class Held:
    """Everything the portal holds on one customer.

    Attributes:
        who: as the owner named the customer.
        messages: mails about the invoices, others to the same address, and those that tell the owner of a request for a
            link from there.
        events: what the provider reported about the payments, word for word.
        requests: for a link, that wait for the owner.
    """

    who: str
    invoices: tuple[HeldInvoice, ...]
    messages: tuple[HeldMail, ...]
    events: tuple[StoredEvent, ...]
    requests: tuple[LinkRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What of a customer's may go now, and the invoices that keep the rest from it."""

    what: ToErase
    still_open: tuple[str, ...]


def held_on(ledger: Ledger, who: str, as_of: date, zone: tzinfo) -> Held:
    """Everything on a customer.

    Args:
        ledger: to look in.
        who: an e-mail address, the owner's number for the customer, a name, or an invoice's number.
        as_of: the day on which balances are looked at.
        zone: the business's.

    Raises:
        UnknownInvoiceError: nobody is known by that, or several are.
    """
    keys, addresses = _whose(ledger, who)
    invoices = tuple(_held_invoice(ledger, key, as_of, zone) for key in keys)
    about = _about(ledger)
    mails = (HeldMail(one, _keys_of(one.mail.message_id, one.cause.invoice_key, about)) for one in ledger.messages())
    messages = tuple(one for one in mails if one.about & set(keys) or _is_with(one.message, addresses))
    requests = tuple(one for one in ledger.link_requests() if _folded(one.email) in addresses)
    return Held(who, invoices, messages, ledger.events_of(_provider_ids(invoices)), requests)


def _provider_ids(invoices: Iterable[HeldInvoice]) -> set[str]:
    """The names under which the provider may have told of these invoices."""
    ids: set[str] = set()
    for one in invoices:
        ids.update(entry.external_id for entry in one.entries)
        ids.update(hold.hold_id for hold in one.holds)
        ids.update(hold.checkout_id for hold in one.holds if hold.checkout_id)
    return ids


def forgettable(held: Held) -> Forgetting:
    """What may go at a customer's wish: everything but bookkeeping, unless the invoice is still open."""
    still_open = tuple(one.key for one in held.invoices if one.settled_on is None)
    settled = [one for one in held.invoices if one.settled_on is not None]
    messages = [one.message for one in held.messages if one.is_whole and not one.about & set(still_open)]
    # A report may be about several payments; what an open invoice still needs of it is in the ledger's own entries.
    return Forgetting(
        ToErase(
            entries=tuple(entry.seq for one in settled for entry in one.words),
            messages=tuple(one.mail.message_id for one in messages),
            events=tuple(one.event_id for one in held.events if one.body != ERASED),
            earlier=tuple(one.key for one in settled),
            requests=tuple(one.number for one in held.requests),
        ),
        still_open,
    )


def overdue_to_forget(ledger: Ledger, settings: PrivacySettings, now: datetime, zone: tzinfo) -> ToErase:
    """What has been kept for as long as the settings say."""
    today = now.astimezone(zone).date()
    words_until, mails_until = (
        now - timedelta(days) for days in (settings.retention_words_days, settings.retention_mails_days)
    )
    words, mails = ledger.old_words(words_until), ledger.old_mails(mails_until)
    about = _about(ledger) if mails else {}
    mails_about = {one: _keys_of(one, key, about) for one, key in mails}
    keys = {key for _row, key in words}.union(*mails_about.values())
    settled = {key: _held_invoice(ledger, key, today, zone).settled_on for key in keys}
    return ToErase(
        entries=tuple(seq for seq, key in words if _is_before(settled[key], words_until, zone)),
        messages=tuple(
            one for one, keys in mails_about.items() if all(_is_before(settled[key], mails_until, zone) for key in keys)
        ),
        events=ledger.events_before(now - timedelta(settings.retention_webhooks_days)),
        requests=tuple(one.number for one in ledger.link_requests() if one.asked_at < words_until),
    )


def _is_before(settled_on: date | None, moment: datetime, zone: tzinfo) -> bool:
    return settled_on is not None and settled_on < moment.astimezone(zone).date()


def _is_with(message: Message, addresses: frozenset[str]) -> bool:
    """Whether a mail went to one of these addresses, or tells the owner what somebody wrote who gave one of them."""
    if message.cause.kind is MailKind.LINK_NOTICE:
        return not addresses.isdisjoint(message.mail.text.casefold().split())
    return _folded(message.mail.to) in addresses


def _about(ledger: Ledger) -> dict[str, frozenset[str]]:
    """Which invoices each reminder was about, by the id of its mail."""
    found: dict[str, frozenset[str]] = {}
    for key, claims in ledger.reminder_claims_by_invoice().items():
        for claim in claims:
            if claim.message_id is not None:
                found[claim.message_id] = found.get(claim.message_id, frozenset()) | {key}
    return found


def _keys_of(message_id: str, named: str | None, about: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return about.get(message_id, frozenset()) | ({named} if named is not None else frozenset())


def _held_invoice(ledger: Ledger, key: str, as_of: date, zone: tzinfo) -> HeldInvoice:
    with ledger.transaction() as tx:
        invoice, entries = tx.invoice(key), tx.entries(key)
        plans, holds = tx.plans_of(key), tx.holds(key, HoldState)
    return HeldInvoice(key, invoice, entries, plans, holds, _settled_on(invoice, entries, as_of, zone))


def _settled_on(invoice: Invoice | None, entries: Sequence[Entry], as_of: date, zone: tzinfo) -> date | None:
    """The last day on which anything happened, once nothing is left; that errs on keeping things longer."""
    happened = [happened_on(entry, zone) for entry in entries]
    if invoice is None:
        return max(happened, default=None)
    balance = balance_of(invoice, entries, as_of)
    if balance.amount_remaining or balance.amount_on_its_way or balance.is_disputed:
        return None
    stated = [paid.paid_on for paid in invoice.payments] + [invoice.cancelled_on, invoice.issued_on]
    return max([*happened, *(day for day in stated if day is not None)], default=None)


def _whose(ledger: Ledger, who: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The invoices of the one customer who is known by that, and the customer's addresses."""
    wanted = _folded(who)
    known = [one for one in map(ledger.invoice, ledger.invoice_sources()) if one is not None]
    named = [one for one in known if wanted in _names(one)]
    customers = {_identity(one) for one in named}
    if len(customers) > 1:
        told = ", ".join(sorted({f"{one.customer.name} ({one.customer.email or one.number})" for one in named}))
        raise UnknownInvoiceError(
            Problem(
                f"Several customers are known by {who!r}: {told}.",
                "Name the one you mean by e-mail address, by your number for them, or by the number of an invoice.",
                field="CUSTOMER",
            )
        )
    if not named:
        return _gone(ledger, who), frozenset()
    theirs = [one for one in known if _identity(one) in customers]
    # An address that serves several customers tells nobody's mails apart.
    others = {_folded(one.customer.email or "") for one in known if _identity(one) not in customers}
    addresses = {_folded(one.customer.email or "") for one in theirs} - others - {""}
    return tuple(one.key for one in theirs), frozenset(addresses)


def _gone(ledger: Ledger, who: str) -> tuple[str, ...]:
    """An invoice that the content no longer has: its number alone names it."""
    if ledger.entries_of(who) or any(one.cause.invoice_key == who for one in ledger.messages()):
        return (who,)
    raise UnknownInvoiceError(
        Problem(
            f"Nobody is known by {who!r}.",
            "Write the e-mail address, your number for them, their name as on the invoice, or an invoice's number.",
            field="CUSTOMER",
        )
    )


def _identity(invoice: Invoice) -> str:
    """Whose it is; without an address or number, customers of one name are kept apart by their invoices."""
    return customer_key(invoice.customer) or f"invoice {invoice.key}"


def _names(invoice: Invoice) -> Iterator[str]:
    customer = invoice.customer
    yield from (_folded(one) for one in _given((customer.email, customer.reference, customer.name, invoice.key)))


def _given(texts: Iterable[str | None]) -> Iterator[str]:
    return (text for text in texts if text)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
