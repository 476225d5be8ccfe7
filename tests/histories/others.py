"""What banks and the owner do to a shop in the random histories, and what all rules are written with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mortal import KilledError
from shop import Shop
from simulation import number, one_of, ran, rule

from portal.bookkeeping.wishes import CorrectEntry, GiveCredit, PaidBy, RecordPayment, VoidInvoice, WaiveFee, WriteOff
from portal.errors import GatewayError
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger_view import Fact

    from portal.bookkeeping.wishes import Wish

SHOPS = ("plain", "parts", "terms", "several")
any_number = number(0, 30)
shares = one_of(1, 2, 3, 3, 7)
rarely = one_of(False, False, False, True)
yes_or_no = one_of(True, False)


class Others:
    """Banks and the owner."""

    def __init__(self, seed: int) -> None:
        self.shop = Shop(SHOPS[seed % len(SHOPS)])

    def key(self, number: int) -> str:
        """One of the shop's invoices."""
        return self.shop.keys[number % len(self.shop.keys)]

    def survive(self, act: Callable[[], object]) -> None:
        """Act; the provider may be in trouble, and the process may die of what was planned for it."""
        try:
            act()
        except GatewayError:
            ran["stopped by trouble"] += 1
        except KilledError:
            ran["killed"] += 1
        self.shop.fate.spare()

    def moved(self) -> list[str]:
        """What the payments are, in a word each."""
        return [one["status"] for one in self.shop.books.intents()]

    # ---- banks

    @rule(4, lambda self: "processing" in self.moved(), settles=yes_or_no)
    def bank_debits_end(self, settles: bool) -> None:  # noqa: FBT001  a drawn value
        self.shop.sandbox.settle_pending() if settles else self.shop.sandbox.fail_pending()
        ran["debit arrives" if settles else "debit fails"] += 1

    @rule(3, lambda self: self.shop.books.charges(), number=any_number, share=shares)
    def refund(self, number: int, share: int) -> None:
        charge = self.nth(self.shop.books.charges(), number)
        rest = charge["amount"] - charge["amount_refunded"]
        self.shop.sandbox.refund(charge["id"], max(rest // share, 1))
        ran["refund" if share == 1 else "refund a part"] += 1

    @rule(3, lambda self: any(self.shop.books.refunds()), number=any_number, fails=rarely)
    def refunds_arrive_or_not(self, number: int, fails: bool) -> None:  # noqa: FBT001  a drawn value
        if not fails:
            ran["refund arrives"] += self.shop.sandbox.settle_refunds()
            return
        self.shop.sandbox.fail_refund(self.nth(list(self.shop.books.refunds()), number)["id"])
        ran["refund fails"] += 1

    @rule(2, lambda self: self.shop.books.undisputed(), number=any_number, share=shares, inquiry=rarely)
    def a_dispute_opens(self, number: int, share: int, inquiry: bool) -> None:  # noqa: FBT001  a drawn value
        undisputed = list(self.shop.books.undisputed().items())
        charge_id, rest = undisputed[number % len(undisputed)]
        rest = max(rest - self.shop.books.charge(charge_id)["amount_refunded"], 1)
        self.shop.sandbox.open_dispute(charge_id, amount=max(rest // share, 1), inquiry=inquiry)
        ran["inquiry" if inquiry else "dispute"] += 1

    @rule(4, lambda self: self.disputes_to_open_again(), number=any_number)
    def a_dispute_opens_again(self, number: int) -> None:
        self.shop.sandbox.reopen_dispute(self.nth(self.disputes_to_open_again(), number)["id"])
        ran["dispute opened again"] += 1

    def disputes_to_open_again(self) -> list[dict[str, Any]]:
        """Inquiries, and what was closed for the shop, of which no other dispute has the money by now."""
        rest = self.shop.books.undisputed()
        return [
            one
            for one in self.shop.books.disputes()
            if one["status"] == "warning_needs_response"
            or (one["status"] in {"won", "warning_closed"} and rest.get(one["charge"], 0) >= one["amount"])
        ]

    @rule(4, lambda self: self.open_disputes(), number=any_number, won=yes_or_no)
    def a_dispute_ends(self, number: int, won: bool) -> None:  # noqa: FBT001  a drawn value
        dispute = self.nth(self.open_disputes(), number)["id"]
        self.shop.sandbox.win_dispute(dispute) if won else self.shop.sandbox.lose_dispute(dispute)
        ran["dispute won" if won else "dispute lost"] += 1

    def open_disputes(self) -> list[dict[str, Any]]:
        """Disputes and inquiries that wait for an answer."""
        return [one for one in self.shop.books.disputes() if one["status"].endswith("needs_response")]

    @staticmethod
    def nth(things: list[dict[str, Any]], number: int) -> dict[str, Any]:
        """One of them."""
        return things[number % len(things)]

    # ---- the owner

    @rule(3, number=any_number, share=one_of(1, 3, 3, 7), days_ago=one_of(0, 0, 3), note=any_number)
    def a_transfer_is_recorded(self, number: int, share: int, days_ago: int, note: int) -> None:
        key = self.key(number)
        left = self.shop.balance(key).amount_offerable
        amount = Money(max(left.minor // share, 1), left.currency)
        on = self.shop.today() - timedelta(days=days_ago)
        wish = RecordPayment(amount, on, PaidBy.TRANSFER, f"transfer {note % 2}")
        self.enter(key, wish, "payment", amount.minor, forced=days_ago > 0)

    @rule(2, number=any_number, minor=one_of(1, 1000, 5000, 30_000), note=any_number)
    def a_credit_is_given(self, number: int, minor: int, note: int) -> None:
        key = self.key(number)
        wish = GiveCredit(Money(minor, self.shop.invoice(key).currency), f"credit {note % 2}")
        self.enter(key, wish, "credit note", minor, forced=self.has_fees(key))

    @rule(2, number=any_number, how=one_of("write-off", "void", "payment"), really=yes_or_no)
    def the_owner_gives_up(self, number: int, how: str, really: bool) -> None:  # noqa: FBT001  a drawn value
        key = self.key(number)
        too_much = Money(30_000, self.shop.invoice(key).currency)
        wishes: dict[str, Wish] = {
            "write-off": WriteOff(),
            "void": VoidInvoice("a mistake"),
            "payment": RecordPayment(too_much, self.shop.today(), PaidBy.CASH, "till", overpaid=True),
        }
        if really:
            minor = too_much.minor if how == "payment" else None
            self.enter(key, wishes[how], how, minor, forced=how != "write-off" or self.has_fees(key))

    @rule(
        6,
        lambda self: any(self.shop.balance(key).amount_fees for key in self.shop.keys),
        number=any_number,
        minor=one_of(None, 500),
    )
    def the_fee_is_waived(self, number: int, minor: int | None) -> None:
        key = self.key(number)
        amount = None if minor is None else Money(minor, self.shop.invoice(key).currency)
        self.enter(key, WaiveFee(amount), "fee waived", minor, forced=True)

    @rule(2, lambda self: self.owners_entries(), number=any_number)
    def an_entry_is_corrected(self, number: int) -> None:
        own = self.owners_entries()
        wrong = own[number % len(own)]
        wish = CorrectEntry(wrong.seq, "a slip")
        self.enter(wrong.invoice_key, wish, "reversal", wrong.minor, forced=self.has_fees(wrong.invoice_key))

    def owners_entries(self) -> list[Fact]:
        """What the owner entered, corrections aside."""
        return [fact for fact in self.shop.view.facts if fact.is_owners and fact.reverses is None]

    def enter(self, key: str, wish: Wish, kind: str, minor: int | None, *, forced: bool) -> None:
        """Have it entered."""
        before = len(self.shop.auditor.acknowledged)
        self.survive(lambda: self.shop.enter(key, wish, kind, minor, forced=forced))
        ran[f"enter {kind}"] += len(self.shop.auditor.acknowledged) > before

    def has_fees(self, key: str) -> bool:
        """Whether less claim makes for less of a fee, so that what was paid may come to be too much."""
        return self.shop.auditor.claims[key].late_from is not None
