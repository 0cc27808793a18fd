"""Threads made up at random: what ticket and chat platforms' telling is held to.

A thread is what happened to it, in ms, and knows nothing of platforms. Each platform's own module writes the payloads
that would be sent for it; `threads_model_figures` counts the same threads by the contract's definitions.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

QUEUES = ("sales", "support", "billing")
AGENTS = ("ann", "bob", "cid", "dan")
BEGIN = 1_772_000_000_000
SECOND = 1_000


@dataclass
class Step:
    """What happens at `at`. `also`: it is one action with what came before.

    `do`: asked, replied (`agent`), noted (`agent`), bot, rule (messages); handoff; to (`agent`, or nobody's); move
    (`queue`, `agent`); park, unpark; done; closed; gone; again; csat.
    """

    at: int
    do: str
    by: str = ""
    agent: str | None = None
    queue: str | None = None
    score: int = 0
    also: bool = False


@dataclass
class Story:
    """A thread. `agent`: who began an outbound one, or has it at once."""

    number: int
    at: int
    channel: str
    queue: str
    agent: str | None = None
    bot: bool = False
    outbound: bool = False
    known: str = "mail"
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """What a platform has, and its people do.

    `keeps`: an agent may keep what goes to another queue; `joint`: a reply and a change of state may be one action.
    """

    channels: tuple[str, ...]
    unit_ms: int
    bot: bool = False
    keeps: bool = False
    joint: bool = False
    solver_takes: bool = False
    others_take: bool = True
    unowned_replies: bool = True
    assigns: bool = True
    releases: bool = True
    outbound_channel: str = ""
    parks_unowned: bool = True
    moves_to_agents: bool = True
    moves_parked: bool = True
    closes: bool = False
    gone: tuple[str, ...] = ()
    customer_unparks: bool = True
    reopener_takes: bool = False
    length: int = 14


class _Writing:
    """One story while it is made up: what can happen next depends on who has it."""

    def __init__(self, draw: random.Random, kind: Kind, number: int) -> None:
        self.draw, self.kind = draw, kind
        self.now = BEGIN + number * 300 * SECOND
        self.story = Story(
            number, self.now, draw.choice(kind.channels), draw.choice(QUEUES),
            known=draw.choice(("mail", "phone", "own", "nothing")),
        )  # fmt: skip
        self.queue, self.agent, self.status = self.story.queue, self.story.agent, "open"

    def tell(self, do: str, *, also: bool = False, within: tuple[int, int] = (1, 400), **more: Any) -> None:
        if not also:
            length = self.draw.randint(within[0] * SECOND, within[1] * SECOND)
            self.now += max(length // self.kind.unit_ms * self.kind.unit_ms, self.kind.unit_ms)
        self.story.steps.append(Step(self.now, do, also=also, **more))

    def other(self) -> str:
        return self.draw.choice([each for each in AGENTS if each != self.agent])

    def write(self) -> Story:
        draw, story = self.draw, self.story
        story.outbound = draw.random() < 0.12
        story.bot = self.kind.bot and not story.outbound and draw.random() < 0.35
        if story.outbound:
            story.agent = self.agent = draw.choice(AGENTS)
            story.channel = self.kind.outbound_channel or story.channel
            self.tell("replied", also=True, agent=self.agent)
        else:
            self.tell("asked", also=True)
        if story.bot:
            self.with_bot()
        for _ in range(draw.randrange(2, self.kind.length)):
            if self.status in {"over", "gone"}:
                break
            self.closed() if self.status == "done" else self.open()
        return story

    def with_bot(self) -> None:
        self.status = "bot"
        for _ in range(self.draw.randrange(1, 3)):
            self.tell("bot", within=(1, 4))
            self.tell("asked", within=(5, 60))
        self.tell("bot", within=(1, 4))
        if self.draw.random() < 0.25:
            self.tell("done", by="bot")
            self.status = "done"
        else:
            self.tell("handoff", within=(1, 30))
            self.status = "open"

    def open(self) -> None:
        draw = self.draw
        doing = draw.choices(
            ("asked", "replied", "noted", "rule", "to", "nobody", "move", "park", "unpark", "done", "gone"),
            (5, 6, 2, 1, 4, 1, 2, 2, 3, 3, 0.3),
        )[0]  # fmt: skip
        parked = self.status == "parked"
        if doing == "asked":
            self.customer()
        elif doing == "replied":
            self.reply()
        elif doing in {"noted", "rule"}:
            self.tell(doing, agent=draw.choice(AGENTS) if doing == "noted" else None)
        elif doing == "to" and self.kind.assigns:
            before, self.agent = self.agent, self.other()
            by = before or self.agent
            if self.kind.others_take:
                had = {each.agent for each in self.story.steps} | {self.story.agent}
                by = draw.choice((by, self.agent, *(name for name in AGENTS if name not in had)))
            self.tell("to", agent=self.agent, by=by or "")
        elif (
            doing == "nobody"
            and self.agent is not None
            and self.kind.releases
            and (not parked or self.kind.moves_parked)
        ):
            self.tell("to", agent=None, by=self.agent, within=(6, 400))
            self.agent = None
        elif doing == "move" and (not parked or self.kind.moves_parked):
            self.move()
        elif doing == "park" and not parked and (self.agent or self.kind.parks_unowned):
            self.tell("park", by=self.agent or "ann")
            self.status = "parked"
        elif doing == "unpark" and parked:
            self.tell("unpark", by=self.agent or "ann")
            self.status = "open"
        elif doing == "done":
            self.done(also=False)
        elif doing == "gone" and self.kind.gone and not parked:
            self.tell("gone", by=draw.choice(self.kind.gone))
            self.status = "gone"

    def customer(self) -> None:
        if self.status == "parked" and self.kind.customer_unparks:
            self.tell("unpark", by="customer")
            self.tell("asked", also=True)
            self.status = "open"
        else:
            self.tell("asked")

    def reply(self) -> None:
        if self.agent is None and (not self.kind.unowned_replies or self.status == "parked"):
            return
        writer = self.agent or self.draw.choice(AGENTS)
        self.tell("replied", agent=writer)
        if self.agent is None and self.kind.assigns:
            self.agent = writer
            self.tell("to", within=(1, 20), also=self.kind.joint and self.draw.random() < 0.5, agent=writer, by=writer)
        if self.kind.joint and self.draw.random() < 0.5:
            if self.draw.random() < 0.4:
                self.done(also=True, by=writer)
            elif self.status == "open":
                self.tell("park", also=True, by=writer)
                self.status = "parked"

    def done(self, *, also: bool, by: str | None = None) -> None:
        by = by or ("rule" if self.draw.random() < 0.2 else self.agent or self.draw.choice(AGENTS))
        if self.agent is None and self.kind.solver_takes and by != "rule":
            self.tell("to", also=also, agent=by, by=by)
            self.agent, also = by, True
        self.tell("done", also=also, by=by)
        self.status = "done"

    def move(self) -> None:
        self.queue = self.draw.choice([each for each in QUEUES if each != self.queue])
        alone = self.agent is None or not (self.kind.assigns and self.kind.moves_to_agents)
        choices = [None] if alone else [None, self.other(), *([self.agent] if self.kind.keeps else [])]
        by = self.agent or ""
        self.agent = self.draw.choice(choices)
        self.tell("move", queue=self.queue, agent=self.agent, by=by, within=(10, 400))

    def closed(self) -> None:
        draw = self.draw
        doing = draw.choice(("csat", "asked", "again", "closed", "stays"))
        if doing == "csat":
            for _ in range(draw.randrange(1, 3)):
                self.tell("csat", score=draw.randint(1, 5))
        elif doing == "closed" and self.kind.closes:
            self.tell("closed")
            self.status = "over"
        elif doing == "stays":
            self.status = "over"
        else:
            bot = self.story.bot and self.agent is None and not any(s.do == "handoff" for s in self.story.steps)
            if bot:
                return
            by = "customer" if doing == "asked" else self.agent or draw.choice(AGENTS)
            if by != "customer" and self.agent is not None and self.kind.reopener_takes and draw.random() < 0.7:
                self.agent = draw.choice((by, self.other()))
                self.tell("again", by=self.agent, agent=self.agent)
            else:
                self.tell("again", by=by)
            if by == "customer":
                self.tell("asked", also=True)
            self.status = "open"


def stories(seed: int, kind: Kind, size: int = 60) -> list[Story]:
    """A day's threads."""
    draw = random.Random(seed)
    return [_Writing(draw, kind, number).write() for number in range(1, size + 1)]
