"""The file that the settings stand in: read as whatever program the owner writes it with has saved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.errors import Problem, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_FILE = "portal.toml"


def settings_text(content: Path) -> str:
    """The text of the settings in the folder ``content``.

    Raises:
        SettingsError: there is none, or it cannot be read.
    """
    try:
        # Some programs begin a file with a byte order mark, which is no part of it.
        return (content / SETTINGS_FILE).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(
            Problem(
                f"There is no {SETTINGS_FILE} in {content.absolute()}.",
                "Run this in the folder of your business, or name that with --content; `portal init` makes a new one.",
                file=SETTINGS_FILE,
            )
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(Problem("The file is not UTF-8.", "Save it as UTF-8.", SETTINGS_FILE, line)) from None
    except OSError as error:
        what = f"The file cannot be read: {error.strerror or error}."
        raise SettingsError(Problem(what, "Let the user who runs the portal read it.", SETTINGS_FILE)) from None
