"""Addresses from lists of customers: which list belongs to which invoices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.sources.customer_list import Addresses, CustomerList, with_addresses
from portal.sources.findings import Findings
from portal.sources.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


def with_joined_addresses(
    readings: Mapping[Path, Reading], content: Path, read: Callable[[Path], Reading]
) -> list[Reading]:
    """The readings, their invoices with addresses from lists of customers.

    A list belongs to the invoices in its folder and in folders below it, unless the settings beside a table name one.

    Args:
        readings: of all files, by path.
        content: the folder that a list must lie in.
        read: reads a file that is not among them.
    """
    by_folder: dict[Path, list[CustomerList]] = {}
    for path, reading in readings.items():
        if reading.customers:
            by_folder.setdefault(path.parent, []).append(reading.customers)
    joined = []
    for path, reading in readings.items():
        if reading.join:
            joined.append(_with_named(reading, path, content, lambda target: readings.get(target) or read(target)))
        else:
            folders = path.parents if by_folder else ()
            around = [listed for above in folders for listed in by_folder.get(above, ())]
            joined.append(_with(reading, around))
    return [*joined, *_unused(readings)]


def _unused(readings: Mapping[Path, Reading]) -> Iterator[Reading]:
    """A warning for each list with no customer of any invoice: it may be a list of invoices, not understood."""
    names = {invoice.customer.name.casefold() for reading in readings.values() for invoice in reading.invoices}
    numbers = {invoice.customer.reference for reading in readings.values() for invoice in reading.invoices} - {None}
    for path, reading in readings.items():
        if reading.customers is None or reading.customers.knows(names, numbers):
            continue
        findings = Findings(reading.customers.file)
        findings.warn(
            "It was read as a list of customers, but no invoice is of any of them.",
            f"If it is a list of invoices, name its columns in {path.stem}.toml; else begin its name with _.",
        )
        yield Reading(warnings=tuple(findings.warnings))


def _with(reading: Reading, lists: Sequence[CustomerList]) -> Reading:
    if not lists or all(invoice.customer.email for invoice in reading.invoices):
        return reading
    findings = Findings(reading.invoices[0].source.rpartition(":")[0] or reading.invoices[0].source)
    invoices = with_addresses(reading.invoices, Addresses(lists), findings)
    return replace(reading, invoices=invoices, warnings=(*reading.warnings, *findings.warnings))


def _with_named(reading: Reading, path: Path, content: Path, read: Callable[[Path], Reading]) -> Reading:
    """The reading with addresses from the list that the owner has named beside its table."""
    target = path.parent / (reading.join or "")
    inside = target.resolve().is_relative_to(content.resolve()) and target.is_file()
    listed = read(target.resolve()).customers if inside else None
    if listed is not None:
        return _with(reading, [listed])
    problem = Problem(
        f"There is no list of customers {reading.join!r}.",
        "Name a table with columns for the customer and the e-mail address, in your content folder.",
        file=path.with_suffix(".toml").relative_to(content).as_posix(),
        field="join",
    )
    return replace(reading, warnings=(*reading.warnings, problem))
