"""What is due on an invoice by the auditor's own arithmetic: plain integers, and not a line of the portal's.

The rules are those that owners are told (docs/settings.md, "Paying early", "Paying late", and plans), written down a
second time: a discount for all that had come in by its last day, and a fee on what was open when lateness began.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CARD_MINIMUM = {"GBP": 30, "EUR": 50}
"""Less than this cannot be paid by card, so a rest of fees below it is not asked for."""
DAYS_UNTIL_LATE = timedelta(days=8)
"""From the last day of a part to the first of its fee."""
Dated = tuple[date, int]


@dataclass(frozen=True)
class Claim:
    """An invoice as it was issued, with its terms; amounts in minor units.

    Attributes:
        discount_until: the last day that earns ``discount_percent``; None where there is no discount.
        late_from: the first day of the late fee, ``late_flat`` and ``late_percent`` of what is open then.
        dues: where it is due in parts, the last day and the sum of each. Each bears the percentage ``DAYS_UNTIL_LATE``
            after its day; the flat sum is borne once.
    """

    total: int
    currency: str = "GBP"
    discount_until: date | None = None
    discount_percent: Decimal = Decimal(0)
    late_from: date | None = None
    late_flat: int = 0
    late_percent: Decimal = Decimal(0)
    dues: tuple[Dated, ...] = ()

    def lateness(self, owed: int) -> list[tuple[date | None, int, int]]:
        """What may come to be late, from which day: the part of what is owed between two sums."""
        found: list[tuple[date | None, int, int]] = []
        before = 0
        for due, minor in self.dues:
            upto = min(before + minor, owed)
            found.append((due + DAYS_UNTIL_LATE, before, upto))
            before = upto
        return found or [(self.late_from, 0, owed)]


@dataclass(frozen=True)
class Plan:
    """A payment plan that came into force; what was in the ledger up to ``since`` is no part of it.

    Attributes:
        seq: the place in the ledger where it came into force.
        dues: the days and amounts of its payments.
        stopped_on: None where it runs on.
    """

    seq: int
    agreed_on: date
    since: int
    grace_days: int
    dues: tuple[Dated, ...]
    stopped_on: date | None = None


@dataclass(frozen=True)
class Coming:
    """A payment that came or is on its way, with its places in the ledger: of itself, and of what began it."""

    seq: float
    began: float
    day: date
    minor: int


@dataclass
class Facts:
    """What happened to one invoice, from whichever side it is seen.

    Attributes:
        received: payments that arrived, by the day on which the customer had done their part.
        on_its_way: bank debits that have neither arrived nor failed, by the day they were started.
        withdrawn: what card networks took back; ``returned`` what they gave again.
        refunded: refunds that stand.
        coming: the payments again, as plans look at them: in the order of the ledger.
        questioned: what customers said is not right; ``answered`` where that is over. It bears no fee in between.
    """

    received: list[Dated] = field(default_factory=list)
    on_its_way: list[Dated] = field(default_factory=list)
    withdrawn: list[Dated] = field(default_factory=list)
    returned: list[Dated] = field(default_factory=list)
    refunded: int = 0
    credited: int = 0
    written_off: int = 0
    waived: int = 0
    is_void: bool = False
    plans: list[Plan] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)
    questioned: list[Dated] = field(default_factory=list)
    answered: list[Dated] = field(default_factory=list)

    @property
    def net(self) -> int:
        """What arrived and stayed."""
        return _until(self.received) - self.refunded - max(_until(self.withdrawn) - _until(self.returned), 0)


@dataclass(frozen=True)
class Reckoning:
    """The outcome: ``remaining`` counts what is on its way as not paid yet."""

    due: int
    paid: int
    on_its_way: int
    fee: int = 0

    @property
    def remaining(self) -> int:
        """What is still to be paid."""
        return max(self.due - self.paid, 0)

    @property
    def room(self) -> int:
        """What may still be offered."""
        return max(self.remaining - self.on_its_way, 0)

    @property
    def overpaid(self) -> int:
        """What came beyond what is due."""
        return max(self.paid - self.due, 0)

    @property
    def over(self) -> int:
        """What came, or will, beyond what is due."""
        return max(self.paid + self.on_its_way - self.due, 0)


def reckon(claim: Claim, facts: Facts, today: date) -> Reckoning:
    """What is due, what was paid and what is on its way on a day."""
    held = max(_until(facts.withdrawn) - _until(facts.returned), 0)
    paid = max(_until(facts.received) - facts.refunded - held, 0)
    way = _until(facts.on_its_way)
    asked = 0 if facts.is_void else claim.total - facts.credited
    if asked <= 0:
        return Reckoning(asked, paid, way)
    given_up = min(facts.written_off, asked)
    discount = _discount(claim, facts, asked - given_up)
    fee = _fee(claim, facts, asked - given_up - discount, today)
    principal = asked - discount - given_up
    fee = max(fee - facts.waived, 0)
    beyond = paid - principal
    if beyond >= 0 and 0 < fee - beyond < CARD_MINIMUM[claim.currency]:
        fee = beyond
    fee_given_up = min(facts.written_off - given_up, fee)
    due = principal + fee - fee_given_up
    # What comes after a write-off was owed all the same.
    return Reckoning(due + min(given_up + fee_given_up, max(paid - due, 0)), paid, way, fee - fee_given_up)


def _discount(claim: Claim, facts: Facts, asked: int) -> int:
    if claim.discount_until is None or (claim.late_from is not None and claim.discount_until >= claim.late_from):
        return 0
    off = asked - _rounded(asked * (1 - claim.discount_percent / 100))
    came = _came(facts, claim.discount_until)
    held = min(max(_until(facts.withdrawn) - _until(facts.returned), 0), _came(facts, date.max))
    in_time = max(came - held, 0)
    if not 0 < off < asked or in_time < asked - off:
        return 0
    return max(min(off, asked - in_time + facts.refunded), 0)


def _fee(claim: Claim, facts: Facts, owed: int, today: date) -> int:
    """What lateness costs: a share of each part that was open on its eve, and the flat sum once."""
    shares, is_late = 0, False
    for begins, before, upto in claim.lateness(owed):
        still_open = _open_when_late(facts, begins, today, before, upto)
        shares += _rounded(still_open * claim.late_percent / 100)
        is_late |= still_open > 0
    return shares + (claim.late_flat if is_late else 0)


def _open_when_late(facts: Facts, begins: date | None, today: date, before: int, upto: int) -> int:
    """What was open between two sums on the eve of the first day that no plan keeps free; nothing before that day."""
    while begins is not None and begins <= today and any(is_kept(plan, facts, begins) for plan in facts.plans):
        begins += timedelta(1)
    if begins is None or today < begins:
        return 0
    eve = begins - timedelta(1)
    held = min(max(_until(facts.withdrawn, eve) - _until(facts.returned, eve), 0), _came(facts, date.max))
    in_question = _until(facts.questioned, eve) - _until(facts.answered, eve)
    came = _came(facts, eve) - held + in_question
    return max(upto - came, 0) - max(before - came, 0)


def parts_of(claim: Claim, reckoned: Reckoning) -> list[tuple[date, int, int]]:
    """The parts as they stand: day, what each comes to by now, and what of it is not paid; the first are paid first."""
    owed, paid, found = reckoned.due - reckoned.fee, reckoned.paid, []
    for due, minor in claim.dues:
        amount = max(min(minor, owed), 0)
        rest = min(max(amount - paid, 0), amount)
        found.append((due, amount, rest))
        owed, paid = owed - amount, max(paid - amount, 0)
    return found


def is_kept(plan: Plan, facts: Facts, day: date) -> bool:
    """Whether a plan was in force and not broken when a day began; one that is paid keeps nothing free any more."""
    if not plan.agreed_on < day or (plan.stopped_on is not None and day > plan.stopped_on):
        return False
    rests = [minor for _due, minor in plan.dues]
    for one in sorted(facts.coming, key=lambda coming: coming.seq):
        counts_from = plan.agreed_on if one.seq < plan.seq else one.day
        if min(one.seq, one.began) > plan.since and counts_from < day:
            _spend(plan, rests, one.minor, counts_from)
    unpaid = [due for (due, _minor), rest in zip(plan.dues, rests, strict=True) if rest]
    return bool(unpaid) and day <= unpaid[0] + timedelta(days=plan.grace_days)


def _spend(plan: Plan, rests: list[int], minor: int, day: date) -> None:
    """What was due by then first, then coming payments that it covers in full, then the last ones."""
    for number, (due, _minor) in enumerate(plan.dues):
        if due > day and minor < rests[number]:
            break
        taken = min(minor, rests[number])
        rests[number] -= taken
        minor -= taken
    for number in reversed(range(len(rests))):
        taken = min(minor, rests[number])
        rests[number] -= taken
        minor -= taken


def _came(facts: Facts, day: date) -> int:
    return _until(facts.received, day) + _until(facts.on_its_way, day)


def _until(dated: list[Dated], day: date = date.max) -> int:
    return sum(minor for on, minor in dated if on <= day)


def _rounded(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))
