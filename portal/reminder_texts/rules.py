"""What no reminder may say: threats, shaming, shouting, countdowns, and consequences that are not configured.

Words are looked for in the language of the text. They are those of letters that people have called overbearing or that
regulators name (12 CFR 1006, the FCA's CONC 7.3), not a judgement of the owner; a lawyer's letter is not a reminder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.receivables.ladder import Consequence
from portal.reminder_texts.models import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.receivables.ladder import Step
    from portal.reminder_texts.models import StepText

_VARIABLE = re.compile(r"\{\{(.*?)\}\}")
_ABBREVIATIONS = frozenset({"IBAN", "SEPA", "BACS", "GMBH", "TWINT", "MBWAY", "CHAPS"})
_NEEDS = {
    Consequence.WORK_PAUSES: ("pauses_on",),
    Consequence.FINAL_DATE: ("final_on", "what_follows"),
}
_THREATS = {
    "en": r"final (?:notice|demand|warning|reminder)|last (?:notice|warning|chance)|legal|court|law ?suit|sue|"
    r"solicitors?|lawyers?|attorneys?|debt collect\w*|collection agenc\w*|collectors?|bailiffs?|enforce\w*|prosecut\w*|"
    r"credit (?:score|rating|record|report|bureau)|blacklist\w*|consequences|or else|urgent\w*|immediate(?:ly)?",
    "de": r"letzte (?:mahnung|warnung|aufforderung|chance)|mahnbescheid\w*|gericht\w*|rechts?anw[aä]lt\w*|anw[aä]lt\w*|"
    r"inkasso\w*|vollstreck\w*|zwangs\w+|schufa|verklagen|klage\w*|rechtlich\w*|konsequenz\w*|dringend\w*|sofort\w*|"
    r"unverzüglich\w*",
    "it": r"ultim[oa] (?:avviso|sollecito|avvertimento|possibilità)|azion[ei] legal[ei]|vie legali|legal[ei]|tribunale|"
    r"avvocat\w+|recupero crediti|ingiunzion\w+|pignorament\w+|causa legale|conseguenz\w+|urgent\w+|immediat\w+",
    "pt": r"últim[oa] (?:aviso|oportunidade|advertência)|a[çc](?:ão|ões) (?:judicia\w+|lega\w+)|"
    r"vias? (?:lega\w+|judicia\w+)|lega(?:l|is)|"
    r"judicia\w+|tribuna\w+|advogad\w+|cobrança coerciva|penhora\w*|injun[çc]\w+|consequências|urgent\w+|"
    r"imediat\w+",
}
_SHAMING = {
    "en": r"asham\w*|shame\w*|disappoint\w*|irresponsib\w*|dishonest\w*|excuses?|debtors?|delinquen\w*|debts?|"
    r"bad payers?|unlike (?:our )?other \w+|most (?:of our )?(?:customers|people|clients)",
    "de": r"schäm\w*|enttäusch\w*|verantwortungslos\w*|unehrlich\w*|ausreden?|schuldner\w*|säumig\w*|schulden|"
    r"anders als andere\w*|die meisten (?:kunden|kundinnen|menschen)",
    "it": r"vergogn\w*|delus[oaie]|irresponsabil\w*|disonest\w*|scuse|debitor\w+|moros\w+|(?<!di )debit[oi]|"
    r"a differenza degli altri|la maggior parte dei (?:nostri )?clienti",
    "pt": r"vergonh\w*|desilu\w*|dece[cp]?cionad\w*|irresponsáve\w*|desonest\w*|desculpas esfarrapadas|devedor\w*|"
    r"incumpridor\w*|dívidas?|ao contrário dos outros|a maioria dos (?:nossos )?clientes",
}
_COUNTDOWNS = {
    "en": r"only (?:\d+|one|two|three|a few) (?:days?|hours?)|(?:days?|hours?) (?:left|remaining)|today|act now|"
    r"running out",
    "de": r"nur noch|(?:tage?|stunden?) (?:bleiben|verbleib\w+)|heute|jetzt handeln|läuft ab",
    "it": r"solo \d+ (?:giorn\w|or[ae])|mancano|oggi|agisca|sta per scadere",
    "pt": r"só faltam|apenas \d+ (?:dias?|horas?)|faltam|hoje|aja|a esgotar",
}
_WORK = {
    "en": r"(?:paus|stop|suspend|halt)\w* (?:\w+ ){0,2}(?:work|services?|deliver\w*)",
    "de": r"(?:arbeit\w*|leistung\w*|lieferung\w*) (?:\w+ ){0,4}(?:ruh\w*|unterbrech\w*|einstell\w*|pausier\w*)|"
    r"(?:unterbrechen|pausieren|stoppen) (?:\w+ ){0,3}(?:arbeit\w*|leistung\w*|lieferung\w*)",
    "it": r"(?:sospend\w*|interromp\w*|ferm\w*) (?:\w+ ){0,2}(?:lavor\w*|servizi\w*|consegn\w*)",
    "pt": r"(?:suspend\w*|interromp\w*|par(?:ar|amos|a)) (?:\w+ ){0,2}(?:trabalh\w*|serviç\w*|entreg\w*)",
}
_FEES = {
    "en": r"late fees?|interest|penalt\w+|extra charges?",
    "de": r"mahngebühr\w*|verzugszins\w*|verzugskosten|zinsen|strafe\w*",
    "it": r"interessi|more?|penal\w+|costi di ritardo",
    "pt": r"juros|multas?|penaliza\w+|encargos",
}


def problems_in(text: StepText, step: Step, *, fees: bool) -> Iterator[Problem]:
    """All that is wrong with the words of one file.

    Args:
        text: the words.
        step: what they are for, with the consequence that the owner has configured.
        fees: whether the owner charges for paying late; only then fees may be named.
    """
    if not any(_names(line, "link") for line in text.body.splitlines()):
        remedy = "Put {{ link }} on a line of its own, where the button is to be."
        yield Problem("The link to the page is missing.", remedy, file=text.file, line=text.body_line)
    for name in _NEEDS.get(step.consequence, ()) if step.consequence else ():
        if name not in text.body:
            remedy = f"Name it: {{{{ {name} }}}} is {VARIABLES[name]}."
            yield Problem("What is announced has no date or is not said.", remedy, file=text.file, line=text.body_line)
    for line, words in _lines(text):
        for problem, remedy in _wrong(words, text.language, step, fees=fees):
            yield Problem(problem, remedy, file=text.file, line=line)


def said_wrongly(words: str, language: str) -> Iterator[tuple[str, str]]:
    """What is wrong with words of the settings that name a consequence: they may name it, but not shout or shame."""
    for pattern, problem, remedy in _manners(language):
        if found := pattern.search(words):
            yield problem.format(found[0]), remedy


def _lines(text: StepText) -> Iterator[tuple[int | None, str]]:
    yield text.front_lines["subject"], text.subject
    if text.subject_several:
        yield text.front_lines["subject_several"], text.subject_several
    for number, words in enumerate(text.body.splitlines()):
        yield text.body_line + number, words


def _wrong(words: str, language: str, step: Step, *, fees: bool) -> Iterator[tuple[str, str]]:
    yield from _unknown(words, step)
    plain = _VARIABLE.sub(" ", words)
    yield from said_wrongly(plain, language)
    checks = (
        (_THREATS, True, "{!r} reads like a threat.", "Ask, offer help, or name a dated fact instead."),
        (_COUNTDOWNS, True, "{!r} puts people under pressure, and is untrue when it is read later.", "Name a date."),
        (
            _WORK,
            step.consequence is not Consequence.WORK_PAUSES,
            "{!r} announces a consequence that is not configured for this step.",
            "Set [reminders.consequences.work_pauses] and say it in the step work-pauses, with {{ pauses_on }}.",
        ),
        (
            _FEES,
            not fees,
            "{!r} names what you do not charge.",
            'Leave it out, or set [terms.late] mode = "charged"; the page then says what is added and when.',
        ),
    )
    for patterns, applies, problem, remedy in checks:
        found = _found(patterns, language, plain) if applies else None
        if found:
            yield problem.format(found), remedy


def _unknown(words: str, step: Step) -> Iterator[tuple[str, str]]:
    for found in _VARIABLE.finditer(words):
        name = found[1].strip()
        owner = next((one for one, names in _NEEDS.items() if name in names), None)
        if name not in VARIABLES:
            yield f"{found[0]} is not known.", f"Known are {', '.join(VARIABLES)}."
        elif owner is not None and owner is not step.consequence:
            yield f"{found[0]} belongs to a step with another consequence.", f"Only {owner.value} has it."
    if "{" in _VARIABLE.sub("", words) or "}" in _VARIABLE.sub("", words):
        yield "A variable is not closed.", "Write it with two braces on either side, such as {{ left }}."


def _manners(language: str) -> Iterator[tuple[re.Pattern[str], str, str]]:
    yield re.compile("[!¡]"), "It shouts: {!r}.", "Leave out the exclamation mark."
    yield _loud(), "It shouts: {!r}.", "Write it in small letters."
    if language in _SHAMING:
        words = re.compile(rf"\b(?:{_SHAMING[language]})\b", re.IGNORECASE)
        yield words, "{!r} may shame somebody.", "Say what is left to pay, and nothing about the person."


def _loud() -> re.Pattern[str]:
    known = "|".join(sorted(_ABBREVIATIONS))
    return re.compile(rf"\b(?!(?:{known})\b)[A-ZÄÖÜÀÈÉÌÒÙÁÂÃÇÊÍÓÔÕÚ]{{4,}}\b")


def _found(patterns: dict[str, str], language: str, words: str) -> str | None:
    found = re.search(rf"\b(?:{patterns[language]})\b", words, re.IGNORECASE) if language in patterns else None
    return found[0] if found else None


def _names(line: str, variable: str) -> bool:
    found = _VARIABLE.fullmatch(line.strip())
    return found is not None and found[1].strip() == variable
