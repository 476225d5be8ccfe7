"""A ledger and a payment provider in memory, to try every order of what may happen; no I/O, so thousands are quick."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from portal.errors import Problem, UnexpectedAnswerError
from portal.ports import Hold, HoldState
from portal.ports.alarms import AlarmKind
from portal.ports.provider_reports import (
    CheckoutReport,
    CheckoutStatus,
    DisputeMovement,
    DisputeReport,
    DisputeStatus,
    GatewayEvent,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
)
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.ports import Ledger, PaymentGateway
    from portal.ports.alarms import Alarm
    from portal.receivables.invoice import Invoice

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
BEGAN = NOW - timedelta(days=9)
AMOUNT = Money(84000, "GBP")
HOLD = Hold(
    "hold_1",
    (Allocation("1042", AMOUNT),),
    HoldState.OPEN,
    BEGAN,
    BEGAN + timedelta(hours=1),
    "cs_1",
    "https://x.example/1",
)
MARKS = {"hold": "hold_1", "invoice": "1042"}


@dataclass
class MemoryLedger:
    """What settlement needs of a ledger, and a transaction of itself."""

    invoices: dict[str, Invoice] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    facts: dict[tuple[str, str, str], Entry] = field(default_factory=dict)
    raised: dict[tuple[str, str], Alarm] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)

    @property
    def as_ledger(self) -> Ledger:
        return cast("Ledger", self)

    @contextmanager
    def transaction(self) -> Iterator[MemoryLedger]:
        yield self

    def lock(self, *keys: str) -> None:
        pass

    def invoice(self, key: str) -> Invoice | None:
        return self.invoices.get(key)

    def entries(self, key: str) -> tuple[Entry, ...]:
        return tuple(fact for fact in self.facts.values() if fact.invoice_key == key)

    def hold(self, hold_id: str) -> Hold | None:
        return self.holds.get(hold_id)

    def add_hold(self, hold: Hold) -> None:
        assert hold.hold_id not in self.holds
        self.holds[hold.hold_id] = hold

    def update_hold(self, hold: Hold) -> None:
        self.holds[hold.hold_id] = hold

    def append(self, entry: Entry) -> bool:
        identity = (entry.kind, entry.external_id, entry.invoice_key)
        new = identity not in self.facts
        self.facts.setdefault(identity, entry)
        return new

    def paid_on(self, payment_id: str) -> frozenset[str]:
        kinds = {EntryKind.PAYMENT, EntryKind.PAYMENT_STARTED}
        return frozenset(key for kind, one, key in self.facts if kind in kinds and one == payment_id)

    def raise_alarm(self, alarm: Alarm) -> bool:
        new = (alarm.kind, alarm.external_id) not in self.raised
        self.raised.setdefault((alarm.kind, alarm.external_id), alarm)
        return new

    def record_event(self, event: GatewayEvent, outcome: str) -> None:
        self.events.setdefault(event.event_id, outcome)

    def enqueue_freeze(self, key: str) -> None:
        self.stale.add(key)

    def state(self) -> tuple[object, ...]:
        """All that must be the same in the end, whatever the order. Of a dispute the owner hears while it is open."""
        holds = frozenset((hold.hold_id, hold.state, hold.amount) for hold in self.holds.values())
        lasting = {place: alarm for place, alarm in self.raised.items() if alarm.kind is not AlarmKind.DISPUTED}
        alarms = frozenset((kind, one, alarm.amount) for (kind, one), alarm in lasting.items())
        return frozenset(self.facts.values()), holds, alarms


@dataclass
class ScriptedGateway:
    """A provider that says of the one payment what a script says is true."""

    payment: PaymentReport | None = None
    checkout: CheckoutReport | None = None
    missing: bool = False

    @property
    def as_gateway(self) -> PaymentGateway:
        return cast("PaymentGateway", self)

    def fetch_payment(self, _payment_id: str) -> PaymentReport:
        if self.payment is None or self.missing:
            raise UnexpectedAnswerError(Problem("No such payment.", "Look it up."))
        return self.payment

    def fetch_checkout(self, _checkout_id: str) -> CheckoutReport:
        if self.checkout is None or self.missing:
            raise UnexpectedAnswerError(Problem("No such checkout.", "Look it up."))
        return self.checkout


@dataclass(frozen=True)
class Step:
    """One event, and what is true at the provider from then on."""

    kind: str
    payment: PaymentReport | None
    checkout: CheckoutReport | None = None

    def event(self, number: int) -> GatewayEvent:
        session = self.kind.startswith("checkout.")
        return GatewayEvent(
            event_id=f"evt_{number}",
            kind=self.kind,
            created_at=NOW,
            checkout_id="cs_1" if session else None,
            body="{}",
            payment_id="pi_1" if self.payment else None,
        )


# ---- reports


def checkout(status: CheckoutStatus, amount: Money = AMOUNT, **changes: object) -> CheckoutReport:
    report = CheckoutReport(
        checkout_id="cs_1",
        status=status,
        hold_id="hold_1",
        allocations=(Allocation("1042", amount),),
        amount=amount,
        livemode=False,
        payment_id=None if status in (CheckoutStatus.OPEN, CheckoutStatus.EXPIRED) else "pi_1",
        occurred_at=BEGAN,
        created_at=BEGAN,
        expires_at=HOLD.expires_at,
    )
    return replace(report, **changes)  # type: ignore[arg-type]


def payment(status: PaymentStatus, of: CheckoutReport | None, **changes: object) -> PaymentReport:
    report = PaymentReport(
        payment_id="pi_1",
        status=status,
        amount=AMOUNT,
        created_at=BEGAN,
        hold_id="hold_1",
        allocations=HOLD.allocations,
        method="Visa ending 4242",
        metadata=MARKS,
        checkout=of,
        word=status.value,
    )
    return replace(report, **changes)  # type: ignore[arg-type]


def refund(status: RefundStatus, minor: int = 84000, number: int = 1) -> RefundReport:
    return RefundReport(f"re_{number}", "pi_1", status, Money(minor, "GBP"), NOW - timedelta(days=3), status.value)


def dispute(status: DisputeStatus, *movements: int, word: str = "", amount: int = 84000) -> DisputeReport:
    at = NOW - timedelta(days=2)
    moved = tuple(
        DisputeMovement(
            f"txn_{'out' if minor < 0 else 'in'}_{movements[:place].count(minor)}",
            Money(minor, "GBP"),
            at + timedelta(minutes=place),
        )
        for place, minor in enumerate(movements)
    )
    asks = word.startswith("warning_")
    return DisputeReport("du_1", "pi_1", status, Money(amount, "GBP"), at, moved, word or status.value, asks)
