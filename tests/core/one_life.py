"""A customer's life in a few lines, read by eye: what happened, when.

A line is a day (from 0) and a time, then either an interaction (`phone c1 …`) or an event's kind (`touched site …`);
then words `name=value`. Lengths end in s, m, h. An interaction without `for=` is not over. `reopened=` and then
`closed=`, both since its start: it went on.
"""

from __future__ import annotations

from typing import Any

from schemas.events import Digest, Said
from stream.core.customers.person import Person
from stream.core.rules import DAY, HOUR, MINUTE, Rules

CHANNELS = ("phone", "email", "chat", "social", "video")
DAY_0 = 1_772_409_600_000
"""2026-03-02 00:00 UTC, a Monday."""
UNITS = {"s": 1000, "m": MINUTE, "h": HOUR}
FIRST_WORD = {
    "touched": "name", "purchased": "order_id", "returned": "order_id", "complained": "name", "reviewed": "score",
    "survey_answered": "survey", "updated": "name", "joined": "", "left": "",
}  # fmt: skip
NUMBERS = {"score", "amount", "transferred", "handled"}


def at(text: str) -> int:
    """`3 10:00:05` in ms: the time of a day of the life."""
    day, time = text.split()
    hours, minutes, *seconds = time.split(":")
    ms = round(float((seconds or ["0"])[0]) * 1000)
    return DAY_0 + int(day) * DAY + int(hours) * HOUR + int(minutes) * MINUTE + ms


def length(text: str) -> int:
    return round(float(text[:-1]) * UNITS[text[-1]])


def said(number: int, instant: int, kind: str, words: list[str], named: dict[str, Any]) -> Said:
    if words:
        named[FIRST_WORD[kind]] = words[0]
    if "survey" in named and "score" not in named:
        named["score"] = named.pop("is")
    flag = named.pop("resolved", named.pop("public", None))
    if flag is not None:
        named["flag"] = flag == "yes"
    named = {name: int(value) if name in NUMBERS else value for name, value in named.items()}
    return Said(kind, instant, "crm", f"{number:04d}", 0, **named)


def digest(instant: int, channel: str, name: str, named: dict[str, Any]) -> Digest:
    fields: dict[str, Any] = {"customer_id": "c", "channel": channel, "interaction_id": name, "started_at": instant}
    lasted = named.pop("for", None)
    if lasted is not None:
        fields |= {"ended_at": (instant + length(lasted),), "outcome": "answered", "served": True, "handled": 1}
        fields["handle_ms"] = length(lasted)
    if "reopened" in named:
        fields["reopened_at"] = (instant + length(named.pop("reopened")),)
    if "closed" in named:
        fields["ended_at"] += (instant + length(named.pop("closed")),)
    if "wait" in named:
        fields["wait_ms"] = length(named.pop("wait"))
    if named.get("outcome", "answered") != "answered":
        fields |= {"served": False, "handled": 0, "handle_ms": 0}
    if named.pop("out", None):
        fields["inbound"] = False
    fields |= {name: int(value) if name in NUMBERS else value for name, value in named.items()}
    if "resolved" in fields:
        fields["resolved"] = fields["resolved"] == "yes"
    return Digest(**fields)


def facts(life: str) -> tuple[list[Digest], list[Said]]:
    """The digests and events of a life."""
    digests, events = [], []
    for number, line in enumerate(filter(None, map(str.strip, life.splitlines()))):
        day, time, kind, *words = line.split()
        named = dict(word.split("=") for word in words if "=" in word)
        plain = [word for word in words if "=" not in word]
        instant = at(f"{day} {time}")
        if kind in CHANNELS:
            digests.append(digest(instant, kind, plain[0], named))
        else:
            events.append(said(number, instant, kind, plain, named))
    return digests, events


def person(life: str, rules: Rules | None = None) -> Person:
    """Whose life it is."""
    return Person("c", *facts(life), (rules or Rules()).repeat_window_ms)
