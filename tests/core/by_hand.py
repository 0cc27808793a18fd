"""A notation for histories and for what they count, so that both can be read, and checked by hand.

A line of `told` is one event, in order of arrival: when, which interaction (when there are several), type, words.

    10:00:00 queued support
    Fri 16:30 email/7 message agent private
    10:00:20 answered anna id=a1 revision=2
    14:00 now                                  time has passed: nothing else is known by 14:00

    Fri 16:30 customer/anna identified tel:1     what is told of a customer: a claim to aliases
    Fri 16:30 customer/anna asked phone/7 resolved=no      an answer to a survey, about that interaction

Days are those of the week of Monday, 2 March 2026, or ISO dates; without a day it is that Monday. All times are UTC.
The first words mean what `WORDS` says, others are `name=value`; lengths end in h, m, s.

A line of `counts` is an instant and what is stamped at it, by place: a queue, `-` (no queue), `*` (the channel).

    10:00:20 support: answered in_threshold wait=15s; *: answered

`wait=15s` is `wait_ms` 15000; `flowed_out=full`, `declined=busy` count the whole and the part; `first_response=2h`
counts the response, its length, and the same in business time, `first_response=65h/50m` says the latter apart. At `*`
started, offered, answered, lost are those of interactions. A place may have its channel and direction before it:
`chat outbound -`.

`segments` are told as queue/agent, in order.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

CHANNELS = ("phone", "email", "chat", "social", "video")
MONDAY = date(2026, 3, 2)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WORDS: dict[str, tuple[str, ...]] = {
    "started": (), "queued": ("queue",), "offered": ("agent_id",), "declined": ("agent_id", "result"),
    "answered": ("agent_id",), "held": ("agent_id",), "resumed": ("agent_id",), "message": ("author",),
    "transferred": ("agent_id",), "abandoned": (), "flowed_out": ("outcome",), "ended": ("by",),
    "wrapped_up": ("agent_id",), "reopened": (), "updated": (),
}  # fmt: skip
SHORT = {
    "agent": "agent_id", "customer": "customer_id", "segment": "segment_id", "hold": "hold_ms",
    "wrap_up": "wrap_up_ms", "handle": "handle_ms",
}  # fmt: skip
OF_INTERACTIONS = ("started", "offered", "answered", "lost")
RESPONSES = ("first_response", "next_response", "resolution")
UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000}

Tally = dict[tuple[int, str, str], int]
"""(instant in ms, scope, measure) -> n, as `Straight.standing` gives it."""


@dataclass(frozen=True)
class Hours:
    """When a queue is open: spans of the local clock on some days of the week (Monday is 0), but not on holidays."""

    days: str
    spans: tuple[tuple[str, str], ...] = (("09:00", "17:00"),)
    zone: str = "UTC"
    holidays: tuple[str, ...] = ()

    def weekday(self, number: int) -> bool:
        """Whether a weekday is one of `days`, such as Mon-Fri or Sun."""
        first, _, last = self.days.partition("-")
        return DAYS.index(first) <= number <= DAYS.index(last or first)


@dataclass(frozen=True)
class History:
    """One row of the tables. `thresholds`, `hours`: of queues that do not have the defaults."""

    channel: str
    told: str
    counts: str
    segments: str = ""
    thresholds: dict[str, str] = field(default_factory=dict)
    hours: dict[str, Hours] = field(default_factory=dict)


def lines(text: str) -> list[str]:
    """The lines of a text that say anything."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def length_ms(text: str) -> int:
    """A length such as 1h2m3.5s in ms.

    >>> length_ms("1m30s"), length_ms("5.001s")
    (90000, 5001)
    """
    parts = re.findall(r"([\d.]+)([hms])", text)
    assert "".join(n + unit for n, unit in parts) == text, text
    return sum(round(float(n) * UNITS[unit]) for n, unit in parts)


def instant(words: list[str]) -> int:
    """Take the day and the time off the front of a line's words; in ms."""
    day = MONDAY
    if words[0] in DAYS:
        day += timedelta(days=DAYS.index(words.pop(0)))
    elif "-" in words[0]:
        day = date.fromisoformat(words.pop(0))
    clock, _, ms = words.pop(0).partition(".")
    at = datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=UTC)
    return int(at.timestamp()) * 1000 + int(ms or 0)


def written(at: int) -> str:
    """An instant as the wire has it."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at % 1000:03}Z"


def steps(history: History) -> list[dict[str, Any] | int]:
    """The records of a history in order of arrival; a bare instant where it says `now`."""
    return [_step(history.channel, number, line) for number, line in enumerate(lines(history.told))]


def _step(channel: str, number: int, line: str) -> dict[str, Any] | int:
    words = line.split()
    at = instant(words)
    interaction = "1"
    if "/" in words[0]:
        channel, _, interaction = words.pop(0).partition("/")
    name = words.pop(0)
    if name == "now":
        return at
    if channel == "customer":
        return _of_customer(at, interaction, f"e{number}", name, words)
    envelope: dict[str, Any] = {"id": f"e{number}"}
    data: dict[str, Any] = {"interaction_id": interaction, "channel": channel}
    places = iter(WORDS[name])
    for word in words:
        key, told, value = word.partition("=")
        if word == "private":
            data["public"] = False
        elif not told:
            data[next(places)] = word
        elif key in ("id", "revision"):
            envelope[key] = int(value) if key == "revision" else value
        else:
            key = SHORT.get(key, key)
            data[key] = length_ms(value) if key.endswith("_ms") else {"yes": True, "no": False}.get(value, value)
    value = {"specversion": "1.0", "source": "/by-hand", "type": f"interaction.{name}", "time": written(at)}
    return {
        "topic": f"interactions.{channel}", "key": interaction, "timestamp_ms": at,
        "value": value | envelope | {"data": data},
    }  # fmt: skip


def _of_customer(at: int, customer: str, event_id: str, name: str, words: list[str]) -> dict[str, Any]:
    named = [word for word in words if "=" not in word]
    told = dict(word.split("=") for word in words if "=" in word)
    data: dict[str, Any] = {"customer_id": customer}
    if name == "identified":
        data["aliases"] = named
    else:
        channel, _, interaction = named[0].rpartition("/")
        data |= {"survey": "csat", "score": 3, "interaction_id": interaction, "channel": channel or None}
        data["resolved"] = {"yes": True, "no": False}.get(told.get("resolved", ""))
    value = {
        "specversion": "1.0", "source": "/by-hand", "id": told.get("id", event_id), "time": written(at),
        "type": f"customer.{'survey_answered' if name == 'asked' else name}", "data": data,
        "revision": int(told.get("revision", 0)),
    }  # fmt: skip
    return {"topic": "customers.events", "key": customer, "timestamp_ms": at, "value": value}


def wanted(history: History) -> Tally:
    """What a history is to count."""
    tally: Counter[tuple[int, str, str]] = Counter()
    for line in lines(history.counts):
        words = line.split()
        at = instant(words)
        for group in " ".join(words).split(";"):
            place, _, measures = group.partition(":")
            scope = _scope(history.channel, place.split())
            for word in measures.split():
                for measure, n in _measures(word, whole=scope.endswith("*")).items():
                    tally[at, scope, measure] += n
    return {key: n for key, n in tally.items() if n}


def _scope(channel: str, words: list[str]) -> str:
    if words[0] in CHANNELS:
        channel = words.pop(0)
    direction = "o" if words[0] == "outbound" else "i"
    place = words[-1]
    return f"{channel}|{direction}|{place if place in '-*' else 'q' + place}"


def _measures(word: str, *, whole: bool) -> dict[str, int]:
    name, told, value = word.partition("=")
    if not told:
        return {f"interactions_{name}" if whole and name in OF_INTERACTIONS else name: 1}
    if name in ("flowed_out", "declined"):
        return {name: 1, f"{name}_by.{value}": 1}
    if name in RESPONSES:
        elapsed, _, business = value.partition("/")
        return {name: 1, f"{name}_ms": length_ms(elapsed), f"{name}_business_ms": length_ms(business or elapsed)}
    return {f"{name}_ms": length_ms(value)}
