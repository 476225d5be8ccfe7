"""Parts of a total by percent, by fixed sums and by what is left; they sum to the total exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.errors import MoneyError, Problem
from portal.receivables.money import money_from_decimal, portion, zero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.receivables.money import Money

_HUNDRED = Decimal(100)


class ShareKind(StrEnum):
    """How a part is measured. REST takes what the others leave, so it is the last."""

    PERCENT = "percent"
    FIXED = "fixed"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Share:
    """One part: ``value`` is a percentage of the total, or a sum in major units; nothing for REST."""

    kind: ShareKind
    value: Decimal = Decimal(0)


def split_by_shares(total: Money, shares: Sequence[Share]) -> tuple[Money, ...]:
    """The parts of a total, in order: percentages rounded half up, and the last part takes what is left.

    Raises:
        MoneyError: no parts, percentages that do not sum to 100, fixed sums that do not meet the total, a REST that
            is not the last, or a part that would be nothing or less.
    """
    _check(total, shares)
    parts = [_part(total, share) for share in shares[:-1]]
    parts.append(total - sum(parts, zero(total.currency)))
    if any(part.minor <= 0 for part in parts):
        raise _refused("A part would be zero or less.", "Make the other parts smaller.")
    return tuple(parts)


def _check(total: Money, shares: Sequence[Share]) -> None:
    if not shares:
        raise _refused("There are no parts.", "Write one part at least.")
    if any(share.kind is ShareKind.REST for share in shares[:-1]):
        raise _refused("Only the last part can be what is left.", "Move it to the end.")
    if shares[-1].kind is ShareKind.REST:
        return
    percents = [share.value for share in shares if share.kind is ShareKind.PERCENT]
    if percents and sum(percents) != _HUNDRED:
        raise _refused(f"The percent lines must sum to 100, but sum to {sum(percents)}.", "Correct them.")
    fixed = sum((_part(total, share) for share in shares), zero(total.currency))
    if not percents and fixed != total:
        raise _refused(f"The parts sum to {fixed}, but the total is {total}.", "Make the last part the rest.")


def _part(total: Money, share: Share) -> Money:
    if share.kind is ShareKind.PERCENT:
        return portion(total, share.value / _HUNDRED)
    return money_from_decimal(share.value, total.currency)


def _refused(problem: str, remedy: str) -> MoneyError:
    return MoneyError(Problem(problem, remedy))
