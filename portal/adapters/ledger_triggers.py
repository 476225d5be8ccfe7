"""Tables that are only ever added to: the database itself refuses to change or remove what was once written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import DDL, event

if TYPE_CHECKING:
    from sqlalchemy import Table


def refuse_changes(table: Table) -> None:
    """Have the database refuse to change or remove what was once written; a correction is one more row."""
    for dialect, statements in (
        ("sqlite", _sqlite_triggers(table.name)),
        ("postgresql", _postgres_trigger(table.name)),
    ):
        for statement in statements:
            trigger: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
            event.listen(table, "after_create", trigger.execute_if(dialect=dialect))


def _sqlite_triggers(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _postgres_trigger(table: str) -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END$$"
    )
    trigger = (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    return [function, trigger]
