"""A small WSGI host for the published pages, for ``portal serve``; any static host does the same in production.

It answers with the headers that the published ``_headers`` file asks other hosts for, lists no folder, and gives
every address it does not know the same page.
"""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

NOT_FOUND_PAGE = "404.html"
_READING = frozenset({"GET", "HEAD"})


class StaticHost:
    """Serves one output folder.

    Attributes:
        output: the published pages.
        headers: sent with every answer, the not-found page included.
    """

    def __init__(self, output: Path, headers: Mapping[str, str]) -> None:
        self._output = output.resolve()
        self._headers = dict(headers)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method not in _READING:
            return Response("Pages can only be read.\n", 405, self._headers | {"Allow": "GET, HEAD"})
        file = self._file(request.path)
        if file is None:
            return self._page(self._output / NOT_FOUND_PAGE, 404)
        return self._page(file, 200)

    def _page(self, file: Path, status: int) -> Response:
        try:
            body = file.read_bytes()
        except OSError:
            return Response("Page not found.\n", 404, self._headers, mimetype="text/plain")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Response(body, status, self._headers, mimetype=kind)

    def _file(self, path: str) -> Path | None:
        """The published file of an address: never outside the folder, never one whose name begins with a dot or _.

        A slash that got lost at the end of a link is made up for.
        """
        parts = path.removeprefix("/").split("/")
        if parts[-1] == "":
            parts[-1] = "index.html"
        if any(part == "" or part.startswith((".", "_")) or "\0" in part or "\\" in part for part in parts):
            return None
        file = self._output.joinpath(*parts)
        try:
            file = file / "index.html" if file.is_dir() else file
            return file if file.is_file() and file.resolve().is_relative_to(self._output) else None
        except OSError:
            return None
