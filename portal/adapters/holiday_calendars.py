"""Public holidays by country, as the ``holidays`` library knows them; it is imported only where one is asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


def is_holiday(places: Collection[str], day: date) -> bool:
    """Whether a day is a holiday in one of these countries, or parts such as ``GB-SCT``; unknown ones have none."""
    return any(day in _holidays(place, day.year) for place in places)


@lru_cache(maxsize=128)
def _holidays(place: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415  a large library, of which each country is a module of its own

    country, _, part = place.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:  # how the library says that it does not know a country
        return frozenset()
