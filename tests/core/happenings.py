"""What may happen to an interaction, for Hypothesis to choose from: few ids, queues and agents, so that things meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.core.by_hand import instant
from tests.oracle.defaults import MINUTE, SECOND

steps = st.sampled_from([0, 1, 999, 5 * SECOND, 20 * SECOND, MINUTE, 17 * MINUTE])
ids = st.sampled_from(["1", "2", "3"])
agents = st.sampled_from(["anna", "bert"])
queues = st.sampled_from(["support", "sales"])
customers = st.sampled_from([None, None, "c", "d"])
names = st.sampled_from(["a", "b", None, None])


def some(**fields: Any) -> dict[str, Any]:
    """A strategy of data: each field may be missing."""
    return st.fixed_dictionaries({}, optional=fields)


told = st.one_of(
    st.tuples(st.just("started"), some(customer_id=customers, direction=st.sampled_from(["inbound", "outbound"]))),
    st.tuples(st.just("queued"), st.fixed_dictionaries({"queue": queues}, optional={"segment_id": names})),
    st.tuples(st.just("answered"), st.fixed_dictionaries({"agent_id": agents}, optional={"queue": queues})),
    st.tuples(st.just("declined"), st.fixed_dictionaries({"agent_id": agents}, optional={"queue": queues})),
    st.tuples(st.sampled_from(["held", "resumed"]), some(agent_id=agents, segment_id=names)),
    st.tuples(
        st.just("message"),
        st.fixed_dictionaries(
            {"author": st.sampled_from(["customer", "agent", "agent", "bot"])}, optional={"public": st.booleans()}
        ),
    ),
    st.tuples(st.just("transferred"), some(agent_id=agents, to_queue=queues, segment_id=names)),
    st.tuples(st.just("flowed_out"), st.fixed_dictionaries({"outcome": st.sampled_from(["full", "bot", "voicemail"])})),
    st.tuples(st.sampled_from(["abandoned", "reopened"]), st.just({})),
    st.tuples(
        st.just("ended"),
        some(by=st.sampled_from(["customer", "agent", "bot"]), resolved=st.booleans(), hold_ms=st.just(3000)),
    ),
    st.tuples(
        st.just("wrapped_up"),
        st.fixed_dictionaries({"agent_id": agents}, optional={"segment_id": names, "handle_ms": st.just(77)}),
    ),
    st.tuples(
        st.just("updated"),
        some(queue=queues, customer_id=customers, segment_id=names, direction=st.sampled_from(["inbound", "outbound"])),
    ),
)


def at_of(record: dict[str, Any]) -> int:
    """When it happened, in ms."""
    day, _, clock = record["value"]["time"].rstrip("Z").partition("T")
    return instant([day, clock])
