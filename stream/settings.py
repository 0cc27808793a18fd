"""Every setting, once: its name, default, check and description; docs/settings.md is generated from here.

Read from `centralino.toml` in the working folder and, stronger, from the environment: KAFKA_BOOTSTRAP_SERVERS and
REDIS_URL as everybody calls them, all others as CENTRALINO_<NAME>. A wrong one raises `SettingsError`, whose message
names it and says what to write instead.
"""

from __future__ import annotations

import json
import tomllib
from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableValue
from pydantic_settings import TomlConfigSettingsSource as TomlFile

from schemas.events import CHANNELS
from schemas.pseudonyms import Pseudonyms
from stream.core.figures.service_level import DEFAULT_VARIANT
from stream.core.rules import DAY, HIGH_VALUE, HISTOGRAM_BOUNDS_MS, SEGMENTS, TOUCHPOINTS, Rules
from stream.settings_access import AccessSettings
from stream.settings_addresses import Addresses
from stream.settings_alerts import Alerting
from stream.settings_calendars import CalendarSettings, DayStart, Zone
from stream.settings_error import SettingsError, explained
from stream.settings_names import Naming
from stream.settings_outputs import OutputSettings
from stream.settings_privacy import keeping, pseudonyms_of, strange_keep
from stream.settings_registry import RegistrySettings
from stream.settings_rules import (
    Channel,
    ChannelSettings,
    Port,
    QueueSettings,
    Seconds,
    Variant,
    counting_rules,
    strange_calendar,
)
from stream.settings_rules import window_name as _window_name
from stream.settings_sources import SourcesSettings

FILE = "centralino.toml"
PREFIX = "CENTRALINO_"


def _words(value: object) -> object:
    """A list written as one line: `5m 30m 1h`, with or without commas, or JSON."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.lstrip().startswith("[") else value.replace(",", " ").split()


Words = BeforeValidator(_words)
Windows = Annotated[list[Annotated[str, AfterValidator(_window_name)]], Field(min_length=1), NoDecode, Words]
BUILT_IN = ("all", "new", "returning", "high_value", "at_risk", "other")
"""Segments that need no word of anybody."""


def _not_built_in(names: list[str]) -> list[str]:
    twice = next((name for name in names if name in BUILT_IN), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is a segment of our own")
    return names


Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], NoDecode, Words]


def _ascending(values: list[float]) -> list[float]:
    if sorted(set(values)) != values:
        raise ValueError("write them ascending, each once")
    return values


class Settings(Naming, Addresses, AccessSettings, Alerting, OutputSettings, RegistrySettings, SourcesSettings):
    """All settings of worker and service. Immutable; every field has a default that works on one machine."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=FILE, extra="forbid", frozen=True, hide_input_in_errors=True,
        populate_by_name=True, env_ignore_empty=True,
    )  # fmt: skip

    apply_topics: bool = Field(True, description="Create missing topics at start; false: refuse to start without them.")
    partitions: int = Field(8, ge=1, le=1000, description="Partitions of a topic that we create. Never changed later.")
    replication_factor: int = Field(1, ge=1, le=10, description="Replicas of a topic that we create.")
    session_timeout_seconds: Seconds = Field(10, gt=0, le=90, description="Silence after which a worker is dropped.")
    heartbeat_interval_seconds: Seconds = Field(1, gt=0, description="How often a worker says that it lives.")
    max_poll_records: int = Field(5000, ge=1, le=100_000, description="Records of a partition in one batch, at most.")
    cache_mb: int = Field(
        64,
        ge=1,
        description="Memory in which a worker keeps interactions, customers, agents and cells at hand.",
    )
    watchdog_seconds: Seconds = Field(
        60, gt=0, description="A partition with lag that stands still for so long ends the worker."
    )
    on_future: Literal["wait", "reject"] = Field(
        "wait", description="What to do with an event of the future whose record's timestamp is as wrong."
    )
    worker_port: Port | None = Field(None, description="Port of a worker's own metrics; unset: none.")

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 is every network of the machine.")
    port: Port = Field(8000, description="Port of the service: metrics, API, wallboard. 0 takes a free one.")
    clock: Literal["wall", "event"] = Field(
        "wall", description="What *now* is: the clock, or the latest stream time of all shards (for replayed days)."
    )
    max_subscribers: int = Field(200, ge=0, description="Streams of events (`/api/v1/stream`) that are open at once.")
    windows: Windows = Field(["5m", "30m", "1h", "today"], description="Windows exported for queues.")
    fcr_windows: Windows = Field(["today", "7d", "30d"], description="Windows exported for first-contact resolution.")
    customer_windows: Windows = Field(["30d", "365d"], description="Windows exported for customers.")
    max_queues: int = Field(500, ge=1, description="Beyond so many, the exporter folds queues into `other`.")

    zone: Zone = Field("UTC", description="IANA zone of the center, and of queues that name none.")
    day_starts_at: DayStart = Field(
        "00:00", description="When `today` begins, by the local clock; before, it is still yesterday's."
    )
    service_level_variant: Variant = Field(DEFAULT_VARIANT, description="Service-level formula that is exported.")
    repeat_window_days: int = Field(7, ge=1, le=90, description="Days in which a repeat contact spoils a resolution.")
    clock_skew_seconds: Seconds = Field(5, ge=0, description="How far a source's clocks may run apart.")
    agent_silence_seconds: Seconds = Field(
        12 * 3600, gt=0, description="So long after the last word of or about an agent, the presence is unknown."
    )
    agent_heartbeat_silence_seconds: Seconds = Field(600, gt=0, description="The same for agents who send heartbeats.")
    touchpoints: Names = Field(
        list(TOUCHPOINTS), description="Touchpoints of `customer.touched` that are told apart; others are `other`."
    )
    customer_segments: Annotated[Names, AfterValidator(_not_built_in)] = Field(
        list(SEGMENTS), description="Segments of `customer.updated` that are told apart; others are `other`."
    )
    high_value: dict[str, Annotated[int, Field(ge=1)]] = Field(
        dict(HIGH_VALUE),
        description="A customer is of high value from so many minor units in 365 days on, by currency.",
    )
    long_wait_factor: float = Field(
        3.0, ge=1, allow_inf_nan=False, description="A wait of more than so many thresholds is a friction point."
    )
    histogram_bounds_seconds: Annotated[list[Seconds], NoDecode, Words] = Field(
        [bound / 1000 for bound in HISTOGRAM_BOUNDS_MS],
        description="Upper bounds of the exported histograms; every threshold is added to them.",
    )
    channels: dict[str, ChannelSettings] = Field({}, description="What holds for queues of a channel that name none.")
    queues: list[QueueSettings] = Field(
        [], description="Queues that differ, or must be shown before their first event."
    )
    calendars: list[CalendarSettings] = Field([], description="Opening hours that queues and channels name.")

    teams: dict[str, list[str]] = Field({}, description="Agents by team, for figures by team; one may be in several.")
    pseudonym_key: SecretStr | None = Field(
        None, description="Secret of pseudonyms (docs/privacy.md): with it no customer's id is stored or sent."
    )
    pseudonym_key_file: str | None = Field(None, description="File that holds that secret.")
    keep_customers_days: int = Field(
        400, ge=1, le=400, description="Days for which what a customer did is kept; orders a year longer."
    )
    keep_open_days: int = Field(400, ge=1, le=400, description="Days for which open interactions are kept.")
    keep_closed_days: dict[str, Annotated[int, Field(ge=1, le=400)]] = Field(
        {}, description="Days for which closed interactions are kept, by channel; unset: live ones 3, others 35."
    )

    hourly_rates: dict[Channel, Annotated[int, Field(ge=0)]] = Field(
        {}, description="What an hour of agents' work costs, by channel, in minor units of `currency` (cents)."
    )
    currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="Currency of the center's own costs (ISO 4217).")

    not_ready_reasons: Annotated[list[str], NoDecode, Words] = Field(
        [], description="Reasons of agents who are not ready that are exported by name; the others are `other`."
    )
    reason_spike_contacts: int = Field(
        10, ge=1, description="The fewest contacts of a reason in a half-hour that are a spike."
    )
    reason_spike_deviations: Seconds = Field(
        3, description="A spike is so many roots of the usual above the usual contacts of that half-hour."
    )
    age_bands_hours: Annotated[
        list[Annotated[Seconds, Field(gt=0)]], Field(min_length=1), AfterValidator(_ascending), NoDecode, Words
    ] = Field([1, 4, 8, 24], description="Edges of the age bands of threads that wait, in business hours.")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError([explained(type(self), one) for one in error.errors()]) from None
        except UnreadableValue as error:
            raise SettingsError([f"{error}: lists and tables are written as JSON in the environment"]) from None
        except tomllib.TOMLDecodeError as error:
            raise SettingsError([f"{FILE} is not TOML: {error}"]) from None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Strongest first: what the program passes (command line), the environment, the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlFile(settings_cls)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.heartbeat_interval_seconds * 2 > self.session_timeout_seconds:
            raise ValueError("heartbeat_interval_seconds: at most half of session_timeout_seconds")
        names = [(queue.channel, queue.name) for queue in self.queues]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"queues: {'/'.join(twice)} is there twice")
        strange = sorted(set(self.channels) - set(CHANNELS))
        if strange:
            raise ValueError(f"channels: {strange[0]} is no channel; there are {', '.join(CHANNELS)}")
        fault = strange_calendar(self.channels, self.queues, self.calendars)
        fault = fault or strange_keep(
            self.keep_closed_days, self.keep_open_days, self.keep_customers_days, self.repeat_window_days
        )
        if fault:
            raise ValueError(fault)
        self.pseudonyms()
        return self

    def pseudonyms(self) -> Pseudonyms | None:
        """Those of the key that is set."""
        return pseudonyms_of(self.pseudonym_key, self.pseudonym_key_file)

    def rules(self) -> Rules:
        """The counting rules: channels' defaults, queues, bounds. Zones of queues that name none are the center's."""
        rules = counting_rules(
            self.channels, self.queues, self.calendars, self.histogram_bounds_seconds, self.zone, self.day_starts_at
        )
        rules = keeping(rules, self.keep_closed_days, self.keep_open_days, self.keep_customers_days)
        return msgspec.structs.replace(
            rules,
            agent_silence_ms=round(self.agent_silence_seconds * 1000),
            heartbeat_silence_ms=round(self.agent_heartbeat_silence_seconds * 1000),
            repeat_window_ms=self.repeat_window_days * DAY,
            clock_skew_ms=round(self.clock_skew_seconds * 1000),
            touchpoints=tuple(self.touchpoints),
            segments=tuple(self.customer_segments),
            high_value=self.high_value,
            long_wait_factor=self.long_wait_factor,
            hourly_rates=self.hourly_rates,
            currency=self.currency,
            pseudonyms=pseudonyms.digest if (pseudonyms := self.pseudonyms()) else "",
        )

    def variant(self, channel: str, queue: str | None) -> str:
        """The service-level formula that is exported for a queue: its own, else the center's."""
        own = next((each for each in self.queues if (each.channel, each.name) == (channel, queue)), None)
        return own.service_level_variant or self.service_level_variant if own else self.service_level_variant
