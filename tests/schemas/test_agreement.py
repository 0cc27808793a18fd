"""The codec's two paths agree on every record: what one takes the other takes, what one rejects the other rejects."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalogue, codec, faults
from schemas.codec import Decode, Rejected, Skipped, decoder
from schemas.rejected import REASONS
from schemas.topics import TOPICS

NOW_MS = 1_772_438_400_000  # 2026-03-02T08:00:00Z
ENVELOPE: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "/acd", "time": "2026-03-02T08:00:00Z"}
FULL_DATA: dict[str, Any] = {
    "interaction_id": "p1",
    "channel": "phone",
    "agent_id": "p1",
    "customer_id": "p1",
    "author": "agent",
    "outcome": "timeout",
    "survey": "nps",
    "score": 7,
    "presence": "available",
    "order_id": "o-1",
    "amount": 1999,
    "currency": "EUR",
    "rating": 4,
    "aliases": ["tel:+39"],
}
ODD_TEXTS = ["", "x", "é", "1.0", "phone", "chat", "p1", "agent", "csat", "nps", "available", "timeout", "customer"]
ODD_TIMES = ["2026-03-02T08:00:00.9999999Z", "2026-03-02T24:00:00Z", "2026-03-02T08:00", "2027-01-01T00:00:00+01:00"]
ODD: list[Any] = [
    None, True, 0, -1, 3, 2**63, 2**70, 0.5, 1e300, [], ["x"], [None], {}, {"a": "b"}, {"a": None}, {"a": 1},
    *ODD_TEXTS, *ODD_TIMES,
]  # fmt: skip
TYPES = [*catalogue.INPUT_TYPES, "interaction.digest", "interaction.parked", ""]
DATA_NAMES = sorted(
    {field.name for kind in catalogue.INPUT_TYPES.values() for field in catalogue.fields_of(catalogue.data_of(kind))}
)

odd_data = st.dictionaries(st.sampled_from(DATA_NAMES), st.sampled_from(ODD), max_size=2).map(
    lambda odd: FULL_DATA | odd
)
envelopes = st.builds(
    lambda kind, data, odd: ENVELOPE | {"type": kind, "data": data} | odd,
    st.sampled_from(TYPES),
    st.one_of(odd_data, odd_data, odd_data, st.sampled_from(ODD)),
    st.dictionaries(st.sampled_from([*ENVELOPE, "data", "revision", "other"]), st.sampled_from(ODD), max_size=1),
)


def outcome_of(path: Decode, key: bytes | None, value: bytes) -> tuple[str, object]:
    """How a path took a record, with what only the codec's last step adds left out."""
    try:
        found = path(key, value, NOW_MS)
    except Rejected as rejected:
        return rejected.reason, rejected.detail
    if isinstance(found, Skipped):
        return "skipped", found.type
    found.at, found.identity, found.revision = 0, b"", found.revision or 0
    codec._fill(found.data)
    return "taken", found


@settings(max_examples=2000, deadline=None)
@given(
    envelope=envelopes,
    topic=st.sampled_from(["interactions.phone", "agents.presence", "customers.events", "customers.timeline"]),
    key=st.sampled_from([b"p1", b"p1", b"p1", b"p1", b"x", b"", b"\xff", None]),
    ascii_only=st.booleans(),
)
def test_the_fast_path_and_the_slow_path_agree(
    envelope: dict[str, Any], topic: str, key: bytes | None, ascii_only: bool
) -> None:
    value = json.dumps(envelope, ensure_ascii=ascii_only).encode()
    spec = TOPICS[topic]
    fast = outcome_of(decoder(spec), key, value)
    slow = outcome_of(lambda *record: faults.judge(spec, *record), key, value)
    assert fast == slow
    if fast[0] in REASONS:
        detail = str(fast[1])
        assert len(detail) < 300
        assert "\n" not in detail
