"""What the provider's books say happened: each movement under its own id, and the sums for one invoice."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger_view import facts_here
from reckoning import Coming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger_view import Fact
    from provider_books import ProviderBooks
    from reckoning import Facts

Json = dict[str, Any]
_OVER = {"won", "lost", "warning_closed"}
_BACK = {"refund", "refund failed", "dispute withdrawn", "dispute reinstated"}


class Money(NamedTuple):
    """What of a checkout that somebody could pay at this moment belongs to one invoice."""

    session_id: str
    invoice_key: str
    minor: int


def parts_of(thing: Json) -> dict[str, int]:
    """What of a payment or a checkout belongs to which invoice, in the order in which it was asked for."""
    marks = thing["metadata"]
    if "invoice" in marks:
        return {marks["invoice"]: thing["amount_total"] if thing["object"] == "checkout.session" else thing["amount"]}
    return dict(json.loads("".join(marks.get(f"invoices_{number}", "") for number in range(1, 41)) or "[]"))


def _flags(dispute: Json) -> list[tuple[str, bool]]:
    """What a dispute is flagged as: each time that money was withdrawn, or as the question that it is."""
    name, over = dispute["id"], dispute["status"] in _OVER
    if dispute["status"].startswith("warning_"):
        return [(f"{name}/inquiry", over)]
    times = sum(moved["amount"] < 0 for moved in dispute["balance_transactions"]) or 1
    return [(name if nth == 1 else f"{name}/{nth}", over or nth < times) for nth in range(1, times + 1)]


def day_of(seconds: int) -> date:
    """The day of a moment in the books."""
    return datetime.fromtimestamp(seconds, UTC).date()


class ProviderFacts:
    """One reading of the books."""

    def __init__(self, books: ProviderBooks, now: datetime) -> None:
        self._books = books
        self._now = now.timestamp()
        self.intents = {one["id"]: one for one in books.intents() if parts_of(one)}
        self.parts = {one["id"]: parts_of(one) for one in self.intents.values()}
        self.refunds = [one for one in books.refunds() if one["payment_intent"] in self.intents]
        self.disputes = [one for one in books.disputes() if one["payment_intent"] in self.intents]

    def payable(self, given_out: set[str]) -> list[Money]:
        """Checkouts that can be paid, of those whose address somebody was ever given."""
        return [
            Money(one["id"], key, minor)
            for one in self._books.sessions()
            if one["status"] == "open" and one["expires_at"] > self._now and one["id"] in given_out
            for key, minor in parts_of(one).items()
        ]

    def hold_of(self, session_id: str) -> str:
        """The reservation that a checkout was made for."""
        return str(next(one for one in self._books.sessions() if one["id"] == session_id)["metadata"]["hold"])

    def by_hold(self) -> dict[str, Json]:
        """The payments that were made through checkouts, by reservation."""
        return {one["metadata"]["hold"]: one for one in self.intents.values() if "hold" in one["metadata"]}

    def charges_of_plans(self) -> list[Json]:
        """The payments that were taken from saved cards, or were to be."""
        return [one for one in self.intents.values() if "attempt" in one["metadata"]]

    def movements(self) -> dict[tuple[str, str], dict[str, int | None]]:
        """What the ledger may say, and in the end has to: by kind and id, what on which invoice.

        None where several invoices share what went back: then the sum has to be ``total_of`` it.
        """
        return dict(self._movements())

    def _movements(self) -> Iterator[tuple[tuple[str, str], dict[str, int | None]]]:
        for intent_id, intent in self.intents.items():
            for kind in self._kinds(intent):
                yield (kind, intent_id), dict(self.parts[intent_id])
        for refund in self.refunds:
            for kind in {"succeeded": ["refund"], "failed": ["refund", "refund failed"]}.get(refund["status"], []):
                yield (kind, refund["id"]), self._shared(refund, refund["amount"])
        for dispute in self.disputes:
            parts: dict[str, int | None] = dict.fromkeys(self.keys_of(dispute), dispute["amount"])
            for flag, is_over in _flags(dispute):
                yield ("dispute opened", flag), parts
                if is_over:
                    yield ("dispute closed", flag), parts
            for moved in dispute["balance_transactions"]:
                kind = "dispute withdrawn" if moved["amount"] < 0 else "dispute reinstated"
                yield (kind, moved["id"]), self._shared(dispute, abs(moved["amount"]))

    def is_forgotten(self, external_id: str) -> bool:
        """Whether it is the flag of an inquiry that has become a dispute: the books say nothing of it any more."""
        dispute_id, _slash, kind = external_id.partition("/")
        status = next((one["status"] for one in self.disputes if one["id"] == dispute_id), "warning_")
        return kind == "inquiry" and not status.startswith("warning_")

    def is_disputed(self, key: str) -> bool:
        """Whether a bank still looks into a payment of an invoice."""
        return any(one["status"] not in _OVER and key in self.keys_of(one) for one in self.disputes)

    def _shared(self, thing: Json, minor: int) -> dict[str, int | None]:
        keys = self.keys_of(thing)
        return {key: minor if len(keys) == 1 else None for key in keys}

    def totals(self) -> dict[str, int]:
        """What went back or came again, by id of refund and movement."""
        moved = [one for dispute in self.disputes for one in dispute["balance_transactions"]]
        return {one["id"]: abs(one["amount"]) for one in (*self.refunds, *moved)}

    def _kinds(self, intent: Json) -> list[str]:
        by_bank = self._by_bank(intent)
        match intent["status"]:
            case "succeeded":
                return ["payment started", "payment"] if by_bank else ["payment"]
            case "processing":
                return ["payment started"]
            case "requires_payment_method" if by_bank:
                return ["payment started", "payment failed"]
            case _:
                return []

    def _by_bank(self, intent: Json) -> bool:
        charge = self._books.charge(intent["latest_charge"]) if intent["latest_charge"] else None
        return charge is not None and charge["payment_method_details"]["type"] != "card"

    def keys_of(self, thing: Json) -> list[str]:
        """The invoices of a refund or a dispute."""
        return list(self.parts[thing["payment_intent"]])

    def reversals(self) -> dict[tuple[str, str], int]:
        """Money that went out and came back of itself, by id and invoice: nobody could know before."""
        back = {
            (one["id"], key): one["amount"]
            for one in self.refunds
            if one["status"] == "failed"
            for key in self.keys_of(one)
        }
        for dispute in self.disputes:
            for moved in dispute["balance_transactions"]:
                if moved["amount"] > 0:
                    back |= {(moved["id"], key): moved["amount"] for key in self.keys_of(dispute)}
        return back

    def facts_of(self, key: str, here: list[Fact]) -> Facts:
        """What happened to one invoice: its money by the books, what the owner entered by the ledger's rows.

        How several invoices share what went back is taken from the ledger, whose sums are held against the books.
        """
        alone = [row for row in here if not row.is_providers or self._is_shared(row)]
        facts = facts_here(alone)
        places = {(row.kind, row.external_id): row.seq for row in here}
        for intent_id, intent in self.intents.items():
            side = {"succeeded": facts.received, "processing": facts.on_its_way}.get(intent["status"])
            if side is None or key not in self.parts[intent_id]:
                continue
            began, minor = self._began(intent), self.parts[intent_id][key]
            side.append((began, minor))
            started = places.get(("payment started", intent_id), math.inf)
            seq = places.get(("payment", intent_id), started)
            facts.coming.append(Coming(seq, min(started, seq), began, minor))
        facts.refunded += sum(
            one["amount"] for one in self.refunds if one["status"] == "succeeded" and self.keys_of(one) == [key]
        )
        for dispute in self.disputes:
            for moved in dispute["balance_transactions"] if self.keys_of(dispute) == [key] else ():
                side = facts.withdrawn if moved["amount"] < 0 else facts.returned
                side.append((day_of(moved["created"]), abs(moved["amount"])))
        return facts

    def _is_shared(self, row: Fact) -> bool:
        return row.kind in _BACK and any(
            len(self.keys_of(one)) > 1
            for one in (*self.refunds, *self.disputes)
            if row.external_id == one["id"]
            or row.external_id in {moved["id"] for moved in one.get("balance_transactions") or ()}
        )

    def _began(self, intent: Json) -> date:
        """The day that counts: when the checkout was opened, or the card charged."""
        began = day_of(self._books.charge(intent["latest_charge"])["created"])
        opened = intent["metadata"].get("opened")
        return min(began, day_of(int(opened))) if opened else began
