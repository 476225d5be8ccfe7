"""What the owner says of a table that does not say it itself: ``open.toml`` beside ``open.csv``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from portal.errors import ContentError
from portal.receivables.currencies import DECIMALS
from portal.sources.amounts import DecimalMark
from portal.sources.column_names import FIELDS
from portal.sources.dates import DateOrder
from portal.sources.findings import Findings
from portal.sources.toml_fields import Fields, with_lines
from portal.toml_text import parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Choice = TypeVar("Choice", bound=StrEnum)

SETTINGS = ("date_order", "decimal", "currency", "encoding", "sheet", "skip_types", "join", "columns")


@dataclass(frozen=True, slots=True)
class TableSettings:
    """How to read one table, as far as the owner says so.

    Attributes:
        date_order: of dates whose year is last.
        decimal: the mark before the cents.
        currency: of rows that name none.
        encoding: of a CSV file, as Python names it.
        sheet: the sheet of a workbook to read.
        skip_types: types and statuses of rows to pass over.
        join: a list of customers to take e-mail addresses from, relative to the table.
        columns: the owner's headings, by field.
    """

    date_order: DateOrder | None = None
    decimal: DecimalMark | None = None
    currency: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    skip_types: tuple[str, ...] = ()
    join: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


def load_table_settings(table: Path, file: str) -> TableSettings:
    """The settings beside a table; without such a file, none are said.

    Args:
        table: the table's path.
        file: the table's path relative to the content folder.

    Raises:
        ContentError: a setting cannot be used; all of them, with file and line.
    """
    path = table.with_suffix(".toml")
    findings = Findings(f"{file.removesuffix(table.suffix)}.toml")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return TableSettings()
    except (OSError, UnicodeDecodeError):
        findings.problem("These settings cannot be read.", "Save the file as UTF-8, and allow it to be read.")
        raise ContentError(findings.problems) from None
    fields = Fields(parse_toml(text, file=findings.file), findings)
    settings = _settings(fields)
    if findings.problems:
        raise ContentError(with_lines(findings.problems, text))
    return settings


def _settings(fields: Fields) -> TableSettings:
    fields.allow(SETTINGS)
    currency = fields.text("currency")
    if currency is not None and currency not in DECIMALS:
        fields.refuse(
            "currency", f"{currency[:20]!r} is not a currency.", "Write its ISO 4217 code, such as EUR or USD."
        )
    return TableSettings(
        date_order=_one_of(fields, "date_order", DateOrder),
        decimal=_one_of(fields, "decimal", DecimalMark),
        currency=currency,
        encoding=_encoding(fields),
        sheet=fields.text("sheet"),
        skip_types=_skip_types(fields),
        join=fields.text("join"),
        columns=_columns(fields),
    )


def _one_of(fields: Fields, name: str, choices: type[Choice]) -> Choice | None:
    text = fields.text(name)
    if text is None:
        return None
    try:
        return choices(text)
    except ValueError:
        wanted = " or ".join(f'{name} = "{choice}"' for choice in choices)
        fields.refuse(name, f"{text[:20]!r} is not known here.", f"Write {wanted}.")
        return None


def _encoding(fields: Fields) -> str | None:
    name = fields.text("encoding")
    if name is None:
        return None
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        remedy = 'Name it as Python does: encoding = "utf-8", "cp1252", "iso-8859-2" or "utf-16".'
        fields.refuse("encoding", f"{name[:20]!r} is not an encoding.", remedy)
        return None
    return name


def _skip_types(fields: Fields) -> tuple[str, ...]:
    value = fields.values.get("skip_types", [])
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    fields.refuse("skip_types", "This is not a list of texts.", 'Write it like skip_types = ["Proforma"].')
    return ()


def _columns(fields: Fields) -> dict[str, str]:
    value = fields.values.get("columns", {})
    if not isinstance(value, dict):
        fields.refuse("columns", "This is not a table.", 'Write [columns], then lines such as number = "Belegnummer".')
        return {}
    table = Fields(value, fields.findings, "columns.")
    table.allow(FIELDS)
    return {name: text for name in FIELDS if (text := table.text(name)) is not None}
