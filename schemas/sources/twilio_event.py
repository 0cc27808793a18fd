"""One event of TaskRouter: its envelope as ours, and what is told of the agent, the queue and the task's state."""

from __future__ import annotations

from typing import Any

from schemas.sources.options import Options, pick
from schemas.sources.payload import Node
from schemas.sources.twilio_payload import happened_at, instant

_GOES_ON = frozenset({"pending", "reserved", "assigned", "transferring"})


class Happening:
    """See the module. Raises `Rejected` where the event has no `Sid` or no time."""

    def __init__(self, node: Node, options: Options) -> None:
        self.node = node
        self.options = options
        self.sid = node.needed("Sid")
        self.at = happened_at(node)
        instance = node.text("AccountSid") or options.instance
        self.source = f"/twilio/{instance}" if instance else "/twilio"

    def envelope(self, id_: str | None = None, revision: int = 0) -> dict[str, Any]:
        """Of an event of ours; its id is the event's own unless told."""
        return {
            "id": id_ or self.sid, "source": self.source, "specversion": "1.0", "time": self.at, "revision": revision,
        }  # fmt: skip

    def agent(self) -> str | None:
        """The worker, None where none is told."""
        return pick(self.options.agents, self.node.text("WorkerSid"), self.node.text("WorkerName"))

    def by_agent(self) -> dict[str, Any]:
        """Who, in which reservation."""
        agent = self.agent()
        if agent is None:
            raise self.node.missing("WorkerSid", "WorkerName")
        return {"agent_id": agent, "segment_id": self.node.text("ReservationSid")}

    def queue(self) -> str | None:
        """The task queue, None where none is told."""
        return pick(self.options.queues, self.node.text("TaskQueueSid"), self.node.text("TaskQueueName"))

    def stay(self, part: str) -> str | None:
        """An id of what happens once to a stay in a queue, None where it is not told since when it lasts."""
        queue, entered = self.node.text("TaskQueueSid"), instant(self.node, "TaskQueueEnteredDate")
        task = self.node.text("TaskSid")
        return f"{task}:{queue}:{int(entered.timestamp())}:{part}" if queue and entered else None

    def goes_on(self) -> bool:
        """Whether the customer is still served after the agent of this reservation has left."""
        return (self.node.text("TaskAssignmentStatus") or "").lower() in _GOES_ON
