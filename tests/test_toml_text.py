"""On which line a setting stands."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


LINES = st.sampled_from(
    [
        "",
        " ",
        "# a comment",
        "#\ttab",
        "#\x00",
        'a = "1"',
        'a = ""',
        'a = "x\ty"',
        'a = "\x7f"',
        'a = "ü\u2028"',
        'b = "\\u00e4"',
        'b = "say \\"yes\\""',
        'b = """',
        "b = 'one'",
        "a-1 = 0",
        "c = 12",
        "c = 007",
        "c = 1_000",
        "c = -1",
        "d = 2026-10-31",
        "d = 2026-02-30",
        "d = 2026-10-31T10:00:00",
        "e.f = 1",
        '"g" = 1',
        "h = true",
        "i=1",
        "  k = 1",
        "l = 1  ",
        "l = 1 # one",
        "[a]",
        "[t]",
        "[t.u]",
        "[ t ]",
        "[[t]]",
        "[[rows]]",
        "[[rows]] # of a table",
        "[rows]",
        "[rows.more]",
        "x",
        "\r",
        'a = "1"\r',
    ]
)


@settings(max_examples=500)
@given(st.lists(LINES, max_size=8).map("\n".join))
def test_texts_are_read_as_python_reads_toml(text: str) -> None:
    """Most are read by a parser of their own, which must never take a text otherwise, or one that is none."""
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(ContentError):
            parse_toml(text, file="x.md")
        return
    assert parse_toml(text, file="x.md") == expected
    assert list(map(repr, parse_toml(text, file="x.md").items())) == list(map(repr, expected.items()))


def test_a_plain_text_is_read_without_pythons_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tomllib, "loads", None)
    text = 'number = "1042"\nissued_on = 2026-10-01\n\n#\n[customer]\nname = "A"\n[[lines]]\nquantity = 2\n[[lines]]'
    assert parse_toml(text, file="x.md") == {
        "number": "1042",
        "issued_on": date(2026, 10, 1),
        "customer": {"name": "A"},
        "lines": [{"quantity": 2}, {}],
    }
