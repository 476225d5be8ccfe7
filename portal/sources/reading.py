"""What one file gave: invoices, problems, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.sources.findings import Findings, Place

if TYPE_CHECKING:
    from portal.errors import Problem
    from portal.receivables.invoice import Invoice
    from portal.sources.customer_list import CustomerList
    from portal.sources.understanding import Understanding


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


def read_document(findings: Findings, invoice: Invoice | None) -> Reading:
    """The reading of a file that holds one document: it is taken only where there is no problem at all."""
    if invoice is None or findings.problems:
        return Reading(problems=tuple(findings.problems), rejected=1)
    return Reading(invoices=(invoice,), warnings=tuple(findings.warnings))


def refused(file: str, problem: str, remedy: str, place: Place = Place()) -> Reading:  # noqa: B008  an immutable tuple
    """The reading of a file that cannot be taken for one reason."""
    findings = Findings(file)
    findings.problem(problem, remedy, place)
    return read_document(findings, None)
