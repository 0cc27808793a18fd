"""Days of a contact center made up at random, and their figures by plain counting: what all platforms are held to.

A call is what happened, in ms, and knows nothing of platforms or of events. Each platform's own module writes the
payloads that would be sent for it; `figures` counts the same calls by the contract's definitions.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from schemas.rejected import Skipped
from schemas.sources.conversion import Change, Vendor, convert
from schemas.sources.options import Options
from tests.core.straight import Straight

DAY = 1_773_126_000_000
"""2026-03-10, 07:00 UTC."""
QUEUES = ("support", "sales", "billing")
AGENTS = ("anna", "ben", "carla", "dario")
THRESHOLD_MS, SHORT_MS = 20_000, 5_000


@dataclass(frozen=True)
class Ring:
    """It rang at an agent. `result`: how it was not taken; empty when it was, or when the customer was gone first."""

    agent: str
    at: int
    until: int
    result: str = ""


@dataclass(frozen=True)
class Part:
    """An agent's part. `how` it was over: customer, agent (who hung up), blind, attended. `asked`: advice of another,
    `asked_in` whom a queue led to.

    Who takes over attended is on before the first one is gone, who has the customer on hold until then.
    """

    agent: str
    at: int
    until: int
    how: str
    holds: tuple[tuple[int, int], ...] = ()
    wrap_ms: int = 0
    asked: Ring | None = None
    asked_in: str | None = None


@dataclass(frozen=True)
class Stay:
    """Of a customer in a queue, or at once with an agent (`queue` None). `left`: answered, abandoned or an outcome."""

    queue: str | None
    at: int
    left: str
    left_at: int
    rings: tuple[Ring, ...] = ()
    part: Part | None = None


@dataclass(frozen=True)
class Call:
    """From start to end. `by`: who ended it."""

    number: int
    at: int
    until: int
    by: str
    stays: tuple[Stay, ...] = ()
    outbound: bool = False

    @property
    def phone(self) -> str:
        """The customer's."""
        return f"+3902555{self.number:05d}"


@dataclass(frozen=True)
class Kind:
    """What calls a platform can tell of. Outcomes: ways out of a queue that end the call, or lead to another one."""

    unit_ms: int = 1
    last_outcomes: tuple[str, ...] = ("timeout",)
    next_outcomes: tuple[str, ...] = ("overflow",)
    declines: tuple[str, ...] = ("no_answer",)
    ways_on: tuple[str, ...] = ("blind",)
    direct: bool = True
    advice: bool = False
    advice_of_queues: bool = False
    outbound: bool = True
    longest_stays: int = 4
    holds: bool = True
    wraps: bool = True


@dataclass
class _Clock:
    draw: random.Random
    unit_ms: int
    at: int

    def after(self, least_s: float, most_s: float) -> int:
        """Some time later."""
        least, most = max(1, round(least_s * 1000 / self.unit_ms)), max(1, round(most_s * 1000 / self.unit_ms))
        self.at += self.draw.randint(least, most) * self.unit_ms
        return self.at


def a_day(seed: int, kind: Kind, calls: int = 25) -> list[Call]:
    """Calls of a day, each some minutes after the one before."""
    draw = random.Random(seed)
    return [_a_call(draw, kind, number, DAY + number * 120_000) for number in range(1, calls + 1)]


def _a_call(draw: random.Random, kind: Kind, number: int, at: int) -> Call:
    clock = _Clock(draw, kind.unit_ms, at + draw.randrange(0, 200) * kind.unit_ms)
    begun = clock.at
    if kind.outbound and draw.random() < 0.1:
        answered = clock.after(5, 30)
        part = _a_part(draw, kind, clock, draw.choice(AGENTS), answered, last=True)
        stay = Stay(None, answered, "answered", answered, (), part)
        return Call(number, begun, part.until, part.how, (stay,), outbound=True)
    if draw.random() < 0.1:
        return Call(number, begun, clock.after(1, 60), "customer")
    clock.after(2, 60)
    stays: list[Stay] = []
    direct = ""
    while True:
        last = len(stays) + 1 >= kind.longest_stays
        stay, direct = _a_stay(draw, kind, clock, direct, last=last, before=stays)
        stays.append(stay)
        part = stay.part
        if part is not None and part.how in {"customer", "agent"}:
            return Call(number, begun, part.until, part.how, tuple(stays))
        if part is None and stay.left == "abandoned":
            return Call(number, begun, stay.left_at, "customer", tuple(stays))
        if part is None and stay.left in kind.last_outcomes and (last or stay.left not in kind.next_outcomes):
            return Call(number, begun, stay.left_at, "system", tuple(stays))


def _a_stay(
    draw: random.Random, kind: Kind, clock: _Clock, direct: str, *, last: bool, before: list[Stay]
) -> tuple[Stay, str]:
    at = clock.at
    queue = None if direct else draw.choice(QUEUES)
    rings: list[Ring] = []
    agents = [name for name in draw.sample(AGENTS, len(AGENTS)) if name != direct]
    if queue is not None:
        for agent in agents[: draw.choice((0, 0, 1, 2))]:
            rung = clock.after(0.5, 10)
            rings.append(Ring(agent, rung, clock.after(1, 15), draw.choice(kind.declines)))
        way = draw.choice(("answered", "answered", "answered", "abandoned", "rung", "out"))
        if way == "out":
            outcomes = kind.last_outcomes if last else kind.last_outcomes + kind.next_outcomes
            outcome = draw.choice(outcomes)
            return Stay(queue, at, outcome, clock.after(0.2, 40), tuple(rings)), ""
        if way == "abandoned":
            return Stay(queue, at, "abandoned", clock.after(0.2, 30), tuple(rings)), ""
        rung, until = clock.after(0.5, 10), clock.after(0.5, 15)
        if way == "rung":
            return Stay(queue, at, "abandoned", until, (*rings, Ring(agents[-1], rung, until))), ""
        rings.append(Ring(agents[-1], rung, until))
    else:
        rings.append(Ring(agents[-1], at, clock.after(0.5, 15)))
    answered = clock.at
    asking = before[-1].part if before else None
    if queue is None and asking is not None and asking.how == "attended":
        until = clock.after(2, 30)
        holds = (*asking.holds, (rings[-1].at, until)) if kind.holds else ()
        before[-1] = replace(before[-1], part=replace(asking, until=until, holds=holds))
    part = _a_part(draw, kind, clock, agents[-1], answered, last=last)
    going_on = part.how in {"blind", "attended"}
    direct = part.agent if going_on and kind.direct and (part.how == "attended" or draw.random() < 0.4) else ""
    if direct and part.how == "attended":
        clock.after(1, 3)
    return Stay(queue, at if queue else answered, "answered", answered, tuple(rings), part), direct


def _a_part(draw: random.Random, kind: Kind, clock: _Clock, agent: str, at: int, *, last: bool) -> Part:
    holds = []
    for _ in range(draw.choice((0, 0, 1, 2)) if kind.holds else 0):
        held = clock.after(2, 60)
        holds.append((held, clock.after(2, 60)))
    how = draw.choice(("customer", "agent") if last else ("customer", "agent", *kind.ways_on))
    asked = asked_in = None
    if kind.advice and draw.random() < 0.25:
        rung = clock.after(2, 20)
        asked = Ring(draw.choice([name for name in AGENTS if name != agent]), rung, clock.after(6, 30))
        asked = replace(asked, at=rung + 3_000)
        asked_in = draw.choice((None, *QUEUES)) if kind.advice_of_queues else None
    until = clock.after(2, 200)
    wrap_ms = draw.choice((0, draw.randint(1_000, 90_000))) // kind.unit_ms * kind.unit_ms if kind.wraps else 0
    return Part(agent, at, until, how, tuple(holds), wrap_ms, asked, asked_in)


Figures = dict[str | None, Counter[str]]


def figures(calls: Iterable[Call], *, outbound: bool = False, inherited: bool = False) -> Figures:
    """What the contract's definitions count of them, by queue, and of interactions in all (`*`); without what is 0.

    `inherited`: work that no queue sent is told with the queue that the call was in last.
    """
    found: Figures = defaultdict(Counter)
    for call in calls:
        if call.outbound != outbound:
            continue
        queue = None
        for stay in call.stays:
            queue = stay.queue or (queue if inherited else None)
            _count(found[queue], stay)
        found[queue]["ended"] += 1
        served = any(stay.part is not None for stay in call.stays)
        waited = any(stay.queue is not None for stay in call.stays)
        found["*"].update(
            interactions_started=1, interactions_offered=waited, interactions_answered=served and waited,
            interactions_lost=not served and waited,
        )  # fmt: skip
    return {queue: Counter({name: n for name, n in row.items() if n}) for queue, row in found.items()}


def _count(row: Counter[str], stay: Stay) -> None:
    wait = stay.left_at - stay.at
    for ring in stay.rings:
        if ring.result:
            row["declined"] += 1
            row[f"declined_by.{ring.result}"] += 1
    if stay.queue is not None:
        row["offered"] += 1
        if stay.left == "answered":
            row.update(answered=1, in_threshold=wait <= THRESHOLD_MS, wait_ms=wait)
        elif stay.left == "abandoned":
            row.update(
                abandoned=1, abandoned_in_threshold=wait <= THRESHOLD_MS, short_abandoned=wait <= SHORT_MS
            )  # fmt: skip
        else:
            row.update(("flowed_out", f"flowed_out_by.{stay.left}"))
    part = stay.part
    if part is not None:
        hold = sum(until - at for at, until in part.holds)
        row.update(
            handled=1, talk_ms=part.until - part.at - hold, hold_ms=hold, wrap_up_ms=part.wrap_ms,
            handle_ms=part.until - part.at + part.wrap_ms, held=bool(part.holds),
            transferred=part.how in {"blind", "attended"},
        )  # fmt: skip


NAMES = frozenset(
    {
        "offered", "answered", "in_threshold", "abandoned", "short_abandoned", "abandoned_in_threshold", "flowed_out",
        "wait_ms", "handled", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms", "transferred", "held", "declined",
        "ended", "timed_out", "timed_out_connected",
    }
)  # fmt: skip


def told(vendor: Vendor, payloads: Iterable[bytes], options: Options) -> list[dict[str, Any]]:
    """The records for the input topics that payloads give, one after the other, agents' memory among them."""
    memory = None if vendor.memory is None else vendor.memory()
    found = []
    for payload in payloads:
        each = convert(vendor, payload, options)
        if isinstance(each, Skipped):
            continue
        for sent in each:
            if isinstance(sent, Change):
                assert memory is not None
                memory.take(sent)
            else:
                found.append(
                    {
                        "topic": sent.topic,
                        "key": sent.key.decode(),
                        "timestamp_ms": sent.at,
                        "value": sent.value.decode(),
                    }
                )
    return found


def counted(records: Iterable[dict[str, Any]], channel: str = "phone", *, outbound: bool = False) -> Figures:
    """What the core counts of records, by queue."""
    found: Figures = defaultdict(Counter)
    start = f"{channel}|{'o' if outbound else 'i'}|"
    for (_, scope, name), n in Straight().take(records).standing().items():
        place = scope.removeprefix(start)
        if place == scope or place[:1] not in {"q", "-", "*"}:
            continue
        if name.startswith("interactions_") if place == "*" else name in NAMES or "_by." in name:
            found["*" if place == "*" else place[1:] or None][name] += n
    return {queue: Counter({name: n for name, n in row.items() if n}) for queue, row in found.items()}


def unlike(got: Figures, wanted: Figures, *, without: Iterable[str] = (), within_ms: int = 0) -> list[str]:
    """What does not agree, in words. `within_ms`: how far sums of ms may be off for each one that is counted."""
    found = []
    names = set(without)
    for queue in {*got, *wanted}:
        mine, theirs = got.get(queue, Counter()), wanted.get(queue, Counter())
        for name in sorted({*mine, *theirs} - names):
            slack = within_ms * max(theirs["answered"] + theirs["handled"], 1) if name.endswith("_ms") else 0
            if abs(mine[name] - theirs[name]) > slack:
                found.append(f"{queue}: {name} is {mine[name]}, and should be {theirs[name]}")
    return found


def instant(at: int, timespec: str = "milliseconds") -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


Writer = Callable[[Call], list[bytes]]
