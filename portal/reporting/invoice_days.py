"""One invoice at the end of a day, with everything that is derived of it: what the report looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.ports.plans import AttemptState
from portal.receivables.aging import AgingBucket, open_sums
from portal.receivables.plans import PlanState

if TYPE_CHECKING:
    from datetime import date

    from portal.ports.plans import Attempt
    from portal.receivables.answers import Answers, Promise, PromiseState
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plans import PlanStanding

_REFUSED = {AttemptState.DECLINED: "card declined", AttemptState.NEEDS_APPROVAL: "card needs approval"}


@dataclass(frozen=True, slots=True)
class PlanOnDay:
    """The payment plan that an invoice is on, and the last charge of the saved card, if there was one."""

    stands: PlanStanding
    last_attempt: Attempt | None = None

    @property
    def risk(self) -> str | None:
        """Why its next money may not come, in words; None where nothing says so."""
        if self.stands.state in (PlanState.MISSED, PlanState.BROKEN):
            return self.stands.state.value
        refused = _REFUSED.get(self.last_attempt.state) if self.last_attempt else None
        return refused if self.stands.due else None


@dataclass(frozen=True, slots=True)
class InvoiceOnDay:
    """An invoice as it stood, its facts by then, and what follows from them; ``plan`` is None without one."""

    invoice: Invoice
    entries: tuple[Entry, ...]
    balance: InvoiceBalance
    answers: Answers
    plan: PlanOnDay | None = None

    def due_on(self) -> date | None:
        """The day on which the oldest of what is open was due, or is; None where nothing says when."""
        sums = open_sums(self.invoice, self.balance)
        return sums[0].due_on if sums else None

    def days_late(self, as_of: date) -> int:
        """Days since the oldest of what is open was due; 0 where nothing is late."""
        return max((one.days_late(as_of) for one in open_sums(self.invoice, self.balance)), default=0)

    def bucket(self, as_of: date) -> AgingBucket:
        """How late the oldest of what is open is."""
        sums = open_sums(self.invoice, self.balance)
        return sums[0].bucket(as_of) if sums else AgingBucket.CURRENT

    def promise_in(self, state: PromiseState) -> Promise | None:
        """The customer's last promise, where it stands so."""
        promise = self.answers.promise
        return promise if promise is not None and promise.state is state else None
