"""Pages are small: one request, and with all that is in it no more than a few kilobytes on the way."""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from portal.building.build import build
from portal.config import load_settings
from portal.theming import theme
from portal.wiring.portal import Folders, open_portal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from world import World

USUAL, LARGEST, MESSAGE = 6 * 1024, 14 * 1024, 3 * 1024
ROOT = Path(__file__).parents[2]
ELSEWHERE = {"text", "live"}  # what they say of elements holds on pages that are not frozen invoices
SHEETS = sorted({sheet for sheets in theme.LOOKS.values() for sheet in sheets})


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Every page of the sample business, each with a switch of four languages."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(ROOT / "content", folder / "content")
    folders = Folders(folder / "content", folder / "build", folder / "var")
    build(open_portal(load_settings(folders.content, {}), folders))
    found = folders.output.rglob("*.html")
    return {str(page.relative_to(folders.output)): page.read_text(encoding="utf-8") for page in found}


@pytest.fixture(scope="module")
def weights(pages: Mapping[str, str]) -> Mapping[str, int]:
    """Bytes of every page as they go over the wire."""
    return {name: len(gzip.compress(page.encode())) for name, page in pages.items()}


def test_a_usual_invoice_and_the_largest_page_keep_their_budgets(weights: Mapping[str, int]) -> None:
    invoices = [weight for name, weight in weights.items() if name.startswith("i/")]
    assert len(invoices) > 50
    assert statistics.median(invoices) <= USUAL
    assert max(weights.values()) <= LARGEST
    assert sum(weight > USUAL for weight in weights.values()) <= len(weights) / 8


def test_a_page_that_asks_for_nothing_has_no_more_than_it_needs(weights: Mapping[str, int]) -> None:
    assert {name: weights[name] for name in ("index.html", "problem.html") if weights[name] > MESSAGE} == {}
    assert weights["404.html"] <= USUAL


def test_every_sheet_is_part_of_a_look() -> None:
    files = {file.stem for file in theme.STATIC.glob("*.css")} - {"paper"}
    assert files == set(SHEETS)


def test_a_page_has_every_rule_that_its_classes_and_elements_need(pages: Mapping[str, str]) -> None:
    rules = {
        name: (theme.STATIC / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS if name not in ELSEWHERE
    }
    look_of = {style.css: look for look, style in theme.theme_of(load_settings(ROOT / "content", {})).styles.items()}
    for name, page in pages.items():
        look = look_of[page[page.index("<style>") + len("<style>") : page.index("</style>")]]
        body = page[page.index("</style>") :]
        marks = {mark for words in re.findall(r'class="([^"]+)"', body) for mark in words.split()}
        elements = set(re.findall(r"<([a-z][a-z0-9]*)", body))
        for sheet, text in rules.items():
            if sheet not in theme.LOOKS[look]:
                assert used(text, marks, elements) == set(), (name, sheet)


def used(css: str, marks: set[str], elements: set[str]) -> set[str]:
    """The selectors of a sheet whose classes and elements are all on a page; not those that depend on more."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    selectors = {one.strip() for many in re.findall(r"([^{}]+)\{", plain) for one in many.split(",")}
    simple = {one for one in selectors if re.fullmatch(r"[a-z0-9. >+-]+", one)}
    return {one for one in simple if _classes(one) <= marks and _elements(one) <= elements}


def _classes(selector: str) -> set[str]:
    return set(re.findall(r"\.([a-z-]+)", selector))


def _elements(selector: str) -> set[str]:
    return set(re.findall(r"(?<![.\w-])[a-z][a-z0-9]*", selector))


def test_what_a_customer_told_us_has_its_rules(world: World) -> None:
    assert "blockquote{" not in world.page()
    told = {"token": world.form(world.page())["token"], "want": "problem", "reason": "work", "words": "A scratch."}
    requests.post(f"{world.url}/answer", data=told, timeout=60)
    assert "blockquote{" in world.page()
    assert "<blockquote" in world.page()
