"""The examination of a portal: what is set up, what the ledger says, and who answers. It never changes anything."""

from __future__ import annotations

from portal.doctor.examining import Examined, examine
from portal.doctor.findings import Finding, Outcome

__all__ = ["Examined", "Finding", "Outcome", "examine"]
