"""Calls as Genesys Cloud would tell them: detail events, and records of analytics as they stand at any moment."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from tests.schemas.sources_model import Call, Kind, Part, Ring, Stay, instant

KIND = Kind(
    last_outcomes=("timeout", "voicemail"), next_outcomes=("overflow",), declines=("no_answer", "rejected"),
    ways_on=("blind", "attended"), advice=True, advice_of_queues=True,
)  # fmt: skip
_UNTAKEN = {"no_answer": "NO_ANSWER_TRANSFER", "rejected": "CLIENT", "": "PEER"}
_OUT = {"timeout": "TIMEOUT", "voicemail": "TRANSFER", "overflow": "TRANSFER"}
_OVER = {"agent": "CLIENT", "customer": "PEER", "blind": "TRANSFER", "attended": "CONSULT_TRANSFER"}


def named(*names: object) -> str:
    """The UUID that stands for it."""
    return str(uuid5(NAMESPACE_OID, "/".join(map(str, names))))


def conversation_id(call: Call) -> str:
    """Its UUID."""
    return named(call.number)


def _camel(word: str) -> str:
    first, *rest = word.lower().split("_")
    return first + "".join(each.title() for each in rest)


def _sum(spans: tuple[tuple[int, int], ...]) -> int:
    return sum(until - at for at, until in spans)


def events(call: Call, *, enveloped: bool = False) -> list[bytes]:
    """Its detail events."""
    found: list[tuple[str, dict[str, Any]]] = []
    way = "OUTBOUND" if call.outbound else "INBOUND"

    def tell(kind: str, at: int, session: str, **more: Any) -> None:
        body = {
            "eventTime": at, "conversationId": conversation_id(call),
            "participantId": named(call.number, session, "p"), "sessionId": named(call.number, session),
            "mediaType": "VOICE", "provider": "Edge", "direction": way,
            "ani": "tel:+390200000" if call.outbound else f"tel:{call.phone}",
            "dnis": f"tel:{call.phone}" if call.outbound else "tel:+390200000",
        }  # fmt: skip
        found.append((kind, body | {name: each for name, each in more.items() if each is not None}))

    tell("customer.start", call.at, "customer")
    if not call.outbound:
        tell("flow.start", call.at + 1, "ivr", flowId=named("flow"), flowType="INBOUNDCALL")
        tell("flow.end", call.stays[0].at if call.stays else call.until, "ivr", flowId=named("flow"))
    for number, stay in enumerate(call.stays):
        _tell_stay(tell, number, stay, call)
    hung_up = {"customer": "ENDPOINT", "agent": "PEER", "system": "SYSTEM"}[call.by]
    tell("customer.end", call.until, "customer", disconnectType=hung_up, interactingDurationMs=call.until - call.at)
    return [_enveloped(call, kind, body, enveloped=enveloped) for kind, body in found]


def bridged(call: Call) -> list[bytes]:
    """Its detail events as EventBridge sends them."""
    return events(call, enveloped=True)


def _enveloped(call: Call, kind: str, body: dict[str, Any], *, enveloped: bool) -> bytes:
    topic = f"v2.detail.events.conversation.{conversation_id(call)}.{kind}"
    inner = {"topicName": topic, "version": "2", "eventBody": body, "metadata": {"CorrelationId": named(kind)}}
    if not enveloped:
        return json.dumps(inner).encode()
    outer = {
        "version": "0", "id": named(call.number, kind, body["sessionId"]),
        "source": "aws.partner/genesys.com/cloud/x/y",
        "detail-type": "v2.detail.events.conversation.{id}." + kind,
        "time": instant(body["eventTime"] + 900, "seconds"),
        "detail": inner | {"topicName": topic, "timestamp": instant(body["eventTime"] + 400)},
    }  # fmt: skip
    return json.dumps(outer).encode()


def _tell_stay(tell: Any, number: int, stay: Stay, call: Call) -> None:
    queue = None if stay.queue is None else named("queue", stay.queue)
    acd, part = f"acd{number}", stay.part
    if queue is not None:
        tell("acd.start", stay.at, acd, queueId=queue)
        outcome = {"answered": "ANSWERED", "abandoned": "ABANDON"}.get(stay.left, "FLOW_OUT")
        how = {"answered": "TRANSFER", "abandoned": "PEER"}.get(stay.left) or _OUT[stay.left]
        taker = None if part is None else named("agent", part.agent)
        waited = stay.left_at - stay.at
        tell(
            "acd.end", stay.left_at, acd, queueId=queue, acdOutcome=outcome, disconnectType=how, answeredUserId=taker,
            connectedDurationMs=waited,
        )  # fmt: skip
        if stay.left == "voicemail":
            tell("voicemail.start", stay.left_at + 2, f"voicemail{number}", queueId=queue)
            tell("voicemail.end", stay.left_at + 9_000, f"voicemail{number}", queueId=queue)
    for n, ring in enumerate(stay.rings):
        if part is None or n + 1 < len(stay.rings):
            name, agent = f"agent{number}.{n}", named("agent", ring.agent)
            tell("user.start", ring.at, name, userId=agent, queueId=queue)
            how = _UNTAKEN[ring.result]
            rung = ring.until - ring.at
            tell("user.end", ring.until, name, userId=agent, queueId=queue, disconnectType=how, alertingDurationMs=rung)
    if part is None:
        return
    name, agent = f"agent{number}", named("agent", part.agent)
    ring = stay.rings[-1] if stay.rings else Ring(part.agent, call.at, part.at)
    hold = _sum(part.holds)
    rang = "dialingDurationMs" if call.outbound else "alertingDurationMs"
    tell("user.start", ring.at, name, userId=agent, queueId=queue)
    tell(
        "user.end", part.until, name, userId=agent, queueId=queue, disconnectType=_OVER[part.how],
        interactingDurationMs=part.until - part.at - hold, heldDurationMs=hold or None, **{rang: part.at - ring.at},
    )  # fmt: skip
    if part.wrap_ms:
        at = part.until + part.wrap_ms
        tell("acw", at, name, userId=agent, queueId=queue, wrapupCode=named("code"), wrapupDurationMs=part.wrap_ms)
    if part.asked is not None:
        advice, asked = f"advice{number}", named("agent", part.asked.agent)
        led = None if part.asked_in is None else named("queue", part.asked_in)
        if led is not None:
            tell("acd.start", part.asked.at - 2_500, f"{advice}acd", queueId=led)
            tell(
                "acd.end", part.asked.at - 2, f"{advice}acd", queueId=led, acdOutcome="ANSWERED",
                answeredUserId=asked, disconnectType="TRANSFER",
            )  # fmt: skip
        tell("user.start", part.asked.at - 2_000, advice, userId=asked, queueId=led)
        length = part.asked.until - part.asked.at
        tell(
            "user.end", part.asked.until, advice, userId=asked, disconnectType="CLIENT", interactingDurationMs=length,
            alertingDurationMs=2_000, queueId=led,
        )  # fmt: skip


def record(call: Call, at: int | None = None) -> bytes:
    """Its record of analytics, as it stands at `at`; None: when all is over."""
    now = at if at is not None else 2**53
    people: list[dict[str, Any]] = []

    def session(name: str, purpose: str, spans: list[Any], metrics: list[Any], **more: Any) -> None:
        segments = []
        for kind, since, until, how, queue in spans:
            if since > now:
                continue
            segment = {"segmentStart": instant(since), "segmentType": kind, "conference": False}
            if queue is not None:
                segment["queueId"] = queue
            if until <= now:
                segment["segmentEnd"] = instant(until)
                if how:
                    segment["disconnectType"] = _camel(how)
            segments.append(segment)
        if not segments:
            return
        told = [{"name": each, "value": n, "emitDate": instant(when)} for each, n, when in metrics if when <= now]
        people.append(
            {
                "participantId": named(call.number, name, "p"), "purpose": purpose, **more,
                "sessions": [{
                    "mediaType": "voice", "sessionId": named(call.number, name),
                    "direction": "outbound" if call.outbound else "inbound",
                    "ani": "tel:+390200000" if call.outbound else f"tel:{call.phone}",
                    "dnis": f"tel:{call.phone}" if call.outbound else "tel:+390200000",
                    "segments": segments, "metrics": told,
                }],
            }
        )  # fmt: skip

    hung_up = {"customer": "ENDPOINT", "agent": "PEER", "system": "SYSTEM"}[call.by]
    customer = [("interact", call.at, call.until, hung_up, None)]
    session("customer", "customer", customer, [("nConnected", 1, call.at)])
    if not call.outbound:
        ivr = call.stays[0].at if call.stays else call.until
        session("ivr", "ivr", [("ivr", call.at + 1, ivr, "TRANSFER", None)], [("tIvr", ivr - call.at, ivr)])
    for number, stay in enumerate(call.stays):
        _record_stay(session, number, stay, call)
    found: dict[str, Any] = {
        "conversationId": conversation_id(call), "conversationStart": instant(call.at),
        "originatingDirection": "outbound" if call.outbound else "inbound", "participants": people,
    }  # fmt: skip
    if call.until <= now:
        found["conversationEnd"] = instant(call.until)
    return json.dumps(found).encode()


def _record_stay(session: Any, number: int, stay: Stay, call: Call) -> None:
    queue = None if stay.queue is None else named("queue", stay.queue)
    part, waited = stay.part, stay.left_at - stay.at
    if queue is not None:
        how = {"answered": "TRANSFER", "abandoned": "PEER"}.get(stay.left) or _OUT[stay.left]
        told = {"answered": [], "abandoned": ["tAbandon"]}.get(stay.left, ["tFlowOut"])
        metrics = [("nOffered", 1, stay.at), *((name, waited, stay.left_at) for name in ("tAcd", *told))]
        session(f"acd{number}", "acd", [("interact", stay.at, stay.left_at, how, queue)], metrics)
        if stay.left == "voicemail":
            voicemail = [("voicemail", stay.left_at + 2, stay.left_at + 9_000, "PEER", queue)]
            session(f"voicemail{number}", "voicemail", voicemail, [])
    for n, ring in enumerate(stay.rings):
        if part is None or n + 1 < len(stay.rings):
            spans = [("alert", ring.at, ring.until, _UNTAKEN[ring.result], queue)]
            metrics = [("tAlert", ring.until - ring.at, ring.until)]
            if ring.result == "no_answer":
                metrics.append(("tNotResponding", ring.until - ring.at, ring.until))
            session(f"agent{number}.{n}", "agent", spans, metrics, userId=named("agent", ring.agent))
    if part is not None:
        _record_part(session, number, stay, part, call)


def _record_part(session: Any, number: int, stay: Stay, part: Part, call: Call) -> None:
    queue = None if stay.queue is None else named("queue", stay.queue)
    ring = stay.rings[-1] if stay.rings else Ring(part.agent, call.at, part.at)
    spans = [("dialing" if call.outbound else "alert", ring.at, part.at, "", queue)]
    since = part.at
    for at, until in part.holds:
        spans += [("interact", since, at, "", queue), ("hold", at, until, "", queue)]
        since = until
    if since < part.until:
        spans.append(("interact", since, part.until, "", queue))
    spans[-1] = (*spans[-1][:3], _OVER[part.how], queue)
    over = part.until + part.wrap_ms
    if part.wrap_ms:
        spans.append(("wrapup", part.until, over, "CLIENT", queue))
    hold = _sum(part.holds)
    metrics = [
        ("tAlert", part.at - ring.at, part.at), ("tAnswered", part.at - stay.at, part.at),
        ("tTalk", part.until - part.at - hold, part.until), ("tHandle", over - part.at, over),
    ]  # fmt: skip
    metrics += [("tHeld", until - at, until) for at, until in part.holds]
    metrics += [("tAcw", part.wrap_ms, over)] if part.wrap_ms else []
    session(f"agent{number}", "agent", spans, metrics, userId=named("agent", part.agent))
    if part.asked is not None:
        asked = part.asked
        led = None if part.asked_in is None else named("queue", part.asked_in)
        if led is not None:
            waited = [("interact", asked.at - 2_500, asked.at - 2, "TRANSFER", led)]
            session(f"advice{number}acd", "acd", waited, [("tAcd", 2_498, asked.at - 2)])
        spans = [("alert", asked.at - 2_000, asked.at, "", led), ("interact", asked.at, asked.until, "CLIENT", led)]
        session(f"advice{number}", "agent", spans, [], userId=named("agent", asked.agent))
