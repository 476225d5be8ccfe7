"""The ladder as the owner has it, read and held against the rules: it is used whole and right, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.errors import ContentError, Problem
from portal.receivables.ladder import Consequence
from portal.reminder_texts.load import load_texts
from portal.reminder_texts.rules import problems_in, said_wrongly
from portal.texts import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from portal.config import Settings
    from portal.reminder_texts.load import Texts
    from portal.settings.reminders import Consequences

_PLACE = "reminders.consequences.final_date"


def checked_texts(content: Path, settings: Settings) -> Texts:
    """The ladder with its words.

    Raises:
        ContentError: everything that is wrong with the files and with what they may announce, with file and line.
    """
    configured = settings.reminders.consequences if settings.reminders else None
    allowed = _allowed(configured)
    texts = load_texts(content, settings.portal.locale, allowed=allowed)
    problems = [*_in_files(texts, settings, allowed), *_in_settings(configured, settings)]
    if problems:
        raise ContentError(problems)
    return texts


def _allowed(configured: Consequences | None) -> frozenset[Consequence]:
    if configured is None:
        return frozenset()
    stated = {
        Consequence.WORK_PAUSES: configured.work_pauses,
        Consequence.FINAL_DATE: configured.final_date,
    }
    return frozenset(one for one, setting in stated.items() if setting is not None)


def _in_files(texts: Texts, settings: Settings, allowed: frozenset[Consequence]) -> Iterator[Problem]:
    fees = settings.terms.late.mode == "charged" if settings.terms.late else False
    for text in texts.owners:
        step = texts.steps[text.step]
        if step.consequence is not None and step.consequence not in allowed:
            yield Problem(
                f"This step announces what is not configured: {step.consequence.value}.",
                f"Set [reminders.consequences.{step.consequence.value}], or switch the step off with off = true.",
                file=text.file,
                line=1,
            )
        yield from problems_in(text, step, fees=fees)


def _in_settings(configured: Consequences | None, settings: Settings) -> Iterator[Problem]:
    """What follows may be named here, and only here; it is still said calmly."""
    final = configured.final_date if configured else None
    if final is None:
        return
    said = {"then": (final.then, language_of(settings.portal.locale))}
    said |= {f"then_in.{language}": (words, language) for language, words in final.then_in.items()}
    for field, (words, language) in said.items():
        for problem, remedy in said_wrongly(words, language):
            yield Problem(problem, remedy, file="portal.toml", field=f"{_PLACE}.{field}")
