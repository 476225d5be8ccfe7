"""Every state of every page, reached through a portal that really runs, and kept to be looked at as often as needed.

``scenes.py`` says how a state is reached. What a test does not name by itself is found here: every page that a scene
published is kept, and so is each template that was rendered, so that a new one without a scene is noticed.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import jinja2
import requests
from scenes import SCENES
from world import served_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from world import World

PORTAL = Path(__file__).parents[3] / "portal"


@dataclass(frozen=True)
class State:
    """One page as it was answered.

    Attributes:
        name: what it shows, ``plan payment failed``; unique.
        url: where; with ``#...`` where a part of it is to be shown.
    """

    name: str
    url: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def address(self) -> str:
        """What a browser asks for: the address without the part."""
        return self.url.partition("#")[0]

    @property
    def text(self) -> str:
        """The page as HTML."""
        return self.body.decode()


@dataclass
class Gallery:
    """What scenes have reached.

    Attributes:
        states: by name, in the order in which they were reached.
        rendered: names of the templates that were used.
    """

    states: dict[str, State] = field(default_factory=dict)
    rendered: set[str | None] = field(default_factory=set)

    def keep(self, name: str, answer: requests.Response, *, part: str = "") -> None:
        """Keep an answer as a state; ``part`` is shown as if a link had led there."""
        assert name not in self.states, name
        assert answer.headers["Content-Type"].startswith("text/html"), (name, answer.text[:200])
        kept = {key: value for key, value in answer.headers.items() if key.lower() != "content-length"}
        self.states[name] = State(name, answer.url + part, answer.status_code, kept, answer.content)

    def page(self, name: str, world: World, key: str) -> None:
        """Keep the published page of an invoice."""
        self.keep(name, requests.get(world.open().url_of(key), timeout=10))

    def keep_published(self, world: World, scene: str) -> None:
        """Keep every published page that says something new, so that nothing goes unseen because nobody named it."""
        known = {_words(state.text) for state in self.states.values()}
        for file in sorted(world.folders.output.rglob("*.html")):
            words = _words(file.read_text(encoding="utf-8"))
            if words not in known:
                known.add(words)
                path = file.relative_to(world.folders.output).as_posix().removesuffix("index.html")
                self.keep(f"{scene}: /{path}", requests.get(f"{world.url}/{path}", timeout=10))


def _words(page: str) -> str:
    """A page without its addresses, which differ from portal to portal."""
    return re.sub(r"\b[a-z2-7]{32}\b|127\.0\.0\.1:\d+", "", page)


def reach_all(root: Path) -> Gallery:
    """Play every scene in a portal of its own."""
    gallery = Gallery()
    with ExitStack() as stack:
        stack.enter_context(_noting(gallery.rendered))
        for scene in SCENES:
            folder = root / scene.__name__
            folder.mkdir()
            world = stack.enter_context(served_world(folder))
            scene(world, gallery)
            gallery.keep_published(world, scene.__name__)
    return gallery


@contextmanager
def _noting(rendered: set[str | None]) -> Iterator[None]:
    """Note the templates that are rendered meanwhile."""
    render = jinja2.Template.render

    def noted(template: jinja2.Template, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401  passed on
        rendered.add(template.name)
        return render(template, *args, **kwargs)

    with patch.object(jinja2.Template, "render", noted):
        yield


def templates() -> Iterator[str]:
    """Names of the templates that are pages of their own."""
    return (file.name for file in sorted((PORTAL / "templates").glob("*.html")) if file.name != "base.html")


def tag_words() -> Iterator[str]:
    """Every word that a tag can say, as the code of the pages has it."""
    for file in sorted((PORTAL / "pages").glob("*.py")):
        yield from re.findall(r'Tag\(_\("([^"]+)"\)', file.read_text(encoding="utf-8"))
