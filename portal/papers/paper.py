"""What all papers share: the look of the pages, made for print too, and a private file, written whole or not at all.

Papers are in English, as the commands are that they lead to; money and dates are those of the owner's country.
"""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import rcssmin
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.adapters.private_files import create_private_file, make_private_folder, sync_folder
from portal.errors import PortalError, Problem
from portal.formats import formats_for, page_locale
from portal.theming.template_cache import TEMPLATES, template_cache
from portal.theming.theme import STATIC, theme_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from portal.config import Settings
    from portal.formats import Formats

_LONGEST_NAME = 60
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Stationery:
    """What a paper is written on.

    Attributes:
        formats: money and dates as the owner writes them.
        made_at: the moment it is made at, in words of the business's time zone.
    """

    settings: Settings
    formats: Formats
    made_at: str

    def render(self, template: str, **shown: Any) -> str:  # noqa: ANN401  what a template shows
        """A paper as one page that needs nothing else: one stylesheet inside, no script, no other address."""
        theme = theme_of(self.settings)
        css = theme.css + _stylesheet()
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        csp = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
        return (
            _environment()
            .get_template(f"papers/{template}.html")
            .render(
                css=Markup(css),  # noqa: S704  our own stylesheet
                csp=csp,
                logo=theme.logo,
                business=self.settings.business,
                lang=self.formats.locale,
                made_at=self.made_at,
                **shown,
            )
        )


def stationery(settings: Settings, now: datetime) -> Stationery:
    """What the papers of a portal are written on at a moment."""
    formats = formats_for(page_locale(None, settings.portal.locale, asked="en"))
    return Stationery(settings, formats, formats.moment(now, settings.portal.timezone))


def write_paper(path: Path, content: bytes) -> Path:
    """Put a paper into its place, for the portal's own account alone; a reader sees the old one or the new one.

    Raises:
        PortalError: the folder or the disk does not take it.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        make_private_folder(path.parent)
        with suppress(FileNotFoundError):
            fresh.unlink()
        create_private_file(fresh, content)
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        problem = f"The file cannot be written: {error.strerror or error}."
        raise PortalError(Problem(problem, "Check the folder and the disk.", file=str(path))) from error
    return path


def file_name(text: str) -> str:
    """A name for a file from any text: its letters and digits, with a few of its digest where they differ."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:_LONGEST_NAME]
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}".lstrip("-")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=template_cache("papers"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["commands"] = _commands
    return environment


def _commands(text: str) -> Markup:
    """A sentence in which what stands between backticks is a command to type."""
    parts = [
        Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in enumerate(text.split("`"))
    ]
    return Markup().join(parts)


@lru_cache(maxsize=1)
def _stylesheet() -> str:
    return str(rcssmin.cssmin((STATIC / "paper.css").read_text(encoding="utf-8")))
