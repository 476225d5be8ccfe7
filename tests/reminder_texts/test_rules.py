"""What no reminder says: each kind of pressure is found in each language, and the portal's own words have none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.config import Settings
from portal.errors import ContentError
from portal.receivables.ladder import Consequence, Step, Tone
from portal.reminder_texts import checked_texts, load_texts, problems_in
from portal.reminder_texts.models import StepText

NOWHERE = Path("/nowhere")
FRIENDLY = Step("friendly", 7, Tone.FRIENDLY)
PAUSES = Step("work-pauses", 42, Tone.REGULAR, consequence=Consequence.WORK_PAUSES)


def text(words: str, language: str = "en", subject: str = "Invoice {{ number }}") -> StepText:
    body = f"{words}\n\n{{{{ link }}}}\n"
    lines = {"subject": 3, "subject_several": None}
    return StepText("friendly", language, subject, None, body, "reminders/friendly.md", 5, lines, is_owners=True)


def found(words: str, language: str = "en", step: Step = FRIENDLY, *, fees: bool = False) -> list[str]:
    return [problem.problem for problem in problems_in(text(words, language), step, fees=fees)]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "This is your final notice."),
        ("en", "We will take legal action."),
        ("en", "Otherwise we go to court."),
        ("en", "Please pay immediately."),
        ("en", "We are disappointed in you."),
        ("en", "Most of our customers pay in time."),
        ("en", "You have only 3 days."),
        ("en", "PLEASE PAY."),
        ("en", "Please pay!"),
        ("en", "We pause all work."),
        ("en", "There will be a late fee."),
        ("de", "Letzte Mahnung."),
        ("de", "Sonst schalten wir ein Inkassobüro ein."),
        ("de", "Wir sind enttäuscht."),
        ("de", "Sie haben nur noch drei Tage."),
        ("de", "Zahlen Sie unverzüglich."),
        ("de", "Wir müssten die Arbeiten ruhen lassen."),
        ("de", "Es fallen Verzugszinsen an."),
        ("it", "Questo è l'ultimo avviso."),
        ("it", "Procederemo per vie legali."),
        ("it", "Si vergogni."),
        ("it", "Ha solo 3 giorni."),
        ("it", "Sospendiamo i lavori."),
        ("pt", "Este é o último aviso."),
        ("pt", "Vamos recorrer ao tribunal."),
        ("pt", "É uma vergonha."),
        ("pt", "Faltam 3 dias."),
        ("pt", "Suspendemos os trabalhos."),
    ],
)
def test_pressure_is_found(language: str, words: str) -> None:
    assert found(words, language), words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Your bank can tell you the IBAN. Tell us what suits you, and we are sure to find a way."),
        ("en", "Pay by card, by direct debit or in the shop at Court Road."[:40]),
        ("de", "Bitte zahlen Sie, sobald es Ihnen passt. Die Arbeit hat Freude gemacht."),
        ("it", "Può pagare con la carta di debito."),
        ("pt", "Obrigado pelo seu tempo."),
    ],
)
def test_calm_words_are_left_alone(language: str, words: str) -> None:
    assert found(words, language) == []


def test_fees_may_be_named_where_they_are_charged() -> None:
    assert found("A late fee of £40.00 is in it.", fees=True) == []


def test_a_consequence_needs_its_step_and_its_date() -> None:
    assert found("We pause work on {{ pauses_on }}.", step=PAUSES) == []
    assert any("no date" in one for one in found("We pause work soon.", step=PAUSES))
    assert any("another consequence" in one for one in found("On {{ pauses_on }}."))


def test_a_text_needs_the_link_and_knows_its_variables() -> None:
    without = StepText(
        "friendly", "en", "Hello", None, "Hello {{ nmae }}", "reminders/friendly.md", 5, {"subject": 2}, is_owners=True
    )
    without.front_lines["subject_several"] = None
    problems = list(problems_in(without, FRIENDLY, fees=False))
    assert [problem.problem for problem in problems] == [
        "The link to the page is missing.",
        "{{ nmae }} is not known.",
    ]
    assert [(problem.file, problem.line) for problem in problems] == [("reminders/friendly.md", 5)] * 2
    assert "not closed" in found("{{ left } is left")[0]


def test_the_portals_own_words_are_calm_short_and_complete_in_four_languages() -> None:
    texts = load_texts(NOWHERE, "en-GB", allowed=Consequence)
    assert len(texts.words) == 7 * 4
    for (name, language), words in texts.words.items():
        assert list(problems_in(words, texts.steps[name], fees=False)) == [], (name, language)
        for sentence in re.split(r"(?<=[.?:])\s|\n\n|\n- ", words.body):
            assert len(sentence.split()) <= 26, sentence
        assert words.subject_several


def settings(**consequences: object) -> Settings:
    return Settings.model_validate(
        {
            "business": {"name": "Sample"},
            "mail": {"from": "hello@example.com"},
            "reminders": {"consequences": consequences},
        }
    )


def content(root: Path, **files: str) -> Path:
    (root / "reminders").mkdir()
    for name, words in files.items():
        (root / "reminders" / f"{name.replace('_', '-')}.md").write_text(words, encoding="utf-8")
    return root


def test_consequences_are_steps_only_where_they_are_configured(tmp_path: Path) -> None:
    names = [step.name for step in checked_texts(tmp_path, settings()).ladder.steps]
    assert names == ["before-due", "due", "friendly", "personal", "follow-up"]
    both = settings(work_pauses={}, final_date={"then": "After that day we ask the court to decide."})
    assert [step.name for step in checked_texts(tmp_path, both).ladder.steps][-2:] == ["work-pauses", "final-date"]


def test_what_follows_may_name_a_court_but_not_shout_or_shame(tmp_path: Path) -> None:
    loud = settings(final_date={"then": "PAY or we go to court!", "then_in": {"de": "Sie sollten sich schämen."}})
    with pytest.raises(ContentError) as refused:
        checked_texts(tmp_path, loud)
    assert [problem.field for problem in refused.value.problems] == [
        "reminders.consequences.final_date.then",
        "reminders.consequences.final_date.then_in.de",
    ]


def test_the_owners_file_wins_and_what_it_leaves_out_stays(tmp_path: Path) -> None:
    own = '+++\nsubject = "A note"\n+++\nHello.\n\n{{ link }}\n'
    texts = checked_texts(content(tmp_path, friendly=own, due="+++\noff = true\n+++\n"), settings())
    steps = {step.name: step.days for step in texts.ladder.steps}
    assert steps == {"before-due": -7, "friendly": 7, "personal": 14, "follow-up": 28}
    assert texts.text_of("friendly", "en").subject == "A note"
    assert texts.text_of("friendly", "de").subject.startswith("Rechnung"), "the portal's, in the reader's language"
    assert texts.text_of("friendly", "fr").subject == "A note", "the owner's, where there is none in it"


def test_a_step_of_the_owners_needs_a_day_and_takes_its_place(tmp_path: Path) -> None:
    own = '+++\nwhen = "21 days after due"\ntone = "personal"\nsubject = "A call?"\n+++\n{{ link }}\n'
    texts = checked_texts(content(tmp_path, call=own), settings())
    assert [step.name for step in texts.ladder.steps][-3:] == ["personal", "call", "follow-up"]
    assert texts.text_of("call", "pt").subject == "A call?"


@pytest.mark.parametrize(
    ("name", "words", "problem", "line"),
    [
        ("call", '+++\nsubject = "x"\n+++\n{{ link }}\n', "It does not say when it is sent.", 1),
        ("call", '+++\nwhen = "soon"\nsubject = "x"\n+++\n{{ link }}\n', "It does not say when it is sent.", 2),
        ("call", '+++\nwhen = "7 days after due"\nsubject = "x"\n+++\n{{ link }}\n', "Another step comes on", 2),
        ("friendly", "+++\n+++\n{{ link }}\n", "The subject is missing", 1),
        ("friendly", '+++\nsubject = "x"\nsubjetc = "y"\n+++\n{{ link }}\n', "There is no such field here.", 3),
        ("friendly", '+++\nsubject = "x"\ntone = "angry"\n+++\n{{ link }}\n', "This is no tone.", 3),
        ("friendly", '+++\nsubject = "x"\nevery_days = 1\n+++\n{{ link }}\n', "This is no number of days.", 3),
        ("friendly", '+++\nsubject = "x"\n+++\nHello\n\nLast warning\n{{ link }}\n', "reads like a threat", 6),
        ("friendly", '+++\nsubject = "URGENT"\n+++\n{{ link }}\n', "It shouts", 2),
        ("Friendly", '+++\nsubject = "x"\n+++\n{{ link }}\n', "This is no name of a step.", None),
        ("call.de", '+++\nsubject = "x"\n+++\n{{ link }}\n', "There is no such step.", None),
        ("work-pauses", '+++\nsubject = "x"\n+++\n{{ pauses_on }}\n{{ link }}\n', "what is not configured", 1),
    ],
)
def test_problems_have_file_and_line(tmp_path: Path, name: str, words: str, problem: str, line: int | None) -> None:
    (tmp_path / "reminders").mkdir()
    (tmp_path / "reminders" / f"{name}.md").write_text(words, encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        checked_texts(tmp_path, settings())
    named = [(one.problem, one.file, one.line) for one in refused.value.problems if problem in one.problem]
    assert [(file, number) for _problem, file, number in named] == [(f"reminders/{name}.md", line)], refused.value
