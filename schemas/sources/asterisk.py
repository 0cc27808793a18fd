"""Asterisk's `queue_log` → our events, channel phone. One line: `epoch_s|uniqueid|queue|agent|EVENT|p1|p2|…`.

Pure: the same file gives the same events with the same ids (host, generation of the file, byte offset of the line), so
that what is read again is a duplicate. Instants are whole seconds, ties are usual; the core orders events of one
instant by rule. The log knows neither holds nor wrap-up, nor what becomes of a caller whom a queue let go or an agent
transferred: such a call is closed at once, and the end is taken back when the call enters a queue in the same second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from msgspec import Struct

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.asterisk_lines import Line, parse
from schemas.sources.asterisk_members import Members
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.people import phone

MAX_CALLS = 100_000
"""Calls that are remembered; the oldest is forgotten first. Only DID, segment and re-entry depend on it."""

SYSTEM = frozenset({"QUEUESTART", "CONFIGRELOAD", "PENALTY", "RINGINUSE"})
"""Kinds that say nothing about a call or an agent."""

_MAX_KINDS = 200
_MAX_ID = 128
_DECLINED: dict[str, e.DeclineResult] = {
    "RINGNOANSWER": "no_answer",
    "RINGCANCELED": "no_answer",
    "AGENTDUMP": "rejected",
    "SYSCOMPAT": "error",
}


class Call(Struct):
    """What is remembered of a call. `stays`: entries into queues so far; `connected`: the stay that an agent took."""

    started: bool = False
    stays: int = 0
    connected: int = 0
    did: str | None = None
    assumed_end: e.Ended | None = None


class QueueLog:
    """Converts the lines of one PBX's log, in the order of the file.

    `host` tells systems apart, `generation` the files that one system has written in turn. `key_outcomes`: what
    leaving a queue by a key means, by key (`{"1": "callback"}`); a key that is not there means `other`. `unmapped`
    counts, by kind, the lines that gave no event and should have: ask for them, nothing is ever raised.
    """

    def __init__(
        self, host: str = "asterisk", generation: str = "0", key_outcomes: Mapping[str, e.FlowOutcome] | None = None
    ) -> None:
        self.unmapped: Counter[str] = Counter()
        self._host = host
        self._source = f"/asterisk/{host}"
        self._generation = generation
        self._key_outcomes = dict(key_outcomes or {})
        self._calls: dict[str, Call] = {}
        self._members = Members()

    def convert(self, line: bytes, offset: int) -> list[e.Event]:
        """The events of one line (with or without its line end), which begins at this byte of the file.

        `at` is filled, so that it can be the record's timestamp.
        """
        parsed = parse(line, offset)
        if parsed is None:
            return self._unmapped("(not a line of a queue_log)") if line.strip() else []
        if parsed.kind in SYSTEM:
            return []
        if max(len(parsed.agent or ""), len(self._interaction_id(parsed.call or ""))) > _MAX_ID:
            return self._unmapped(parsed.kind)
        if parsed.kind in Members.KINDS:
            state = self._members.take(parsed.agent, parsed.queue, parsed.kind, parsed.parameter(0))
            if state is None:
                return [] if parsed.agent else self._unmapped(parsed.kind)
            return [e.AgentStateChanged(**self._envelope(parsed, "state"), data=state)]
        handler = self._HANDLERS.get(parsed.kind)
        if handler is None or parsed.call is None:
            return self._unmapped(parsed.kind)
        call = self._calls.pop(parsed.call, None) or Call()
        self._calls[parsed.call] = call
        if len(self._calls) > MAX_CALLS:
            del self._calls[next(iter(self._calls))]
        return handler(self, parsed, call) or ([] if parsed.kind == "DID" else self._unmapped(parsed.kind))

    def _did(self, line: Line, call: Call) -> list[e.Event]:
        call.did = line.parameter(0) or None
        return []

    def _enter(self, line: Line, call: Call) -> list[e.Event]:
        found: list[e.Event] = []
        customer_id = phone(line.parameter(1))
        if call.assumed_end is not None and call.assumed_end.time == line.at:
            found.append(self._taken_back(call.assumed_end))
        if not call.started:
            attributes = {"did": call.did} if call.did else None
            data = self._told(line, 0, queue=None, customer_id=customer_id, attributes=attributes)
            found.append(e.Started(**self._envelope(line, "started"), data=data))
        call.started, call.stays, call.assumed_end = True, call.stays + 1, None
        data = self._told(line, call.stays, customer_id=customer_id)
        found.append(e.Queued(**self._envelope(line, "queued"), data=data))
        return found

    def _declined(self, line: Line, call: Call) -> list[e.Event]:
        if line.agent is None:
            return []
        data = self._told(line, call.stays, e.DeclinedData, agent_id=line.agent, result=_DECLINED[line.kind])
        return [e.Declined(**self._envelope(line, "declined"), data=data)]

    def _connected(self, line: Line, call: Call) -> list[e.Event]:
        if line.agent is None:
            return []
        call.connected = call.stays
        data = self._told(line, call.stays, e.ByAgent, agent_id=line.agent)
        return [e.Answered(**self._envelope(line, "answered"), data=data)]

    def _completed(self, line: Line, call: Call) -> list[e.Event]:
        by: e.EndedBy = "agent" if line.kind == "COMPLETEAGENT" else "customer"
        data = self._told(line, call.connected, e.EndedData, agent_id=line.agent, by=by)
        return [e.Ended(**self._envelope(line, "ended"), data=data)]

    def _transferred(self, line: Line, call: Call) -> list[e.Event]:
        kind, to = _transfer_of(line)
        attributes = {"transferred_to": to} if to else None
        more = {"agent_id": line.agent, "kind": kind, "attributes": attributes}
        data = self._told(line, call.connected, e.TransferredData, **more)
        transferred = e.Transferred(**self._envelope(line, "transferred"), data=data)
        if call.stays > call.connected > 0:  # already in its next queue
            return [transferred]
        return [transferred, self._assumed_end(line, call)]

    def _abandoned(self, line: Line, call: Call) -> list[e.Event]:
        return [e.Abandoned(**self._envelope(line, "abandoned"), data=self._told(line, call.stays))]

    def _left(self, line: Line, call: Call) -> list[e.Event]:
        data = self._told(line, call.stays, e.FlowedOutData, outcome=self._outcome(line))
        flowed_out = e.FlowedOut(**self._envelope(line, "flowed_out"), data=data)
        return [flowed_out, self._assumed_end(line, call)]

    def _outcome(self, line: Line) -> e.FlowOutcome:
        match line.kind:
            case "EXITWITHTIMEOUT":
                return "timeout"
            case "EXITEMPTY":
                return "no_agents"
            case "EXITWITHKEY":
                return self._key_outcomes.get(line.parameter(0), "other")
        info = line.parameter(3).lower()
        return "callback" if "callback" in info else "voicemail" if "voicemail" in info else "other"

    def _assumed_end(self, line: Line, call: Call) -> e.Ended:
        data = self._told(line, 0, e.EndedData, by="system")
        call.assumed_end = e.Ended(**self._envelope(line, "ended"), data=data)
        return call.assumed_end

    def _taken_back(self, end: e.Ended) -> e.Event:
        """The same event again, with a higher revision and nothing to say."""
        data = e.Told(interaction_id=end.data.interaction_id, channel="phone")
        return e.Updated(
            id=end.id, source=end.source, specversion="1.0", time=end.time, at=end.at, revision=1, data=data
        )

    def _envelope(self, line: Line, part: str) -> dict[str, Any]:
        id_ = f"{self._generation}:{line.offset:012}:{part}"  # in the order of the file, as text too
        return {
            "id": id_,
            "source": self._source,
            "specversion": "1.0",
            "time": line.at,
            "at": int(line.at.timestamp()) * 1000,
        }

    def _told(self, line: Line, stay: int, data: Any = e.Told, /, **more: Any) -> Any:
        """`data` of a line; `stay` is the number of the stay that it speaks of, 0 for none or unknown."""
        more = {"queue": line.queue, "segment_id": f"{line.queue or ''}#{stay}" if stay else None} | more
        return data(interaction_id=self._interaction_id(line.call or ""), channel="phone", **more)

    def _interaction_id(self, call: str) -> str:
        return f"{self._host}-{call}"

    _HANDLERS: ClassVar[dict[str, Callable[[QueueLog, Line, Call], list[e.Event]]]] = {
        "DID": _did,
        "ENTERQUEUE": _enter,
        "CONNECT": _connected,
        "ABANDON": _abandoned,
        **dict.fromkeys(_DECLINED, _declined),
        **dict.fromkeys(("COMPLETEAGENT", "COMPLETECALLER"), _completed),
        **dict.fromkeys(("BLINDTRANSFER", "TRANSFER", "ATTENDEDTRANSFER"), _transferred),
        **dict.fromkeys(("EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY", "WITHDRAW"), _left),
    }

    def _unmapped(self, kind: str) -> list[e.Event]:
        self.unmapped[kind[:40] if len(self.unmapped) < _MAX_KINDS else "(more)"] += 1
        return []


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one line. Raises `Rejected`."""
    del payload, options
    return Skipped("asterisk")


def _transfer_of(line: Line) -> tuple[e.TransferKind, str]:
    """Blind or attended, and where to. LINK has one parameter more: what counts is read from the right elsewhere."""
    if line.kind == "ATTENDEDTRANSFER":
        return "attended", line.parameter(1) if line.parameter(0) == "APP" else ""
    return "blind", "@".join(part for part in line.parameters[:2] if part)
