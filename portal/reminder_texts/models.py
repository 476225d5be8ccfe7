"""One step of the ladder in one language, as it stands in its file."""

from __future__ import annotations

from dataclasses import dataclass

VARIABLES = {
    "name": "the customer's name",
    "business": "your business's name",
    "number": "the invoice's number; of several, all of them",
    "count": "how many invoices the mail is about",
    "left": "what is left to pay, with its currency",
    "total": "what is to be paid in all",
    "paid": "what was paid so far",
    "due": "the due date; of several, the earliest",
    "job": "what the invoice is for, where it says so; else its number",
    "phone": "your phone number",
    "link": "the button with the plain address under it; on a line of its own",
    "pauses_on": "the day on which work pauses",
    "final_on": "the final date",
    "what_follows": "what follows after it, in the words of your settings",
}
"""What texts may name, as ``{{ name }}``."""


@dataclass(frozen=True, slots=True)
class StepText:
    """The words of one step in one language.

    Attributes:
        step: its name.
        language: ``de``.
        subject: of a mail about one invoice.
        subject_several: of a mail about several; None takes the portal's own.
        body: Markdown with variables.
        file: as its owner knows it.
        body_line: the line of the file on which the body begins.
        front_lines: the line of each field of the front matter.
        is_owners: whether it is a file of the owner's.
    """

    step: str
    language: str
    subject: str
    subject_several: str | None
    body: str
    file: str
    body_line: int
    front_lines: dict[str, int | None]
    is_owners: bool
