"""Asterisk's `queue_log` → our events, channel phone. One line: `epoch_s|uniqueid|queue|agent|EVENT|p1|p2|…`.

Each line by itself: what it gives depends on no other line, so that order and repetition do not matter. The log knows
neither holds nor wrap-up, nor what becomes of a caller whom a queue let go or an agent transferred: such a call is
taken to be over. That end has one identity a call; whatever line is the last to speak of it holds, by `revision`, and
entering a queue says that there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import events as e
from schemas.rejected import Rejected, Skipped
from schemas.sources.asterisk_lines import Line, parse, source_of
from schemas.sources.asterisk_members import KINDS
from schemas.sources.conversion import Change, Converted
from schemas.sources.options import Options
from schemas.sources.people import phone

SYSTEM = frozenset({"QUEUESTART", "CONFIGRELOAD", "PENALTY", "RINGINUSE"})
"""Kinds that say nothing about a call or an agent."""

_MAX_ID = 128
_MAX_SHOWN = 40
_DAY = timedelta(days=1)
_OFFSET_BITS = 28
_LAST_SECOND = 2**34 - 1
_DECLINED: dict[str, e.DeclineResult] = {
    "RINGNOANSWER": "no_answer",
    "RINGCANCELED": "no_answer",
    "AGENTDUMP": "rejected",
    "SYSCOMPAT": "error",
}
_WAITED = {"EXITWITHTIMEOUT": 2, "EXITEMPTY": 2, "EXITWITHKEY": 3, "WITHDRAW": 2}
"""Kind → the place of the parameter that tells how long the caller had waited."""


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one line, and what it says of an agent. Raises `Rejected`."""
    line = parse(payload, options)
    if line is None or line.kind in SYSTEM:
        return []
    if line.kind in KINDS:
        return [_change(line)]
    handler = _HANDLERS.get(line.kind)
    if handler is None:
        return Skipped(line.kind[:_MAX_SHOWN])
    if line.call is None:
        raise _missing(line, "uniqueid")
    if len(_interaction_id(line)) > _MAX_ID:
        raise Rejected("invalid_field", f"host and uniqueid are {_interaction_id(line)[:60]}…: at most {_MAX_ID}")
    return handler(line, options)


def _change(line: Line) -> Change:
    place = (line.file, line.offset or 0) if line.file else ("", int(line.digest, 16))
    at = int(line.at.timestamp()) * 1000
    return Change(at, (line.host or "", *place), _agent(line), line.queue, line.kind, line.parameter(0))


def _did(line: Line, options: Options) -> list[e.Event]:
    del options
    number = line.parameter(0)
    if not number:
        return []
    return [e.Updated(**_envelope(line, "did"), data=_told(line, queue=None, attributes={"did": number}))]


def _entered(line: Line, options: Options) -> list[e.Event]:
    del options
    started = _envelope(line, "started") | {"id": f"{line.call}:started", "time": _created_at(line)}
    customer_id = phone(line.parameter(1))
    return [
        e.Started(**started, data=_told(line, queue=None)),
        e.Updated(**_end(line, None), data=_told(line, queue=None)),
        e.Queued(**_envelope(line, "queued"), data=_told(line, customer_id=customer_id)),
    ]


def _declined(line: Line, options: Options) -> list[e.Event]:
    del options
    data = _told(line, e.DeclinedData, agent_id=_agent(line), result=_DECLINED[line.kind])
    return [e.Declined(**_envelope(line, "declined"), data=data)]


def _connected(line: Line, options: Options) -> list[e.Event]:
    del options
    return [e.Answered(**_envelope(line, "answered"), data=_told(line, e.ByAgent, agent_id=_agent(line)))]


def _completed(line: Line, options: Options) -> list[e.Event]:
    del options
    by: e.EndedBy = "agent" if line.kind == "COMPLETEAGENT" else "customer"
    return [e.Ended(**_envelope(line, "ended"), data=_told(line, e.EndedData, agent_id=line.agent, by=by))]


def _transferred(line: Line, options: Options) -> list[e.Event]:
    del options
    kind, to = _transfer_of(line)
    attributes = {"transferred_to": to} if to else None
    data = _told(line, e.TransferredData, agent_id=line.agent, kind=kind, attributes=attributes)
    waited, talked = line.seconds(-3), line.seconds(-2)
    lasted = 0 if waited is None or talked is None else waited + talked
    entered_by = line.at - timedelta(seconds=max(lasted - 1, 0))
    return [e.Transferred(**_envelope(line, "transferred"), data=data), _assumed_end(line, lasted, entered_by)]


def _abandoned(line: Line, options: Options) -> list[e.Event]:
    del options
    return [e.Abandoned(**_envelope(line, "abandoned"), data=_told(line))]


def _left(line: Line, options: Options) -> list[e.Event]:
    data = _told(line, e.FlowedOutData, outcome=_outcome(line, options))
    flowed_out = e.FlowedOut(**_envelope(line, "flowed_out"), data=data)
    return [flowed_out, _assumed_end(line, line.seconds(_WAITED[line.kind]) or 0)]


def _outcome(line: Line, options: Options) -> e.FlowOutcome:
    match line.kind:
        case "EXITWITHTIMEOUT":
            return "timeout"
        case "EXITEMPTY":
            return "no_agents"
        case "EXITWITHKEY":
            return options.outcomes.get(line.parameter(0), "other")
    info = line.parameter(3)
    if info in options.outcomes:
        return options.outcomes[info]
    info = info.lower()
    return "callback" if "callback" in info else "voicemail" if "voicemail" in info else "other"


def _assumed_end(line: Line, lasted: int, entered_by: datetime | None = None) -> e.Event:
    data = _told(line, e.EndedData, queue=None, by="system")
    return e.Ended(**_end(line, lasted, entered_by), data=data)


def _end(line: Line, lasted: int | None, entered_by: datetime | None = None) -> dict[str, Any]:
    """The envelope of what a line says of its call's assumed end; `lasted`: the stay that is over, in seconds.

    Of two stays of a call the one entered later speaks last. So a line counts from its own second; but a transfer,
    which may be logged after the next queue was entered, from when its stay was entered at the latest. Within a second:
    a stay that had lasted, before what entered then; else the order of the file, or a stay's entry before its exit.
    """
    second = min(max(int((entered_by or line.at).timestamp()), 0), _LAST_SECOND)
    known = line.offset is not None
    surely = 2 if known and entered_by is None else 1
    then = lasted is not None and lasted >= surely and entered_by in {None, line.at}
    within = (line.offset or 0) % 2**_OFFSET_BITS if known else int(lasted is not None)
    revision = (second << 1 | (not then)) << _OFFSET_BITS | within
    return _envelope(line, "") | {"id": f"{line.call}:end", "revision": revision}


def _created_at(line: Line) -> datetime:
    """When the customer reached the system, which a call's id tells: `epoch.number`, behind a system's name."""
    told = (line.call or "").rpartition("-")[2].partition(".")[0]
    if told.isascii() and told.isdigit() and len(told) < 12:
        created_at = datetime.fromtimestamp(int(told), UTC)
        if line.at - _DAY <= created_at <= line.at:
            return created_at
    return line.at


def _envelope(line: Line, part: str) -> dict[str, Any]:
    place = f"{line.file}:{line.offset:012}" if line.file else line.digest  # of a file in its order, as text too
    id_ = f"{place}:{part}"
    return {"id": id_, "source": source_of(line.host or ""), "specversion": "1.0", "time": line.at}


def _told(line: Line, data: Any = e.Told, /, **more: Any) -> Any:
    return data(interaction_id=_interaction_id(line), channel="phone", **({"queue": line.queue} | more))


def _interaction_id(line: Line) -> str:
    return f"{line.host}-{line.call}" if line.host else line.call or ""


def _agent(line: Line) -> str:
    if line.agent is None:
        raise _missing(line, "agent")
    return line.agent


def _missing(line: Line, name: str) -> Rejected:
    return Rejected("missing_field", f"the {name} is NONE: {line.kind[:_MAX_SHOWN]} needs it")


def _transfer_of(line: Line) -> tuple[e.TransferKind, str]:
    """Blind or attended, and where to. LINK has one parameter more: what counts is read from the right elsewhere."""
    if line.kind == "ATTENDEDTRANSFER":
        return "attended", line.parameter(1) if line.parameter(0) == "APP" else ""
    return "blind", "@".join(part for part in line.parameters[:2] if part)


_HANDLERS: dict[str, Callable[[Line, Options], list[e.Event]]] = {
    "DID": _did,
    "ENTERQUEUE": _entered,
    "CONNECT": _connected,
    "ABANDON": _abandoned,
    **dict.fromkeys(_DECLINED, _declined),
    **dict.fromkeys(("COMPLETEAGENT", "COMPLETECALLER"), _completed),
    **dict.fromkeys(("BLINDTRANSFER", "TRANSFER", "ATTENDEDTRANSFER"), _transferred),
    **dict.fromkeys(_WAITED, _left),
}
