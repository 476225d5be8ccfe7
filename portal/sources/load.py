"""The owner's invoice folder, read as it is: every file by its ending, whatever else lies beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.sources.customers import doubtful_numbers
from portal.sources.einvoice import read_einvoice
from portal.sources.embedded import read_hybrid
from portal.sources.joining import with_joined_addresses
from portal.sources.keys import with_keys
from portal.sources.markdown import read_markdown
from portal.sources.originals import ENDING, with_originals
from portal.sources.reading import Reading, refused
from portal.sources.replaced import with_successors
from portal.sources.sealed import SealedReader
from portal.sources.table import read_table, read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from portal.receivables.invoice import Invoice
    from portal.sources.dates import DateOrder

FOLDER = "invoices"
MARKDOWN_ENDINGS = frozenset({".md", ".markdown"})
TEXT_TABLE_ENDINGS = frozenset({".csv", ".tsv"})
WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
TABLE_ENDINGS = TEXT_TABLE_ENDINGS | WORKBOOK_ENDINGS
LARGEST_DOCUMENT = 10 * 1024 * 1024
LARGEST_TABLE = 64 * 1024 * 1024
"""Bytes; beyond these a file is refused before it is read."""

_READ = "Markdown (.md), tables (.csv, .tsv, .xlsx, .xls, .ods), e-invoices (.xml, .pdf) and PDFs beside them are read"
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that the invoice folder holds.

    Attributes:
        invoices: those that were taken, sorted by key.
        problems: whatever was not taken, each with its file relative to the content folder.
        warnings: what was taken, but the owner should look at.
        rejected: how many documents and rows were not taken.
        differences: those of the warnings that tell of a table's own total which its rows do not add up to.
    """

    invoices: tuple[Invoice, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    rejected: int
    differences: tuple[Problem, ...] = ()


def load(content: Path, *, currency: str | None = None, others: Reading | None = None) -> Loaded:
    """Every invoice in ``content/invoices`` and the folders in it; one that cannot be read spoils no other.

    Args:
        content: the content folder.
        currency: that of invoices that name none.
        others: what was read elsewhere than from files.
    """
    folder = content / FOLDER
    if not folder.is_dir():
        missing = Problem("There is no folder of invoices.", f"Make {FOLDER} and put invoices in it.", file=FOLDER)
        return Loaded((), (missing,), (), 0)
    readings: list[Reading] = [others] if others else []
    files = list(_files(folder, content, readings))
    documents = [path for path in files if path.suffix.lower() == ENDING]
    with SealedReader() as sealed:
        read = partial(read_file, content=content, currency=currency, sealed=sealed)
        tables = {path: read(path) for path in files if path.suffix.lower() != ENDING}
        joined = with_joined_addresses(tables, content, read)
        of_files = [invoice for reading in joined for invoice in reading.invoices]
        paired = with_originals(of_files, documents, content, sealed)
    read_elsewhere = others.invoices if others else ()
    return _all([*paired.invoices, *read_elsewhere], [*readings, *joined, *paired.readings], paired.warnings)


def read_one(path: Path, content: Path, *, currency: str | None = None, order: DateOrder | None = None) -> Reading:
    """What one file gives, wherever it lies, as a build would take it; nothing is kept.

    Args:
        path: the file.
        content: the content folder; for a file in it, lists of customers give addresses as they do in a build.
        currency: that of invoices that name none.
        order: that of dates in a table, where whoever asks says so.
    """
    path = path.resolve()
    is_inside = path.is_relative_to(content.resolve())
    root = content.resolve() if is_inside else path.parent
    with SealedReader() as sealed:
        read = partial(read_file, content=root, currency=currency, sealed=sealed)
        around = _tables_around(path, root) if is_inside else ()
        readings = {path: read(path, order=order), **{other: read(other) for other in around}}
        return with_joined_addresses(readings, root, read)[0]


def _tables_around(path: Path, content: Path) -> Iterator[Path]:
    """The other tables in a file's folder and in those above it, down from the folder of invoices."""
    for folder in path.parents:
        if not folder.is_relative_to(content / FOLDER):
            return
        for other in sorted(folder.iterdir()):
            if other != path and other.suffix.lower() in TABLE_ENDINGS and not _passed_over(other.name):
                yield other


def _all(invoices: Sequence[Invoice], readings: Sequence[Reading], of_documents: Iterable[Problem]) -> Loaded:
    keyed = with_keys(invoices)
    linked = with_successors(keyed.invoices)
    return Loaded(
        invoices=tuple(sorted(linked.invoices, key=lambda invoice: invoice.key)),
        problems=_as_they_stand((*(found for reading in readings for found in reading.problems), *keyed.problems)),
        warnings=_as_they_stand(
            (
                *(found for reading in readings for found in reading.warnings),
                *keyed.warnings,
                *linked.warnings,
                *of_documents,
                *doubtful_numbers(keyed.invoices),
            )
        ),
        rejected=sum(reading.rejected for reading in readings) + keyed.rejected,
        differences=tuple(found for reading in readings for found in reading.differences),
    )


def _as_they_stand(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """File by file, and from the first line of each to its last, as the owner goes through them."""
    return tuple(sorted(problems, key=lambda one: (one.file or "", one.line or 0)))


def read_file(
    path: Path,
    content: Path,
    *,
    currency: str | None = None,
    sealed: SealedReader,
    order: DateOrder | None = None,
) -> Reading:
    """What one file gives, by its ending; addresses from lists of customers are not joined yet.

    Args:
        path: the file.
        content: the content folder that it lies in.
        currency: that of invoices that name none.
        sealed: what opens workbooks and PDFs.
        order: that of dates in a table, where whoever asks says so.
    """
    file = path.relative_to(content).as_posix()
    ending = path.suffix.lower()
    if ending not in MARKDOWN_ENDINGS | TABLE_ENDINGS | {".xml", ENDING}:
        return _other(path, file, ending)
    raw = _bytes_of(path, file, LARGEST_TABLE if ending in TABLE_ENDINGS else LARGEST_DOCUMENT)
    if isinstance(raw, Reading):
        return raw
    if ending in WORKBOOK_ENDINGS:
        return read_workbook(path, file=file, currency=currency, sealed=sealed, order=order)
    if ending == ENDING:
        return read_hybrid(path, file, sealed) or _plain_pdf(file)
    if ending in TEXT_TABLE_ENDINGS:
        return read_table(raw, path=path, file=file, currency=currency, order=order)
    return read_einvoice(raw, file=file) if ending == ".xml" else read_markdown(raw, file=file, currency=currency)


def _plain_pdf(file: str) -> Reading:
    remedy = "It can still be shown as the document of an invoice: name it like the invoice's file or number."
    return refused(file, "This PDF carries no e-invoice.", remedy)


def _bytes_of(path: Path, file: str, largest: int) -> bytes | Reading:
    try:
        if not path.is_file():
            return refused(file, "This is not a file that can be read.", "Remove it, or put the file itself here.")
        with path.open("rb") as stream:
            raw = stream.read(largest + 1)
    except OSError as error:
        return refused(file, f"The file cannot be read: {error.strerror}.", "Allow it to be read, or remove it.")
    if len(raw) > largest:
        return refused(file, f"The file is larger than {largest >> 20} MiB.", "Split it, or leave attachments out.")
    return raw if raw.strip() else refused(file, "The file is empty.", "Put an invoice in it, or remove it.")


def _other(path: Path, file: str, ending: str) -> Reading:
    if ending == ".toml":
        if any(path.with_suffix(table).exists() for table in TABLE_ENDINGS):
            return Reading()
        remedy = f"Write an invoice as Markdown, {path.stem}.md, or name these settings like their table."
        return refused(file, "No table of that name lies beside these settings.", remedy)
    return refused(file, f"Files ending in {ending or 'nothing'} are not read.", f"{_READ}; keep others elsewhere.")


def _files(folder: Path, content: Path, unreadable: list[Reading]) -> Iterator[Path]:
    """Every file to read, in a fixed order; a folder that cannot be listed is noted."""

    def note(error: OSError) -> None:
        file = Path(error.filename).relative_to(content).as_posix()
        unreadable.append(refused(file, f"The folder cannot be read: {error.strerror}.", "Allow it to be read."))

    for here, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(names):
            if not _passed_over(name):
                yield Path(here, name)


def _passed_over(name: str) -> bool:
    return name.startswith((".", "_", "~$")) or name.upper().startswith("README") or name.lower() in _SYSTEM_FILES
