"""A reader for invoices that are JSON files, registered as Pelican's documentation shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.readers import BaseReader


class InvoiceReader(BaseReader):
    """A file is an article whose metadata are the invoice; one named NUMBER-receipt is its receipt."""

    enabled = True
    file_extensions = ("json",)

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """No text of its own; all is in the template."""
        invoice = json.loads(Path(source_path).read_text(encoding="utf-8"))
        issued = datetime.fromisoformat(invoice["issued_on"]).replace(tzinfo=UTC)
        name = Path(source_path).stem
        is_receipt = name != invoice["number"]
        address = f"i/{invoice['token']}/{'receipt/' if is_receipt else ''}index.html"
        named = {"title": invoice["number"], "slug": name, "date": issued, "save_as": address, "url": address}
        return "", {**named, "template": "receipt" if is_receipt else "article", "invoice": invoice}


def register() -> None:
    """Called by Pelican."""
    signals.readers_init.connect(lambda readers: readers.reader_classes.update(json=InvoiceReader), weak=False)
