"""The sheet on which problems and warnings of one file are noted while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from portal.errors import Problem

if TYPE_CHECKING:
    from portal.errors import PortalError


class Place(NamedTuple):
    """Where in a file something stands: its 1-based line, and the field, column or element."""

    line: int | None = None
    field: str | None = None


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
