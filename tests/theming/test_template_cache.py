"""Compiled templates are kept, and hold for nothing but what they were compiled from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import jinja2
import pytest

from portal.theming import template_cache
from portal.theming.template_cache import template_cache as cache_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Templates that were compiled, in a Python that keeps bytecode in a folder of its own."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    names: list[str] = []
    compile_one = jinja2.Environment.compile

    def compiling(environment: jinja2.Environment, source: str, name: str, filename: str) -> object:
        names.append(source)
        return compile_one(environment, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", compiling)
    return names


def rendered(source: str, kept_as: str = "pages") -> str:
    loader = jinja2.DictLoader({"page.html": source})
    environment = jinja2.Environment(loader=loader, bytecode_cache=cache_of(kept_as), autoescape=True)
    return environment.get_template("page.html").render(name="Ada & Bob")


def test_a_template_is_compiled_once(compiled: list[str]) -> None:
    assert rendered("Hello {{ name }}") == rendered("Hello {{ name }}") == "Hello Ada &amp; Bob"
    assert compiled == ["Hello {{ name }}"]


def test_it_is_compiled_again_when_it_changed(compiled: list[str]) -> None:
    assert [rendered("One"), rendered("Two"), rendered("Two")] == ["One", "Two", "Two"]
    assert compiled == ["One", "Two"]


@pytest.mark.parametrize(("what", "other"), [("software_digest", lambda: b"another"), ("jinja2", None)])
def test_it_is_compiled_again_by_another_version(
    compiled: list[str], monkeypatch: pytest.MonkeyPatch, what: str, other: object
) -> None:
    """A change of the portal's own code may change what a template becomes, and so may one of Jinja."""
    rendered("Hello")
    if other is None:
        monkeypatch.setattr(jinja2, "__version__", "99.0")
    else:
        monkeypatch.setattr(template_cache, what, other)
    rendered("Hello")
    assert compiled == ["Hello", "Hello"]


def test_who_reads_templates_otherwise_has_others(compiled: list[str]) -> None:
    rendered("Hello", kept_as="pages")
    rendered("Hello", kept_as="mails")
    assert len(compiled) == 2


def test_nothing_is_kept_where_python_keeps_nothing(compiled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert cache_of("pages") is None
    assert rendered("Hello") == rendered("Hello")
    assert len(compiled) == 2


def test_a_portal_that_cannot_write_to_its_own_code_works(
    compiled: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("no folder")
    assert cache_of("pages") is None
    assert rendered("Hello") == "Hello"
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "other"))

    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jinja2.FileSystemBytecodeCache, "dump_bytecode", full)
    assert rendered("Hello") == "Hello"
    assert len(compiled) == 2


def test_what_is_broken_is_compiled_again(compiled: list[str], tmp_path: Path) -> None:
    rendered("Hello")
    (kept,) = (path for path in (tmp_path / "kept").rglob("*") if path.is_file())
    kept.write_bytes(kept.read_bytes()[:40])
    assert rendered("Hello") == "Hello"
    assert len(compiled) == 2
