"""The settings that name what is ours, and how what belongs to one set of figures among several is called.

A *namespace* is one set of figures: its keys in Redis, its topics between our stages, its consumer group. Topics that
others write or read are one for all. The first namespace has plain names, another one names of its own, which no
search for those of the first finds. `docs/decisions/rebuild.md` says why.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field
from pydantic_settings import BaseSettings

from schemas.topics import TOPICS
from stream.settings_error import SettingsError

FIRST = "first"
"""The namespace that is there from the start."""
REBUILT = "rebuilt-"
"""Before the name of any other, in its topics."""


class Naming(BaseSettings):
    """How topics, keys and groups are called. `namespace` None: the live one, which the store knows."""

    topic_prefix: str = Field("", pattern=r"^[A-Za-z0-9._-]*$", description="Put in front of every topic's name.")
    key_prefix: str = Field("centralino:", pattern=r"^[^{}]*$", description="Put in front of every Redis key.")
    group: str = Field("centralino", min_length=1, description="The consumer group of the workers.")
    namespace: str | None = Field(
        None, pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="Which set of figures is read, `first` or one that `centralino rebuild` made. Unset: the live one.",
    )  # fmt: skip

    @property
    def other(self) -> str:
        """The namespace; empty for the first."""
        return "" if self.namespace in (None, FIRST) else self.namespace or ""

    @property
    def store_prefix(self) -> str:
        """What is in front of the namespace's keys. Raises SettingsError.

        >>> Naming(key_prefix="c:", namespace="v2").store_prefix, Naming(key_prefix="c:").store_prefix
        ('c@v2:', 'c:')
        """
        if not self.other:
            return self.key_prefix
        stem, mark = self.key_prefix[:-1], self.key_prefix[-1:]
        if not mark or mark.isalnum():
            raise SettingsError(["key_prefix: must end with `:` or the like, else keys of two namespaces mix"])
        return f"{stem}@{self.other}{mark}"

    @property
    def workers_group(self) -> str:
        """The consumer group of the namespace's workers."""
        return f"{self.group}@{self.other}" if self.other else self.group

    def topic(self, name: str) -> str:
        """A topic's name on the broker.

        >>> Naming(topic_prefix="p.", namespace="v2").topic("agents.timeline")
        'p.rebuilt-v2.agents.timeline'
        >>> Naming(topic_prefix="p.", namespace="v2").topic("agents.presence")
        'p.agents.presence'
        """
        if self.other and TOPICS[name].role == "internal":
            return f"{self.topic_prefix}{REBUILT}{self.other}.{name}"
        return self.topic_prefix + name

    def within(self, namespace: str) -> Self:
        """The same settings, of this namespace. Raises SettingsError."""
        found = self.model_copy(update={"namespace": namespace})
        _ = found.store_prefix
        return found
