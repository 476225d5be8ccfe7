"""The owner's logo, from their own folder."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from portal.config import load_settings
from portal.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return tmp_path


def logo_of(content: Path, name: str) -> str | None:
    settings = f'[business]\nname = "Sample"\n[brand]\nlogo = "{name}"\n'
    (content / "portal.toml").write_text(settings, encoding="utf-8")
    return load_settings(content, {}).brand.logo


def test_it_travels_inside_the_pages(content: Path) -> None:
    (content / "mark.svg").write_text(SVG, encoding="utf-8")
    assert str(logo_of(content, "mark.svg")).startswith("data:image/svg+xml,%3Csvg")
    (content / "mark.png").write_bytes(b"PNG")
    assert logo_of(content, "mark.png") == f"data:image/png;base64,{base64.b64encode(b'PNG').decode()}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.svg", "There is no file missing.svg beside portal.toml."),
        ("portal.toml", "The file portal.toml is not an image that a page can carry"),
        ("large.png", "The file large.png has 8,193 bytes; a logo has 8,192 at most"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(content: Path, name: str, said: str) -> None:
    (content / "large.png").write_bytes(bytes(8193))
    with pytest.raises(SettingsError) as caught:
        logo_of(content, name)
    (problem,) = caught.value.problems
    assert said in problem.problem
    assert (problem.line, problem.field) == (4, "brand.logo")
