"""Hybrid invoices: a PDF for people that carries the same invoice as XML (Factur-X, ZUGFeRD 1 and 2, XRechnung)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.errors import ContentError
from portal.sources.einvoice import layout_of, read_einvoice
from portal.sources.reading import Reading
from portal.sources.texts import line_of_text
from portal.sources.understanding import Understanding
from portal.sources.xml_tree import parse_xml

if TYPE_CHECKING:
    from pathlib import Path

    from portal.sources.sealed import Attachment, SealedReader

_FIRST = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""Names that the standards give the invoice (compared without case); others go after these."""


def read_hybrid(path: Path, file: str, sealed: SealedReader) -> Reading | None:
    """The invoice that a PDF carries; None where it carries none, which is no mistake.

    Args:
        path: the PDF.
        file: its path relative to the content folder, the invoice's source.
        sealed: what opens it.
    """
    try:
        attachments = sealed.attachments(path, file)
    except ContentError as error:
        return Reading(problems=error.problems, rejected=1)
    carried = next((found for found in sorted(attachments, key=_rank) if _is_einvoice(found)), None)
    if carried is None:
        return None
    reading = read_einvoice(carried.content, file=file)
    name = line_of_text(carried.name) or "?"
    facts = {"attachment": name, **(reading.understood.facts if reading.understood else {})}
    return _in_the_attachment(replace(reading, understood=Understanding("PDF with an e-invoice", facts)), name)


def _rank(attachment: Attachment) -> tuple[int, str]:
    name = attachment.name.casefold()
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def _is_einvoice(attachment: Attachment) -> bool:
    try:
        return layout_of(parse_xml(attachment.content, file=attachment.name)) is not None
    except ContentError:
        return attachment.name.casefold() in _FIRST  # its problem is worth telling


def _in_the_attachment(reading: Reading, name: str) -> Reading:
    """The reading, its problems saying that their lines are those of the attachment."""
    problems, warnings = (
        tuple(replace(found, problem=f"{found.problem} (In the attachment {name}.)") for found in told)
        for told in (reading.problems, reading.warnings)
    )
    return replace(reading, problems=problems, warnings=warnings)
