"""What every page weighs on the way to its reader: the project's own sample, in its four languages.

    python benchmarks/page_weight.py
    python benchmarks/page_weight.py --output ../my-business/build

Printed are, for each kind of page, its number, the median and the largest in bytes, packed with gzip (and with brotli
where it is installed), and how many requests a page makes: everything it loads is inside it, so that is one.
"""

from __future__ import annotations

import argparse
import gzip
import re
import shutil
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import HERE, WORK, conditions, markdown_table, report
from sample import AS_OF

from portal.building.build import build
from portal.config import load_settings
from portal.wiring.portal import Folders, open_portal

if TYPE_CHECKING:
    from collections.abc import Iterable

USUAL, LARGEST = 6 * 1024, 14 * 1024
"""Bytes that a usual invoice and the largest page may have, packed with gzip."""
_KINDS = {
    r"i/[^/]+/receipt/.*": "receipts",
    r"i/[^/]+/index.html": "invoices, in the customer's language",
    r"i/.*": "invoices, in another language",
    r"s/.*": "statements",
    r"p/.*": "pay-only pages",
}
_LOADS = re.compile(r'(?i)<(?:script|img|iframe|source)[^>]+src="(?!data:)|<link[^>]+rel="?(?:stylesheet|preload)')


class Weight(NamedTuple):
    """Bytes of one page, packed, and the requests that it makes."""

    gzip: int
    brotli: int
    requests: int


def weigh(page: bytes) -> Weight:
    """One page."""
    return Weight(len(gzip.compress(page)), _brotli(page), 1 + len(_LOADS.findall(page.decode())))


def _brotli(page: bytes) -> int:
    try:
        import brotli  # noqa: PLC0415  where it is installed
    except ImportError:
        return 0
    return len(brotli.compress(page))


def built_sample() -> Path:
    """The folder with the pages of the project's own sample."""
    root = WORK / "pages"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(HERE.parent / "content", root / "content")
    folders = Folders(root / "content", root / "build", root / "var")
    build(open_portal(load_settings(folders.content, {}), folders, AS_OF))
    return folders.output


def kind_of(place: str) -> str:
    """What sort of page it is, by its place."""
    return next((kind for pattern, kind in _KINDS.items() if re.fullmatch(pattern, place)), "all others")


def row_of(kind: str, weights: Iterable[Weight]) -> list[str]:
    """A line of the table."""
    packed, smaller, requests = zip(*weights, strict=True)
    figures = (median(packed), max(packed), median(smaller), max(smaller))
    heavy = sum(weight > USUAL for weight in packed)
    return [kind, f"{len(packed)}", *(f"{figure:,.0f}" for figure in figures), f"{heavy}", f"{max(requests)}"]


def main(output: Path | None, *, write: bool) -> None:
    """Weigh every page and print."""
    folder = output or built_sample()
    kinds: dict[str, list[Weight]] = {kind: [] for kind in [*_KINDS.values(), "all others"]}
    for path in folder.rglob("*.html"):
        kinds[kind_of(path.relative_to(folder).as_posix())].append(weigh(path.read_bytes()))
    rows = [row_of(kind, weights) for kind, weights in kinds.items() if weights]
    rows.append(row_of("all", [weight for weights in kinds.values() for weight in weights]))
    header = ("", "pages", "gzip, median", "largest", "brotli, median", "largest", f"over {USUAL:,}", "requests")
    table = markdown_table(header, rows)
    largest = max(weight.gzip for weights in kinds.values() for weight in weights)
    kept = "is kept" if largest <= LARGEST else "IS NOT KEPT"
    text = (
        f"`python benchmarks/page_weight.py`. Bytes; the budget of {LARGEST:,} for the largest {kept}. {conditions()}"
    )
    report("weight", f"### Page weight\n\n{text}\n\n{table}", write=write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="pages that are built already")
    parser.add_argument("--write", action="store_true", help="also put the table into benchmarks/RESULTS.md")
    asked = parser.parse_args()
    main(asked.output, write=asked.write)
