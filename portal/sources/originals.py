"""The invoices themselves as PDF: ``1042.pdf`` beside ``1042.md``, or a PDF that carries its invoice as XML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.receivables.invoice import OriginalDocument
from portal.sources.embedded import read_hybrid
from portal.sources.keys import claim_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from portal.receivables.invoice import Invoice
    from portal.sources.reading import Reading
    from portal.sources.sealed import SealedReader

ENDING = ".pdf"
LARGEST = 10 * 1024 * 1024
"""Bytes; larger ones are a burden on a phone."""
_BEGINS = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Paired:
    """The invoices with their documents, and those that documents carry themselves.

    Attributes:
        invoices: all of them; those read from a PDF come last.
        warnings: what is wrong with documents that show no invoice.
        readings: those of PDFs that carry an invoice, for their problems and warnings.
    """

    invoices: tuple[Invoice, ...]
    warnings: tuple[Problem, ...]
    readings: tuple[Reading, ...]


def with_originals(
    invoices: Sequence[Invoice], documents: Iterable[Path], content: Path, sealed: SealedReader
) -> Paired:
    """Each invoice with the PDF that is its document; a PDF that is none's, and carries an invoice, is one more.

    A PDF belongs to the invoice in its folder whose file, or else whose number, it is named like; else to the one with
    the number, total and date of the invoice that it carries. So no invoice is read twice.

    Args:
        invoices: as read from other files; their sources are relative to ``content``.
        documents: the PDF files of the invoice folder.
        content: the content folder.
        sealed: what opens PDFs.
    """
    documents = list(documents)
    by_name, by_number = (_by_name(invoices), _by_number(invoices)) if documents else ({}, {})
    found: dict[str, OriginalDocument] = {}
    warnings: list[Problem] = []
    readings: list[Reading] = []
    for path in documents:
        file = path.relative_to(content).as_posix()
        owners = by_name.get(str(PurePosixPath(file).with_suffix("")), [])
        if len({claim_of(owner) for owner in owners}) > 1:
            warnings.append(_several(file))
            continue
        if wrong := _unreadable(path, file):
            warnings.append(wrong)
            continue
        if not owners:
            reading = _carried(path, file, sealed, warnings)
            if reading is None:
                continue
            owners = [known for one in reading.invoices for known in by_number.get(one.number, ()) if _same(one, known)]
            if not owners:
                readings.append(reading)
        found |= dict.fromkeys((owner.source for owner in owners), _document(path, file))
    own = [replace(one, original=_document(content / one.source, one.source)) for r in readings for one in r.invoices]
    taken = (replace(one, original=found[one.source]) if one.source in found else one for one in invoices)
    return Paired((*taken, *own), tuple(warnings), tuple(readings))


def _document(path: Path, file: str) -> OriginalDocument:
    facts = path.stat()
    return OriginalDocument(file, f"{facts.st_size}-{facts.st_mtime_ns}")


def _carried(path: Path, file: str, sealed: SealedReader, warnings: list[Problem]) -> Reading | None:
    """What a PDF carries that no invoice is named like; a warning where that is nothing."""
    reading = read_hybrid(path, file, sealed)
    if reading is None:
        warnings.append(
            Problem(
                "No invoice belongs to this document, and it carries none, so it is not shown.",
                "Name it like the invoice's file or number, in the same folder, or keep it elsewhere.",
                file=file,
            )
        )
    return reading


def _same(carried: Invoice, known: Invoice) -> bool:
    """Whether an invoice inside a PDF is one that was read already; what is left to pay may have changed since."""
    days = {day for day in (carried.issued_on, known.issued_on) if day is not None}
    return carried.kind is known.kind and carried.total == known.total and len(days) <= 1


def _by_number(invoices: Iterable[Invoice]) -> dict[str, list[Invoice]]:
    found: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        found.setdefault(invoice.number, []).append(invoice)
    return found


def _by_name(invoices: Sequence[Invoice]) -> dict[str, list[Invoice]]:
    """Invoices by the names that their document may have, without its ending; their file's name goes first."""
    of_files: dict[str, list[Invoice]] = {}
    of_numbers: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        file = PurePosixPath(invoice.source.rpartition(":")[0] or invoice.source)
        of_files.setdefault(str(file.with_suffix("")), []).append(invoice)
        of_numbers.setdefault(str(file.parent / invoice.number), []).append(invoice)
    return of_numbers | {name: owners for name, owners in of_files.items() if len(owners) == 1}


def _several(file: str) -> Problem:
    return Problem("Several invoices have this number, so it is not shown.", "Name it like its file.", file=file)


def _unreadable(path: Path, file: str) -> Problem | None:
    try:
        with path.open("rb") as stream:
            begins = stream.read(len(_BEGINS))
        size = path.stat().st_size
    except OSError as error:
        return Problem(f"The file cannot be read: {error.strerror}.", "Allow it to be read, or remove it.", file=file)
    if begins != _BEGINS:
        return Problem("This is no PDF, whatever its name says.", "Save it as PDF, or remove it.", file=file)
    if size > LARGEST:
        return Problem(f"The file is larger than {LARGEST >> 20} MiB.", "Save it smaller, or remove it.", file=file)
    return None
