"""What is installed: both locks agree with each other and with what the project asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pins(name: str) -> dict[str, str]:
    """Version by package of one lock."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", text, re.MULTILINE))


def asked_for(*extras: str) -> set[str]:
    """The packages that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["dependencies"] + [one for extra in extras for one in project["optional-dependencies"][extra]]
    return {re.split(r"[\[=<>~! ]", one)[0].lower() for one in listed}


def test_the_runtime_lock_has_what_the_portal_runs_with_and_no_tools() -> None:
    locked = pins("requirements.lock").keys()
    assert asked_for() <= locked
    assert locked & {"pytest", "ruff", "mypy", "playwright", "hypothesis"} == set()


def test_the_development_lock_adds_to_the_runtime_lock_and_changes_nothing_in_it() -> None:
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runtime.items() <= development.items()
    assert asked_for("dev") <= development.keys()


def test_a_lock_names_no_place_to_install_from() -> None:
    """Where packages come from is up to who installs them."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if not re.match(r"[a-z0-9]|    --hash=sha256:[0-9a-f]{64}", line)] == []
        assert "://" not in "".join(lines)
