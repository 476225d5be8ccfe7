"""The auditor: recomputes, after every step of a history, what must hold, from the provider's own books.

The invariants are named as in the design: I1 balance, I2 never offer too much, I3 never take too much, I4 at most
once, I5 at least once, I6 append-only, I8 what was acknowledged stays, I10 and I11 reservations, I12 installments. I23
is what an invoice in parts asks for when.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger_view import facts_here
from provider_facts import ProviderFacts, day_of
from reckoning import parts_of, reckon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from ledger_view import Fact, LedgerView
    from provider_books import ProviderBooks
    from reckoning import Claim, Reckoning

MOST_TRIES = 3
_LIVE = {"creating", "unknown", "open"}
_MOVES = {
    "creating": {"unknown", "open", "processing", "posted", "released"},
    "unknown": {"open", "processing", "posted", "released"},
    "open": {"processing", "posted", "released"},
    "processing": {"posted", "released"},
    "released": set(),
    "posted": set(),
}
_REVERSALS = {"refund failed", "dispute reinstated"}


@dataclass
class Excuse:
    """Money that came back of itself: what was offered before anybody could know it may turn out too much.

    Attributes:
        offers: what was on offer when the ledger came to know it; None until then.
        is_over: nothing more can be paid because of it; what was overpaid because of it stays overpaid.
        is_counted: that is part of what is known to be overpaid.
    """

    invoice_key: str
    minor: int
    offers: set[str] | None = None
    is_over: bool = False
    is_counted: bool = False


@dataclass
class Auditor:
    """Knows the provider's books, the ledger's tables, and what the people of a history were told.

    Attributes:
        claims: the invoices as they were issued.
        portal_says: what the portal itself makes of an invoice: remaining, overpaid, on its way.
        portal_says_of_parts: the parts it says an invoice is due in, by day, sum and rest; and what is overdue.
        given_out: checkouts whose address somebody was given.
        wished: what the owner asked to have entered, as (invoice, kind, minor units), None for what it comes to.
        acknowledged: the entries, by number, that the owner was told were written.
        agreed: what was left when a plan was agreed, by plan.
        forced: invoices on which the owner just insisted on more than is left, or took some of the claim back.
    """

    books: ProviderBooks
    view: LedgerView
    claims: Mapping[str, Claim]
    now: Callable[[], datetime]
    portal_says: Callable[[str], tuple[int, int, int]]
    portal_says_of_parts: Callable[[str], tuple[list[tuple[date, int, int]], int]]
    given_out: set[str] = field(default_factory=set)
    wished: Counter[tuple[str, str, int | None]] = field(default_factory=Counter)
    acknowledged: dict[int, tuple[str, int]] = field(default_factory=dict)
    agreed: dict[str, int] = field(default_factory=dict)
    forced: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rows: dict[int, Fact] = {}
        self._states: dict[str, str] = {}
        self._agreed: dict[str, tuple[date, list[Fact]]] = {}
        self._in_force: set[str] = set()
        self._charges: set[str] = set()
        self._excuses: dict[tuple[str, str], Excuse] = {}
        self._over = dict.fromkeys(self.claims, 0)

    def audit(self) -> None:
        """Everything that must hold after every step."""
        there = ProviderFacts(self.books, self.now())
        if self.view.refresh():
            self._entries_are_true(there)
            self._reservations_move_on()
            self._plans_are_whole()
        self._balances_agree()
        self._charges_of_plans_are_due(there)
        self._what_can_be_paid_is_reserved(there)
        self._nobody_pays_too_much(there)
        self.forced.clear()

    # ---- entries

    def _entries_are_true(self, there: ProviderFacts) -> None:
        rows = {fact.seq: fact for fact in self.view.facts}
        assert rows.items() >= self._rows.items(), "I6: an entry was changed or is gone"
        self._rows = rows
        identities = Counter((fact.kind, fact.external_id, fact.invoice_key) for fact in self.view.facts)
        assert max(identities.values(), default=1) == 1, "I4: counted twice"
        movements, shared = there.movements(), Counter[tuple[str, str]]()
        for fact in self.view.facts:
            if fact.is_providers and not there.is_forgotten(fact.external_id):
                known = movements.get((fact.kind, fact.external_id), {})
                assert known.get(fact.invoice_key, 0) in {fact.minor, None}, f"I1: {fact}, and the provider has {known}"
                if known[fact.invoice_key] is None:
                    shared[fact.kind, fact.external_id] += fact.minor
        for (kind, one), sum_here in shared.items():
            assert sum_here == there.totals()[one], f"I1: {kind} {one} is {sum_here} in all"
        self._owners_entries_are_as_wished()

    def _balances_agree(self) -> None:
        today = self.now().date()
        for key, claim in self.claims.items():
            rows = self.view.of(key)
            if self._agreed.get(key) == (today, rows):
                continue
            self._agreed[key] = (today, rows)
            reckoned = reckon(claim, facts_here(rows), today)
            mine = (reckoned.remaining, reckoned.overpaid, reckoned.on_its_way)
            theirs = self.portal_says(key)
            assert mine == theirs, f"I1: the auditor reckons {mine} on {key}, the portal {theirs}"
            self._parts_agree(key, claim, reckoned)

    def _parts_agree(self, key: str, claim: Claim, reckoned: Reckoning) -> None:
        """An invoice in parts says what is due when; while it is on a plan, the plan says it."""
        theirs, asked_now = self.portal_says_of_parts(key)
        on_a_plan = any(plan.invoice_key == key and plan.life == "in force" for plan in self.view.plans.values())
        if not claim.dues or not reckoned.remaining or on_a_plan:
            return
        mine = parts_of(claim, reckoned)
        assert mine == theirs, f"I23: the auditor reckons the parts {mine} on {key}, the portal {theirs}"
        today = self.now().date()
        overdue = sum(rest for due, _minor, rest in mine if due < today)
        if today > claim.dues[-1][0]:
            overdue = reckoned.room
        wanted = max(min(overdue - (reckoned.on_its_way if today <= claim.dues[-1][0] else 0), reckoned.room), 0)
        assert asked_now == wanted, f"I23: {wanted} is overdue on {key}, and the portal asks for {asked_now}"

    def _owners_entries_are_as_wished(self) -> None:
        own = [fact for fact in self.view.facts if fact.is_owners]
        found = Counter((fact.invoice_key, fact.kind, fact.minor) for fact in own)
        for (key, kind, minor), times in found.items():
            asked = self.wished[key, kind, minor] + self.wished[key, kind, None]
            assert times <= asked, f"I4: {times} entries of {kind} {minor} on {key}, asked for {asked} times"
        for seq, told in self.acknowledged.items():
            assert seq in self._rows, f"I8: entry {seq}, which the owner was told of, is gone"
            assert (self._rows[seq].kind, self._rows[seq].minor) == told
        undone = {fact.reverses for fact in own}
        money = Counter(
            (fact.invoice_key, fact.minor, fact.value_on, fact.note)
            for fact in own
            if fact.kind == "payment" and fact.seq not in undone
        )
        assert max(money.values(), default=1) == 1, "I4: the same transfer was counted twice"

    # ---- reservations

    def _reservations_move_on(self) -> None:
        states = {hold.hold_id: hold.state for hold in self.view.holds.values()}
        for hold_id, before in self._states.items():
            after = states.get(hold_id)
            assert after == before or after in _MOVES[before], f"I11: a reservation went from {before} to {after}"
        self._states = states

    def _what_can_be_paid_is_reserved(self, there: ProviderFacts) -> None:
        for money in there.payable(self.given_out):
            hold = self.view.holds.get(there.hold_of(money.session_id), None)
            assert hold is not None, "I2: a checkout without a reservation"
            assert hold.state in _LIVE, f"I11: a checkout can be paid whose reservation is {hold.state}"
            assert hold.parts.get(money.invoice_key) == money.minor, (
                "I2: a checkout asks for something else than was reserved"
            )
        payments = there.by_hold()
        for hold in self.view.holds.values():
            paid = payments.get(hold.hold_id, {}).get("status")
            assert hold.state != "posted" or paid == "succeeded", f"I11: posted, and the payment is {paid}"
            assert hold.state != "released" or paid not in {"succeeded", "processing"}, f"I11: released, yet {paid}"

    # ---- plans

    def _plans_are_whole(self) -> None:
        for plan in self.view.plans.values():
            assert sum(plan.amounts) == self.agreed[plan.plan_id], "I12: a plan is not what was left"
        tries = Counter((one.plan_id, one.installment) for one in self.view.tries if one.state == "declined")
        assert max(tries.values(), default=0) <= MOST_TRIES, "I12: an installment was tried too often"
        begun = Counter(one.plan_id for one in self.view.tries if one.state == "begun")
        assert max(begun.values(), default=0) <= 1, "I12: two charges of one plan at once"

    def _charges_of_plans_are_due(self, there: ProviderFacts) -> None:
        charges = there.charges_of_plans()
        new = {one["id"] for one in charges} - self._charges
        if new:
            keys = Counter(one["metadata"]["attempt"] for one in charges)
            assert max(keys.values()) == 1, "I12: one try was charged twice"
            days = Counter(
                (one["metadata"]["plan"], one["metadata"]["installment"], day_of(one["created"])) for one in charges
            )
            assert max(days.values()) == 1, "I12: an installment was tried twice on one day"
            for one in charges:
                known = one["id"] not in new or one["metadata"]["plan"] in self._in_force
                assert known, "I12: charged for a plan that was not in force"
        self._charges |= new
        self._in_force = {plan.agreement for plan in self.view.plans.values() if plan.life == "in force"}

    # ---- money

    def reckoned(self, key: str, there: ProviderFacts) -> Reckoning:
        """What is due and paid by the provider's books and the owner's entries."""
        return reckon(self.claims[key], there.facts_of(key, self.view.of(key)), self.now().date())

    def overpaid_by_the_provider(self) -> list[str]:
        """Invoices on which the provider's money alone came to more than was issued."""
        there = ProviderFacts(self.books, self.now())
        rows = {key: [row for row in self.view.of(key) if row.is_providers] for key in self.claims}
        most = {
            key: claim.total + claim.late_flat + claim.total * claim.late_percent / 100
            for key, claim in self.claims.items()
        }
        return [key for key in self.claims if there.facts_of(key, rows[key]).net > most[key]]

    def _nobody_pays_too_much(self, there: ProviderFacts) -> None:
        offers: dict[str, set[str]] = {key: set() for key in self.claims}
        payable = dict.fromkeys(self.claims, 0)
        for money in there.payable(self.given_out):
            offers[money.invoice_key].add(money.session_id)
            payable[money.invoice_key] += money.minor
        for one in self.view.tries:
            if one.state == "begun":
                offers[self.view.plans[one.plan_id].invoice_key].add(f"{one.plan_id} {one.installment} {one.number}")
        self._look_for_excuses(there, offers)
        for key in self.claims:
            excuses = [one for one in self._excuses.values() if one.invoice_key == key and not one.is_counted]
            excused = sum(one.minor for one in excuses if not one.is_over)
            now = self.reckoned(key, there)
            reach = payable[key] - now.room
            assert payable[key] == 0 or reach <= excused, f"I2: {reach} more can be paid on {key} than is owed"
            allowed = now.over if key in self.forced else self._over[key] + sum(one.minor for one in excuses)
            assert now.over <= allowed, f"I3: {now.over} more was taken on {key} than was owed, {allowed} is excused"
            for excuse in excuses:
                excuse.is_over = excuse.offers == set()
            if key in self.forced or all(excuse.is_over for excuse in excuses):
                self._over[key] = now.over
                for excuse in excuses:
                    excuse.is_counted = excuse.is_over

    def _look_for_excuses(self, there: ProviderFacts, offers: Mapping[str, set[str]]) -> None:
        """Money that came back; no excuse any more once the ledger knows it and all earlier offers are over."""
        known = {fact.external_id for fact in self.view.facts if fact.kind in _REVERSALS}
        for (one, key), minor in there.reversals().items():
            # A fee or a discount may follow the money.
            excuse = self._excuses.setdefault((one, key), Excuse(key, minor + minor // 5 + 5000))
            if excuse.offers is not None:
                excuse.offers &= offers[key]
            elif one in known:
                excuse.offers = set(offers[key])
