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


_IN_WORDS = {
    "bool_parsing": "It has to be true or false, without quotes.",
    "bool_type": "It has to be true or false, without quotes.",
    "string_type": 'It has to be a text in "quotes".',
    "int_parsing": "It has to be a whole number, without quotes.",
    "int_type": "It has to be a whole number, without quotes.",
    "int_from_float": "It has to be a whole number.",
    "tuple_type": "It has to be a list in square brackets.",
    "literal_error": "It has to be {expected}.",
    "enum": "It has to be {expected}.",
    "greater_than_equal": "It has to be {ge} or more.",
    "less_than_equal": "It has to be {le} or less.",
    "greater_than": "It has to be more than {gt}.",
    "less_than": "It has to be less than {lt}.",
    "string_too_long": "It has more than {max_length} characters.",
}
"""What pydantic says to programmers, by the kind of its error; all else is said in the settings' own words."""
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
    problem = _in_words(item, path)
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
        field=variable or _named(path),
    )


def _in_words(item: ErrorDetails, path: tuple[str | int, ...]) -> str:
    """What is wrong, for whoever wrote the setting."""
    stated, kind = item["input"], item["type"]
    if kind == "model_type":
        return f"It has to be a section of its own: [{_named(path)}]."
    if kind == "tuple_type" and isinstance(stated, dict):
        return f"There may be several of these, so each begins with two brackets: [[{_named(path)}]]."
    words = str(item["msg"]).removeprefix("Value error, ")
    if kind in _IN_WORDS:
        words = _IN_WORDS[kind].format(**item.get("ctx", {}))
    return f"{stated!r}: {words}" if isinstance(path[-1], int) and isinstance(stated, str) else words


def _named(path: tuple[str | int, ...]) -> str:
    """The name of a setting; which of several it is, its line says."""
    return ".".join(part for part in path if isinstance(part, str))


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
