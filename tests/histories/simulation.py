"""Random histories from one number: the same number gives the same history, and a failing one is cut to its core.

Weighted, unlike hypothesis' rules: most of a history has to be people who pay, or no money ever moves. What is drawn
for a step means something in every state (the third checkout, a seventh of what is left), so any step may be left out.
"""

from __future__ import annotations

import secrets
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from unittest.mock import patch

from light_stripe import light_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class History(Protocol):
    """What a history happens to."""

    def audit(self) -> None:
        """Object to anything that may not be, after each step."""

    def heal(self) -> None:
        """Let everything arrive, and object to anything that is left."""

    def close(self) -> None:
        """Leave nothing behind."""


@dataclass(frozen=True)
class Rule:
    """Something that can happen."""

    name: str
    weight: int
    when: Callable[[Any], object]
    draws: dict[str, Callable[[Random], Any]]


@dataclass(frozen=True)
class Step:
    """Something that happened, with what was drawn for it."""

    name: str
    drawn: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.drawn.items())})"


def rule(
    weight: int, when: Callable[[Any], object] = lambda _history: True, **draws: Callable[[Random], Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a method as something that can happen: how likely, in which states, and what is drawn for it."""

    def mark(act: Callable[..., None]) -> Callable[..., None]:
        act.rule = Rule(act.__name__, weight, when, draws)  # type: ignore[attr-defined]
        return act

    return mark


def one_of(*values: Any) -> Callable[[Random], Any]:  # noqa: ANN401  whatever is drawn
    """Draw one of these; naming one twice makes it twice as likely."""
    return lambda random: random.choice(values)


def number(least: int, most: int) -> Callable[[Random], int]:
    """Draw a whole number."""
    return lambda random: random.randint(least, most)


@dataclass(frozen=True)
class Simulation:
    """Histories of one kind.

    Attributes:
        begin: opens a history; one number decides how it begins.
        steps: how long a history is.
    """

    begin: Callable[[int], History]
    kind: type
    steps: int = 50

    def run(self, seed: int) -> None:
        """One history.

        Raises:
            AssertionError: the auditor objected; says the shortest steps found that make it object, and how to replay.
        """
        steps, failure = self.objection(seed)
        if failure is not None:
            self._report(seed, steps, failure)

    def objection(self, seed: int) -> tuple[list[Step], BaseException | None]:
        """One history as far as it came, and what somebody objected to in it."""
        steps: list[Step] = []
        return steps, self._play(seed, self._drawn(seed, steps))

    def replay(self, seed: int, steps: Sequence[Step]) -> BaseException | None:
        """Play these steps once more; the objection, if there is one."""
        rules = self._rules()
        return self._play(seed, lambda history: (step for step in steps if rules[step.name].when(history)))

    def _rules(self) -> dict[str, Rule]:
        found = (getattr(self.kind, name) for name in dir(self.kind))
        return {act.rule.name: act.rule for act in found if hasattr(act, "rule")}

    def _drawn(self, seed: int, steps: list[Step]) -> Callable[[History], Iterator[Step]]:
        """Draw each step when its turn comes, from what can happen then."""
        random, rules = Random(seed), list(self._rules().values())  # noqa: S311  to be the same again

        def draw(history: History) -> Iterator[Step]:
            for _ in range(self.steps):
                able = [one for one in rules if one.when(history)]
                (chosen,) = random.choices(able, [one.weight for one in able])
                steps.append(Step(chosen.name, {name: drawn(random) for name, drawn in chosen.draws.items()}))
                yield steps[-1]

        return draw

    def _play(self, seed: int, steps_of: Callable[[History], Iterator[Step]]) -> BaseException | None:
        with _ids_of(seed), light_answers():
            history = self.begin(seed)
            try:
                for step in steps_of(history):
                    getattr(history, step.name)(**step.drawn)
                    history.audit()
                history.heal()
            except Exception as failure:  # noqa: BLE001  whatever it is, it is the finding
                return failure
            finally:
                history.close()
        return None

    def _report(self, seed: int, steps: list[Step], failure: BaseException) -> NoReturn:
        kept = self.shortened(seed, steps, failure)
        told = self.replay(seed, kept) or failure
        listed = "\n".join(f"    {step}" for step in kept)
        again = f"PORTAL_HISTORY={seed} make histories"
        raise AssertionError(
            f"{type(told).__name__}: {told}\nHistory {seed}, {len(kept)} of its {len(steps)} steps:\n{listed}\n"
            f"To play it again: {again}"
        ) from told

    def shortened(self, seed: int, steps: Sequence[Step], failure: BaseException) -> list[Step]:
        """Leave out what is not needed for the same kind of objection, larger parts first."""
        kept, part = list(steps), len(steps) // 2
        while part:
            place = 0
            while place < len(kept):
                without = kept[:place] + kept[place + part :]
                if alike(self.replay(seed, without), failure):
                    kept = without
                else:
                    place += part
            part //= 2
        return kept


def alike(one: BaseException | None, other: BaseException) -> bool:
    """Whether two objections are about the same invariant: its name stands before the colon."""
    return type(one) is type(other) and str(one).partition(":")[0] == str(other).partition(":")[0]


@contextmanager
def _ids_of(seed: int) -> Iterator[None]:
    """Ids that look random and are the same in each replay, since lists may be sorted by them."""
    random = Random(f"ids {seed}")  # noqa: S311  to be the same again
    with (
        patch.object(secrets, "token_hex", lambda length=32: random.randbytes(length).hex()),
        patch.object(secrets, "choice", random.choice),
    ):
        yield


ran: Counter[str] = Counter()
"""How often each thing really happened, over all histories of this process."""
