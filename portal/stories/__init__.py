"""Stories of the sandbox: what customers, banks and the owner did to a sample's invoices, told in a file and played."""

from __future__ import annotations

from portal.stories.playing import play
from portal.stories.reading import Story, load_story

__all__ = ["Story", "load_story", "play"]
