"""What an invoice takes in memory while the portal builds: a first build of some invoices, and one of many.

    python benchmarks/memory.py 10000 100000

Printed are the largest process of each build, as the operating system counts it, and how much each invoice beyond the
first number added. Hugo's build of the same invoices stands beside it where it can be installed.
"""

from __future__ import annotations

import argparse

from measuring import Noise, Run, conditions, markdown_table, report
from peers import feed, sample_of, sides_of


def first_builds(counts: list[int]) -> dict[str, list[Run]]:
    """A first build of each number, by side."""
    runs: dict[str, list[Run]] = {}
    for count in counts:
        root = sample_of(count)
        sides = sides_of(root, ["portal", "hugo"])
        feed(root, sides)
        for side in sides:
            side.clean()
            runs.setdefault(side.name, []).append(side.build())
    return runs


def main(counts: list[int], *, write: bool) -> None:
    """Measure and print."""
    noise = Noise()
    noise.spin()
    runs = first_builds(counts)
    noise.spin()
    rows = []
    for name, each in runs.items():
        grown = (each[-1].memory - each[0].memory) * 1024 / (counts[-1] - counts[0])
        rows.append([name, *(f"{run.memory:,.0f} MB" for run in each), f"{grown:.2f} KB"])
    table = markdown_table(("largest process", *(f"{count:,} invoices" for count in counts), "each further one"), rows)
    command = f"`python benchmarks/memory.py {' '.join(map(str, counts))}`"
    report("memory", f"### Memory\n\n{command}. {conditions()}\n\n{table}\n\n{noise}", write=write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--write", action="store_true", help="also put the table into benchmarks/RESULTS.md")
    asked = parser.parse_args()
    main(asked.counts, write=asked.write)
