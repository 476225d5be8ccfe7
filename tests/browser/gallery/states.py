"""Every state of every page, reached through a portal that really runs, and kept to be looked at as often as needed.

``scenes.py`` says how a state is reached. What a test does not name by itself is found here: every page that a scene
published is kept, and so is each template that was rendered, so that a new one without a scene is noticed.
"""

from __future__ import annotations

import logging
import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urljoin

import jinja2
import requests
from scenes import SCENES
from world import served_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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

    def links_below(self, url: str) -> list[str]:
        """Where its links lead, as far as that is below an address."""
        targets = (urljoin(self.url, unescape(href)) for href in re.findall(r' href="([^"#]+)', self.text))
        return [target for target in targets if target.startswith(f"{url}/")]


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

    def keep_the_rest(self, world: World, scene: str) -> None:
        """Keep what no scene named: published pages that say something new, and linked ones of another shape."""
        files = (file.relative_to(world.folders.output) for file in sorted(world.folders.output.rglob("*.html")))
        published = [f"{world.url}/{file.as_posix().removesuffix('index.html')}" for file in files]
        self._keep_new(published, _words, world, scene)
        linked = [link for state in self.states.values() for link in state.links_below(world.url)]
        self._keep_new([link for link in linked if "/sandbox/" not in link], _shape, world, scene)

    def _keep_new(self, addresses: list[str], gist: Callable[[str], str], world: World, scene: str) -> None:
        known = {gist(state.text) for state in self.states.values()}
        for address in dict.fromkeys(addresses):
            answer = requests.get(address, timeout=10)
            if gist(answer.text) not in known:
                known.add(gist(answer.text))
                self.keep(f"{scene}: {address.removeprefix(world.url)}", answer)


def _words(page: str) -> str:
    """A page without its addresses, which differ from portal to portal."""
    return re.sub(r"\b[a-z2-7]{32}\b|127\.0\.0\.1:\d+", "", page)


def _shape(page: str) -> str:
    """The elements of a page with their classes, whatever they say."""
    return " ".join(f"{name}.{look}" for name, look in re.findall(r'<(\w+)(?: class="([^"]*)")?', page))


def reach_all(root: Path) -> Gallery:
    """Play every scene in a portal of its own."""
    gallery = Gallery()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with ExitStack() as stack:
        stack.enter_context(_noting(gallery.rendered))
        for scene in SCENES:
            folder = root / scene.__name__
            folder.mkdir()
            world = stack.enter_context(served_world(folder))
            scene(world, gallery)
            gallery.keep_the_rest(world, scene.__name__)
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
