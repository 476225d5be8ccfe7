"""Early payment discounts in structured lines of e-invoices: ``#SKONTO#TAGE=10#PROZENT=2.00#``.

Source: XRechnung, rule BR-DE-18. Only such lines are computed with; prose about discounts is shown as it stands.
"""

from __future__ import annotations

import re
from decimal import Decimal

from portal.receivables.invoice import StatedDiscount
from portal.receivables.money import parse_money

_LINE = re.compile(
    r"#SKONTO#TAGE=([0-9]{1,4})#PROZENT=([0-9]{1,3}\.[0-9]{2})(?:#BASISBETRAG=(-?[0-9]{1,15}\.[0-9]{2}))?#"
)
_MARK = re.compile(r"#\s*SKONTO\s*#", re.IGNORECASE)
_WHOLE = 100


def read_skonto(text: str, currency: str) -> tuple[StatedDiscount, ...]:
    """The structured lines of a text, in order; a stage of 0 per cent among them marks the due date.

    Lines may be indented. A stage on a negative sum is left out: it is legal, and says nothing that can be offered.
    """
    found = (_LINE.fullmatch(line.strip()) for line in text.splitlines())
    stages = (_stage(line, currency) for line in found if line is not None)
    return tuple(stage for stage in stages if stage.percent < _WHOLE and (stage.base is None or stage.base.minor > 0))


def malformed_lines(text: str) -> tuple[str, ...]:
    """Lines that look structured and do not follow the rule, so that nothing is computed from them."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if _MARK.search(line) and not _LINE.fullmatch(line))


def prose_without_skonto(text: str) -> str:
    """The text that is left for people, without the structured lines."""
    return "\n".join(line for line in text.splitlines() if not _LINE.fullmatch(line.strip())).strip()


def _stage(line: re.Match[str], currency: str) -> StatedDiscount:
    days, percent, base = line.groups()
    return StatedDiscount(int(days), Decimal(percent), None if base is None else parse_money(base, currency))
