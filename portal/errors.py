"""What goes wrong, said so that the reader can mend it: what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing the owner has to look at.

    Attributes:
        problem: what is wrong, one sentence.
        remedy: what to do about it, one sentence.
        file: path as the owner knows it, relative to the content folder where it lies inside.
        line: 1-based line (or table row) in that file.
        field: the setting, column or element.
    """

    problem: str
    remedy: str
    file: str | None = None
    line: int | None = None
    field: str | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """The problem as plain values: file, line, field, problem, remedy."""
        return asdict(self)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        subject = ": ".join(part for part in (place, self.field) if part)
        return f"{subject + ': ' if subject else ''}{self.problem} {self.remedy}".rstrip()


class PortalError(Exception):
    """The one root of all errors the portal raises on purpose."""

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[PortalError], tuple[tuple[Problem, ...]]]:
        """As it goes from one process to another, with all its problems."""
        return type(self), (self.problems,)


class SettingsError(PortalError):
    """The settings cannot be used; all their problems at once."""


class ContentError(PortalError):
    """A content file cannot be used."""


class MoneyError(PortalError):
    """An amount that is not money: wrong digits, wrong currency, or mixed currencies."""


class LinkError(PortalError):
    """A link key or token that cannot be used."""


class GatewayError(PortalError):
    """The payment provider refused a request; nothing was charged."""


class GatewayUnreachableError(GatewayError):
    """The payment provider did not answer, or with a fault of its own: the outcome is unknown."""


class GatewayThrottledError(GatewayUnreachableError):
    """The payment provider asks for fewer requests; ``retry_after`` is its wish in seconds, where it names one."""

    def __init__(self, problems: Problem | Sequence[Problem], retry_after: float | None = None) -> None:
        super().__init__(problems)
        self.retry_after = retry_after


class UnexpectedAnswerError(GatewayError):
    """The provider uses words the portal does not know, or denies what it announced; asking again does not help."""


class ForgedEventError(GatewayError):
    """A webhook that the provider did not sign, or that belongs to another world (test and live)."""


class LedgerError(PortalError):
    """The ledger cannot be opened or used; nothing was written."""


class LedgerBusyError(LedgerError):
    """Somebody else kept the ledger locked for too long; nothing was written, so the same call may be made again."""


class MailError(PortalError):
    """A mail that cannot be written as one; nothing was sent."""


class EntryRefusedError(PortalError):
    """An entry of the owner's would not be right, or not any more; it was not written."""


class UnknownInvoiceError(PortalError):
    """No invoice has that number."""
