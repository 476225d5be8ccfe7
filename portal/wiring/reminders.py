"""Put the parts of reminding together: the ladder as the owner has it, calendars, zones, and the words."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.adapters.holiday_calendars import is_holiday
from portal.adapters.stop_links import stop_code
from portal.formats import country_of
from portal.mailing.reminding import Reminding
from portal.mails.reminder_letters import ReminderWriter
from portal.receivables.sending_hours import SendingHours
from portal.reminder_texts import checked_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, tzinfo
    from pathlib import Path

    from portal.config import Settings
    from portal.mails import MailWriter
    from portal.ports import Ledger
    from portal.receivables.invoice import Customer, Invoice
    from portal.settings.reminders import ReminderSettings

STOP_PATH = "/reminders"
"""Where customers end reminders: below the live app's address."""


def reminding_of(  # noqa: PLR0913  everything it is put together from
    settings: Settings,
    content: Path,
    ledger: Ledger,
    link_key: bytes,
    writer: MailWriter,
    *,
    page_over: Callable[[Sequence[Invoice]], str | None],
    opens: Callable[[str], bool],
    refresh: Callable[[], object],
    now: Callable[[], datetime],
    today: Callable[[], date],
    fixed_day: date | None,
) -> Reminding:
    """Reminding with the ladder as it is by now.

    Raises:
        ContentError: the owner's ladder cannot be used; everything that is wrong with it.
    """
    if settings.reminders is None:
        raise ValueError("there are no reminders where none are set up")
    texts = checked_texts(content, settings)
    zone = ZoneInfo(settings.portal.timezone)
    reminders = ReminderWriter(writer, texts, page_over, partial(_stop_url, settings, link_key))
    return Reminding(
        ledger=ledger,
        settings=settings.reminders,
        ladder=texts.ladder,
        write=reminders.write,
        hours_of=partial(_hours_of, settings, settings.reminders),
        opens=opens,
        refresh=refresh,
        zone=zone,
        moment=now if fixed_day is None else lambda: datetime.combine(fixed_day, time(12), zone),
        now=now,
        today=today,
    )


def _hours_of(settings: Settings, reminders: ReminderSettings, customer: Customer) -> tuple[SendingHours, tzinfo]:
    """The owner's hours and holidays, and the holidays of the country that the customer's language names."""
    theirs = country_of(customer.language)
    places = {*reminders.holidays, *([theirs] if theirs else [])}
    own = frozenset(settings.terms.holidays)
    hours = SendingHours(
        reminders.hours[0],
        reminders.hours[1],
        reminders.weekday_numbers,
        lambda day: day in own or is_holiday(places, day),
    )
    return hours, ZoneInfo(customer.timezone or settings.portal.timezone)


def _stop_url(settings: Settings, link_key: bytes, message_id: str) -> str | None:
    """None where nothing answers forms: then a reply does it."""
    if settings.payments.by_links:
        return None
    return f"{settings.live_url}{STOP_PATH}?stop={stop_code(link_key, message_id)}"
