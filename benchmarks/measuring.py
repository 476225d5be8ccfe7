"""What the benchmarks share: a run's cost, the machine's noise, tables in Markdown, and where results are kept."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).parent
WORK = HERE / ".work"
"""All that a benchmark installs or makes; it may be removed at any time."""
RESULTS = HERE / "RESULTS.md"
_NEXT = "<!-- the next claim -->"
_SPIN = 2_000_000
_PACKAGES = ("Flask", "Frozen-Flask", "Jinja2", "Babel", "SQLAlchemy")


class Run(NamedTuple):
    """One run of a side: seconds on the clock, seconds of processors, and its largest process in megabytes."""

    wall: float
    processor: float
    memory: float


def as_installed() -> dict[str, str]:
    """The environment, but that Python may keep compiled modules, as it does wherever it is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def timed(command: Sequence[str | Path], folder: Path) -> Run:
    """Run a command to its end; one that fails shows what it said."""
    program = shutil.which(str(command[0])) or str(command[0])
    launch = [sys.executable, "-I", "-S", HERE / "launch.py", WORK / "used.txt", program, *command[1:]]
    with (WORK / "output.txt").open("w+b") as said:
        ended = subprocess.run(launch, cwd=folder, stdout=said, stderr=said, env=as_installed(), check=False)  # noqa: S603  ours
        if ended.returncode:
            said.seek(0)
            print(said.read().decode(errors="replace")[-2000:])
            raise subprocess.CalledProcessError(ended.returncode, [str(part) for part in command])
    return Run(*map(float, (WORK / "used.txt").read_text(encoding="ascii").split()))


class Noise:
    """How busy the machine was: a piece of work that is always the same, done before and after each round."""

    def __init__(self) -> None:
        """Nothing measured yet."""
        self._walls: list[float] = []
        self._processors: list[float] = []

    def spin(self) -> None:
        """Do it once."""
        wall, processor = time.perf_counter(), time.process_time()
        sum(number * number for number in range(_SPIN))
        self._walls.append(time.perf_counter() - wall)
        self._processors.append(time.process_time() - processor)

    def __str__(self) -> str:
        """One sentence for below a table."""
        wall, processor = spread(self._walls), spread(self._processors)
        load = os.getloadavg()[0]
        return (
            f"The machine's noise: the same piece of work took {wall} s by the clock and {processor} s of the "
            f"processor, {len(self._walls)} times; load {load:.1f} at the end."
        )


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and in brackets the smallest and largest."""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns are as wide in a terminal as they have to be."""
    rows = [list(header), *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)


def conditions(*others: str) -> str:
    """When, where and with which versions something was measured; ``others`` are further versions, in words."""
    names = [f"{name} {version(name)}" for name in _PACKAGES]
    day = datetime.now(tz=UTC).date()
    python = f"Python {platform.python_version()}"
    return (
        f"Measured on {day:%-d %B %Y}, {os.cpu_count()} processors, {platform.system()}: "
        f"{', '.join([python, *names, *others])}."
    )


def report(claim: str, text: str, *, write: bool) -> None:
    """Print a result; where asked, also put it into RESULTS.md in place of the last one of the same claim."""
    print(f"\n{text}\n")
    if write:
        RESULTS.write_text(with_section(RESULTS.read_text(encoding="utf-8"), claim, text), encoding="utf-8")


def with_section(page: str, claim: str, text: str) -> str:
    """A page whose section of this claim says ``text``; one that it has not yet is added after the others."""
    begin, end = f"<!-- {claim} -->", f"<!-- end of {claim} -->"
    section = f"{begin}\n{text.strip()}\n{end}"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if found.search(page):
        return found.sub(lambda _: section, page)
    return page.replace(_NEXT, f"{section}\n\n{_NEXT}")
