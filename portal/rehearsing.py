"""Rehearsals: a portal on a copy of its ledger, so that a build can be tried, or looked at, without doing it."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from portal.adapters.ledger.copy import copy_ledger
from portal.adapters.links import MINIMUM_KEY_BYTES, find_link_key
from portal.adapters.publish import check_folders
from portal.settings.publish import PublishSettings
from portal.wiring.portal import LEDGER_FILE, Portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from portal.config import Settings
    from portal.wiring.portal import Folders


@contextmanager
def rehearsal(settings: Settings, folders: Folders, fixed_day: date | None = None) -> Iterator[Portal]:
    """The portal these settings and folders describe, on a copy of its ledger that is thrown away afterwards.

    It has no gateway, so nobody is asked or told anything. Its folders are the real ones: what writes there has to
    know that this is a rehearsal. Where no link key was made yet it has one of its own, and every link differs.

    Raises:
        PortalError: the folders overlap, or the link key or the ledger cannot be used.
    """
    check_folders(folders.output, folders.state, folders.content)
    configured, address = settings.portal.link_key, settings.ledger.url
    key = find_link_key(folders.state, configured.get_secret_value() if configured else None)
    with tempfile.TemporaryDirectory(prefix="portal-rehearsal-") as folder:
        source = address.get_secret_value() if address else folders.state / LEDGER_FILE
        with closing(copy_ledger(source, Path(folder) / LEDGER_FILE)) as ledger:
            yield Portal(
                settings=settings.model_copy(update={"publish": PublishSettings()}),
                folders=folders,
                ledger=ledger,
                link_key=key or secrets.token_bytes(MINIMUM_KEY_BYTES),
                gateway=None,
                fixed_day=fixed_day,
            )
