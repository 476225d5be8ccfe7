from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.errors import ContentError
from portal.sources.xml_tree import parse_xml


def test_elements_know_name_namespace_line_and_text() -> None:
    root = parse_xml(b'<a xmlns="urn:x">\n <b k="v"> one\n two </b>\n <b/>\n</a>', file="f")
    assert (root.name, root.namespace, root.line) == ("a", "urn:x", 1)
    assert [(b.line, b.text, b.attributes) for b in root.all("b")] == [(2, "one\n two", {"k": "v"}), (4, "", {})]


def test_paths_take_alternatives_and_skip_what_is_empty() -> None:
    root = parse_xml(b"<r><a><x/></a><a><x>1</x><y>2</y></a></r>", file="f")
    assert [found.text for found in root.all("a/x|y")] == ["", "1", "2"]
    assert root.value("b/c", "a/x") == "1"
    assert root.value("a/z") is None


def test_the_place_of_what_is_missing_is_its_nearest_parent() -> None:
    root = parse_xml(b"<r>\n<a>\n<b/></a></r>", file="f")
    assert [root.nearest_line(path) for path in ("z", "a/z", "a/b/z")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("raw", "line", "word"),
    [
        (b"<r>\n<a></r>", 2, "mismatched"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a "b">]>\n<r>&a;</r>', 2, "DOCTYPE"),
        (b"<r>\n&nbsp;</r>", 2, "undefined entity"),
        (b'<?xml version="1.0" encoding="klingon"?><r/>', 1, "encoding"),
        (b"<r>" + b"<a/>" * 200_001 + b"</r>", 1, "elements"),
        (b"not xml", 1, "not well-formed"),
        (b"<r>\xff</r>", 1, "not well-formed"),
    ],
)
def test_what_is_refused_says_where(raw: bytes, line: int, word: str) -> None:
    with pytest.raises(ContentError) as caught:
        parse_xml(raw, file="invoices/x.xml")
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("invoices/x.xml", line)
    assert word in caught.value.problems[0].problem


def test_deep_nesting_is_harmless() -> None:
    depth = 100_000
    assert parse_xml(b"<a>" * depth + b"</a>" * depth, file="f").name == "a"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_bytes_parse_or_are_refused(raw: bytes) -> None:
    with contextlib.suppress(ContentError):
        assert parse_xml(raw, file="f").name
