"""Payloads of any vendor → records for the input topics, each as the topic's processor will take it.

What a vendor's adapter makes is encoded, and read again as it will be: so no event of a payload is rejected later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from schemas.catalogue import home_of
from schemas.codec import decode, encode
from schemas.events import AgentEvent, CustomerEvent, Event, Identified, InteractionEvent
from schemas.faults import parsed
from schemas.rejected import Rejected, Skipped
from schemas.sources.options import Options
from schemas.sources.payload import MAX_BYTES
from schemas.topics import TOPICS

_LONGEST_KIND = 100


class Sending(NamedTuple):
    """A record to send: topic without prefix, key, value; `at` is the event's time in ms."""

    topic: str
    key: bytes
    value: bytes
    at: int


class Change(Struct, frozen=True):
    """What a source tells of an agent only in part: what is true then depends on what it told before.

    `place`: host, file and byte of what told it; of one host what does not come after the last place is told again.
    """

    at: int
    place: tuple[str, str, int]
    agent: str
    queue: str | None
    kind: str
    parameter: str


class Memory(Protocol):
    """What was told of agents before. Only for sources that give `Change`s."""

    def take(self, change: Change) -> Event | None:
        """The event that follows; None when nothing has changed, or it is told again."""

    def load(self, blob: bytes | None) -> None:
        """As `dump` wrote it; None: nothing was told before."""

    def dump(self) -> bytes:
        """All of it."""


Pseudonym = Callable[[str], str]
Converted = Sequence[Event | Change] | Skipped


class Vendor(Struct, frozen=True, kw_only=True):
    """A platform. `convert` is pure: one payload → events. It raises `Rejected` for a payload at fault, and says
    `Skipped` of a kind that it does not know; nothing at all comes of what is known to be of no matter.
    """

    name: str
    title: str
    convert: Callable[[bytes, Options], Converted]
    memory: Callable[[], Memory] | None = None

    @property
    def topic(self) -> str:
        """Where its payloads arrive."""
        return f"sources.{self.name}"


def convert(
    vendor: Vendor, payload: bytes, options: Options, pseudonym: Pseudonym | None = None
) -> list[Sending | Change] | Skipped:
    """A payload, or a list of some → what it gives; with `pseudonym` without customers' names. Raises `Rejected`."""
    told: list[Event | Change] = []
    skipped: Skipped | None = None
    for each in _payloads(payload):
        found = vendor.convert(each, options)
        if isinstance(found, Skipped):
            skipped = skipped or found
        else:
            told += found
    if skipped is not None and not told:
        return Skipped(skipped.type[:_LONGEST_KIND])
    return [_renamed(each, options) if isinstance(each, Change) else sending(each, options, pseudonym) for each in told]


def sending(event: Event, options: Options, pseudonym: Pseudonym | None = None) -> Sending:
    """The record of an event, with our names in it. Raises `Rejected` where it is none that its topic takes."""
    _rename(event, options)
    try:
        if pseudonym is not None:
            _hide(event, pseudonym)
        topic, key = home_of(event)
        value, name = encode(event), key.encode()
    except (msgspec.MsgspecError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Rejected("invalid_field", f"the payload has what no event can have: {error}"[:200]) from None
    read: Any = decode(TOPICS[topic], name, value, 2**62)
    return Sending(topic, name, value, read.at)


def _payloads(payload: bytes) -> Iterable[bytes]:
    if payload.lstrip()[:1] != b"[":
        return (payload,)
    told = parsed(payload, MAX_BYTES)
    return [msgspec.json.encode(each) for each in told]


def _renamed(change: Change, options: Options) -> Change:
    queue = None if change.queue is None else options.queues.get(change.queue, change.queue)
    return msgspec.structs.replace(change, agent=options.agents.get(change.agent, change.agent), queue=queue)


def _rename(event: Event, options: Options) -> None:
    data: Any = event.data
    queues, agents = options.queues, options.agents
    if isinstance(event, InteractionEvent):
        data.queue = queues.get(data.queue, data.queue)
        data.agent_id = agents.get(data.agent_id, data.agent_id)
        if hasattr(data, "to_queue"):
            data.to_queue = queues.get(data.to_queue, data.to_queue)
            data.to_agent = agents.get(data.to_agent, data.to_agent)
    elif isinstance(event, AgentEvent):
        data.agent_id = agents.get(data.agent_id, data.agent_id)
        if data.queues is not None:
            data.queues = [queues.get(each, each) for each in data.queues]
    else:
        assert isinstance(event, CustomerEvent)


def _hide(event: Event, pseudonym: Pseudonym) -> None:
    data: Any = event.data
    if getattr(data, "customer_id", None) is not None:
        data.customer_id = pseudonym(data.customer_id)
    if isinstance(event, Identified):
        data.aliases = [pseudonym(alias) for alias in data.aliases]
