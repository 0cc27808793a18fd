"""The figures of threads made up at random, by plain counting and by the core."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from schemas.rejected import Skipped
from schemas.sources.conversion import Change, Vendor, convert
from schemas.sources.options import Options
from tests.core.straight import Straight
from tests.schemas.threads_model import Story

Figures = dict[tuple[str, str | None], Counter[str]]


class _Count:
    """Goes through one story with a pencil."""

    def __init__(self, story: Story, found: Figures) -> None:
        self.story, self.found = story, found
        self.queue: str | None = story.queue
        self.place: str | None = None
        self.waits_since: int | None = None
        self.agent: str | None = None
        self.since = self.hold = 0
        self.held_at: int | None = None
        self.parked = self.bot_spoke = self.answered = self.ended = False
        self.asked_at: int | None = None
        self.response_from = self.resolution_from = story.at

    def row(self) -> Counter[str]:
        return self.found[self.story.channel, self.place]

    def wait(self, at: int) -> None:
        self.place, self.waits_since = self.queue, at
        self.row()["offered"] += 1

    def leave(self) -> None:
        if self.waits_since is not None:
            self.row().update(flowed_out=1)
            self.waits_since = None

    def take(self, at: int, agent: str) -> None:
        if self.waits_since is not None:
            self.row().update(answered=1, wait_ms=at - self.waits_since)
            self.waits_since = None
        else:
            self.place = self.queue
        self.agent, self.since, self.hold = agent, at, 0
        self.held_at = at if self.parked else None

    def over(self, at: int, *, transferred: bool = False) -> None:
        if self.agent is None:
            return
        self.resume(at)
        self.row().update(handled=1, talk_ms=at - self.since - self.hold, transferred=transferred)
        self.agent = None

    def resume(self, at: int) -> None:
        if self.held_at is not None:
            self.hold += at - self.held_at
            self.held_at = None

    def to(self, at: int, agent: str | None) -> None:
        if agent == self.agent:
            return
        self.over(at, transferred=agent is not None)
        if agent is not None:
            self.take(at, agent)
        else:
            self.wait(at)

    def move(self, at: int, queue: str | None, agent: str | None) -> None:
        self.over(at, transferred=True)
        self.leave()
        self.queue = queue
        if agent is None:
            self.wait(at)
        else:
            self.take(at, agent)

    def done(self, at: int) -> None:
        self.leave()
        self.over(at)
        self.row().update(ended=1, resolution=1, resolution_ms=at - self.resolution_from)
        if not self.ended and not self.answered:
            self.row()["closed_unanswered"] += 1
        self.ended, self.asked_at, self.parked = True, None, False

    def reply(self, at: int, agent: str) -> None:
        if self.agent != agent:
            self.over(at)
            self.take(at, agent)
        if not self.answered and not self.story.outbound:
            self.row().update(first_response=1, first_response_ms=at - self.response_from)
        elif self.answered and self.asked_at is not None:
            self.row().update(next_response=1, next_response_ms=at - self.asked_at)
        self.answered, self.asked_at = True, None

    def through(self) -> None:
        story, last = self.story, None
        self.owned = story.agent is not None
        if story.agent is not None:
            self.take(story.at, story.agent)
        elif not story.bot:
            self.wait(story.at)
        for step in story.steps:
            at = step.at
            if step.do == "asked":
                self.asked_at = at if self.asked_at is None else self.asked_at
            elif step.do == "replied":
                self.reply(at, step.agent or "")
            elif step.do == "handoff":
                self.response_from = at
                self.wait(at)
            elif step.do == "to":
                self.owned = step.agent is not None
                self.to(at, step.agent)
            elif step.do == "move":
                self.owned = step.agent is not None
                self.move(at, step.queue, step.agent)
            elif step.do == "park":
                self.parked, self.held_at = True, at if self.agent else None
            elif step.do == "unpark":
                self.parked = False
                self.resume(at)
            elif step.do in {"done", "gone"}:
                last = self.agent if self.owned else None
                self.done(at)
            elif step.do == "again":
                self.row()["reopened"] += 1
                self.resolution_from = self.response_from = at
                taker = step.agent or last
                self.owned = taker is not None
                if taker is not None:
                    self.take(at, taker)
                else:
                    self.wait(at)


def figures(told: Iterable[Story], *, outbound: bool = False) -> Figures:
    """What the contract's definitions count of them, by channel and queue."""
    found: Figures = defaultdict(Counter)
    for story in told:
        if story.outbound == outbound:
            _Count(story, found).through()
    return _clean(found)


def scores(told: Iterable[Story], grade: Callable[[int], int] = int) -> Counter[str]:
    """Satisfaction: the last answer of each thread, by channel."""
    found: Counter[str] = Counter()
    for story in told:
        given = [grade(step.score) for step in story.steps if step.do == "csat"]
        if given:
            found[f"{story.channel} csat_answers"] += 1
            found[f"{story.channel} csat_sum"] += given[-1]
            found[f"{story.channel} csat_satisfied"] += given[-1] >= 4
    return +found


NAMES = frozenset(
    {
        "offered", "answered", "wait_ms", "abandoned", "flowed_out", "handled", "talk_ms", "transferred", "ended",
        "reopened", "closed_unanswered", "first_response", "first_response_ms", "next_response", "next_response_ms",
        "resolution", "resolution_ms", "timed_out", "timed_out_connected",
    }
)  # fmt: skip
_COUNT_OF = {"wait_ms": ("answered", "abandoned", "flowed_out"), "talk_ms": ("handled",)}


def _clean(found: Figures) -> Figures:
    rows = {where: Counter({name: n for name, n in row.items() if n}) for where, row in found.items()}
    return {where: row for where, row in rows.items() if row}


def records(vendor: Vendor, payloads: Iterable[bytes], options: Options) -> list[dict[str, Any]]:
    """The records for the input topics that payloads give."""
    found = []
    for payload in payloads:
        sent = convert(vendor, payload, options)
        for each in [] if isinstance(sent, Skipped) else sent:
            assert not isinstance(each, Change)
            value = each.value.decode()
            found.append({"topic": each.topic, "key": each.key.decode(), "timestamp_ms": each.at, "value": value})
    return found


def counted(straight: Straight, *, outbound: bool = False) -> Figures:
    """What the core has counted, by channel and queue."""
    found: Figures = defaultdict(Counter)
    for (_, scope, name), n in straight.standing().items():
        channel, way, place = scope.split("|")[:3]
        if way == ("o" if outbound else "i") and place[:1] in {"q", "-"} and name in NAMES:
            found[channel, place[1:] or None][name] += n
    return _clean(found)


def rated(straight: Straight) -> Counter[str]:
    """What the core has counted of satisfaction, by channel."""
    found: Counter[str] = Counter()
    for (_, scope, name), n in straight.everything().items():
        parts = scope.split("|")
        if (
            name in {"csat_answers", "csat_sum", "csat_satisfied"}
            and len(parts) == 3
            and parts[2] == "*"
            and parts[0] != "*"
        ):
            found[f"{parts[0]} {name}"] += n
    return +found


def unlike(got: Figures, wanted: Figures, *, without: Iterable[str] = (), within_ms: int = 0) -> list[str]:
    """What does not agree, in words. `within_ms`: how far sums of ms may be off for each one that is counted."""
    found, names = [], set(without)
    for where in sorted({*got, *wanted}, key=str):
        mine, theirs = got.get(where, Counter()), wanted.get(where, Counter())
        for name in sorted({*mine, *theirs} - names):
            counts = _COUNT_OF.get(name, (name.removesuffix("_ms"),))
            slack = within_ms * max(sum(theirs[each] for each in counts), 1) if name.endswith("_ms") else 0
            if abs(mine[name] - theirs[name]) > slack:
                found.append(f"{where}: {name} is {mine[name]}, and should be {theirs[name]}")
    return found
