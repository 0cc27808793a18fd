"""The settings that say how to count: those of channels, queues and calendars, and the `Rules` that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.events import CHANNELS
from stream.core.figures.service_level import VARIANTS
from stream.core.rules import CHANNEL_RULES, MINUTE, QueueRules, Rules
from stream.core.times.calendar import Calendar
from stream.core.times.window import window
from stream.settings_calendars import CalendarSettings, DayStart, Zone, minutes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _known_variant(name: str) -> str:
    if name not in VARIANTS:
        raise ValueError(f"{name!r} is no variant; there are {', '.join(VARIANTS)}")
    return name


def _known_channel(name: str) -> str:
    if name not in CHANNELS:
        raise ValueError(f"{name!r} is no channel; there are {', '.join(CHANNELS)}")
    return name


def window_name(name: str) -> str:
    """A window's name that the rings can serve; raises ValueError."""
    return window(name).name


Seconds = Annotated[float, Field(allow_inf_nan=False, ge=0)]
Share = Annotated[float, Field(allow_inf_nan=False, ge=0, le=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
Variant = Annotated[str, AfterValidator(_known_variant)]
Channel = Annotated[str, AfterValidator(_known_channel)]


class ChannelSettings(BaseModel):
    """Of a channel, or of one queue: unset values are those of the channel, by default the contract's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold_seconds: Seconds | None = Field(None, description="A wait up to this is in time.")
    target: Share | None = Field(None, description="Share of the service level to reach.")
    short_abandon_seconds: Seconds | None = Field(None, description="An abandon up to this is no miss.")
    wrap_up_cap_seconds: Seconds | None = Field(None, description="Wrap-up counts up to this.")
    calendar: str | None = Field(
        None, description="Name of its opening hours: when it is open, and what business time is. Without: always."
    )

    def applied_to(self, rules: QueueRules, calendars: Mapping[str, Calendar]) -> QueueRules:
        """The rules with what is set here instead."""
        told = {
            "threshold_ms": milliseconds(self.threshold_seconds),
            "target": self.target,
            "short_abandon_ms": milliseconds(self.short_abandon_seconds),
            "wrap_up_cap_ms": milliseconds(self.wrap_up_cap_seconds),
            "calendar": None if self.calendar is None else calendars[self.calendar],
        }
        return msgspec.structs.replace(rules, **{name: value for name, value in told.items() if value is not None})


class QueueSettings(ChannelSettings):
    """One queue. It has its series from the start, before its first event."""

    channel: Channel = Field(description="The queue's channel.")
    name: Annotated[str, Field(min_length=1, max_length=128)] = Field(
        description="The queue's name, as events have it."
    )
    zone: Zone | None = Field(None, description="IANA zone of its days; unset: the center's.")
    day_starts_at: DayStart | None = Field(None, description="When its `today` begins; unset: as the center's.")
    service_level_variant: Variant | None = Field(None, description="Its service-level formula; unset: the center's.")


def milliseconds(seconds: float | None) -> int | None:
    """Whole milliseconds; None stays None."""
    return None if seconds is None else round(seconds * 1000)


def counting_rules(
    channels: Mapping[str, ChannelSettings],
    queues: Sequence[QueueSettings],
    calendars: Sequence[CalendarSettings],
    bounds_seconds: Sequence[float],
    zone: str,
    day_starts_at: str,
) -> Rules:
    """The rules of all channels and queues; every threshold is among the histogram's bounds."""
    named = {each.name: each.calendar(zone) for each in calendars}
    day_starts_ms = minutes(day_starts_at) * MINUTE
    of_channels = {}
    for name, channel in CHANNEL_RULES.items():
        default = msgspec.structs.replace(channel.queue, zone=zone, day_starts_ms=day_starts_ms)
        told = channels.get(name)
        of_channels[name] = msgspec.structs.replace(channel, queue=told.applied_to(default, named) if told else default)
    of_queues = {}
    for queue in queues:
        own = queue.applied_to(of_channels[queue.channel].queue, named)
        starts_ms = day_starts_ms if queue.day_starts_at is None else minutes(queue.day_starts_at) * MINUTE
        of_queues[queue.channel, queue.name] = msgspec.structs.replace(
            own, zone=queue.zone or zone, day_starts_ms=starts_ms
        )
    thresholds = {rules.threshold_ms for rules in (*(each.queue for each in of_channels.values()), *of_queues.values())}
    bounds = {round(bound * 1000) for bound in bounds_seconds} | thresholds
    return Rules(
        channels=of_channels,
        queues=of_queues,
        bounds_ms=tuple(sorted(bounds - {0})),
        zone=zone,
        day_starts_ms=day_starts_ms,
    )


def strange_calendar(
    channels: Mapping[str, ChannelSettings], queues: Sequence[QueueSettings], calendars: Sequence[CalendarSettings]
) -> str | None:
    """What is wrong with the calendars' names, in a line; None when each is there once and each named one exists."""
    names = [each.name for each in calendars]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return f"calendars: {twice!r} is there twice"
    users = [(f"channels.{name}", each.calendar) for name, each in channels.items()]
    users += [(f"queues: {each.channel}/{each.name}", each.calendar) for each in queues]
    for user, name in users:
        if name is not None and name not in names:
            return f"{user}: there is no calendar {name!r}; there are {', '.join(names) or 'none'}"
    return None
