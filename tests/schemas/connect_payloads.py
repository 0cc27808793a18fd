"""Payloads of Amazon Connect, made for a test: a call that begins at ten, one that follows it, and their agent."""

from __future__ import annotations

import json
from typing import Any

from schemas.rejected import Skipped
from schemas.sources.conversion import convert
from schemas.sources.options import NONE, Options
from schemas.sources.vendors import VENDORS

CONNECT = VENDORS["amazon_connect"]
INSTANCE = "arn:aws:connect:eu-central-1:999900001111:instance/i1"
FIRST, SECOND = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
Event = dict[str, Any]


def taken(payload: Any, options: Options = NONE) -> list[Event]:
    """The events of a payload."""
    told = convert(CONNECT, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), options)
    assert not isinstance(told, Skipped), told
    return [json.loads(each.value) for each in told]  # type: ignore[union-attr]


def names(events: list[Event]) -> list[str]:
    return [event["type"].partition(".")[2] for event in events]


def the(name: str, events: list[Event]) -> Event:
    (found,) = (event for event in events if event["type"].endswith(f".{name}"))
    return found


def at(time: str) -> str:
    return f"2026-03-11T{time}Z"


def contact(kind: str, *, id_: str = FIRST, **more: Any) -> dict[str, Any]:
    """A bare contact event of a call that began at ten."""
    common = {"eventType": kind, "contactId": id_, "channel": "VOICE", "instanceArn": INSTANCE}
    return common | {"initiationMethod": "INBOUND", "initiationTimestamp": at("10:00:00.250")} | more


def queued(time: str = "10:00:05.500") -> dict[str, Any]:
    return {"queueInfo": {"queueArn": f"{INSTANCE}/queue/q1", "queueType": "STANDARD", "enqueueTimestamp": at(time)}}


def with_agent(time: str = "10:00:20.750", **more: Any) -> dict[str, Any]:
    return {"agentInfo": {"agentArn": f"{INSTANCE}/agent/a1", "connectedToAgentTimestamp": at(time), **more}}


def ended(time: str = "10:05:20.750", reason: str | None = "CUSTOMER_DISCONNECT") -> dict[str, Any]:
    return {"disconnectTimestamp": at(time)} | ({} if reason is None else {"disconnectReason": reason})


def record(*, id_: str = FIRST, updated: str = "10:10:00", agent: Any = (), **more: Any) -> dict[str, Any]:
    """The record of that call; `agent` None: none came."""
    told: dict[str, Any] = {
        "AWSContactTraceRecordFormatVersion": "2017-03-10", "ContactId": id_, "InstanceARN": INSTANCE,
        "Channel": "VOICE", "InitiationMethod": "INBOUND", "InitiationTimestamp": at("10:00:00"),
        "DisconnectTimestamp": at("10:05:20"), "DisconnectReason": "CUSTOMER_DISCONNECT",
        "LastUpdateTimestamp": at(updated), "InitialContactId": None, "PreviousContactId": None, "NextContactId": None,
        "Queue": {"ARN": f"{INSTANCE}/queue/q1", "Name": "Support", "EnqueueTimestamp": at("10:00:05")},
        "Agent": None,
    }  # fmt: skip
    if agent is not None:
        told["Agent"] = {
            "ARN": f"{INSTANCE}/agent/a1", "Username": "anna", "ConnectedToAgentTimestamp": at("10:00:20"),
            "AgentInteractionDuration": 300, "CustomerHoldDuration": 0, **dict(agent),
        }  # fmt: skip
    return told | more


def agent_event(
    kind: str, time: str, now: list[Any] | None, before: list[Any] | None, *, status: Any = (), **more: Any
) -> dict[str, Any]:
    """An agent event whose snapshots have these contacts; None: there is no such snapshot."""

    def snapshot(contacts: list[Any] | None, told: dict[str, Any]) -> Any:
        if contacts is None:
            return None
        own = {"Name": "Available", "Type": "ROUTABLE", "StartTimestamp": at("09:00:00.000")} | told
        return {"AgentStatus": own, "Configuration": {"Username": "anna"}, "Contacts": contacts}

    return {
        "AgentARN": f"{INSTANCE}/agent/a1", "InstanceARN": INSTANCE, "EventId": "e1", "EventType": kind,
        "EventTimestamp": at(time), "CurrentAgentSnapshot": snapshot(now, dict(status)),
        "PreviousAgentSnapshot": snapshot(before, {}), **more,
    }  # fmt: skip


def state(name: str, since: str, **more: Any) -> dict[str, Any]:
    """A contact in a snapshot."""
    connected = None if name in {"INCOMING", "PENDING", "CONNECTING", "MISSED", "REJECTED", "ERROR"} else "10:00:20.750"
    return {
        "Channel": "VOICE", "ContactId": FIRST, "InitialContactId": None, "InitiationMethod": "INBOUND",
        "ConnectedToAgentTimestamp": connected and at(connected), "QueueTimestamp": at("10:00:05.500"),
        "Queue": {"ARN": f"{INSTANCE}/queue/q1", "Name": "Support"}, "State": name, "StateStartTimestamp": at(since),
    } | more  # fmt: skip


def child(kind: str, method: str, **more: Any) -> dict[str, Any]:
    """A contact event of what the first contact was passed on to."""
    told = contact(kind, id_=SECOND, initiationMethod=method, initialContactId=FIRST, previousContactId=FIRST)
    return told | {"initiationTimestamp": at("10:03:00.000")} | more
