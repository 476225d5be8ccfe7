"""The words of reminders: the owner's files before the portal's own, read, checked, and filled in."""

from __future__ import annotations

from portal.reminder_texts.checked import checked_texts
from portal.reminder_texts.load import Texts, load_texts
from portal.reminder_texts.models import VARIABLES, StepText
from portal.reminder_texts.rules import problems_in

__all__ = ["VARIABLES", "StepText", "Texts", "checked_texts", "load_texts", "problems_in"]
