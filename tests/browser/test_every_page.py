"""What holds for every page in every state it can be in; a test that fails names all states and what is wrong there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from checks import CHECKS
from looking import looking
from states import reach_all, tag_words, templates

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from states import Gallery, State

pytestmark = pytest.mark.browser
MARKUP = Path(__file__).parent / "markup"
INVALID = ("</main>", "<p><div>no</div></p></main>")


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """All states, reached once."""
    return reach_all(tmp_path_factory.mktemp("states"))


@pytest.fixture
def states(gallery: Gallery) -> list[State]:
    """The same as a list."""
    return list(gallery.states.values())


def test_every_template_and_every_tag_is_among_the_states(gallery: Gallery) -> None:
    """A page or a standing that is added without a scene is noticed here."""
    assert set(templates()) - gallery.rendered == set()
    shown = "".join(state.text for state in gallery.states.values())
    assert [word for word in tag_words() if f"</svg>{word}</p>" not in shown] == []


@pytest.mark.parametrize("name", CHECKS)
def test_it_holds_in_every_state(states: list[State], browser: Browser, name: str) -> None:
    check = CHECKS[name]
    with looking(browser, **check.window) as tab:
        found = [f"{state.name}: {problem}" for state in states for problem in check.problems(tab, state)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_finds_what_is_wrong(states: list[State], browser: Browser, name: str) -> None:
    check = CHECKS[name]
    with looking(browser, **check.window) as tab:
        assert check.problems(tab, planted(states[0], check.fault))


def test_every_page_is_valid_to_html_validate(states: list[State], tmp_path: Path) -> None:
    program = "node_modules/html-validate/bin/html-validate.mjs"
    options = ["--config", str(MARKUP / "htmlvalidate.json"), "--formatter", "json"]
    found = validated(["node"], program, options, [*states, planted(states[0], INVALID)], tmp_path)
    problems = {one["filePath"]: [message["message"] for message in one["messages"]] for one in found}
    assert [Path(name).name for name in problems] == ["planted.html"], problems


def test_every_page_is_valid_to_the_w3c(states: list[State], tmp_path: Path) -> None:
    """Errors of vnu; its notes are left out, for it takes the ``data:`` logo for one that the policy stops."""
    program = "node_modules/vnu-jar/build/dist/vnu.jar"
    options = ["--stdout", "--exit-zero-always", "--format", "json"]
    found = validated(["java", "-jar"], program, options, [*states, planted(states[0], INVALID)], tmp_path)
    problems = {one["url"]: one["message"] for one in found["messages"] if one["type"] != "info"}
    assert [Path(name).name for name in problems] == ["planted.html"], problems


def planted(state: State, fault: tuple[str, str]) -> State:
    """A state with a fault in it."""
    assert fault[0] in state.text
    return replace(state, name="planted", body=state.text.replace(*fault).encode())


def validated(runner: list[str], program: str, options: list[str], states: list[State], folder: Path) -> Any:  # noqa: ANN401  JSON
    """What a validator says of these states; skipped where it is not installed, which fails in CI."""
    file = MARKUP / program
    if shutil.which(runner[0]) is None or not file.exists():
        reason = f"{file.name} is not installed: see tests/browser/install-validators.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    for number, state in enumerate(states):
        name = "planted" if state.name == "planted" else f"{number:03} {state.name.replace('/', '_')}"
        (folder / f"{name}.html").write_bytes(state.body)
    command: list[str | Path] = [*runner, file, *options, *sorted(folder.glob("*.html"))]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return json.loads(said.stdout)
