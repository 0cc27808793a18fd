"""Calls as Twilio TaskRouter would tell them: event callbacks, and the same events by Event Streams.

A task is made when the flow before it has sent the call to a workflow: who leaves before is not told. It is one task
over its transfers, a reservation is one agent's part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_OID, uuid5

from tests.schemas.sources_model import Call, Kind, Part, Ring, Stay, instant

KIND = Kind(
    last_outcomes=("voicemail", "timeout"), next_outcomes=("timeout",), declines=("no_answer", "rejected"),
    ways_on=("blind", "attended"), outbound=False, holds=False,
)  # fmt: skip
_UNTAKEN = {"no_answer": "reservation.timeout", "rejected": "reservation.rejected", "": "reservation.canceled"}
_REASONS = {"abandoned": "hangup", "voicemail": "Sent to voicemail", "timeout": "Task TTL Exceeded"}


def sid(kind: str, *names: object) -> str:
    """A SID as Twilio's are: two letters and 32 digits."""
    return kind + uuid5(NAMESPACE_OID, "/".join(map(str, names))).hex


def events(call: Call) -> list[bytes]:
    """Its event callbacks, none of a call that came to no queue."""
    return _events(call, lambda each: urlencode(each).encode())


def _events(call: Call, write: Callable[[dict[str, str]], bytes]) -> list[bytes]:
    if not call.stays:
        return []
    teller = _Teller(call)
    teller.tell_all()
    return [write(each) for each in teller.found]


def streamed(call: Call) -> list[bytes]:
    """Its events by Event Streams."""
    return _events(call, _cloud_event)


class _Teller:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.task = sid("WT", call.number)
        self.found: list[dict[str, str]] = []
        self.queue: Stay | None = None

    def status(self, at: int) -> str:
        """Of the task, when all of that instant has happened."""
        call = self.call
        begun = [stay for stay in call.stays if (stay.rings[0].at if stay.queue is None else stay.at) <= at]
        stay = begun[-1] if begun else call.stays[0]
        if stay.left_at > at or not begun:
            return "reserved" if any(ring.at <= at < ring.until for ring in stay.rings) else "pending"
        if stay.part is None:
            return "canceled" if stay is call.stays[-1] else "pending"
        parts = [each.part for each in call.stays if each.part is not None and each.part.at <= at]
        if any(part.until > at for part in parts):
            return "assigned"
        if stay is not call.stays[-1]:
            return "transferring"
        return "wrapping" if any(part.until + part.wrap_ms > at for part in parts) else "completed"

    def tell(self, kind: str, at: int, what: object, *, status: str = "", **more: str) -> None:
        attributes = {
            "from": self.call.phone, "caller": self.call.phone, "called": "+390200000", "direction": "inbound",
            "call_sid": sid("CA", self.call.number), "channelType": "voice",
        }  # fmt: skip
        body = {
            "EventType": kind, "AccountSid": sid("AC", 1), "WorkspaceSid": sid("WS", 1), "WorkspaceName": "Flex",
            "Sid": sid("EV", self.call.number, kind, what), "EventDescription": kind, "Timestamp": str(at // 1000),
            "ResourceType": kind.partition(".")[0], "TimestampMs": str(at), "TaskSid": self.task,
            "TaskAttributes": json.dumps(attributes), "TaskAge": str((at - self.call.at) // 1000), "TaskPriority": "0",
            "TaskAssignmentStatus": status or self.status(at), "TaskChannelUniqueName": "voice", "TaskVersion": "1",
            "TaskDateCreated": str(self.call.stays[0].at // 1000),
        }  # fmt: skip
        if self.queue is not None and self.queue.queue is not None:
            body |= {
                "TaskQueueSid": sid("WQ", self.queue.queue), "TaskQueueName": self.queue.queue,
                "TaskQueueEnteredDate": str(self.queue.at // 1000), "WorkflowSid": sid("WW", 1),
            }  # fmt: skip
        self.found.append(body | more)

    def tell_all(self) -> None:
        call = self.call
        self.tell("task.created", call.stays[0].at, 0, status="pending")
        for number, stay in enumerate(call.stays):
            before = call.stays[number - 1] if number else None
            if stay.queue is not None:
                if before is not None and before.part is None:
                    self.tell("task-queue.timeout", before.left_at, number, status="pending")
                self.queue = stay
                moved = before is not None and before.part is None
                self.tell("task-queue.moved" if moved else "task-queue.entered", stay.at, number)
            self._tell_stay(number, stay, before)
        last = call.stays[-1]
        parts = [stay.part for stay in call.stays if stay.part is not None]
        if last.part is None:
            reason = _REASONS[last.left]
            self.tell("task.canceled", call.until, 0, status="canceled", TaskCanceledReason=reason, Reason=reason)
            return
        if last.part.wrap_ms or any(part.until + part.wrap_ms > last.part.until for part in parts):
            self.tell("task.wrapup", last.part.until + 10, 0, status="wrapping")
        over = max(part.until + part.wrap_ms for part in parts)
        self.tell("task.completed", over + 20, 0, status="completed", TaskCompletedReason="Task completed")

    def _tell_stay(self, number: int, stay: Stay, before: Stay | None) -> None:
        part = stay.part
        for n, ring in enumerate(stay.rings):
            taken = part is not None and n + 1 == len(stay.rings)
            names = {
                "ReservationSid": sid("WR", self.call.number, number, n), "WorkerSid": sid("WK", ring.agent),
                "WorkerName": ring.agent,
            }  # fmt: skip
            self.tell("reservation.created", ring.at, (number, n), status="reserved", **names)
            if not taken:
                status = "canceled" if not ring.result else ""
                self.tell(_UNTAKEN[ring.result], ring.until, (number, n), status=status, **names)
            elif part is not None:
                self._tell_part(number, part, names, ring)
        if before is not None and before.part is not None and part is not None:
            self._tell_transfer(number, stay, before.part)

    def _tell_part(self, number: int, part: Part, names: dict[str, str], ring: Ring) -> None:
        assert ring.until == part.at
        self.tell("reservation.accepted", part.at, number, **names)
        if part.wrap_ms:
            self.tell("reservation.wrapup", part.until, number, **names)
        self.tell("reservation.completed", part.until + part.wrap_ms, number, **names)

    def _tell_transfer(self, number: int, stay: Stay, part: Part) -> None:
        first = len(self.call.stays[number - 1].rings) - 1
        names = {
            "TransferInitiatingReservationSid": sid("WR", self.call.number, number - 1, first),
            "TransferInitiatingWorkerSid": sid("WK", part.agent),
            "TaskTransferSid": sid("TT", self.call.number, number),
            "TransferMode": "COLD" if part.how == "blind" else "WARM", "TransferStatus": "INITIATED",
            "TransferType": "WORKER" if stay.queue is None else "QUEUE",
            "TransferTo": sid("WK", stay.rings[-1].agent) if stay.queue is None else sid("WQ", stay.queue),
        }  # fmt: skip
        begun = stay.rings[0].at if stay.queue is None else stay.at
        self.tell("task.transfer-initiated", begun, number, status="transferring", **names)
        self.tell("task.transfer-completed", stay.left_at + 5, number, **names | {"TransferStatus": "COMPLETE"})


def _cloud_event(body: dict[str, str]) -> bytes:
    at = int(body["TimestampMs"])
    payload: dict[str, Any] = {}
    for name, value in body.items():
        snake = "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")
        payload[snake] = value
    payload["eventtype"] = payload.pop("event_type")
    del payload["timestamp_ms"]
    payload["timestamp"] = instant(at)
    payload["task_age"] = int(payload["task_age"])
    for name in ("task_date_created", "task_queue_entered_date"):
        if name in payload:
            payload[name] = instant(int(payload[name]) * 1000)
    data = {
        "sid": body["Sid"], "name": body["EventType"], "account_sid": body["AccountSid"], "timestamp": instant(at),
        "product_name": "TaskRouter", "payload_type": "application/json", "payload": payload,
    }  # fmt: skip
    return json.dumps(
        {
            "specversion": "1.0", "type": "com.twilio.taskrouter." + body["EventType"], "source": sid("AB", 1),
            "id": sid("EZ", body["Sid"]), "time": instant(at + 640), "datacontenttype": "application/json",
            "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4", "data": data,
        }
    ).encode()  # fmt: skip
