"""On which line a setting stands."""

from __future__ import annotations

import pytest

from portal.errors import ContentError
from portal.toml_text import line_of, parse_toml

TEXT = """number = "1"

[customer]
name = "A"  # name = "B"

[[lines]]
amount = "1.00"
[[lines]]
amount = "2.00"
"quoted key" = 1
[a.b]
c = 1
d.e = 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("number",), 1),
        (("customer",), 3),
        (("customer", "name"), 4),
        (("customer", "missing"), 3),
        (("lines", 0, "amount"), 7),
        (("lines", 1, "amount"), 9),
        (("lines", 1), 8),
        (("lines", 1, "missing"), 8),
        (("a", "b", "c"), 12),
        (("a", "b", "d", "e"), 13),
        (("missing",), None),
    ],
)
def test_line_of(path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(TEXT, path) == line


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = \n", 2), ("a = 1\n\n[b\n", 3), ('a = "x', 1)])
def test_what_is_not_toml_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ContentError) as caught:
        parse_toml(text, file="x.md", first_line=10)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("x.md", line + 9)
