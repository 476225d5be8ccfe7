"""A ladder tried before it is used: which steps nobody would ever get, and where it goes down instead of up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st
from ladders import FORMAL, LADDER

from portal.receivables.dunning import InvoiceCase, Rules, Told, decide
from portal.receivables.ladder import Ladder, Step, Tone
from portal.receivables.ladder_trial import NeverSent, gentler_later, steps_never_sent
from portal.receivables.sending_hours import SendingHours

ALWAYS = SendingHours(0, 24, frozenset(range(7)), lambda _day: False)


def unsent(*steps: Step, gap_days: int = 7, most: int = 4) -> dict[str, NeverSent]:
    return {one.step.name: one.why for one in steps_never_sent(Ladder(steps), gap_days=gap_days, most=most)}


def test_each_step_of_the_portals_own_ladder_is_sent() -> None:
    assert unsent(*LADDER.steps) == unsent(*FORMAL.steps) == unsent() == {}


def test_steps_beyond_the_most_are_never_sent_but_those_with_a_consequence_are() -> None:
    assert unsent(*FORMAL.steps, most=2) == {"follow-up": NeverSent.ENOUGH}
    assert unsent(*FORMAL.steps, most=1) == {"personal": NeverSent.ENOUGH, "follow-up": NeverSent.ENOUGH}


def test_a_step_between_two_mails_that_may_not_come_sooner_is_never_sent() -> None:
    steps = (Step("one", 7, Tone.FRIENDLY), Step("two", 9, Tone.FRIENDLY), Step("three", 12, Tone.FRIENDLY))
    assert unsent(*steps) == {"two": NeverSent.TOO_CLOSE}
    assert unsent(*steps, gap_days=3) == {}, "on days 7, 10 and 13"
    assert unsent(*steps[:2]) == {}, "the last one waits for its day"
    soon = (Step("before", -5, Tone.FRIENDLY), Step("due", 0, Tone.FRIENDLY), Step("after", 7, Tone.FRIENDLY))
    assert unsent(*soon, gap_days=9) == {"due": NeverSent.TOO_CLOSE}, "its words are true for three days only"


def test_a_ladder_goes_up() -> None:
    assert gentler_later(FORMAL) == gentler_later(Ladder(())) == ()
    down = (Step("firm", 7, Tone.REGULAR), Step("nice", 14, Tone.FRIENDLY), Step("firmer", 21, Tone.FORMAL))
    assert [(one.name, other.name) for one, other in gentler_later(Ladder(down))] == [("firm", "nice")]


@given(
    days=st.lists(st.integers(-30, 90), min_size=1, max_size=6, unique=True),
    gap_days=st.integers(3, 20),
    most=st.integers(1, 6),
)
def test_the_trial_agrees_with_an_invoice_that_nobody_pays(days: list[int], gap_days: int, most: int) -> None:
    ladder = Ladder(tuple(Step(f"s{day}", day, Tone.FRIENDLY) for day in sorted(days)))
    due_on, told = date(2026, 10, 5), tuple[Told, ...]()
    for day in (due_on + timedelta(ahead) for ahead in range(-31, 250)):
        case = InvoiceCase("1042", is_open=True, due_on=due_on, issued_on=date(2026, 1, 1), told=told)
        rules, noon = Rules(gap_days, most, began_on=date(2026, 1, 1)), datetime.combine(day, time(12), UTC)
        for outcome in decide([case], ladder, rules, ALWAYS, local=noon, as_of=day).to_send:
            assert outcome.rung is not None
            told += (Told(outcome.rung.name, day, is_sent=True),)
    never = {one.step.name for one in steps_never_sent(ladder, gap_days=gap_days, most=most)}
    assert {one.name for one in told} == {step.name for step in ladder.steps} - never
