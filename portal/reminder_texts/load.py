"""Reading the ladder: the portal's own steps, each replaced, switched off or added to by ``content/reminders/*.md``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from portal.errors import ContentError, Problem
from portal.receivables.ladder import Consequence, Ladder, Step, Tone
from portal.reminder_texts.models import StepText
from portal.sources.front_matter import FIRST_LINE, split_front_matter
from portal.texts import LANGUAGES, SOURCE_LANGUAGE, language_of
from portal.toml_text import line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portal.sources.front_matter import FrontMatter

FOLDER = "reminders"
OWN_TEXTS = Path(__file__).parents[1] / "templates" / FOLDER
FIELDS = ("when", "every_days", "tone", "consequence", "subject", "subject_several", "off")
TRANSLATED_FIELDS = ("subject", "subject_several")
_NAME = re.compile(r"([a-z][a-z0-9-]{0,39})(?:\.([a-z]{2,3}))?")
_WHEN = re.compile(r"(?:on the due date|(\d{1,3}) days? (before|after) due)")
_LONGEST_SUBJECT = 150
_FEWEST_DAYS, _MOST_DAYS = 7, 365
E = TypeVar("E", Tone, Consequence)


@dataclass(frozen=True, slots=True)
class Texts:
    """The ladder with its words.

    Attributes:
        ladder: the steps that are on.
        steps: all that are not switched off, by name, those too that announce what is not configured.
        words: by step and language.
        first_language: that of files without a language in their name.
    """

    ladder: Ladder
    steps: Mapping[str, Step]
    words: Mapping[tuple[str, str], StepText]
    first_language: str

    def text_of(self, step: str, language: str) -> StepText:
        """The words for a reader: in their language, else in the owner's, else in English."""
        order = (language, self.first_language, SOURCE_LANGUAGE)
        return next(self.words[step, one] for one in order if (step, one) in self.words)

    @property
    def owners(self) -> tuple[StepText, ...]:
        """The owner's own files."""
        return tuple(text for text in self.words.values() if text.is_owners)


@dataclass(frozen=True, slots=True)
class _File:
    """One file of the ladder, read but not yet put together with the others."""

    step: str
    language: str
    front: FrontMatter
    file: str
    is_base: bool
    is_owners: bool

    def problem(self, problem: str, remedy: str, field: str) -> Problem:
        line = line_of(self.front.text, (field,))
        return Problem(problem, remedy, file=self.file, line=line + FIRST_LINE - 1 if line else 1, field=field)


def load_texts(content: Path, locale: str, *, allowed: Iterable[Consequence] = ()) -> Texts:
    """The ladder of the portal in ``content``.

    Args:
        content: the owner's files; those of the ladder are in ``reminders`` below it.
        locale: the portal's; the language of files that name none.
        allowed: the consequences that the owner has configured; steps that need another are left out.

    Raises:
        ContentError: every problem of every file, with file, line and what to do.
    """
    first, problems = language_of(locale), list[Problem]()
    files = [*_read(OWN_TEXTS, "portal", SOURCE_LANGUAGE, problems), *_read(content / FOLDER, FOLDER, first, problems)]
    steps = _steps(files, problems)
    words: dict[tuple[str, str], StepText] = {}
    for file in files:
        text = _text(file, problems)
        if text is not None and file.step in steps:
            words[file.step, file.language] = text
    if problems:
        raise ContentError(problems)
    may = frozenset(allowed)
    on = (step for step in steps.values() if step.consequence is None or step.consequence in may)
    return Texts(Ladder(tuple(sorted(on, key=lambda step: step.days))), steps, words, first)


def _read(folder: Path, shown: str, first_language: str, problems: list[Problem]) -> list[_File]:
    found = []
    for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
        file = f"{shown}/{path.name}"
        named = _NAME.fullmatch(path.stem)
        if named is None or (named[2] and named[2] not in LANGUAGES):
            problems.append(_misnamed(file))
            continue
        try:
            front = split_front_matter(path.read_text(encoding="utf-8-sig").replace("\r\n", "\n"), file=file)
        except UnicodeDecodeError:
            problems.append(Problem("The file is not UTF-8.", "Save it as UTF-8.", file=file))
            continue
        except ContentError as error:
            problems += error.problems
            continue
        found.append(_File(named[1], named[2] or first_language, front, file, named[2] is None, folder != OWN_TEXTS))
    return found


def _misnamed(file: str) -> Problem:
    languages = ", ".join(LANGUAGES)
    return Problem(
        "This is no name of a step.",
        f"Call it like friendly.md, and in other languages friendly.de.md ({languages}).",
        file=file,
    )


def _steps(files: Iterable[_File], problems: list[Problem]) -> dict[str, Step]:
    """The steps by name, the owner's over the portal's, without those that the owner has switched off."""
    steps: dict[str, Step | None] = {}
    translated: dict[str, _File] = {}
    for file in files:
        if file.is_base:
            steps[file.step] = _step(file, steps.get(file.step), problems)
        else:
            translated.setdefault(file.step, file)
    for name, file in translated.items():
        if name not in steps:
            remedy = f"Write {name}.md first, in your own language: it says when the step comes."
            problems.append(Problem("There is no such step.", remedy, file=file.file))
    on = {name: step for name, step in steps.items() if step is not None}
    problems += [
        file.problem("Another step comes on the same day.", "Move one of the two, or switch it off.", "when")
        for file in files
        if file.is_owners and file.is_base and (step := on.get(file.step)) and _shares_day(step, on.values())
    ]
    return on


def _step(file: _File, ours: Step | None, problems: list[Problem]) -> Step | None:
    """A step as its file says; what the owner's file leaves out is as in the portal's own of that name."""
    fields = file.front.tables
    if fields.get("off") is True:
        return None
    step = ours or Step(file.step, 0, Tone.FRIENDLY)
    if ours is None or "when" in fields:
        step = replace(step, days=_days(fields.get("when"), file, problems))
    if "tone" in fields:
        step = replace(step, tone=_one_of(Tone, "tone", file, problems) or Tone.FRIENDLY)
    if "consequence" in fields:
        step = replace(step, consequence=_one_of(Consequence, "consequence", file, problems))
    if "every_days" in fields:
        step = replace(step, every_days=_every(fields["every_days"], file, problems))
    return step


def _days(when: object, file: _File, problems: list[Problem]) -> int:
    found = _WHEN.fullmatch(when.strip()) if isinstance(when, str) else None
    if found is None:
        remedy = 'Write when = "7 days before due", "on the due date" or "14 days after due".'
        problems.append(file.problem("It does not say when it is sent.", remedy, "when"))
        return 0
    return int(found[1] or 0) * (-1 if found[2] == "before" else 1)


def _every(days: object, file: _File, problems: list[Problem]) -> int | None:
    if days == 0:
        return None
    if isinstance(days, int) and _FEWEST_DAYS <= days <= _MOST_DAYS:
        return days
    remedy = f"Write {_FEWEST_DAYS} to {_MOST_DAYS}, or 0 for a step that comes once."
    problems.append(file.problem("This is no number of days.", remedy, "every_days"))
    return None


def _one_of(kinds: type[E], field: str, file: _File, problems: list[Problem]) -> E | None:
    try:
        return kinds(file.front.tables[field])
    except ValueError:
        choices = ", ".join(kind.value for kind in kinds)
        problems.append(file.problem(f"This is no {field}.", f"Write one of {choices}.", field))
        return None


def _shares_day(step: Step, steps: Iterable[Step]) -> bool:
    return any(other.days == step.days and other.name != step.name for other in steps)


def _text(file: _File, problems: list[Problem]) -> StepText | None:
    fields = file.front.tables
    if file.is_base and fields.get("off") is True:
        return None
    known = FIELDS if file.is_base else TRANSLATED_FIELDS
    problems += [
        file.problem("There is no such field here.", f"Known here: {', '.join(known)}.", field)
        for field in fields
        if field not in known
    ]
    subject, several = _subject(file, "subject", problems), None
    if "subject_several" in fields:
        several = _subject(file, "subject_several", problems)
    if subject is None:
        return None
    lines = {name: _line(file, name) for name in ("subject", "subject_several")}
    begins = file.front.text.count("\n") + FIRST_LINE + 1
    return StepText(
        file.step, file.language, subject, several, file.front.body, file.file, begins, lines, file.is_owners
    )


def _subject(file: _File, field: str, problems: list[Problem]) -> str | None:
    value = file.front.tables.get(field)
    if isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST_SUBJECT and value.isprintable():
        return value.strip()
    remedy = 'Write it in one line, such as "Invoice {{ number }}: {{ left }} left to pay".'
    problems.append(file.problem("The subject is missing, too long or not one line.", remedy, field))
    return None


def _line(file: _File, field: str) -> int | None:
    line = line_of(file.front.text, (field,))
    return line + FIRST_LINE - 1 if line else None
