"""What each mail says. Pure functions make finished words; two templates place them, as HTML and as plain text."""

from __future__ import annotations

from portal.mails.writing import MailWriter

__all__ = ["MailWriter"]
