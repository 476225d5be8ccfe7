"""Stripe's wire form: `a[b][0][c]=v` in a body or query string, read into a tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portal.sandbox.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

Wire = str | dict[str, "Wire"]

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def tree_of(pairs: Iterable[tuple[str, str]]) -> dict[str, Wire]:
    """Hang every `name[part][part]=text` pair into one tree."""
    tree: dict[str, Wire] = {}
    for name, text in pairs:
        _hang(tree, name, text)
    return tree


def _hang(tree: dict[str, Wire], name: str, text: str) -> None:
    match = NAME.fullmatch(name)
    if match is None:
        raise invalid(f"Invalid parameter name: {name}", param=name)
    *groups, leaf = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    here = tree
    for part in groups:
        inner = here.setdefault(_named(here, part), {})
        if isinstance(inner, str):
            raise _clash(name)
        here = inner
    leaf = _named(here, leaf)
    if leaf in here:
        raise _clash(name)
    here[leaf] = text


def _named(here: dict[str, Wire], part: str) -> str:
    """`name[]=v` takes the next free number of its list."""
    return part or str(len(here))


def _clash(name: str) -> Exception:
    return invalid(f"Invalid parameter: {name} was given more than once.", param=name)
