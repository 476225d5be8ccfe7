"""One payment over several invoices: which part of it belongs to which invoice, also of what goes back.

The parts of a payment are a line, from the invoice that is due first to the one that is due last. What goes back
(refunds, and what card networks withdraw) is taken from the end of the line. Everything is laid on it in the order of
the times that the provider gives: what a taking finds depends on what happened before it began, and on nothing that is
heard of it or of others later. So the same places are found in whatever order the news comes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits
from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

MOST_INVOICES = 100
"""Over so many invoices one payment may go: Stripe's checkout lists no more line items."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """A part of one payment: what of it belongs to one invoice."""

    invoice_key: str
    amount: Money


Allocations = tuple[Allocation, ...]


def total_of(allocations: Sequence[Allocation]) -> Money:
    """What the parts come to; there is one at least."""
    return sum((part.amount for part in allocations), zero(allocations[0].amount.currency))


def check_allocations(allocations: Sequence[Allocation]) -> None:
    """Hold the parts of one payment against what they have to be.

    Raises:
        ValueError: none, too many, an invoice twice, or two currencies. That amounts are positive is the ledger's rule.
    """
    keys = {part.invoice_key for part in allocations}
    if not 1 <= len(allocations) <= MOST_INVOICES or len(keys) != len(allocations):
        raise ValueError(f"a payment has 1 to {MOST_INVOICES} parts, each for another invoice")
    if len({part.amount.currency for part in allocations}) > 1:
        raise ValueError("the parts of a payment are in one currency")


def card_takes(allocations: Sequence[Allocation]) -> bool:
    """Whether one card payment can carry these parts: their sum, and the last digits of each."""
    limits = card_limits(allocations[0].amount.currency)
    fits = all(part.amount.minor > 0 and part.amount.minor % limits.step == 0 for part in allocations)
    return fits and len(allocations) <= MOST_INVOICES and limits.allow(total_of(allocations))


@dataclass(frozen=True, slots=True)
class Taking:
    """Money that goes back out of one payment, or comes back to it.

    Attributes:
        external_id: of the refund, or of the dispute's movement.
        amount: positive, in the payment's currency.
        began_at: when it began; what began first is taken first.
        dispute_id: of the dispute it belongs to; None for a refund.
        returns: a dispute's movement that brings back what the dispute took.
        failed_at: when a refund failed or was canceled; None where it did not. From then on it keeps its place unless
            the line is used up otherwise. Where the provider does not say when, the time that it began.
    """

    external_id: str
    amount: Money
    began_at: datetime
    dispute_id: str | None = None
    returns: bool = False
    failed_at: datetime | None = None


def split_takings(
    allocations: Sequence[Allocation], takings: Iterable[Taking], posted: Mapping[str, Sequence[Allocation]]
) -> dict[str, Allocations]:
    """What of each taking belongs to which invoice, in the order of the line; each sums to its taking exactly.

    No invoice gives more than it got, unless more goes back than was paid: then the first invoice bears the rest.

    Args:
        allocations: of the payment.
        takings: all that is known of it.
        posted: splits that stand in the ledger already, by external id; they are never split again. One that lacks
            parts, since their invoice was not known, keeps the parts it has.
    """
    found = tuple(takings)
    fresh = _walk(allocations, found, {})
    standing = {one: _minors(parts) for one, parts in posted.items() if one in fresh}
    as_posted = all(parts.items() <= fresh[one].items() for one, parts in standing.items())
    splits = fresh if as_posted else _walk(allocations, found, standing)
    return {one: _in_line(allocations, parts) for one, parts in splits.items()}


def _walk(
    allocations: Sequence[Allocation], takings: Iterable[Taking], standing: Mapping[str, Counter[str]]
) -> dict[str, Counter[str]]:
    line = _Line(allocations)
    for step in sorted(_steps(takings, standing)):
        if step.is_end:
            line.free(step.taking)
        else:
            line.place(step.taking, standing.get(step.external_id, Counter()))
    return line.placed


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    """A taking begins, or fails; in the order in which they are laid on the line.

    Attributes:
        is_after: what stands in the ledger with other places than today's comes before everything else.
        at: when it happened.
        rank: within a second, what frees places comes first, for what began then may have needed them, and what a
            dispute took before what it gave back.
        external_id: of the taking; it decides between two of the same second.
        is_end: it failed.
    """

    is_after: bool
    at: datetime
    rank: int
    external_id: str
    is_end: bool
    taking: Taking = field(compare=False)


def _steps(takings: Iterable[Taking], standing: Container[str]) -> Iterator[_Step]:
    for one in takings:
        name, rank = one.external_id, 2 if one.returns else 1
        yield _Step(name not in standing, one.began_at, rank, name, is_end=False, taking=one)
        if one.failed_at is not None:
            later = one.failed_at > one.began_at
            at = max(one.failed_at, one.began_at)
            yield _Step(is_after=True, at=at, rank=0 if later else rank, external_id=name, is_end=True, taking=one)


class _Line:
    """The parts of a payment while takings are laid on them; integers of minor units by invoice."""

    def __init__(self, allocations: Sequence[Allocation]) -> None:
        self._parts = _minors(allocations)
        self._from_end = [part.invoice_key for part in reversed(allocations)]
        self._used: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._of_dispute: dict[str, list[tuple[str, int]]] = {}
        self.placed: dict[str, Counter[str]] = {}

    def place(self, taking: Taking, standing: Counter[str]) -> None:
        """Find the parts of a taking, which are its own from now on."""
        find = self._give_back if taking.returns else self._take_out
        self.placed[taking.external_id] = find(taking, standing)

    def free(self, taking: Taking) -> None:
        """A refund failed: nothing is used of its places, which are kept for what finds no others."""
        self._used.subtract(self.placed[taking.external_id])
        self._kept.update(self.placed[taking.external_id])

    def _take_out(self, taking: Taking, standing: Counter[str]) -> Counter[str]:
        self._used.update(standing)
        steps = [*standing.items(), *self._take(max(taking.amount.minor - standing.total(), 0))]
        if taking.dispute_id is not None:
            self._of_dispute.setdefault(taking.dispute_id, []).extend(steps)
        return _summed(steps)

    def _take(self, left: int) -> list[tuple[str, int]]:
        """Places for a sum: free ones from the end, then those of failed refunds, then beyond the first invoice."""
        steps = []
        for avoided in (self._kept, Counter[str]()):
            for key in self._from_end:
                minor = min(max(self._parts[key] - self._used[key] - avoided[key], 0), left)
                self._used[key] += minor
                left -= minor
                steps.append((key, minor))
        first = self._from_end[-1]
        self._used[first] += left
        return [*steps, (first, left)]

    def _give_back(self, taking: Taking, standing: Counter[str]) -> Counter[str]:
        """What a dispute took last comes back first. What is heard of before it was taken frees what it would take."""
        taken = self._of_dispute.setdefault(taking.dispute_id or "", [])
        missing = taking.amount.minor - sum(minor for _key, minor in taken)
        if missing > 0:
            taken += self._take(missing)
        left, steps = taking.amount.minor - standing.total(), [*standing.items()]
        while left > 0:
            key, minor = taken.pop()
            if minor > left:
                taken.append((key, minor - left))
            steps.append((key, min(minor, left)))
            left -= steps[-1][1]
        self._used.subtract(_summed(steps))
        return _summed(steps)


def _summed(steps: Iterable[tuple[str, int]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for key, minor in steps:
        if minor:
            sums[key] += minor
    return sums


def _minors(parts: Iterable[Allocation]) -> Counter[str]:
    return _summed((part.invoice_key, part.amount.minor) for part in parts)


def _in_line(allocations: Sequence[Allocation], minors: Counter[str]) -> Allocations:
    currency = allocations[0].amount.currency
    return tuple(
        Allocation(part.invoice_key, Money(minors[part.invoice_key], currency))
        for part in allocations
        if minors[part.invoice_key]
    )
