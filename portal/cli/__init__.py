"""The owner's commands: one module per noun; parse, call, print."""

from __future__ import annotations

import atexit
import gc
from collections import UserDict
from importlib import import_module
from typing import TYPE_CHECKING

import click

from portal.cli.sections import SectionedGroup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_MODULES = {
    "alarms": "alarms",
    "backup": "backup restore",
    "build": "build",
    "case": "case",
    "doctor": "doctor",
    "entries": "record credit apply write-off waive-fee void correct",
    "explain": "explain pause",
    "headers": "headers",
    "inbox": "inbox answer",
    "init": "init",
    "invoices": "show list",
    "links": "links",
    "mail": "mail",
    "match": "match",
    "plans": "plan plans collect",
    "privacy": "privacy",
    "play": "play",
    "read": "read",
    "publish": "publish",
    "reconcile": "reconcile",
    "remind": "remind",
    "report": "report",
    "serve": "serve",
    "sync": "sync",
    "watch": "watch",
    "work": "work",
}
"""The names of the commands in each module of this package."""
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


def _imported(name: str) -> ModuleType:
    """A module. What an import makes stays, so that looking for cycles in it would only take a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        if was_enabled:
            gc.enable()


class _Commands(UserDict[str, click.Command]):
    """The commands by name; each module is imported when one of its commands is asked for: a build has no server."""

    def __getitem__(self, name: str) -> click.Command:
        module = _imported(f"{__name__}.{_MODULE_OF[name]}")
        return next(one for one in vars(module).values() if isinstance(one, click.Command) and one.name == name)

    def __contains__(self, name: object) -> bool:
        return name in _MODULE_OF

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULE_OF)

    def __len__(self) -> int:
        return len(_MODULE_OF)


@click.group(cls=SectionedGroup, commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Invoices become pages at signed links, and card payments settle them."""


# When Python ends, it looks for cycles in all that was imported and read, a fifth of the time of a small build.
# What has to be put away has been by then, for this runs after what modules that are imported later have registered.
atexit.register(gc.freeze)
