"""What a build knows already: rows and files that give an invoice it has, so that they need not be read again.

What was read from the same text in the same way is the same. What is met again is only counted; whoever asked has it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from portal.receivables.invoice import Invoice
    from portal.sources.claims import Claim
    from portal.sources.columns import Header
    from portal.sources.notation import Notation
    from portal.sources.reading import Reading

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be read again.

    Attributes:
        numbers: the numbers of invoices that are known, by the digests of what they were read from.
        tables: the digests of all invoices in a table, by its own; all of them are known.
    """

    numbers: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)


NOTHING_KNOWN = Known()
_encode = json.JSONEncoder(check_circular=False).encode


def digest_of_file(file: str, raw: bytes) -> str:
    """What tells a file from any other: where it lies, and its bytes."""
    return hashlib.blake2b(raw, key=_key(file), digest_size=_DIGEST_BYTES).hexdigest()


class ClaimDigests:
    """What tells the rows of a claim from any others, within one table.

    Args:
        file: the table.
        header: all that a claim's invoice depends on besides its rows, with ``notation``.
        notation: how the whole table writes dates and amounts.
    """

    def __init__(self, file: str, header: Header, notation: Notation) -> None:
        facts = (header.row, sorted(header.places.items()), header.profile.name, header.adding)
        written = (notation.order, sorted(notation.marks.items()), notation.currency, notation.only)
        self._key = _key(repr((file, facts, written)))

    def of(self, claim: Claim) -> str:
        """In 32 letters. The line of each row is in it, for an invoice says where it was read."""
        rows = _encode([claim.kind, claim.rows]).encode()
        return hashlib.blake2b(rows, key=self._key, digest_size=_DIGEST_BYTES).hexdigest()


def digest_of_table(path: Path, file: str, raw: bytes) -> str:
    """What tells a table from any other, with the settings beside it."""
    try:
        settings = path.with_suffix(".toml").read_bytes()
    except FileNotFoundError:
        settings = b""
    except OSError:
        settings = b"\0"  # no settings that can be read are this: the table is read, which tells of them
    return digest_of_file(f"{file} {len(settings)}", settings + raw)


def with_table(reading: Reading, digest: str) -> Reading:
    """What a table gave, with its digest where it may be known as a whole next time: nothing is told of it."""
    is_plain = not (reading.problems or reading.warnings or reading.rejected or reading.customers)
    return replace(reading, table=digest) if is_plain and len(reading.digests) == len(reading.invoices) else reading


def tables_of(readings: Iterable[Reading]) -> dict[str, Sequence[str]]:
    """The digests of all invoices in each table that may be known as a whole next time, by its own."""
    return {one.table: (*one.unchanged, *one.digests.values()) for one in readings if one.table}


def stand_alone(readings: Iterable[Reading], others: Iterable[Invoice], known: Known) -> bool:
    """Whether what was met again has nothing to do with what was read: then it need not be looked at.

    Args:
        readings: of all files.
        others: invoices that were read elsewhere.
        known: what need not be read again.
    """
    readings = list(readings)
    if any(reading.customers or reading.join for reading in readings):
        return False  # a list of customers may have an address for any of them
    again = [known.numbers[digest] for reading in readings for digest in reading.unchanged]
    read = [*others, *(invoice for reading in readings for invoice in reading.invoices)]
    numbers = set(again)
    is_alone = len(numbers) == len(again) and not any(invoice.number in numbers for invoice in read)
    return is_alone and not any(invoice.replaces for invoice in read)


def digests_of(readings: Iterable[Reading], invoices: Sequence[Invoice]) -> dict[str, str]:
    """The digests by which invoices are known next time, by their keys; of one whose number is there twice, none."""
    readings = list(readings)
    by_source = {source: digest for reading in readings for source, digest in reading.digests.items()}
    # One that is there twice just the same is among the invoices once.
    read = Counter(invoice.number for reading in readings for invoice in reading.invoices)
    taken = Counter(invoice.number for invoice in invoices)
    return {
        invoice.key: by_source[invoice.source]
        for invoice in invoices
        if invoice.source in by_source and read[invoice.number] == taken[invoice.number] == 1
    }


def _key(text: str) -> bytes:
    """A key of the length that BLAKE2 takes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest()
