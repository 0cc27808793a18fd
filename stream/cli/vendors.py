"""Vendors' own logs as records: which adapter reads them, and what it could make nothing of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from xxhash import xxh3_64_hexdigest

from schemas.codec import encode
from schemas.events import AgentEvent, InteractionEvent
from schemas.sources.asterisk import QueueLog
from stream.cli.lines import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stream.cli.lines import Source

NAMED_KINDS = 5


def asterisk(source: Source, host: str, said: Callable[[str], None]) -> Iterator[Line]:
    """A `queue_log`. `host`: which PBX, part of the events' identity; so is the file's first line.

    Lines that give no event are no problem of the file: they are counted, and `said` gets a line about them.
    """
    log: QueueLog | None = None
    for each in source.lines():
        if log is None:
            log = QueueLog(host, generation=xxh3_64_hexdigest(each.content.rstrip()))
        for event in log.convert(each.content, each.offset):
            if isinstance(event, AgentEvent):
                yield Line("agents.presence", event.data.agent_id.encode(), encode(event), event.at)
            elif isinstance(event, InteractionEvent):
                yield Line("interactions.phone", event.data.interaction_id.encode(), encode(event), event.at)
    if log is not None and log.unmapped:
        said(_unmapped(source.name, log.unmapped))


def _unmapped(name: str, unmapped: Counter[str]) -> str:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in unmapped.most_common(NAMED_KINDS))
    return f"{name}: {unmapped.total():,} lines gave no event: {kinds}{', …' if len(unmapped) > NAMED_KINDS else ''}"
