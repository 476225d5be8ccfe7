"""Templates as they are compiled here: as safe as Jinja's own, and as strict."""

from __future__ import annotations

from dataclasses import dataclass

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from portal.theming.template_code import PlainEnvironment


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


CONDITIONS = """\
{% macro m(x, loud=false) %}{% if loud %}<b>{{ x }}</b>{% else %}{{ x }}{% endif %}, 100 %{% endmacro %}
{% if page.words == "a" %}A{{ m(page.words) }}{% elif page.inner %}%s{{ m("'", loud=true) }}{% else %}-{% endif %}
{% for one in page.words %}{% if loop.first %}<{% endif %}{{ one }}{% endfor %}!
"""


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page("a"), "\nAa, 100 %\n<a!"),
        (Page("&b", 1), "\n%s<b>&#39;</b>, 100 %\n<&amp;b!"),
        (Page(""), "\n-\n!"),
    ],
)
def test_conditions_choose_what_is_written(environment: PlainEnvironment, page: Page, said: str) -> None:
    assert environment.from_string(CONDITIONS).render(page=page) == said


def test_a_template_that_extends_another_fills_its_blocks(environment: PlainEnvironment) -> None:
    environment.loader = DictLoader(
        {
            "base": "<{{ look }}>{% block shape %}wide{% endblock %}|{% block main %}{% endblock %}.",
            "page": "{% set look = 'x' %}lost {% if page %}lost{% endif %}{% extends 'base' %}lost"
            "{% block main %}{{ page.words }}{% if page.inner %}{{ super() }}{% endif %}{% endblock %}",
        }
    )
    assert environment.get_template("page").render(page=Page("&")) == "lost lost<x>wide|&amp;."


def test_a_macro_that_is_given_too_little_is_a_mistake(environment: PlainEnvironment) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        environment.from_string("{% macro m(x) %}{{ x }}{% endmacro %}{{ m() }}").render()
