"""Bank statements as banks export them (camt.052, .053 and .054, MT940, OFX, CSV) become bookings.

A reader takes credits that are booked, one by one, and what the bank took back of such; all other movements are passed
over and counted. A bad entry spoils no other.
"""

from __future__ import annotations

from portal.bank_statements.files import read_statements
from portal.bank_statements.reading import Notation, StatementReading

__all__ = ["Notation", "StatementReading", "read_statements"]
