"""Tables that are only ever added to: the database itself refuses to change or remove what was once written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import DDL, event

from portal.receivables.entries import ERASED

if TYPE_CHECKING:
    from sqlalchemy import Table


@dataclass(frozen=True, slots=True)
class Erasable:
    """The one change that is allowed after all: words may give way to ``ERASED``, and nothing else changes with them.

    Attributes:
        column: that holds the words.
        kind: the column that says what a row is; only rows of these ``kinds`` hold such words, where any are given.
    """

    column: str
    kind: str = ""
    kinds: tuple[str, ...] = ()


def refuse_changes(table: Table, erasable: Erasable | None = None) -> None:
    """Have the database refuse to change or remove what was once written; a correction is one more row."""
    for dialect, statements in (
        ("sqlite", sqlite_triggers(table, erasable)),
        ("postgresql", postgres_triggers(table, erasable)),
    ):
        for statement in statements:
            trigger: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
            event.listen(table, "after_create", trigger.execute_if(dialect=dialect))


def sqlite_triggers(table: Table, erasable: Erasable | None) -> list[str]:
    """The statements that make a table append-only on SQLite."""
    unless = f"WHEN NOT ({_is_erasing(table, erasable, 'IS')}) " if erasable else ""
    return [
        f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{table.name} are append-only'); END"
        for verb, condition in (("UPDATE", unless), ("DELETE", ""))
    ]


def postgres_triggers(table: Table, erasable: Erasable | None) -> list[str]:
    """The same on PostgreSQL, where a statement is refused as a whole, and an erasing one by each row it gets wrong."""
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END$$"
    )
    verbs = "DELETE OR TRUNCATE" if erasable else "UPDATE OR DELETE OR TRUNCATE"
    whole = (
        f"CREATE TRIGGER {table.name}_append_only BEFORE {verbs} ON {table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    if erasable is None:
        return [function, whole]
    each = (
        f"CREATE TRIGGER {table.name}_no_update BEFORE UPDATE ON {table.name} FOR EACH ROW "
        f"WHEN (NOT ({_is_erasing(table, erasable, 'IS NOT DISTINCT FROM')})) EXECUTE FUNCTION refuse_change()"
    )
    return [function, whole, each]


def _is_erasing(table: Table, erasable: Erasable, same: str) -> str:
    """That only the words change, and to ``ERASED``; never NULL, which would pass. JSON is compared by its text."""
    others = [
        f"CAST(NEW.{column.name} AS TEXT) {same} CAST(OLD.{column.name} AS TEXT)"
        for column in table.columns
        if column.name != erasable.column
    ]
    words = [f"COALESCE(NEW.{erasable.column}, '') = '{ERASED}'", f"OLD.{erasable.column} IS NOT NULL"]
    if erasable.kinds:
        listed = ", ".join(f"'{kind}'" for kind in erasable.kinds)
        words.append(f"OLD.{erasable.kind} IN ({listed})")
    return " AND ".join([*words, *others])
