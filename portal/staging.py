"""Frozen-Flask, made to render single pages into a staging folder, from which they are published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask_frozen import Freezer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask


class StagingFreezer(Freezer):  # type: ignore[misc]  # the package has no type hints
    """Frozen-Flask into a staging folder, without what costs time per page.

    URL logging, the removal walk and the root worked out anew for each page are off. One freezer may freeze several
    times; each time it freezes the addresses it is given.
    """

    def __init__(self, app: Flask) -> None:
        app.config["FREEZER_REMOVE_EXTRA_FILES"] = False
        app.config["FREEZER_IGNORE_MIMETYPE_WARNINGS"] = True
        super().__init__(app, with_static_files=False, with_no_argument_rules=False, log_url_for=False)
        self._staging = Path()
        self._urls: Iterable[str] = ()
        self.register_generator(lambda: iter(self._urls))

    @property
    def root(self) -> Path:
        """Where pages are rendered to."""
        return self._staging

    def freeze_into(self, staging: Path, urls: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Render these addresses; yields each with its bytes."""
        self._staging, self._urls = staging, urls
        for frozen in self.freeze_yield():
            yield frozen.url, (staging / frozen.path).read_bytes()

    def _check_endpoints(self, seen_endpoints: set[str]) -> None:
        """Only what changed is frozen, so an endpoint without a page this time is no mistake."""
