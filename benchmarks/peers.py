"""The portal beside other site generators: the same invoices, the same page, sides in turn.

    python benchmarks/peers.py --count 10000 --rounds 3
    python benchmarks/peers.py --count 2000 --sides portal,plain --only first

Each peer is installed into ``benchmarks/.work``; one that cannot be is left out, with the reason. Printed are, for a
first build, one without changes and one with one changed invoice, medians over the rounds, the portal's share, and
the machine's noise.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import peer_eleventy
import peer_hugo
import peer_pelican
from measuring import WORK, Noise, Run, conditions, markdown_table, report, spread
from peer_check import COMPARED, check_same
from peer_portal import build, plain_side, portal_side
from peer_side import NotInReachError, frame_of
from sample import change_one, write_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from peer_side import Invoices, Side

CLAIMS = {"first": "first build", "same": "nothing changed", "changed": "one invoice changed"}
Taken = dict[str, dict[str, list[Run]]]
"""By claim and side, a run for each round."""


def sample_of(count: int) -> Path:
    """A folder with the sample, built once so that there are pages whose heads and feet the peers take over."""
    root = WORK / f"peers-{count}"
    if not (root / "content").exists():
        write_sample(root, count)
    build(root)
    return root


def sides_of(root: Path, names: Sequence[str]) -> list[Side]:
    """The sides that are asked for and can be installed; says which cannot."""
    frame = frame_of(root / "build")
    known: dict[str, Callable[[], Side]] = {
        "portal": partial(portal_side, root),
        "hugo": partial(peer_hugo.side, root, frame),
        "eleventy": partial(peer_eleventy.side, root, frame),
        "pelican": partial(peer_pelican.side, root, frame),
        "plain": partial(plain_side, root),
    }
    found = []
    for name in names:
        try:
            found.append(known[name]())
        except NotInReachError as error:
            print(f"LEFT OUT: {name}. {error}")
    return found


def invoices_in(root: Path) -> Invoices:
    """The sample as it stands."""
    return [json.loads(line) for line in (root / "invoices.jsonl").read_text(encoding="utf-8").splitlines()]


def feed(root: Path, sides: Sequence[Side]) -> None:
    """Give each side the sample as it stands."""
    invoices = invoices_in(root)
    for side in sides:
        side.feed(invoices)


def measure(root: Path, sides: Sequence[Side], wanted: Sequence[str], rounds: int) -> tuple[Taken, Noise]:
    """All sides in turn, the other way round in every second round."""
    taken: Taken = {claim: defaultdict(list) for claim in wanted}
    noise = Noise()
    for number in range(rounds):
        turn = list(sides)[:: -1 if number % 2 else 1]
        noise.spin()
        for claim in wanted:
            for side in turn:
                _prepare(claim, root, side, number)
                taken[claim][side.name].append(side.build())
            noise.spin()
    return taken, noise


def _prepare(claim: str, root: Path, side: Side, number: int) -> None:
    """For a first build there is nothing yet; for the others each side has built just before."""
    if claim == "first":
        side.clean()
    if claim == "changed":
        invoices = invoices_in(root)
        changed = invoices[len(invoices) // 2]["number"]
        change_one(root, changed, f"Changed in round {number} for {side.name}")
        side.feed(invoices_in(root))


def rows(title: str, runs: dict[str, list[Run]], own: str) -> list[list[str]]:
    """A row for each side: what it took, and the share of it that the portal took in the same round."""
    made = []
    for name, each in runs.items():
        ratios = (
            median(ours[column] / theirs[column] for ours, theirs in zip(runs[own], each, strict=True))
            for column in range(2)
        )
        wall, processor = ("" if name == own else f"{ratio:.2f}" for ratio in ratios)
        clock, seconds = spread([run.wall for run in each]), spread([run.processor for run in each])
        memory = f"{max(run.memory for run in each):.0f}"
        made.append([title if not made else "", name, clock, wall, seconds, processor, memory])
    return made


def main(count: int, rounds: int, names: Sequence[str], wanted: Sequence[str], *, write: bool) -> None:
    """Check that the sides make the same, measure, and print."""
    root = sample_of(count)
    sides = sides_of(root, names)
    feed(root, sides)
    invoices = invoices_in(root)
    # Neighbours, for among them every state of an invoice is found.
    numbers = [invoice["number"] for invoice in invoices[: COMPARED // 2] + invoices[-COMPARED // 2 :]]
    for side in sides:
        side.build()
    same = check_same(sides, numbers)
    taken, noise = measure(root, sides, wanted, rounds)
    own = sides[0].name
    header = ("", "side", "clock, s", f"{own} / side", "processor, s", f"{own} / side", "largest process, MB")
    table = markdown_table(header, [row for claim in wanted for row in rows(CLAIMS[claim], taken[claim], own)])
    versions = conditions(*(f"{side.name} {side.version}" for side in sides if side.version))
    options = f"--count {count} --rounds {rounds} --sides {','.join(names)} --only {','.join(wanted)}"
    title = f"### {count:,} invoices beside {', '.join(side.name for side in sides[1:])}"
    text = f"`python benchmarks/peers.py {options}`; medians, in brackets the smallest and largest. {versions}"
    body = "\n\n".join([title, text, table, " ".join([*same, str(noise)])])
    report(f"peers {count} {'-'.join(names)}", body, write=write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", default="portal,hugo,eleventy,pelican", help="of these, and plain")
    parser.add_argument("--only", default=",".join(CLAIMS), help="claims, of: %(default)s")
    parser.add_argument("--write", action="store_true", help="also put the table into benchmarks/RESULTS.md")
    asked = parser.parse_args()
    main(asked.count, asked.rounds, asked.sides.split(","), asked.only.split(","), write=asked.write)
