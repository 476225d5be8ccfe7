"""The invoices themselves as PDF, kept beside what they are read from: ``1042.pdf`` beside ``1042.md``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.receivables.invoice import OriginalDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from portal.receivables.invoice import Invoice

ENDING = ".pdf"
LARGEST = 10 * 1024 * 1024
"""Bytes; larger ones are a burden on a phone."""
_BEGINS = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Paired:
    """The invoices with their documents, and what is wrong with documents that are left."""

    invoices: tuple[Invoice, ...]
    problems: tuple[Problem, ...]


def with_originals(invoices: Sequence[Invoice], documents: Iterable[Path], content: Path) -> Paired:
    """Each invoice with the PDF that lies in its folder and is named like its file, or else like its number.

    Args:
        invoices: as read; their sources are relative to ``content``.
        documents: the PDF files of the invoice folder.
        content: the content folder.
    """
    by_name = _by_name(invoices)
    found: dict[str, OriginalDocument] = {}
    problems = []
    for path in documents:
        file = path.relative_to(content).as_posix()
        keys = by_name.get(str(PurePosixPath(file).with_suffix("")), [])
        wrong = _not_one(file, keys) or _unreadable(path, file)
        if wrong is not None:
            problems.append(wrong)
            continue
        facts = path.stat()
        found[keys[0]] = OriginalDocument(file, f"{facts.st_size}-{facts.st_mtime_ns}")
    taken = (replace(one, original=found[one.key]) if one.key in found else one for one in invoices)
    return Paired(tuple(taken), tuple(problems))


def _by_name(invoices: Sequence[Invoice]) -> dict[str, list[str]]:
    """Keys of invoices by the names that their document may have, without its ending; their file's name goes first."""
    of_files: dict[str, list[str]] = {}
    of_numbers: dict[str, list[str]] = {}
    for invoice in invoices:
        file = PurePosixPath(invoice.source.rpartition(":")[0] or invoice.source)
        of_files.setdefault(str(file.with_suffix("")), []).append(invoice.key)
        of_numbers.setdefault(str(file.parent / invoice.number), []).append(invoice.key)
    return of_numbers | {name: keys for name, keys in of_files.items() if len(keys) == 1}


def _not_one(file: str, keys: Sequence[str]) -> Problem | None:
    if len(keys) == 1:
        return None
    if keys:
        return Problem("Several invoices have this number, so it is not shown.", "Name it like its file.", file=file)
    return Problem(
        "No invoice belongs to this document, so it is not shown.",
        "Name it like the invoice's file or number, in the same folder, or keep it elsewhere.",
        file=file,
    )


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
