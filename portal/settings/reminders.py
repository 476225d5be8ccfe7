"""``[reminders]`` of the owner's settings: that there are any, how often at most, when, and what may be announced."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from portal.settings.values import NO_CONTROLS, ONE_LINE, Language, written_like

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Hour = Annotated[int, Field(ge=0, le=24)]
Notice = Annotated[int, Field(ge=5, le=90)]
Sentence = Annotated[str, Field(min_length=10, max_length=300), written_like(NO_CONTROLS, ONE_LINE)]
_LAST_AT_MOST, _FIRST_AT_LEAST = 21, 7


def _places(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _known_place(value: str) -> str:
    """A country with holidays that are known, or a part of one: ``GB``, ``GB-SCT``."""
    import holidays  # noqa: PLC0415  a large library that only this setting needs

    country, _, part = value.partition("-")
    parts = holidays.list_supported_countries(include_aliases=True).get(country)
    if parts is None:
        raise ValueError("holidays are those of a country, by its ISO code in capitals, such as GB or DE")
    if part and part not in parts:
        raise ValueError(f"the parts of {country} are {', '.join(parts)}" if parts else f"{country} has no parts")
    return value


Place = Annotated[str, AfterValidator(_known_place)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class WorkPauses(_Section):
    """The owner pauses work: ``days`` after the mail that says so, rolled to a working day."""

    days: Notice = 10


class FinalDate(_Section):
    """A last day to pay, ``days`` after the mail that names it, and in the owner's own words what follows."""

    days: Notice = 14
    then: Sentence
    then_in: dict[Language, Sentence] = {}


class Consequences(_Section):
    """What reminders may announce; what is left out is never said."""

    work_pauses: WorkPauses | None = None
    final_date: FinalDate | None = None


class ReminderSettings(_Section):
    """Reminders are switched on by this section, with or without settings in it.

    Attributes:
        hours: from and to which hour of the customer's day mails may arrive.
        weekdays: on which days of the week.
        holidays: whose holidays are kept besides those of the customer's country.
        gap_days: the fewest days between two mails to one customer.
        most: reminders after the due date on one invoice.
    """

    hours: tuple[Hour, Hour] = (8, 18)
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = _WEEKDAYS[:5]  # type: ignore[assignment]  # five of them
    holidays: Annotated[tuple[Place, ...], BeforeValidator(_places)] = ()
    gap_days: Annotated[int, Field(ge=3, le=90)] = 7
    most: Annotated[int, Field(ge=1, le=12)] = 4
    consequences: Consequences = Consequences()

    @property
    def weekday_numbers(self) -> frozenset[int]:
        """The days of the week; 0 is Monday."""
        return frozenset(_WEEKDAYS.index(day) for day in self.weekdays)

    @model_validator(mode="after")
    def _by_day(self) -> Self:
        first, last = self.hours
        if not _FIRST_AT_LEAST <= first < last <= _LAST_AT_MOST:
            raise ValueError("hours are from and to, within the day that people are awake: [7, 21] at the widest")
        return self
