"""What pydantic found wrong with a setting, said to the owner: line, what is wrong, what to do."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

from portal.errors import Problem
from portal.toml_text import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails


_EXAMPLES = {"plans": "[[plans]] and payments = 3", "mail": '[mail] and from = "you@your-domain"'}


def problem_of(
    item: ErrorDetails,
    settings: type[BaseModel],
    text: str,
    file: str,
    from_environment: Mapping[tuple[str, str], str],
) -> Problem:
    """One error of pydantic's as the owner's problem.

    Args:
        item: the error.
        settings: the model of the whole file, for the names there are.
        text: the file's text, for the line.
        file: the file's name.
        from_environment: which settings came from which variable.
    """
    path = _as_written(tuple(item["loc"]), text)
    variable = from_environment.get((str(path[0]), str(path[-1])))
    kind = item["type"]
    problem = str(item["msg"]).removeprefix("Value error, ")
    remedy = "Correct this setting, or remove it to take the default."
    if kind == "missing":
        example = _EXAMPLES.get(str(path[0]), '[business] and name = "Your business"')
        problem, remedy = "This setting is needed.", f"Add it: {example}."
    elif kind == "extra_forbidden":
        problem, remedy = "There is no such setting.", _nearest(settings, path)
    elif kind == "string_too_short" and not item["input"]:
        problem, remedy = (
            "Nothing stands between the quotes.",
            "Write it there, or remove this line if it may be left out.",
        )
    elif variable:
        remedy = f"Correct the environment variable {variable}, or remove it."
    return Problem(
        problem[:1].upper() + problem[1:] + ("" if problem.endswith(".") else "."),
        remedy,
        file=None if variable else file,
        line=None if variable else line_of(text, path),
        field=variable or ".".join(map(str, path)),
    )


def _as_written(path: tuple[str | int, ...], text: str) -> tuple[str | int, ...]:
    """The path of a setting in the file: ``[bank]`` stands for a list of one, so its settings have no position."""
    if path[:2] == ("bank", 0) and "[[bank]]" not in text:
        return ("bank", *path[2:])
    return path


def _nearest(settings: type[BaseModel], path: tuple[str | int, ...]) -> str:
    model = settings
    for name in path[:-1]:
        model = _section_in(model, name)
    names = [field.alias or name for name, field in model.model_fields.items()]
    close = difflib.get_close_matches(str(path[-1]), names, n=1)
    return f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(names)}."


def _section_in(model: type[BaseModel], name: str | int) -> type[BaseModel]:
    """The section that a setting of a section is, such as ``interest`` in ``[terms.late]``; lists hold their own."""
    field = model.model_fields.get(str(name))
    kinds = [] if field is None else [field.annotation, *get_args(field.annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), model)
