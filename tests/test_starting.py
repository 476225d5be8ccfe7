"""What a fresh owner is given: true settings, an example that is one, and nothing overwritten."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portal import sources
from portal.building.build import build
from portal.cli import main
from portal.config import load_settings
from portal.errors import PortalError
from portal.starting import STARTER, Beginning, begin, locale_of, timezone_of
from portal.wiring.portal import Folders, open_portal

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 11, 21)
BEGINNING = Beginning('Harbour & "Pine"', "de-AT", "Europe/Vienna", DAY)


def test_what_is_written_can_be_built_and_the_example_is_an_invoice(tmp_path: Path) -> None:
    begun = begin(tmp_path, BEGINNING)
    assert len(begun.written) == 4
    content = tmp_path / "content"
    settings = load_settings(content, {})
    assert settings.business.name == 'Harbour & "Pine"'
    assert (settings.portal.locale, settings.portal.timezone) == ("de-AT", "Europe/Vienna")
    assert sources.load(content).invoices == (), "the example is left aside"
    example = content / "invoices" / "_example.md"
    example.with_name("1001.md").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    report = build(open_portal(settings, Folders(content, tmp_path / "build", tmp_path / "var"), DAY))
    assert (report.invoices.open, report.problems) == (1, ())
    assert [str(left) for left in report.amount_remaining.values()] == ["EUR 120.00"]


def test_every_line_that_is_off_can_be_switched_on(tmp_path: Path) -> None:
    begin(tmp_path, BEGINNING)
    path = tmp_path / "content" / "portal.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    on = [re.sub(r"^# (?=\[|[a-z_]+ = )", "", line) for line in lines]
    assert on != lines
    path.write_text("\n".join(on), encoding="utf-8")
    settings = load_settings(tmp_path / "content", {})
    assert settings.mail is not None
    assert settings.bank
    assert settings.plans


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "content" / "portal.toml"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    begun = begin(tmp_path, BEGINNING)
    assert begun.kept == (mine,)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert begin(tmp_path, BEGINNING).written == ()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "content").touch()
    with pytest.raises(PortalError, match="cannot be written"):
        begin(tmp_path, BEGINNING)


@given(name=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1).filter(str.strip))
def test_any_name_arrives_as_it_is(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("named")
    wanted = " ".join(name.split())[:80].strip()
    begin(folder, Beginning(wanted, "en-GB", "UTC", DAY))
    assert load_settings(folder / "content", {}).business.name == wanted


@pytest.mark.parametrize(
    ("said", "locale"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de-AT"),
        ({"LC_ALL": "pt_PT", "LANG": "de_DE"}, "pt-PT"),
        ({"LANG": "C.UTF-8"}, "en-GB"),
        ({"LANG": "xx_YY"}, "en-GB"),
        ({}, "en-GB"),
    ],
)
def test_the_locale_is_the_machines(said: dict[str, str], locale: str) -> None:
    assert locale_of(said) == locale


def test_the_time_zone_is_the_machines(tmp_path: Path) -> None:
    nowhere = tmp_path / "localtime"
    assert timezone_of({"TZ": ":Europe/Lisbon"}, nowhere) == "Europe/Lisbon"
    assert timezone_of({"TZ": "nonsense"}, nowhere) == "UTC"
    zone = tmp_path / "zoneinfo" / "Europe" / "Rome"
    zone.parent.mkdir(parents=True)
    zone.touch()
    nowhere.symlink_to(zone)
    assert timezone_of({}, nowhere) == "Europe/Rome"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> str:
        answer = CliRunner().invoke(main, ["init", *arguments], catch_exceptions=False)
        assert answer.exit_code == 0, answer.output
        return answer.output

    return invoke


def test_the_command_ends_with_the_next_three_steps(run: Callable[..., str]) -> None:
    told = run("shop", "--name", "Sample")
    assert [f"  {number}. " in told for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert "cd shop" in told
    assert "kept" not in told
    again = run("shop")
    assert "written" not in again


def test_without_a_name_nothing_is_published_under_a_false_one(run: Callable[..., str]) -> None:
    assert "Put your name into" in run()
    with pytest.raises(PortalError, match=r"business\.name"):
        load_settings(Path("content"), {})


def test_the_templates_are_part_of_the_package() -> None:
    assert {path.name for path in STARTER.iterdir()} == {"portal.toml", "terms.md", "_example.md", "gitignore"}
