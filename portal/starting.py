"""A fresh owner's first files: a few settings, terms, and an example invoice; what is there already stays."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies

from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

STARTER = Path(__file__).parent / "templates" / "starter"
_DAYS_TO_PAY = 30
_FALL_BACK = "en-GB"
_FILES = {
    "content/portal.toml": "portal.toml",
    "content/pages/terms.md": "terms.md",
    "content/invoices/_example.md": "_example.md",
    ".gitignore": "gitignore",
}
"""What is written, and from which template."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new portal begins with, as far as it can be told from the machine."""

    name: str
    locale: str
    timezone: str
    today: date

    @property
    def currency(self) -> str:
        """The one of the locale's country; pounds where it has none."""
        territory = Locale.parse(self.locale, sep="-").territory
        found = get_territory_currencies(territory, self.today, self.today) if territory else []
        return found[0] if found else "GBP"


@dataclass(frozen=True, slots=True)
class Begun:
    """Files that were written, and files that were there already and stayed as they were."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def begin(folder: Path, beginning: Beginning) -> Begun:
    """Write a new owner's files below ``folder``; nothing that is there is touched.

    Raises:
        PortalError: they cannot be written.
    """
    written, kept = [], []
    for name, template in _FILES.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(_filled(template, beginning))
        except FileExistsError:
            kept.append(path)
        except OSError as error:
            what = f"This cannot be written: {error.strerror or error}."
            raise PortalError(Problem(what, "Name another folder.", file=str(path))) from error
        else:
            written.append(path)
    return Begun(tuple(written), tuple(kept))


def locale_of(environment: Mapping[str, str]) -> str:
    """The locale that the machine speaks, such as ``de-AT``; British English where it says none."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    found = re.fullmatch(r"([a-z]{2})_([A-Z]{2})(\..*|@.*)?", named)
    if not found:
        return _FALL_BACK
    tag = f"{found[1]}-{found[2]}"
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return _FALL_BACK
    return tag


def timezone_of(environment: Mapping[str, str], localtime: Path = Path("/etc/localtime")) -> str:
    """The time zone that the machine keeps, by name; UTC where it does not say."""
    linked = os.path.realpath(localtime).partition("zoneinfo/")[2]
    for name in (environment.get("TZ", "").lstrip(":"), linked):
        if name in available_timezones() and ZoneInfo(name):
            return name
    return "UTC"


def _filled(template: str, beginning: Beginning) -> str:
    text = (STARTER / template).read_text(encoding="utf-8")
    quoted = {
        "name": beginning.name,
        "locale": beginning.locale,
        "timezone": beginning.timezone,
        "currency": beginning.currency,
    }
    # A JSON string is a TOML string; but for DEL, which a name of one line does not hold.
    values = {name: json.dumps(value, ensure_ascii=False) for name, value in quoted.items()}
    days = {"issued_on": beginning.today, "due_on": beginning.today + timedelta(days=_DAYS_TO_PAY)}
    return Template(text).substitute(values | {name: day.isoformat() for name, day in days.items()})
