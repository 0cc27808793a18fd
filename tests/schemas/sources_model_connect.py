"""Calls as Amazon Connect would tell them: contact events, contact records, and the agent event stream.

A contact is one stay: a transfer by an agent (TRANSFER) or by a flow (QUEUE_TRANSFER) begins another one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from tests.schemas.sources_model import Call, Kind, Part, Ring, Stay, instant

KIND = Kind(
    last_outcomes=("other",), next_outcomes=("overflow", "callback"), ways_on=("blind", "attended"), outbound=True
)
INSTANCE = "arn:aws:connect:eu-central-1:123456789012:instance/12345678-1234-4234-8234-123456789012"
_NOT_YET = "1970-01-01T00:00:00.001Z"
_REASONS = {"customer": "CUSTOMER_DISCONNECT", "agent": "AGENT_DISCONNECT", "system": "CONTACT_FLOW_DISCONNECT"}


def _id(*names: object) -> str:
    return str(uuid5(NAMESPACE_OID, "/".join(map(str, names))))


def queue_id(name: str) -> str:
    """Of a queue's ARN the last part."""
    return _id("queue", name)


def agent_id(name: str) -> str:
    """Of an agent's ARN the last part."""
    return _id("agent", name)


def _queue_arn(name: str) -> str:
    return f"{INSTANCE}/queue/{queue_id(name)}"


def _agent_arn(name: str) -> str:
    return f"{INSTANCE}/agent/{agent_id(name)}"


class _Contact:
    """`stay` None: one that reached no queue. `over`: when it was disconnected, and why."""

    def __init__(self, call: Call, number: int) -> None:
        stays = call.stays
        self.call = call
        self.number = number
        self.stay: Stay | None = stays[number] if stays else None
        before = stays[number - 1] if number else None
        self.id = _id(call.number, number)
        self.initial = _id(call.number, 0)
        self.previous = _id(call.number, number - 1) if number else None
        self.next = _id(call.number, number + 1) if number + 1 < len(stays) else None
        if before is None:
            self.method, self.initiated = "OUTBOUND" if call.outbound else "INBOUND", call.at
        elif before.part is not None:
            rung = self.stay.rings[0].at if self.stay is not None and self.stay.queue is None else before.part.until
            self.method, self.initiated = "TRANSFER", rung
        else:
            self.method = "CALLBACK" if before.left == "callback" else "QUEUE_TRANSFER"
            self.initiated = before.left_at
        part = None if self.stay is None else self.stay.part
        self.part: Part | None = part
        if self.next is None:
            self.over, self.reason = call.until, _REASONS[call.by]
        elif part is not None:
            self.over, self.reason = part.until, "AGENT_DISCONNECT"
        else:
            assert self.stay is not None
            self.over, self.reason = self.stay.left_at, "OTHER"
            if self.stay.left == "callback":  # asks for it, and hangs up some time later
                self.over, self.reason = self.over + 4_300, "CUSTOMER_DISCONNECT"

    @property
    def hold_ms(self) -> int:
        return 0 if self.part is None else sum(until - at for at, until in self.part.holds)


class _Asked(_Contact):
    """The contact of an agent whom another one asks, the customer on hold: it is passed on to nobody."""

    def __init__(self, asking: _Contact, ring: Ring) -> None:
        super().__init__(asking.call, asking.number)
        self.id = _id(asking.id, "asked")
        self.previous = asking.id
        self.next = None
        self.method, self.initiated = "TRANSFER", ring.at - 2_000
        self.over, self.reason = ring.until, "AGENT_DISCONNECT"
        self.part = Part(ring.agent, ring.at, ring.until, "agent")
        taken = Ring(ring.agent, self.initiated, ring.at)
        self.stay = Stay(None, ring.at, "answered", ring.at, (taken,), self.part)


def _contacts(call: Call) -> list[_Contact]:
    found = []
    for number in range(max(len(call.stays), 1)):
        contact = _Contact(call, number)
        found.append(contact)
        if contact.part is not None and contact.part.asked is not None:
            found.append(_Asked(contact, contact.part.asked))
            contact.next = contact.next or found[-1].id
    return found


def events(call: Call, *, enveloped: bool = True) -> list[bytes]:
    """Its contact events."""
    return [payload for contact in _contacts(call) for payload in _of_contact(contact, enveloped=enveloped)]


def bare(call: Call) -> list[bytes]:
    """Its contact events without their envelopes."""
    return events(call, enveloped=False)


def _of_contact(contact: _Contact, *, enveloped: bool) -> Iterator[bytes]:
    stay, part = contact.stay, contact.part
    steps = [("INITIATED", contact.initiated)]
    if stay is not None and stay.queue is not None:
        steps.append(("QUEUED", stay.at))
    if part is not None:
        steps.append(("CONNECTED_TO_AGENT", part.at))
    over = contact.over if part is None else max(part.until + part.wrap_ms, contact.over)
    steps += [("DISCONNECTED", contact.over), ("COMPLETED", over)]
    for kind, at in steps:
        detail = _detail(contact, kind, at)
        outer = {
            "version": "0", "id": _id(contact.id, kind), "detail-type": "Amazon Connect Contact Event",
            "source": "aws.connect", "account": "123456789012", "time": instant(at + 1_700, "seconds"),
            "region": "eu-central-1", "resources": [INSTANCE, contact.id], "detail": detail,
        }  # fmt: skip
        yield json.dumps(outer if enveloped else detail).encode()


def _detail(contact: _Contact, kind: str, at: int) -> dict[str, Any]:
    stay, part = contact.stay, contact.part
    found: dict[str, Any] = {
        "eventType": kind, "contactId": contact.id, "channel": "VOICE", "instanceArn": INSTANCE,
        "initiationMethod": contact.method, "initiationTimestamp": instant(contact.initiated),
        "customerEndpoint": {"type": "TELEPHONE_NUMBER", "address": contact.call.phone},
    }  # fmt: skip
    if contact.previous:
        found |= {"initialContactId": contact.initial, "previousContactId": contact.previous}
    order = ("INITIATED", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED")
    step = order.index(kind)
    if stay is not None and stay.queue is not None and step >= 1:
        found["queueInfo"] = {
            "queueArn": _queue_arn(stay.queue), "queueType": "STANDARD", "enqueueTimestamp": instant(stay.at),
        }  # fmt: skip
    if part is not None and step >= 2:
        agent: dict[str, Any] = {
            "agentArn": _agent_arn(part.agent), "connectedToAgentTimestamp": instant(part.at),
            "hierarchyGroups": None,
        }  # fmt: skip
        if step >= 3:
            agent["agentInitiatedHoldDuration"] = contact.hold_ms // 1000
        agent |= dict.fromkeys(("afterContactWorkStartTimestamp", "afterContactWorkEndTimestamp"), _NOT_YET)
        if step == 4 and part.wrap_ms:
            agent["afterContactWorkStartTimestamp"] = instant(part.until)
            agent["afterContactWorkEndTimestamp"] = instant(part.until + part.wrap_ms)
            agent["afterContactWorkDuration"] = part.wrap_ms // 1000
        found["agentInfo"] = agent
    found["disconnectTimestamp"] = instant(contact.over) if step >= 3 else _NOT_YET
    if step >= 3:
        found["disconnectReason"] = contact.reason
    return found


def records(call: Call, later_ms: int = 30_000) -> list[bytes]:
    """Its contact records."""
    return [json.dumps(_record(contact, later_ms)).encode() for contact in _contacts(call)]


def later_records(call: Call) -> list[bytes]:
    """Its contact records as they are sent again later."""
    return records(call, 3_600_000)


def _seconds(at: int) -> str:
    return instant(at // 1000 * 1000, "seconds")


def _record(contact: _Contact, later_ms: int) -> dict[str, Any]:
    stay, part, call = contact.stay, contact.part, contact.call
    over = contact.over if part is None else part.until + part.wrap_ms
    found: dict[str, Any] = {
        "AWSAccountId": "123456789012", "AWSContactTraceRecordFormatVersion": "2017-03-10", "Agent": None,
        "Attributes": {}, "Channel": "VOICE", "ContactId": contact.id, "InstanceARN": INSTANCE,
        "InitiationMethod": contact.method, "InitiationTimestamp": _seconds(contact.initiated),
        "InitialContactId": contact.initial if contact.previous else None, "PreviousContactId": contact.previous,
        "NextContactId": contact.next, "CustomerEndpoint": {"Address": call.phone, "Type": "TELEPHONE_NUMBER"},
        "DisconnectTimestamp": _seconds(contact.over), "DisconnectReason": contact.reason, "Queue": None,
        "LastUpdateTimestamp": _seconds(over + later_ms), "TransferCompletedTimestamp": None,
    }  # fmt: skip
    if stay is not None and stay.queue is not None:
        found["Queue"] = {
            "ARN": _queue_arn(stay.queue), "Name": stay.queue.title(), "EnqueueTimestamp": _seconds(stay.at),
            "DequeueTimestamp": _seconds(stay.left_at), "Duration": (stay.left_at - stay.at) // 1000,
        }  # fmt: skip
    if part is not None:
        hold_ms = contact.hold_ms
        found["Agent"] = {
            "ARN": _agent_arn(part.agent), "Username": part.agent, "ConnectedToAgentTimestamp": _seconds(part.at),
            "AgentInteractionDuration": 0 if isinstance(contact, _Asked) else (part.until - part.at - hold_ms) // 1000,
            "CustomerHoldDuration": hold_ms // 1000, "NumberOfHolds": len(part.holds),
            "AfterContactWorkStartTimestamp": _seconds(part.until),
            "AfterContactWorkEndTimestamp": _seconds(part.until + part.wrap_ms),
            "AfterContactWorkDuration": part.wrap_ms // 1000,
        }  # fmt: skip
        if part.how in {"blind", "attended"}:
            found["TransferCompletedTimestamp"] = _seconds(part.until)
    return found


def agent_events(calls: Iterable[Call]) -> list[bytes]:
    """What the streams of the agents tell of these calls, which an agent may have at the same time."""
    steps: dict[str, list[tuple[int, int, _Contact, str]]] = defaultdict(list)

    def told(agent: str, contact: _Contact, states: list[tuple[str, int]]) -> None:
        steps[agent] += [(at, len(steps[agent]) + n, contact, state) for n, (state, at) in enumerate(states)]

    for call in calls:
        for contact in _contacts(call):
            stay, part = contact.stay, contact.part
            if stay is None:
                continue
            for ring in stay.rings:
                if part is None or ring is not stay.rings[-1]:
                    told(ring.agent, contact, _ringing(ring.at, ring.until, ring.result, None))
            if part is not None:
                since = stay.rings[-1].at if stay.rings else contact.initiated
                told(part.agent, contact, _ringing(since, part.at, "", part))
    return [payload for agent, own in steps.items() for payload in _stream(agent, own)]


def _ringing(at: int, until: int, result: str, part: Part | None) -> list[tuple[str, int]]:
    states = [("CONNECTING", at)]
    if part is None:
        return [*states, ("MISSED", until), ("", until + 1_000)] if result else [*states, ("", until)]
    states.append(("CONNECTED", until))
    for held, resumed in part.holds:
        states.append(("CONNECTED_ONHOLD", held))
        if resumed < part.until:
            states.append(("CONNECTED", resumed))
    if part.wrap_ms:
        states.append(("ENDED", part.until))
    return [*states, ("", part.until + part.wrap_ms)]


def _stream(agent: str, steps: list[tuple[int, int, _Contact, str]]) -> Iterator[bytes]:
    """An agent's stream: each event with all contacts of the agent, and a heartbeat some time later."""
    held: dict[str, dict[str, Any]] = {}
    for at, number, contact, state in sorted(steps, key=lambda each: each[:2]):
        before = [*held.values()]
        if state:
            held[contact.id] = _held_contact(contact, state, at)
        else:
            del held[contact.id]
        event = {
            "AWSAccountId": "123456789012", "AgentARN": _agent_arn(agent), "InstanceARN": INSTANCE,
            "EventId": _id(agent, number, at), "EventTimestamp": instant(at), "EventType": "STATE_CHANGE",
            "Version": "2017-10-01", "CurrentAgentSnapshot": _snapshot(agent, [*held.values()]),
            "PreviousAgentSnapshot": _snapshot(agent, before),
        }  # fmt: skip
        yield json.dumps(event).encode()
        more = {"EventType": "HEART_BEAT", "EventId": _id(agent, number, "beat"), "EventTimestamp": instant(at + 1)}
        yield json.dumps(event | more | {"PreviousAgentSnapshot": event["CurrentAgentSnapshot"]}).encode()


def _held_contact(contact: _Contact, state: str, at: int) -> dict[str, Any]:
    stay, part = contact.stay, contact.part
    assert stay is not None
    connected = part is not None and state in {"CONNECTED", "CONNECTED_ONHOLD", "ENDED"}
    queue = None if stay.queue is None else {"ARN": _queue_arn(stay.queue), "Name": stay.queue.title()}
    return {
        "ContactId": contact.id, "InitialContactId": contact.initial if contact.previous else None, "Channel": "VOICE",
        "InitiationMethod": contact.method, "State": state, "StateStartTimestamp": instant(at),
        "ConnectedToAgentTimestamp": instant(part.at) if connected and part is not None else None,
        "QueueTimestamp": instant(stay.at) if queue is not None else None,
        "Queue": queue,
    }  # fmt: skip


def _snapshot(agent: str, contacts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "AgentStatus": {"ARN": f"{INSTANCE}/agent-state/1", "Name": "Available", "StartTimestamp": instant(0 + 10**12)},
        "Configuration": {
            "Username": agent, "FirstName": agent, "LastName": "X", "AgentHierarchyGroups": None,
            "RoutingProfile": {
                "ARN": f"{INSTANCE}/routing-profile/1", "Name": "Basic", "InboundQueues": [],
                "Concurrency": [{"Channel": "VOICE", "AvailableSlots": 1, "MaximumSlots": 1}],
            },
        },
        "Contacts": contacts,
    }  # fmt: skip
