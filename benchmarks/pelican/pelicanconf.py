"""Pelican's settings for pages of one kind: everything that it does beyond them is off."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

SITENAME = "Harbour & Pine Joinery"
SITEURL = ""
TIMEZONE = "Europe/London"
PATH = "content"
PLUGIN_PATHS = ["plugins"]
PLUGINS = ["invoices"]
THEME = "theme"
STATIC_PATHS: list[str] = []
THEME_STATIC_PATHS: list[str] = []
DIRECT_TEMPLATES: list[str] = []
CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = TAG_SAVE_AS = ""
FEED_ATOM = FEED_RSS = FEED_ALL_ATOM = FEED_ALL_RSS = CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TAG_FEED_ATOM = TAG_FEED_RSS = TRANSLATION_FEED_ATOM = TRANSLATION_FEED_RSS = None


def money(minor: float) -> str:
    """Pounds, in the quickest way that Python has."""
    return f"{'-' if minor < 0 else ''}£{abs(minor) / 100:,.2f}"


@lru_cache
def day(iso: str) -> str:
    """A day in words, once for each."""
    when = date.fromisoformat(iso)
    return f"{when.day} {when:%B %Y}"


JINJA_FILTERS = {"money": money, "day": day}
