"""Processes that die between any two steps that reach the disk, for tests of what is left behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from portal.adapters.publish import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from portal.adapters.ledger.sql_ledger import SqlLedger

STEPS = ("open", "write", "fsync", "close", "mkdir", "chmod", "fchmod", "rename", "unlink", "rmdir", "sync")
"""The calls between which a page could be torn."""
KILLED = 9
OLD, NEW = b"old " * 3000, b"newer " * 3000
"""What a page says before, and after."""


def pages(count: int, body: bytes, seq: int) -> list[Page]:
    """So many pages that all say the same."""
    return [Page(f"i/{n}/index.html", body, body[:5].decode(), seq) for n in range(count)]


def files(folder: Path) -> dict[str, bytes]:
    """What is in an output folder, by path."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".portal")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def in_child(action: Callable[[], object]) -> int:
    """How a child that does this ends: 0, its exit code, or the negative signal."""
    child = os.fork()
    if not child:
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_at(step: int, ledger: SqlLedger) -> None:
    """Have this process die at the n-th step that reaches the disk; a write dies with half of its bytes written."""
    left = step

    def dying(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  stands for any of them
            nonlocal left
            left -= 1
            if left == 0:
                if name == "write":
                    original(args[0], args[1][: len(args[1]) // 2])
                os._exit(KILLED)
            return original(*args, **kwargs)

        return call

    for name in STEPS:
        setattr(os, name, dying(name, getattr(os, name)))
    ledger.record_pages = dying("record", ledger.record_pages)  # type: ignore[method-assign]


def steps_until_done(action: Callable[[], object], ledger: SqlLedger) -> Iterator[int]:
    """Do this in children that die at the first step, the second, and so on, until one lives to the end."""
    for step in range(1, 2000):

        def doomed(step: int = step) -> None:
            die_at(step, ledger)
            action()

        code = in_child(doomed)
        assert code in {0, KILLED}
        yield step
        if code == 0:
            return
    pytest.fail("it never came to its end")
