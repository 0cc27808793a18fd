"""The settings of opening hours: weekly spans as people write them, holidays by date or by country; and what they make.

Public holidays come from the library `holidays` and are resolved here, once, to dates of a fixed run of years, so that
the counting knows dates alone and does not depend on the day on which a worker starts.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from stream.core.times.calendar import Calendar, Spans

YEARS = range(2020, 2041)
"""For these a country's holidays are looked up."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_BUCKET_MINUTES = 5


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no IANA zone; write one as Europe/Rome") from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


def minutes(text: str) -> int:
    """Minutes after midnight of a time as `09:30`, up to 24:00. Raises ValueError.

    >>> minutes("09:30"), minutes("24:00")
    (570, 1440)
    """
    match = _TIME.fullmatch(text)
    found = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else None
    if found is None or found > 1440:
        raise ValueError(f"{text!r} is no time of a day; write one as 09:30, the end of the day as 24:00")
    return found


def spans(text: str) -> Spans:
    """A day's spans: `09:00-12:00 14:00-18:00`; nothing is closed. Raises ValueError.

    >>> spans("14:00-18:00 09:00-12:00"), spans("")
    (((540, 720), (840, 1080)), ())
    """
    found = []
    for span in text.replace(",", " ").split():
        opens, dash, closes = span.partition("-")
        if not dash:
            raise ValueError(f"{span!r} is no span of a day; write one as 09:00-17:00")
        found.append((minutes(opens), minutes(closes)))
        if found[-1][0] >= found[-1][1]:
            raise ValueError(
                f"{span!r} ends before it begins; over midnight write {opens}-24:00, and 00:00-{closes} on the next day"
            )
    found.sort()
    for before, after in pairwise(found):
        if after[0] < before[1]:
            raise ValueError(f"{text!r}: its spans overlap")
    return tuple(found)


def days(text: str) -> list[int]:
    """The weekdays, Monday 0, of `mon` or `mon-fri`; `sat-mon` goes over Sunday. Raises ValueError.

    >>> days("mon-wed"), days("sat-mon"), days("sun")
    ([0, 1, 2], [5, 6, 0], [6])
    """
    first, dash, last = text.strip().lower().partition("-")
    for name in (first, last) if dash else (first,):
        if name not in DAYS:
            raise ValueError(f"{name!r} is no weekday; there are {', '.join(DAYS)}, and runs as mon-fri")
    start, end = DAYS.index(first), DAYS.index(last if dash else first)
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def weekly(hours: dict[str, str]) -> tuple[Spans, ...]:
    """Monday's to Sunday's spans; a day that is not told is closed. Raises ValueError.

    >>> weekly({"mon-fri": "09:00-17:00"})[3:6]
    (((540, 1020),), ((540, 1020),), ())
    """
    found: dict[int, Spans] = {}
    for names, text in hours.items():
        for day in days(names):
            if day in found:
                raise ValueError(f"{DAYS[day]} is told twice")
            found[day] = spans(text)
    return tuple(found.get(day, ()) for day in range(7))


def public_holidays(place: str) -> set[date]:
    """The days off, in `YEARS`, of a country, or of a part of it as in DE-BY. Raises ValueError.

    >>> date(2026, 8, 15) in public_holidays("IT"), date(2026, 1, 6) in public_holidays("DE-BE")
    (True, False)
    """
    country, dash, part = place.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        raise ValueError(f"{country!r} is no country whose holidays are known; write one as IT, a part of one as DE-BY")
    if dash and part not in known[country]:
        parts = ", ".join(known[country]) or "none"
        raise ValueError(f"{part!r} is no part of {country} with holidays of its own; there are {parts}")
    return set(holidays.country_holidays(country, subdiv=part or None, years=YEARS))


def _date(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-12-25") else "")
    except ValueError:
        raise ValueError(f"{str(value)!r} is no date; write one as 2026-12-25") from None


def _written_hours(hours: dict[str, str]) -> dict[str, str]:
    weekly(hours)
    return hours


def _known_place(place: str) -> str:
    public_holidays(place)
    return place


def _day_start(text: str) -> str:
    at = minutes(text)
    if at == 1440 or at % _BUCKET_MINUTES:
        raise ValueError(f"{text!r}: a day starts before 24:00, at a multiple of {_BUCKET_MINUTES} minutes")
    return text


DayStart = Annotated[str, AfterValidator(_day_start)]


class CalendarSettings(BaseModel):
    """Opening hours that queues and channels name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=128)] = Field(description="What queues and channels call it.")
    zone: Zone | None = Field(None, description="IANA zone of its clock; unset: the center's.")
    hours: Annotated[dict[str, str], AfterValidator(_written_hours)] = Field(
        description="Open spans by weekday, as in the example; `24:00` is the end of a day; days not named are closed."
    )
    holidays: list[Annotated[date, BeforeValidator(_date)]] = Field([], description="Dates that are closed.")
    holidays_of: Annotated[str, AfterValidator(_known_place)] | None = Field(
        None,
        description="A country (`IT`) or a part of one (`DE-BY`): its public holidays of"
        f" {YEARS[0]} to {YEARS[-1]} are closed too.",
    )

    def calendar(self, zone: str) -> Calendar:
        """What the counting needs. `zone`: the center's."""
        mon, tue, wed, thu, fri, sat, sun = weekly(self.hours)
        closed = set(self.holidays) | (public_holidays(self.holidays_of) if self.holidays_of else set())
        return Calendar(
            zone=self.zone or zone,
            weekly=(mon, tue, wed, thu, fri, sat, sun),
            holidays=tuple(day.isoformat() for day in sorted(closed)),
        )
