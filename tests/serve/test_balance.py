"""The books balance at every commit, whatever came in; and every seeded fault is seen in `/metrics`."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from schemas.codec import decode
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.figures.balance import BALANCES
from stream.core.interactions.interaction import Interactions
from stream.core.measures import FLOW_CODES, WAIT_BINS, WAIT_BOUNDS
from stream.core.rules import MINUTE, Rules
from stream.core.times.window import zone_of
from stream.serve.balances import residuals
from stream.state.snapshot import ShardId, Snapshot
from tests.core.memory_shard import MemoryShard
from tests.core.test_ledger_laws import Cluster
from tests.oracle.histories import disordered, nasty
from tests.serve.shards import cell, cells, pack, total

AT = 1_772_463_600_000  # 2026-03-02T15:00:00Z
SUPPORT, CHANNEL = "phone|i|qsupport", "phone|i|*"
RULES = Rules()


async def loaded(view):
    for _ in range(100):
        if await view.reader.poll():
            return view
    raise AssertionError("never complete")


def unbalanced(text):
    return {
        tuple(sample.labels[name] for name in ("balance", "topic", "channel", "queue") if sample.labels[name]): n
        for family in parse(text)
        if family.name == "stream_balance_residual"
        for sample in family.samples
        if (n := sample.value)
    }


@pytest.fixture
def faults(shard, view, browse):
    """What does not balance in `/metrics` of a store with these fields."""

    async def found(fields, stream_time=AT, **written):
        one = shard()
        await one.declare(1)
        await one.commit(fields, stream_time=stream_time, **written)
        return unbalanced((await browse(await loaded(view(clock="event"))).get("/metrics")).text)

    return found


def called(kind, seconds, **data):
    """An event of one phone call, so many seconds after 14:00."""
    record = {
        "specversion": "1.0", "id": f"{kind}-{seconds}", "source": "test", "type": f"interaction.{kind}",
        "time": f"2026-03-02T14:00:{seconds:02}Z",
        "data": {"interaction_id": "call", "channel": "phone", "queue": "support", **data},
    }  # fmt: skip
    return decode(TOPICS["interactions.phone"], b"call", msgspec.json.encode(record), AT)


LATE_ANSWER = (
    called("queued", 0), called("ended", 40, by="customer"), called("answered", 10, agent_id="anna"),
    called("wrapped_up", 50, agent_id="anna"),
)  # fmt: skip


def folded(stage, events):
    shard, ledger = MemoryShard(), Ledger(stage, partial(zone_of, RULES))
    for offset, event in enumerate(events):
        shard.fold(ledger, [(offset, event)])
    return {field: value for field, value in shard.fields.items() if field[0] in "ctw"}


class Forgetful(Interactions):
    """A stage with a bug: what an event takes back is lost."""

    def apply(self, state, event, now):
        change = super().apply(state, event, now)
        change.removed = []
        return change


@pytest.mark.parametrize("seed", range(6))
def test_everything_balances_after_every_batch_of_a_nasty_log(seed):
    cluster, snapshot = Cluster(partitions=2, seed=seed, cut=9), Snapshot()
    log = disordered(nasty(seed, interactions=40), seed)
    for begin in range(0, len(log), 40):
        cluster.take(log[begin : begin + 40])
        for where, (ledger, shard) in cluster.books.items():
            if not where[0].startswith("agents"):
                snapshot.replace(ShardId(*where), {name.encode(): value for name, value in shard.fields.items()})
                snapshot.progress(ShardId(*where), 0, ledger.stream_time, {})
        found = residuals(snapshot, cluster.stream_time)
        assert {name for name, n in found.items() if n} == set()
    assert {balance for balance, *_ in found} == BALANCES.keys() - {"records"}
    assert len(found) > 20


async def test_a_call_whose_answer_comes_late_balances(faults):
    assert await faults(folded(Interactions(RULES, "phone"), LATE_ANSWER)) == {}


async def test_a_stage_that_drops_what_is_taken_back_is_seen(faults):
    found = await faults(folded(Forgetful(RULES, "phone"), LATE_ANSWER))
    assert found["queues", "phone", "support"] == -1, "abandoned and answered, of one offered"
    assert found["shares", "phone"] == 1, "an interaction that was lost and answered"


async def test_a_cell_changed_by_hand_is_seen(faults):
    fields = cells(SUPPORT, AT - 10 * MINUTE, cell(offered=1, ended=1)) | total(SUPPORT, cell(offered=1))
    (fine,) = (field for field in fields if field.startswith("cf"))
    fields[fine] = pack(cell(offered=3, ended=1))
    assert (await faults(fields))["rings", "phone", "support"] == 2


async def test_a_cell_that_was_lost_is_seen(faults):
    fields = cells(CHANNEL, AT - 10 * MINUTE, cell(interactions_started=2)) | total(
        CHANNEL, cell(interactions_started=2)
    )
    (middle,) = (field for field in fields if field.startswith("cm"))
    del fields[middle]
    assert await faults(fields) == {("rings", "phone"): 2}


async def test_a_bin_that_was_lost_is_seen(faults):
    fields = cells(SUPPORT, AT - 10 * MINUTE, cell(answered=2) | {WAIT_BINS: 1})
    fields |= total(SUPPORT, cell(offered=2, answered=2) | {WAIT_BOUNDS: 2})
    assert await faults(fields) == {("sketches", "phone", "support"): 1}


@pytest.mark.parametrize(
    ("gained", "retracted", "balance"),
    [
        (cell(flowed_out=2, offered=2) | {FLOW_CODES["full"]: 1}, {}, {"parts": 1}),
        (cell(offered=2, answered=2) | {WAIT_BOUNDS: 1}, {}, {"parts": 1}),
        (cell(declined=1), {}, {"parts": 1}),
        (cell(ended=1, resolved_known=2), {}, {"shares": 1}),
        (cell(ended=1), cell(ended=3), {"shares": 2}),
        (cell(offered=1), {}, {"queues": 1}),
        (cell(offered=2, timed_out=1, abandoned=1), {}, {}),
    ],
)
async def test_totals_that_do_not_fit_together_are_seen(faults, gained, retracted, balance):
    found = await faults(total(SUPPORT, gained, retracted))
    assert found == {(name, "phone", "support"): n for name, n in balance.items()}


async def test_who_is_lost_out_of_a_queue_without_a_name_is_seen(faults):
    assert await faults(total("phone|i|-", cell(offered=1))) == {("queues", "phone"): 1}


async def test_who_waits_in_a_queue_without_a_name_is_not_lost(faults):
    told = (called("queued", 0, queue=None),)
    assert await faults(folded(Interactions(RULES, "phone"), told)) == {}


async def test_interactions_that_were_answered_and_never_offered_are_seen(faults):
    gained = cell(interactions_started=3, interactions_offered=1, interactions_answered=1, interactions_lost=1)
    assert await faults(total(CHANNEL, gained)) == {("shares", "phone"): 1}


async def test_a_record_without_a_result_is_seen(faults):
    counts = {"records": 10, "applied": 7, "duplicate": 1, "rejected": 1}
    assert await faults({}, counts=counts) == {("records", "interactions.phone"): 1}


async def test_an_event_of_the_last_minutes_that_is_in_no_whole_five_minutes_yet_is_no_fault(faults):
    fields = cells(SUPPORT, AT + 3 * MINUTE, cell(ended=1)) | total(SUPPORT, cell(ended=1))
    (fine,) = (field for field in fields if field.startswith("cf"))
    del fields[fine]
    assert await faults(fields, stream_time=AT + 4 * MINUTE) == {}
