"""Templates as they are compiled here: as safe as Jinja's own, and as strict."""

from __future__ import annotations

from dataclasses import dataclass

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from portal.template_code import PlainEnvironment


@dataclass(frozen=True, slots=True)
class Page:
    words: object
    inner: object = None


@pytest.fixture
def environment() -> PlainEnvironment:
    return PlainEnvironment(flask.Flask("a site"), autoescape=True, undefined=StrictUndefined)


@given(st.text() | st.text(alphabet="&<>\"'a ;#34"))
def test_every_text_is_escaped_as_ever(text: str) -> None:
    assert PlainEnvironment.shown(text) == escape(text)


@pytest.mark.parametrize("value", [Markup("<b>&amp;</b>"), 7, None, ("<", ">")])
def test_what_is_no_text_is_shown_as_ever(value: object) -> None:
    assert PlainEnvironment.shown(value) == escape(value)


def test_texts_are_escaped_wherever_they_are_written(environment: PlainEnvironment) -> None:
    template = environment.from_string(
        "{% macro m(x) %}<i title='{{ x }}'>{{ x }}</i>{% endmacro %}"
        "{% set own = m(page.words) %}{{ own }}{{ page.inner.words }}{{ page.words ~ '!' }}"
        "{% for one in [page.words] %}{{ one }}{% endfor %}"
    )
    said = template.render(page=Page("<&>", Page(Markup("<b>"))))
    assert said == "<i title='&lt;&amp;&gt;'>&lt;&amp;&gt;</i><b>&lt;&amp;&gt;!&lt;&amp;&gt;"


def test_a_name_that_nothing_has_is_a_mistake(environment: PlainEnvironment) -> None:
    with pytest.raises(UndefinedError, match="page"):
        environment.from_string("{{ page.words }}").render()
    with pytest.raises(AttributeError, match="wrods"):
        environment.from_string("{% if page.wrods %}{% endif %}").render(page=Page("a"))


def test_an_attribute_is_never_an_item(environment: PlainEnvironment) -> None:
    with pytest.raises(AttributeError, match="words"):
        environment.from_string("{{ page.words }}").render(page={"words": "a"})
