"""A story happens once, in the sandbox alone, through the pages that customers see."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from world import World

from portal.errors import ContentError, PortalError
from portal.ports.links import LinkEnd, LinkKind
from portal.receivables.answers import ProblemReason
from portal.receivables.entries import EntryKind
from portal.receivables.statuses import InvoiceStatus
from portal.stories import Story, load_story, play
from portal.stories.reading import GivenBack, GivenUp, Pays, Reports, Spreads, TakenBack

ROOT = Path(__file__).parents[2]
PLANS = "[[plans]]\npayments = 3\noverdue_only = true\n"
GONE = '+++\nnumber = "1035"\ncustomer = "Evening School"\ncurrency = "GBP"\ntotal = "180.00"\n+++\n'
STORY = """
[[steps]]
invoice = "part"
does = "pays"
amount = "300"

[[steps]]
invoice = "part"
does = "is refunded"
amount = "100.00"

[[steps]]
invoice = "bounced"
does = "pays"
by = "bank"

[[steps]]
does = "bank payments bounce"

[[steps]]
invoice = "bank"
does = "pays"
by = "bank"

[[steps]]
invoice = "disputed"
does = "pays"

[[steps]]
invoice = "disputed"
does = "is disputed"

[[steps]]
invoice = "wrong"
does = "reports a problem"
reason = "work"
words = "It leaks."

[[steps]]
invoice = "lost"
does = "is written off"

[[steps]]
days_ago = 33
invoice = "plan"
does = "spreads"
plan = "3-monthly-automatic"
by = "0341"

[[steps]]
does = "collects"

[[steps]]
invoice = "1035"
does = "pays"

[[steps]]
invoice = "wrong"
does = "gets a new link"

[[steps]]
invoice = "wrong"
does = "gets a pay-only link"

[earlier]
"1035.md" = '''
%s'''
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = World(tmp_path, port=port)
    made.write("portal.toml", (made.folders.content / "portal.toml").read_text() + PLANS)
    return made


def told(world: World, text: str) -> Story:
    return load_story(world.write("story.toml", text))


def played(world: World, story: Story) -> int:
    return play(story, world.folders, world.day, host="127.0.0.1", port=int(world.url.rpartition(":")[2]))


def test_everything_that_is_told_has_happened(world: World) -> None:
    for name in ("part", "bank", "bounced", "disputed", "wrong", "lost"):
        world.invoice(name)
    world.invoice("plan", due_on="2026-10-02")
    story = told(world, STORY % GONE)
    assert played(world, story) == 14
    part = world.balance("part")
    assert (part.amount_paid.decimal_text, part.amount_refunded.decimal_text) == ("200.00", "100.00")
    assert world.balance("bank").amount_on_its_way.decimal_text == "840.00"
    assert world.balance("disputed").amount_disputed.decimal_text == "840.00"
    page = world.folders.output / world.open().path_of("bounced")[1:] / "index.html"
    bounced = r"Your bank payment of £840\.00, begun on \d+ \w+ \d{4}, did not go through\."
    assert re.search(bounced, page.read_text(encoding="utf-8"))
    assert world.balance("lost").status is InvoiceStatus.WRITTEN_OFF
    (problem,) = world.entries("wrong")
    assert (problem.kind, problem.method, problem.note) == (EntryKind.PROBLEM_REPORTED, "work", "It leaks.")
    record = world.open().ledger.plans_in_force()["plan"]
    assert [one.state.value for one in record.attempts] == ["declined"]
    assert world.balance("plan").amount_paid.decimal_text == "280.00"
    assert [entry.kind for entry in world.entries("1035")] == [EntryKind.PAYMENT]
    page = world.folders.output / world.open().path_of("disputed")[1:] / "index.html"
    assert "Your bank took back £840.00" in page.read_text(encoding="utf-8")
    links = {(link.kind, link.version, link.ended) for link in world.open().ledger.links_issued(["wrong"])}
    whole = {(LinkKind.INVOICE, 1, LinkEnd.REPLACED), (LinkKind.INVOICE, 2, None)}
    assert links == {*whole, (LinkKind.PAY_ONLY, 1, None)}
    assert played(world, story) == 0
    assert not list(world.folders.state.glob("story-*"))


def test_a_story_is_played_in_the_sandbox_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_STRIPE_KEY", "sk_test_1")
    with pytest.raises(PortalError, match="in the sandbox alone"):
        played(world, told(world, '[[steps]]\ninvoice = "1042"\ndoes = "pays"\n'))
    assert not world.folders.state.exists()


def test_what_cannot_be_done_says_so(world: World) -> None:
    with pytest.raises(PortalError, match="was not paid"):
        played(world, told(world, '[[steps]]\ninvoice = "1042"\ndoes = "is refunded"\n'))


def test_all_that_is_wrong_with_a_story_is_told_at_once_with_its_lines(world: World) -> None:
    text = (
        '[[steps]]\ninvoice = "1"\ndoes = "flies"\n\n[[steps]]\ndoes = "pays"\n\n[[steps]]\ndoes = "collects"\nx = 1\n'
    )
    with pytest.raises(ContentError) as caught:
        told(world, text)
    assert [(one.line, one.field) for one in caught.value.problems] == [(1, "does"), (5, "invoice"), (8, "x")]


def test_the_sample_tells_of_every_state_that_money_brings_about() -> None:
    story = load_story(ROOT / "content" / "sample-history.toml")
    kinds = {type(step) for step in story.steps}
    assert {Pays, Spreads, Reports, GivenBack, TakenBack, GivenUp} <= kinds
    assert any(isinstance(step, Pays) and step.by == "bank" for step in story.steps)
    assert {step.reason for step in story.steps if isinstance(step, Reports)} <= set(ProblemReason)
    files = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "content" / "invoices").glob("*.md"))
    for key in story.invoices:
        assert f'number = "{key}"' in files + "".join(story.earlier.values())
