"""Every setting, variable, command and option is documented, and nothing else is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from portal.cli import main
from portal.cli.sections import SECTIONS
from portal.config import ENVIRONMENT, Settings
from portal.settings.bank import Bank
from portal.settings.mail import MailSettings
from portal.settings.plans import PlanSettings
from portal.settings.reminders import ReminderSettings
from portal.settings.terms import DiscountSettings, DueSettings, InterestSettings, LateSettings

ROOT = Path(__file__).parents[1]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_map_of_the_code_names_every_package_and_nothing_that_is_not_there() -> None:
    rows = README.partition("| where | what |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([^`]+)`", " ".join(re.findall(r"^\| (.*?) \|", rows, flags=re.MULTILINE))))
    assert [name for name in named if not any((place / name).exists() for place in (ROOT, ROOT / "portal"))] == []
    packages = {f"{found.parent.name}/" for found in (ROOT / "portal").glob("*/__init__.py")}
    assert packages - named == set()


def test_every_setting_is_documented() -> None:
    for section, field in Settings.model_fields.items():
        assert f"{section}]" in SETTINGS.replace("`", ""), section
        listed = {"bank": Bank, "mail": MailSettings, "plans": PlanSettings, "reminders": ReminderSettings}
        model: object = listed.get(section, field.annotation)
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for name, setting in model.model_fields.items():
            assert re.search(rf"`({section}\.)?{setting.alias or name}`", SETTINGS), f"{section}.{name}"


@pytest.mark.parametrize(
    ("section", "model"),
    [
        ("terms.due", DueSettings),
        ("terms.discounts", DiscountSettings),
        ("terms.late", LateSettings),
        ("terms.late.interest", InterestSettings),
    ],
)
def test_every_setting_of_the_terms_is_documented(section: str, model: type[BaseModel]) -> None:
    for name in model.model_fields:
        place = f"{section}.{name}"
        assert f"`{place}`" in SETTINGS or f"[{place}]" in SETTINGS, place


def test_every_variable_is_documented_and_no_other() -> None:
    assert set(re.findall(r"PORTAL_[A-Z_]+", SETTINGS)) == set(ENVIRONMENT)


def test_every_command_and_option_is_documented_and_no_other() -> None:
    for name, command in main.commands.items():
        line = next(line for line in COMMANDS.splitlines() if line.startswith(f"| `portal {name}"))
        for parameter in command.params:
            shown = parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.name).upper()
            assert shown in line or f"| `{shown} " in COMMANDS, (name, shown)
        for inner, further in command.commands.items() if isinstance(command, click.Group) else ():
            line = next(line for line in COMMANDS.splitlines() if re.match(rf"\| `portal {name} \[?{inner}\b", line))
            for option in (one for one in further.params if isinstance(one, click.Option)):
                assert option.opts[0] in line or f"| `{option.opts[0]} " in COMMANDS, (name, inner, option.opts[0])
    assert set(re.findall(r"\| `portal ([\w-]+)", COMMANDS)) == set(main.commands)


def test_every_command_stands_under_one_heading_of_the_help() -> None:
    assert sorted(name for listed in SECTIONS.values() for name in listed) == sorted(main.commands)
    shown = CliRunner().invoke(main, ["--help"]).output
    assert [name for name in main.commands if f"\n  {name} " not in shown] == []
    assert [heading for heading in SECTIONS if f"\n{heading}:\n" not in shown] == []


def test_each_command_is_listed_with_the_first_sentence_of_its_own_help() -> None:
    listed = {name: sentence for commands in SECTIONS.values() for name, sentence in commands.items()}
    assert listed == {name: command.get_short_help_str(limit=200) for name, command in main.commands.items()}


def test_the_list_of_commands_imports_none_of_them() -> None:
    asked = "import sys; from portal.cli import main; main(['--help'], standalone_mode=False)"
    told = "print(sorted(name for name in sys.modules if name.startswith(('portal', 'flask', 'sqlalchemy'))))"
    done = subprocess.run([sys.executable, "-c", f"{asked}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['portal', 'portal.cli', 'portal.cli.sections']"


def test_the_first_screen_of_the_readme_has_both_commands() -> None:
    first = "\n".join(README.splitlines()[:20])
    assert "make demo" in first
    assert "make test" in first


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    names = re.findall(r'^    "([a-z0-9-]+)[><=]', text, re.MULTILINE)
    assert len(names) > 20
    assert [name for name in names if name not in reasons] == []
