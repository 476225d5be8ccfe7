"""Frozen-Flask, made to render single pages into memory, from which they are published."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask_frozen import Freezer
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask


class StagingFreezer(Freezer):  # type: ignore[misc]  # the package has no type hints
    """Frozen-Flask into memory, without what costs time per page.

    URL logging, the removal walk, the mimetype check, files that would be read at once and removed, and a browser's
    cookies and redirects are off. One freezer may freeze several times; each time it freezes the addresses it is given.
    """

    def __init__(self, app: Flask) -> None:
        app.config["FREEZER_REMOVE_EXTRA_FILES"] = False
        app.config["FREEZER_IGNORE_MIMETYPE_WARNINGS"] = True
        app.test_client_class = _PageClient  # type: ignore[assignment]  # Frozen-Flask asks it for pages and no more
        super().__init__(app, with_static_files=False, with_no_argument_rules=False, log_url_for=False)
        self._urls: Iterable[str] = ()
        self.register_generator(lambda: iter(self._urls))

    @property
    def root(self) -> _Folder:
        """Where pages are rendered to."""
        return _FOLDER

    def freeze_each(self, urls: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Render these addresses; yields each with its bytes."""
        self._urls = urls
        for frozen in self.freeze_yield():
            yield frozen.url, frozen.path.taken()

    def _check_endpoints(self, seen_endpoints: set[str]) -> None:
        """Only what changed is frozen, so an endpoint without a page this time is no mistake."""


class _Folder:
    """What Frozen-Flask takes for the folder it writes to: each of its files is a sheet of its own."""

    def mkdir(self, *, parents: bool, exist_ok: bool) -> None:
        """It is there."""

    def __truediv__(self, name: str) -> _Sheet:
        return _Sheet(name)


_FOLDER = _Folder()


class _Sheet:
    """What Frozen-Flask takes for a file: the bytes of one page, until they are taken."""

    __slots__ = ("_body", "name")
    parent = _FOLDER

    def __init__(self, name: str) -> None:
        self.name = name
        self._body = b""

    def is_file(self) -> bool:
        """Nothing was written here before."""
        return False

    def write_bytes(self, body: bytes) -> None:
        """Keep a page."""
        self._body = body

    def relative_to(self, _root: _Folder) -> _Sheet:
        """Its place is its address."""
        return self

    def taken(self) -> bytes:
        """The page, which is not kept: Frozen-Flask remembers every sheet until it has frozen them all."""
        body, self._body = self._body, b""
        return body


class _Answer(NamedTuple):
    """As much of a response as Frozen-Flask looks at."""

    status: str
    status_code: int
    data: bytes

    def close(self) -> None:
        """It is read to its end already."""


class _PageClient:
    """Asks the app for pages: has the view of an address say its page, and what was said is the page.

    Frozen-Flask keeps a request open meanwhile, which is all that a view needs. The site has nothing around its views,
    so a request and a response for each page would only be made to be thrown away.
    """

    def __init__(self, app: Flask, _response: object, *, use_cookies: bool) -> None:
        del use_cookies
        self._app = app

    def get(self, url: str, *, follow_redirects: bool, base_url: str | None) -> _Answer:
        """The page at an address."""
        del follow_redirects, base_url
        try:
            endpoint, values = self._app.url_map.bind("").match(url)
            said = self._app.view_functions[endpoint](**values)
        except HTTPException as error:
            said = error
        if isinstance(said, str):
            return _Answer("200 OK", 200, said.encode())
        response = self._app.make_response(said)  # type: ignore[arg-type]  # no view of the site is asynchronous
        return _Answer(response.status, response.status_code, response.data)
