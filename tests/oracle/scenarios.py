"""What may happen to one interaction: plausible plays, plays gone wrong, and soup. Seeded, no clock."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.oracle.defaults import DAY, FLOW_OUTCOMES, HOUR, MINUTE, THREADED, THRESHOLD

AGENTS = ("ada", "bo", "cy")
QUEUES = ("sales", "support", "a|b")
TELLABLE = (
    "started", "queued", "offered", "declined", "answered", "held", "resumed", "message", "transferred", "abandoned",
    "flowed_out", "ended", "wrapped_up", "reopened", "updated",
)  # fmt: skip


class Play:
    """The events of one interaction while they are made up: (instant in ms, type, data)."""

    def __init__(self, rng: Random, channel: str, start: int) -> None:
        self.rng = rng
        self.channel = channel
        self.at = start
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        self.segment_ids = rng.random() < 0.3

    def maybe(self, chance: float) -> bool:
        """True in so many cases."""
        return self.rng.random() < chance

    def wait(self, longest: int = 10 * MINUTE) -> None:
        """Let time pass: often to an edge of a rule, often not at all."""
        threshold = THRESHOLD[self.channel]
        edges = [0, 0, 1, 999, 4999, 5000, 5001, threshold - 1, threshold, threshold + 1]
        self.at += self.rng.choice(edges) if self.maybe(0.5) else self.rng.randint(0, longest)

    def tell(self, name: str, **data: Any) -> None:
        """One event, now."""
        self.events.append((self.at, name, {key: value for key, value in data.items() if value is not None}))

    def segment_id(self) -> str | None:
        """A segment's name, when this source names segments."""
        return f"s{self.rng.randint(1, 4)}" if self.segment_ids else None

    def agent(self, *others: str) -> str:
        """An agent who is none of the others."""
        return self.rng.choice([agent for agent in AGENTS if agent not in others])

    def queued(self) -> str:
        """Enter a queue."""
        queue = self.rng.choice(QUEUES)
        self.tell("queued", queue=queue, segment_id=self.segment_id())
        return queue

    def answered(self, agent: str, queue: str | None = None) -> None:
        """An agent is on, perhaps after others let it ring."""
        for other in AGENTS:
            if self.maybe(0.3):
                self.tell("offered", agent_id=other, queue=queue if self.maybe(0.5) else None)
            if other != agent and self.maybe(0.2):
                result = self.rng.choice(["no_answer", "rejected", "busy", "error", None])
                self.tell("declined", agent_id=other, result=result, queue=queue if self.maybe(0.5) else None)
        self.wait(MINUTE)
        self.tell(
            "answered",
            agent_id=agent,
            queue=queue or (self.rng.choice(QUEUES) if self.maybe(0.2) else None),
            segment_id=self.segment_id() if self.maybe(0.3) else None,
        )

    def talk(self, agent: str) -> None:
        """Holds and messages of one agent's part."""
        for _ in range(self.rng.randint(0, 4)):
            self.wait(2 * MINUTE)
            if self.channel in THREADED and self.maybe(0.8):
                author = self.rng.choice(["customer", "customer", "agent", "agent", "agent", "bot", "system"])
                public = self.rng.choice([None, None, True, False])
                self.tell("message", author=author, public=public, agent_id=agent if author == "agent" else None)
            else:
                who = agent if self.maybe(0.8) else None
                self.tell(self.rng.choice(["held", "held", "resumed"]), agent_id=who, segment_id=self.named())

    def named(self) -> str | None:
        """Now and then, the segment an event is about."""
        return self.segment_id() if self.maybe(0.3) else None

    def wrapped_up(self, agent: str) -> None:
        """After-work: measured, told, too long, before the end, or never."""
        if self.maybe(0.7):
            self.tell(
                "wrapped_up",
                agent_id=agent,
                segment_id=self.named(),
                wrap_up_ms=self.rng.choice([None, None, None, 0, 30_000, 2 * HOUR]),
                handle_ms=self.rng.choice([None, None, None, None, 0, 123_456]),
            )

    def ended(self) -> None:
        """The end, perhaps twice, perhaps never."""
        for _ in range(self.rng.choice([0, 1, 1, 1, 1, 1, 1, 2])):
            self.tell(
                "ended",
                by=self.rng.choice(["customer", "agent", "system", "bot", None]),
                resolved=self.rng.choice([True, False, None]),
                hold_ms=self.rng.choice([None, None, None, 0, 5_000, HOUR]),
            )
            self.wait(MINUTE)


def plain(play: Play) -> None:
    """Queue, agent, end."""
    queue = play.queued()
    play.wait(MINUTE)
    agent = play.agent()
    play.answered(agent, queue)
    play.talk(agent)
    play.wait()
    play.ended()
    play.wait(HOUR)
    play.wrapped_up(agent)


def direct(play: Play) -> None:
    """No queue, or its word comes late by a clock that runs ahead."""
    agent, queue = play.agent(), play.rng.choice([None, *QUEUES])
    play.answered(agent, queue)
    if play.maybe(0.5):
        play.wait(10_000)
        play.tell("queued", queue=queue or play.rng.choice(QUEUES), segment_id=play.named())
    play.talk(agent)
    play.wait()
    play.ended()
    play.wrapped_up(agent)


def lost(play: Play) -> None:
    """Left while waiting: the customer, or by rule, and perhaps into the next queue."""
    for _ in range(play.rng.randint(1, 3)):
        play.queued()
        play.wait(MINUTE)
        if play.maybe(0.5):
            play.tell("flowed_out", outcome=play.rng.choice(FLOW_OUTCOMES))
            play.wait(10_000)
    if play.maybe(0.7):
        play.tell("abandoned")
    play.wait(10_000)
    play.ended()


def transferred(play: Play) -> None:
    """Blind and attended transfers, to queues and agents; the next may be on before the transfer."""
    queue, agent = play.queued(), play.agent()
    play.wait(MINUTE)
    play.answered(agent, queue)
    for _ in range(play.rng.randint(1, 3)):
        play.talk(agent)
        play.wait()
        after = play.agent(agent)
        to_queue = play.rng.choice([None, *QUEUES])
        leaving = {
            "agent_id": agent if play.maybe(0.7) else None,
            "to_queue": to_queue,
            "to_agent": after if to_queue is None else None,
            "segment_id": play.named(),
        }
        if play.maybe(0.4):
            if play.maybe(0.5):
                play.queued()
                play.wait(MINUTE)
            play.answered(after)
            play.wait(MINUTE)
            play.tell("transferred", kind="attended", **leaving)
        else:
            play.tell("transferred", kind="blind", **leaving)
            if to_queue is not None and play.maybe(0.7):
                play.tell("queued", queue=to_queue, segment_id=play.segment_id())
                play.wait(MINUTE)
            play.answered(after)
        if play.maybe(0.5):
            play.wrapped_up(agent)
        agent = after
    play.talk(agent)
    play.wait()
    play.ended()
    play.wait(HOUR)
    play.wrapped_up(agent)


def bot_first(play: Play) -> None:
    """A bot talks, and hands off or ends it."""
    for author in play.rng.choices(["bot", "customer", "bot"], k=play.rng.randint(1, 4)):
        play.tell("message", author=author)
        play.wait(MINUTE)
    if play.maybe(0.3):
        play.tell("ended", by="bot", resolved=play.rng.choice([True, False, None]))
    elif play.maybe(0.7):
        plain(play)
    else:
        direct(play)


def reopened(play: Play) -> None:
    """Closed and opened again: by a reopening, by a queue, by an agent."""
    plain(play)
    for _ in range(play.rng.randint(1, 2)):
        play.wait(DAY // 2)
        if play.maybe(0.7):
            play.tell("reopened")
            play.wait(10_000)
        if play.maybe(0.5):
            play.tell("message", author="customer")
        play.rng.choice([plain, direct, lost])(play)


def silent(play: Play) -> None:
    """Somebody waits or talks, and nothing more is heard: it times out where there is a limit."""
    queue = play.queued()
    if play.maybe(0.5):
        play.answered(play.agent(), queue)
    if play.maybe(0.3):
        play.at += play.rng.choice([4, 24]) * HOUR + play.rng.choice([-1, 0, 1])
        play.ended()


def soup(play: Play) -> None:
    """Anything, in any order, at few instants."""
    for _ in range(play.rng.randint(2, 14)):
        if play.maybe(0.4):
            play.wait(MINUTE)
        name = play.rng.choice(TELLABLE)
        agent = play.rng.choice(AGENTS)
        needs_agent = name in ("offered", "declined", "answered", "wrapped_up")
        play.tell(
            name,
            agent_id=agent if needs_agent or play.maybe(0.4) else None,
            queue=play.rng.choice(QUEUES) if name == "queued" or play.maybe(0.2) else None,
            segment_id=play.named(),
            author=play.rng.choice(["customer", "agent", "bot"]) if name == "message" else None,
            outcome=play.rng.choice(FLOW_OUTCOMES) if name == "flowed_out" else None,
            to_queue=play.rng.choice([None, *QUEUES]) if name == "transferred" else None,
            by=play.rng.choice([None, "customer", "agent", "bot"]) if name == "ended" else None,
        )


SCENARIOS: dict[str, Callable[[Play], None]] = {
    play.__name__: play for play in (plain, direct, lost, transferred, bot_first, reopened, silent, soup)
}
