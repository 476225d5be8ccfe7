"""What a customer may ask for: everything the portal holds on them, in one file and as readable case files."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from portal.errors import PortalError, Problem
from portal.papers.case_page import write_case
from portal.papers.paper import file_name, write_paper
from portal.wiring.portal import now

if TYPE_CHECKING:
    from pathlib import Path

    from portal.privacy import Held, HeldInvoice
    from portal.wiring.portal import Portal

EXPORTS = "exports"
"""Below the state: what customers asked for."""
EXPORT_FILE = "export.json"


def write_export(portal: Portal, held: Held, to: Path | None = None) -> Path:
    """Write everything on a customer into a new folder, below the state unless one is named; the folder.

    Raises:
        PortalError: the folder has something in it already, is public, or does not take it.
    """
    moment = now()
    folder = to or portal.folders.state / EXPORTS / f"{file_name(held.who)}-{moment:%Y%m%dT%H%M%SZ}"
    if folder.resolve().is_relative_to(portal.folders.output.resolve()):
        raise PortalError(
            Problem("This is the folder of the published pages.", "Name a place outside it.", field="--to")
        )
    if folder.exists() and any(folder.iterdir()):
        problem = "There is something in this folder already."
        raise PortalError(Problem(problem, "Name an empty or a new one.", file=str(folder), field="--to"))
    text = json.dumps(_plain(portal, held, moment), indent=2, ensure_ascii=False, default=_text)
    write_paper(folder / EXPORT_FILE, f"{text}\n".encode())
    for one in held.invoices:
        if one.invoice is not None:
            write_case(portal, one.key, folder / f"case-{file_name(one.key)}.html")
    return folder


def _plain(portal: Portal, held: Held, moment: datetime) -> dict[str, Any]:
    return {
        "held_by": portal.settings.business.legal_name or portal.settings.business.name,
        "customer": held.who,
        "made_at": moment.isoformat(timespec="seconds"),
        "invoices": [_invoice(portal, one) for one in held.invoices],
        "mails": [asdict(one.message) for one in held.messages],
        "requests_for_a_link": [asdict(one) for one in held.requests],
        "reports_of_the_payment_provider": [asdict(one) for one in held.events],
    }


def _invoice(portal: Portal, one: HeldInvoice) -> dict[str, Any]:
    return {
        "invoice": one.key,
        "page": portal.url_of(one.key) if one.invoice else None,
        "settled_on": one.settled_on,
        "as_last_built": asdict(one.invoice) if one.invoice else None,
        "entries": [asdict(entry) for entry in one.entries],
        "plans": [asdict(record) for record in one.plans],
        "checkouts": [asdict(hold) for hold in one.holds],
    }


def _text(value: object) -> str:
    """Days and moments as ISO texts; numbers exact; time zones by name."""
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
