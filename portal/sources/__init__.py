"""Reading what owners really have: Markdown, tables and e-invoices become invoices, all problems at once."""

from __future__ import annotations

from portal.sources.load import Loaded, load, read_one
from portal.sources.reading import Reading

__all__ = ["Loaded", "Reading", "load", "read_one"]
