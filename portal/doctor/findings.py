"""What an examination finds: each with how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one thing is. SKIPPED: it was not looked at, and the finding says why."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: what was looked at, in two or three words; findings of one check stand together.
        outcome: how it is.
        what: one sentence, without any secret.
        remedy: what to do; there is one for whatever is not ok.
    """

    check: str
    outcome: Outcome
    what: str
    remedy: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """The finding as plain values: check, outcome, what, remedy."""
        return {name: str(value) if value is not None else None for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Look:
    """Makes the findings of one check."""

    check: str

    def ok(self, what: str) -> Finding:
        """It is as it should be."""
        return Finding(self.check, Outcome.OK, what)

    def warning(self, what: str, remedy: str) -> Finding:
        """It works, and is worth a look."""
        return Finding(self.check, Outcome.WARNING, what, remedy)

    def problem(self, what: str, remedy: str) -> Finding:
        """It does not work, or money may go wrong."""
        return Finding(self.check, Outcome.PROBLEM, what, remedy)

    def skipped(self, what: str, remedy: str | None = None) -> Finding:
        """It was not looked at."""
        return Finding(self.check, Outcome.SKIPPED, what, remedy)
