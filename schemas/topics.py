"""The one table of topics: who writes them, what they carry, how they are keyed and kept.

Names are without the prefix that a setting may put in front of all of them.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from schemas.events import CHANNELS

Family = Literal["interaction", "agent", "customer", "timeline", "agent_timeline", "none"]
Role = Literal["in", "source", "internal", "out"]

_DAY_MS = 86_400_000
_HISTORY = {"retention.ms": str(400 * _DAY_MS), "cleanup.policy": "delete"}
_RECENT = {"retention.ms": str(30 * _DAY_MS), "cleanup.policy": "delete"}
_PAYLOADS = {**_RECENT, "max.message.bytes": str(2 * 1024 * 1024)}
_DEAD_LETTERS = {**_RECENT, "retention.ms": str(90 * _DAY_MS), "max.message.bytes": str(16 * 1024 * 1024)}
SOURCES = ("amazon_connect", "asterisk", "chatwoot", "genesys", "intercom", "surveys", "twilio", "zendesk")
"""The platforms whose own payloads we take."""


class TopicSpec(Struct, frozen=True, kw_only=True):
    """One topic.

    `family`: which events it takes ("none": not events of ours, or not read by us). `channel`: the only channel
    that it takes, for interactions. `key`: what a record is keyed by. `partitions`: None = the setting.
    `config`: the broker's topic settings; history is kept as long as the longest ring, so that a rebuild is whole.
    """

    name: str
    role: Role
    key: str
    family: Family = "none"
    channel: str | None = None
    partitions: int | None = None
    config: dict[str, str]

    def named(self, prefix: str) -> str:
        """Its name on the broker."""
        return prefix + self.name


_TABLE = (
    *(
        TopicSpec(
            name=f"interactions.{channel}",
            role="in",
            key="interaction_id",
            family="interaction",
            channel=channel,
            config=_HISTORY,
        )
        for channel in CHANNELS
    ),
    TopicSpec(name="agents.presence", role="in", key="agent_id", family="agent", config=_HISTORY),
    TopicSpec(name="customers.events", role="in", key="customer_id", family="customer", config=_HISTORY),
    *(TopicSpec(name=f"sources.{name}", role="source", key="any", config=_PAYLOADS) for name in SOURCES),
    TopicSpec(name="customers.timeline", role="internal", key="customer_id", family="timeline", config=_HISTORY),
    TopicSpec(name="agents.timeline", role="internal", key="agent_id", family="agent_timeline", config=_HISTORY),
    TopicSpec(name="interactions.enriched", role="out", key="customer_id, else interaction_id", config=_RECENT),
    TopicSpec(name="customers.insights", role="out", key="customer_id", config=_RECENT),
    TopicSpec(name="queues.alerts", role="out", key="channel/queue", config=_RECENT),
    TopicSpec(name="dead-letters", role="out", key="the original key", config=_DEAD_LETTERS),
)

TOPICS: dict[str, TopicSpec] = {spec.name: spec for spec in _TABLE}
"""By name, without prefix."""


def spec_of(topic: str, prefix: str = "") -> TopicSpec:
    """The row of a topic on the broker. `KeyError` when it is none of ours."""
    if not topic.startswith(prefix):
        raise KeyError(topic)
    return TOPICS[topic[len(prefix) :]]
