"""Which events a subscriber wants, and since when: the parameters of `/api/v1/stream`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from schemas.events import CHANNELS
from stream.serve.query import BadRequest, only
from stream.serve.subscription.catalogue import TOPICS, TYPES
from stream.serve.subscription.token import BadToken, Tokens

if TYPE_CHECKING:
    from starlette.requests import Request

    from stream.serve.subscription.event import Event

PARAMETERS = ("types", "queue", "channel", "from", "last_event_id")
_ONCE = ("from", "last_event_id")
_HEADER = "Last-Event-ID"
_EARLIEST: Mapping[str, tuple[int, ...]] = dict.fromkeys(TOPICS, ())
Since = Mapping[str, tuple[int, ...]]
"""Positions by topic, whose other partitions are told from their first record on; other topics from now on."""


class Selection:
    """A filter of events. Empty `queues` and `channels` are all; what has no queue is in none.

    `types`: names, of which `*` at the end stands for any rest; one that the catalogue has not is of a newer worker.
    """

    def __init__(self, types: Iterable[str], queues: Iterable[str], channels: Iterable[str]) -> None:
        patterns = tuple(types)
        self._names = frozenset(name for name in patterns if not name.endswith("*"))
        self._prefixes = tuple(name[:-1] for name in patterns if name.endswith("*"))
        told = [(queue, *queue.partition("/")) for queue in queues]
        self._places = {(channel, queue) for _, channel, slash, queue in told if slash and channel in CHANNELS}
        self._queues = {whole for whole, channel, slash, _ in told if not (slash and channel in CHANNELS)}
        self._channels = frozenset(channels)
        self._anywhere = not told and not self._channels
        self._known: dict[str, bool] = {}
        self.topics = tuple(topic for topic, names in TYPES.items() if any(map(self._is_wanted, names)))

    def _is_wanted(self, kind: str) -> bool:
        return kind in self._names or kind.startswith(self._prefixes)

    def wants(self, event: Event) -> bool:
        """Whether the subscriber is to get it."""
        if event.type is None:
            return True
        known = self._known.get(event.type)
        if known is None:
            known = self._known[event.type] = self._is_wanted(event.type)
        return known and (self._anywhere or self._is_there(event))

    def _is_there(self, event: Event) -> bool:
        if self._channels and event.channel not in self._channels:
            return False
        if not self._queues and not self._places:
            return True
        return any(queue in self._queues or (event.channel, queue) in self._places for queue in event.queues)


class Asked(NamedTuple):
    """What a subscriber asks for. `since` None: from now on."""

    selection: Selection
    since: Since | None


def asked(request: Request, tokens: Tokens) -> Asked:
    """Read a request. Raises BadRequest."""
    parameters = request.query_params
    only(dict(parameters), *PARAMETERS)
    for name in _ONCE:
        if len(parameters.getlist(name)) > 1:
            raise BadRequest(name, "is told more than once", f"{name}= once")
    types = [name for each in parameters.getlist("types") for name in each.split(",") if name] or ["*"]
    for name in types:
        _check(name)
    channels = [name for each in parameters.getlist("channel") for name in each.split(",") if name]
    strange = next((name for name in channels if name not in CHANNELS), None)
    if strange is not None:
        raise BadRequest("channel", f"{strange!r} is no channel", f"channel= any of {','.join(CHANNELS)}")
    queues = [name for name in parameters.getlist("queue") if name]
    begin = parameters.get("from", "now")
    if begin not in ("now", "earliest"):
        hint = "from=now, or from=earliest for all that is kept; last_event_id= for what comes after an event"
        raise BadRequest("from", f"{begin!r} is no place to begin at", hint)
    header = request.headers.get(_HEADER)
    name, token = (_HEADER, header) if header else ("last_event_id", parameters.get("last_event_id"))
    since = _after(name, token, tokens) if token else _EARLIEST if begin == "earliest" else None
    return Asked(Selection(types, queues, channels), since)


def _check(name: str) -> None:
    there_are = [kind for names in TYPES.values() for kind in names]
    found = Selection([name], (), ()).topics if name.rstrip("*").count("*") == 0 else ()
    if not found:
        hint = f"there are {', '.join(there_are)}; queue.* is all that begin so"
        raise BadRequest("types", f"{name!r} is no type of event", hint)


def _after(name: str, token: str, tokens: Tokens) -> Since:
    try:
        return tokens.decode(token)
    except BadToken as error:
        hint = "send the last message's id as it came; without one it begins now, or with from=earliest at the first"
        raise BadRequest(name, str(error), hint) from None
