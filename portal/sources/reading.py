"""What one file gave: invoices, problems, warnings; and the sheet on which they are noted while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from portal.errors import Problem

if TYPE_CHECKING:
    from portal.errors import PortalError
    from portal.receivables.invoice import Invoice
    from portal.sources.customer_list import CustomerList
    from portal.sources.understanding import Understanding


class Place(NamedTuple):
    """Where in a file something stands: its 1-based line, and the field, column or element."""

    line: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave.

    Attributes:
        invoices: those that were taken; their keys are still their numbers.
        problems: why the others were not taken.
        warnings: what was taken, but deserves a look.
        rejected: how many documents or rows were not taken.
        differences: those of the warnings that tell of a total in the file which its rows do not add up to.
        customers: the list of customers that the file is instead of a list of invoices.
        join: the file that the owner has named to take addresses of customers from, relative to this one.
        understood: how the file was understood; None where it was not.
    """

    invoices: tuple[Invoice, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    rejected: int = 0
    differences: tuple[Problem, ...] = ()
    customers: CustomerList | None = None
    join: str | None = None
    understood: Understanding | None = None


@dataclass(slots=True)
class Findings:
    """Problems and warnings of one file, or of one row of it, gathered while it is read.

    Attributes:
        file: the file, relative to the content folder.
    """

    file: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    differences: list[Problem] = field(default_factory=list)

    @property
    def settings_beside(self) -> str:
        """The file in which the owner says what a table does not: of the same name, beside it."""
        return f"{PurePosixPath(self.file).stem}.toml beside it"

    def problem(self, problem: str, remedy: str, place: Place = Place()) -> None:  # noqa: B008  an immutable tuple
        """Note something for which the document cannot be taken."""
        self.problems.append(Problem(problem, remedy, file=self.file, line=place.line, field=place.field))

    def warn(self, problem: str, remedy: str, place: Place = Place()) -> None:  # noqa: B008  an immutable tuple
        """Note something to look at; the document is taken."""
        self.warnings.append(Problem(problem, remedy, file=self.file, line=place.line, field=place.field))

    def differ(self, problem: str, remedy: str, place: Place) -> None:
        """Warn about a total in the file that its rows do not add up to."""
        self.warn(problem, remedy, place)
        self.differences.append(self.warnings[-1])

    def refuse(self, error: PortalError, place: Place) -> None:
        """Note the problems of an error as problems of this place."""
        self.problems += [
            replace(found, file=self.file, line=place.line, field=place.field) for found in error.problems
        ]

    def document(self, invoice: Invoice | None) -> Reading:
        """The reading of a file that holds one document: it is taken only where there is no problem at all."""
        if invoice is None or self.problems:
            return Reading(problems=tuple(self.problems), rejected=1)
        return Reading(invoices=(invoice,), warnings=tuple(self.warnings))


def refused(file: str, problem: str, remedy: str, place: Place = Place()) -> Reading:  # noqa: B008  an immutable tuple
    """The reading of a file that cannot be taken for one reason."""
    findings = Findings(file)
    findings.problem(problem, remedy, place)
    return findings.document(None)
