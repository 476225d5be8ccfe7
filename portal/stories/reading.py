"""Reading a story: a TOML file of steps, in the order in which they happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from portal.errors import ContentError, Problem
from portal.receivables.answers import ProblemReason
from portal.toml_text import line_of, parse_toml

if TYPE_CHECKING:
    from pathlib import Path


class _Step(BaseModel):
    """One thing that happened; ``days_ago`` sets it on an earlier day, as the portal then worked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days_ago: Annotated[int, Field(ge=0, le=365)] = 0


class Pays(_Step):
    """A customer pays all of an invoice, or an amount of it, by a test card's last digits or by ``bank``."""

    does: Literal["pays"]
    invoice: str
    amount: str | None = None
    by: str = "4242"


class Spreads(_Step):
    """A customer agrees to a payment plan by its key, such as ``3-monthly-automatic``, and makes the first payment."""

    does: Literal["spreads"]
    invoice: str
    plan: str
    by: str = "4242"


class Reports(_Step):
    """A customer says that something is wrong."""

    does: Literal["reports a problem"]
    invoice: str
    reason: ProblemReason = ProblemReason.OTHER
    words: str = ""


class GivenBack(_Step):
    """The owner gives back the last payment, or an amount of it, at Stripe."""

    does: Literal["is refunded"]
    invoice: str
    amount: str | None = None


class TakenBack(_Step):
    """The customer's bank takes back the last payment."""

    does: Literal["is disputed"]
    invoice: str


class GivenUp(_Step):
    """The owner stops expecting what is left."""

    does: Literal["is written off"]
    invoice: str
    why: str = ""


class Bounces(_Step):
    """Customers' banks refuse every bank payment that is on its way."""

    does: Literal["bank payments bounce"]


class Relinked(_Step):
    """The owner puts a new link in the place of an invoice's, or makes a second one that is for paying only."""

    does: Literal["gets a new link", "gets a pay-only link"]
    invoice: str


class Collects(_Step):
    """The owner's daily ``portal collect``."""

    does: Literal["collects"]


Step = Annotated[
    Pays | Spreads | Reports | GivenBack | TakenBack | GivenUp | Relinked | Bounces | Collects,
    Field(discriminator="does"),
]
_STEPS: TypeAdapter[Step] = TypeAdapter(Step)


@dataclass(frozen=True, slots=True)
class Story:
    """What happened.

    Attributes:
        steps: in their order.
        earlier: invoices that lay in the owner's folder then and no longer do: file names with their text.
    """

    steps: tuple[Step, ...]
    earlier: dict[str, str]

    @property
    def invoices(self) -> frozenset[str]:
        """The invoices that something happens to."""
        return frozenset(step.invoice for step in self.steps if not isinstance(step, Bounces | Collects))


def load_story(path: Path) -> Story:
    """The story in a file: ``[[steps]]``, and ``[earlier]`` with the text of each file that is gone since.

    Raises:
        ContentError: the file cannot be read, or a step is none; all problems at once, each with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ContentError(
            Problem(f"The story cannot be read: {error.strerror}.", "Check the file's name.", file=str(path))
        ) from None
    tables = parse_toml(text, file=str(path))
    problems: list[Problem] = []
    steps = [
        step
        for place, told in enumerate(tables.get("steps", []))
        if (step := _step(told, problems, str(path), line_of(text, ("steps", place))))
    ]
    if problems:
        raise ContentError(problems)
    return Story(tuple(steps), dict(tables.get("earlier", {})))


def _step(told: object, problems: list[Problem], file: str, line: int | None) -> Step | None:
    try:
        return _STEPS.validate_python(told)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            field = ".".join(str(part) for part in found["loc"][1:]) or "does"
            problems.append(
                Problem(f"This is no step: {found['msg']}.", "Compare docs/commands.md.", file, line, field)
            )
        return None
