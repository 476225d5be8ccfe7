"""Pages are small: one request, and with all that is in it no more than a few kilobytes on the way."""

from __future__ import annotations

import gzip
import shutil
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal import theme
from portal.building import build
from portal.config import load_settings
from portal.wiring import Folders, open_portal

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL, LARGEST, MESSAGE = 6 * 1024, 14 * 1024, 3 * 1024
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, int]:
    """Bytes of every page of the sample business as they go over the wire, each with a switch of four languages."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(ROOT / "content", folder / "content")
    folders = Folders(folder / "content", folder / "build", folder / "var")
    build(open_portal(load_settings(folders.content, {}), folders))
    pages = folders.output.rglob("*.html")
    return {str(page.relative_to(folders.output)): len(gzip.compress(page.read_bytes())) for page in pages}


def test_a_usual_invoice_and_the_largest_page_keep_their_budgets(weights: Mapping[str, int]) -> None:
    invoices = [weight for name, weight in weights.items() if name.startswith("i/")]
    assert len(invoices) > 50
    assert statistics.median(invoices) <= USUAL
    assert max(weights.values()) <= LARGEST


def test_a_page_that_asks_for_nothing_has_no_more_than_it_needs(weights: Mapping[str, int]) -> None:
    assert {name: weights[name] for name in ("index.html", "problem.html") if weights[name] > MESSAGE} == {}
    assert weights["404.html"] <= USUAL


def test_every_sheet_is_part_of_a_look() -> None:
    files = {file.stem for file in theme.STATIC.glob("*.css")} - {"paper"}
    assert files == {sheet for sheets in theme.LOOKS.values() for sheet in sheets}
