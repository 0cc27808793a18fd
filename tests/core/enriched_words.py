"""What enriched events say, in few words, so that a history and what is told of it can be read side by side.

A line of a table is an event as `by_hand` writes it, and behind `|` what is told of it, or `nothing`.

    10:00:20 answered anna      | 0/support of 1: met/20s wait=15s

It is about segment 0, in the queue support, of one segment so far; how the service level stands, and its threshold; all
measures but zeros. `-` is no segment, `0/-` one without a queue. `first=65h/1h` is elapsed and business time,
`next=2*30s/20s` two of them. `key=c` is the record's, where it is not the interaction.

A line that begins with `=` is the closed event of the same record: what the whole says, then each segment.

    = answered 10:00:00-10:03:20 met/20s; 0/support/anna answered in ended wait=15s talk=3m handle=3m

`closings=2`, `reopened=1`, `resolved=yes`, `bot`, `contained`, `outbound`, ... Of a segment: how it left its queue (a
flow-out by its outcome), whether `in` its threshold, what ended the agent's part, its measures. A line may go on with
`|` or `;`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.enriched import ENRICHED_TYPES
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.interactions.enriched import TOPIC
from stream.core.interactions.interaction import Interactions
from tests.core.by_hand import lines
from tests.core.memory_shard import MemoryShard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.core.rules import Rules
    from stream.core.stage import Output

SUMS = ("wait_ms", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms")


def enriched(outputs: Iterable[Output]) -> list[Output]:
    """What goes to services, of all that is told."""
    return [output for output in outputs if output.topic == TOPIC]


def decoded(output: Output) -> dict[str, Any]:
    """The event, once it is sure that it is what its type says, and nothing more."""
    value = msgspec.json.decode(output.value)
    event = msgspec.json.decode(output.value, type=ENRICHED_TYPES[value["type"]])
    assert msgspec.json.decode(msgspec.json.encode(event)) == value
    return value


def told(channel: str, rules: Rules, events: list[Any], *, cut: int = 1, limit: int = 50_000) -> list[Output]:
    """What services hear of events, the n-th of them at the offset n."""
    ledger = Ledger(Interactions(rules, channel, enriched=True), lambda _: "UTC", Room(limit * 5_000))
    shard = MemoryShard()
    for first in range(0, len(events), cut):
        shard.fold(ledger, list(enumerate(events))[first : first + cut])
    return enriched(shard.outputs)


def read(table: str) -> tuple[str, list[str]]:
    """The history of a table, and what is to be told of it."""
    history, wanted = [], []
    for line in lines(table):
        event, _, says = (part.strip() for part in line.partition("|"))
        if event.startswith(";"):
            wanted[-1] += event
        elif event.startswith("="):
            wanted.append(event)
        else:
            history += [event] if event else []
            wanted += [says] if says and says != "nothing" else []
    return "\n".join(history), wanted


def length(ms: int) -> str:
    """Milliseconds as the tables have them.

    >>> length(3_671_000), length(15_001), length(0)
    ('1h1m11s', '15.001s', '0s')
    """
    minutes, rest = divmod(ms, 60_000)
    seconds = f"{rest / 1000:g}s" if rest or not ms else ""
    return "".join(f"{n}{unit}" for n, unit in ((minutes // 60, "h"), (minutes % 60, "m")) if n) + seconds


def words(output: Output) -> str:
    """One event as the tables have it."""
    value = decoded(output)
    data, key = value["data"], output.key.decode()
    assert value["source"] == "centralino"
    assert value["revision"] == data["revision"]
    assert data["sla"]["target"] == 0.8
    said = _closed(value) if value["type"] == "enriched.interaction.closed" else _event(value)
    return said if key == data["interaction_id"] else f"{said} key={key}"


def _event(value: dict[str, Any]) -> str:
    data = value["data"]
    where = f"{data['segment']}/{data.get('segment_queue', '-')}" if "segment" in data else "-"
    return " ".join([f"{where} of {data['measures']['segments']}: {_sla(data)}", *_measures(data["measures"])])


def _closed(value: dict[str, Any]) -> str:
    data = value["data"]
    assert value["id"] == f"closed/{data['channel']}/{data['interaction_id']}"
    segments, measures = data["segments"], data["measures"]
    assert [segment["number"] for segment in segments] == list(range(measures["segments"]))
    assert measures["handled"] == sum("over_at" in segment for segment in segments)
    assert measures["transferred"] == sum(segment.get("over_by") == "transferred" for segment in segments)
    for name in SUMS:
        assert measures[name] == sum(segment.get(name, 0) for segment in segments), name
    flags = [
        *([] if data["direction"] == "inbound" else [data["direction"]]),
        *([f"{name}={data[name]}" for name, usual in (("closings", 1), ("reopened", 0)) if data[name] != usual]),
        *([f"resolved={'yes' if data['resolved'] else 'no'}"] if "resolved" in data else []),
        *(name for name in ("bot", "contained") if data[name]),
        *(f"{name}={data[name]}" for name in ("customer_id", "initiation", "reason") if name in data),
    ]
    span = f"{_clock(data['started_at'])}-{_clock(data['ended_at'])}"
    whole = " ".join(["=", data["outcome"], span, *flags, _sla(data), *_responses(measures)])
    return "; ".join([whole, *map(_segment, segments)])


def _segment(segment: dict[str, Any]) -> str:
    if "wait_ms" in segment:
        assert segment["wait_ms"] == max(_ms(segment["left_at"]) - _ms(segment["queued_at"]), 0)
    where = "/".join([str(segment["number"]), segment.get("queue", "-"), segment.get("agent_id", "-")])
    within = {True: ["in"], False: ["late"], None: []}[segment.get("in_threshold")]
    over = [segment["over_by"]] if "over_by" in segment else []
    how = segment.get("flowed_out_by", segment["outcome"])
    return " ".join([where, how, *within, *over, *_measures(segment)])


def _sla(data: dict[str, Any]) -> str:
    return f"{data['sla']['state']}/{length(data['sla']['threshold_ms'])}"


def _measures(measures: dict[str, Any]) -> list[str]:
    counts = [f"{name}={measures[name]}" for name in ("handled", "transferred") if measures.get(name)]
    lengths = [f"{name[:-3]}={length(measures[name])}" for name in SUMS if measures.get(name)]
    return [*counts, *lengths, *_responses(measures)]


def _responses(measures: dict[str, Any]) -> list[str]:
    found = []
    if "first_response_ms" in measures:
        found.append(f"first={length(measures['first_response_ms'])}/{length(measures['first_response_business_ms'])}")
    if measures.get("next_responses"):
        lengths = f"{length(measures['next_response_ms'])}/{length(measures['next_response_business_ms'])}"
        found.append(f"next={measures['next_responses']}*{lengths}")
    return found


def _clock(instant: str) -> str:
    clock, _, fraction = instant.partition("T")[2].rstrip("Z").partition(".")
    return f"{clock}.{fraction[:3]}" if fraction else clock


def _ms(instant: str) -> int:
    return round(datetime.fromisoformat(instant).timestamp() * 1000)
