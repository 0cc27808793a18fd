"""The recount's own rules, by hand; what it is held against; and what the screen says of the two."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console, Group

from stream.cli.chaos_lines import OFFERED, Known, difference, lines, one_line
from stream.cli.chaos_page import Compared, compare, page_of
from stream.cli.chaos_recount import Recount
from stream.simulator.journal import instant

START = 1_772_463_600_000
PLACE = ("interactions.phone", 0)


class Told:
    """Events of one interaction, numbered as the simulator does, at seconds after a start."""

    def __init__(self, recount: Recount, name: str = "p-1", channel: str = "phone") -> None:
        self.recount, self.name, self.channel = recount, name, channel
        self.records: list[bytes] = []

    def say(self, seconds: float, event: str, /, number: int | None = None, revision: int = 0, **data: Any) -> None:
        number = len(self.records) + 1 if number is None else number
        record = json.dumps(
            {
                "specversion": "1.0", "source": "/simulator/1", "id": f"{number:x}", "revision": revision,
                "type": f"interaction.{event}", "time": instant(START + round(seconds * 1000)),
                "data": {"interaction_id": self.name, "channel": self.channel, **data},
            }
        ).encode()  # fmt: skip
        self.records.append(record)
        self.recount.add(PLACE, self.channel, record)

    @property
    def segments(self) -> dict[tuple[str, str], int]:
        """The figures of queues by (queue, outcome)."""
        return {
            (queue, outcome): number
            for (_, queue, outcome), number in self.recount.figures().items()
            if outcome not in ("applied", "duplicate")
        }


@pytest.fixture
def told() -> Told:
    return Told(Recount())


def served(told: Told) -> None:
    told.say(0, "started")
    told.say(10, "queued", queue="support")
    told.say(10, "offered", queue="support", agent_id="anna")
    told.say(16, "answered", queue="support", agent_id="anna")
    told.say(76, "held", agent_id="anna")
    told.say(96, "resumed", agent_id="anna")
    told.say(116, "ended", by="customer")
    told.say(146, "wrapped_up", agent_id="anna")


SERVED = {
    ("support", "offered"): 1, ("support", "answered"): 1, ("support", "wait_ms"): 6_000,
    ("support", "handled"): 1, ("support", "handle_ms"): 130_000,
}  # fmt: skip


def test_a_call_that_was_served(told: Told) -> None:
    served(told)
    assert told.segments == SERVED


def test_each_record_three_times_and_backwards_counts_once(told: Told) -> None:
    served(told)
    again = Told(Recount())
    for record in [*reversed(told.records), *told.records, *told.records]:
        again.recount.add(PLACE, "phone", record)
    assert again.segments == SERVED
    figures = again.recount.figures()
    assert (figures["phone", "", "applied"], figures["phone", "", "duplicate"]) == (8, 16)


def test_a_higher_revision_replaces_and_a_lower_one_is_dropped(told: Told) -> None:
    told.say(0, "queued", number=1, queue="support")
    told.say(9, "abandoned", number=2, revision=2, queue="support")
    told.say(3, "abandoned", number=2, revision=1, queue="support")
    assert told.segments == {("support", "offered"): 1, ("support", "abandoned"): 1}
    told.say(4, "abandoned", number=2, revision=3, queue="support")
    assert told.segments[("support", "short_abandoned")] == 1


def test_a_blind_transfer_is_a_second_segment_and_wrap_ups_find_their_agents(told: Told) -> None:
    told.say(0, "queued", queue="sales")
    told.say(5, "answered", agent_id="anna")
    told.say(95, "transferred", agent_id="anna", to_queue="billing", kind="blind")
    told.say(96, "queued", queue="billing")
    told.say(100, "answered", agent_id="bert")
    told.say(110, "wrapped_up", agent_id="anna")
    told.say(200, "ended", by="agent")
    told.say(220, "wrapped_up", agent_id="bert")
    assert told.segments == {
        ("sales", "offered"): 1, ("sales", "answered"): 1, ("sales", "wait_ms"): 5_000,
        ("sales", "handled"): 1, ("sales", "handle_ms"): 105_000,
        ("billing", "offered"): 1, ("billing", "answered"): 1, ("billing", "wait_ms"): 4_000,
        ("billing", "handled"): 1, ("billing", "handle_ms"): 120_000,
    }  # fmt: skip


def test_after_an_attended_transfer_the_second_agent_has_handled_what_nobody_queued(told: Told) -> None:
    told.say(0, "queued", queue="sales")
    told.say(5, "answered", agent_id="anna")
    told.say(95, "transferred", agent_id="anna", to_agent="bert", to_queue="billing", kind="attended")
    told.say(95.3, "answered", agent_id="bert", queue="billing")
    told.say(155.3, "ended", by="customer")
    assert told.segments[("billing", "handled")] == 1
    assert told.segments[("billing", "handle_ms")] == 60_000
    assert ("billing", "offered") not in told.segments
    assert ("billing", "answered") not in told.segments


@pytest.mark.parametrize(
    ("events", "outcomes"),
    [
        ([(5, "abandoned", {})], {"abandoned", "short_abandoned"}),
        ([(5.001, "abandoned", {})], {"abandoned"}),
        ([(30, "flowed_out", {"outcome": "callback"}), (34, "ended", {"by": "system"})], {"flowed_out"}),
        ([(30, "ended", {})], {"abandoned"}),
        ([(30, "ended", {"by": "system"})], {"flowed_out"}),
        ([(20, "offered", {"agent_id": "anna"}), (29, "declined", {"agent_id": "anna"})], set()),
    ],
)
def test_how_one_leaves_a_queue(
    told: Told, events: list[tuple[float, str, dict[str, Any]]], outcomes: set[str]
) -> None:
    told.say(0, "queued", queue="support")
    for seconds, kind, data in events:
        told.say(seconds, kind, **data)
    assert told.segments == {("support", outcome): 1 for outcome in {"offered", *outcomes}}


def test_what_we_called_is_left_out_but_not_what_was_asked_for(told: Told) -> None:
    told.say(0, "started", direction="outbound", initiation="agent")
    told.say(1, "answered", agent_id="anna", queue="sales")
    told.say(9, "ended", by="agent")
    assert told.segments == {}
    back = Told(told.recount, "p-2")
    back.say(0, "started", number=11, direction="outbound", initiation="callback")
    back.say(1, "queued", number=12, queue="sales")
    assert back.segments == {("sales", "offered"): 1}


def test_silence_of_four_hours_in_the_partitions_time_ends_a_wait_on_the_phone(told: Told) -> None:
    told.say(0, "queued", queue="support")
    later = Told(told.recount, "p-2")
    later.say(4 * 3600 - 0.001, "started", number=21)
    assert ("support", "timed_out") not in told.segments
    later.say(4 * 3600, "message", number=22, author="customer")
    assert told.segments == {("support", "offered"): 1, ("support", "timed_out"): 1}
    told.say(4 * 3600 + 1, "abandoned", queue="support")
    assert told.segments == {("support", "offered"): 1, ("support", "abandoned"): 1}


def test_what_is_no_event_is_left_out(told: Told) -> None:
    told.recount.add(PLACE, "phone", b"{")
    assert told.recount.figures() == {}


PAGE = """\
# TYPE contact_center_segments counter
contact_center_segments_total{channel="phone",queue="support",outcome="offered"} 12
contact_center_segments_total{channel="phone",queue="support",outcome="timed_out"} 0
# TYPE contact_center_segments_retracted counter
contact_center_segments_retracted_total{channel="phone",queue="support",outcome="offered"} 2
# TYPE contact_center_wait_seconds histogram
contact_center_wait_seconds_bucket{channel="phone",queue="support",le="+Inf"} 9
contact_center_wait_seconds_count{channel="phone",queue="support"} 9
contact_center_wait_seconds_sum{channel="phone",queue="support"} 70.007
# TYPE contact_center_wait_retracted_seconds histogram
contact_center_wait_retracted_seconds_bucket{channel="phone",queue="support",le="+Inf"} 1
contact_center_wait_retracted_seconds_count{channel="phone",queue="support"} 1
contact_center_wait_retracted_seconds_sum{channel="phone",queue="support"} 0.002
# TYPE stream_records counter
stream_records_total{topic="x.interactions.phone",result="applied"} 40
stream_records_total{topic="x.interactions.phone",result="duplicate"} 3
stream_records_total{topic="x.interactions.phone",result="rejected"} 1
stream_records_total{topic="x.customers.events",result="applied"} 7
"""


def test_a_page_is_read_less_what_was_taken_back() -> None:
    page = page_of(PAGE, "x.")
    assert page.figures == {
        ("phone", "support", "offered"): 10, ("phone", "support", "wait_ms"): 70_005,
        ("phone", "", "applied"): 40, ("phone", "", "duplicate"): 3,
    }  # fmt: skip
    assert page.records.total() == 44


def test_a_difference_adds_up_both_ways_and_names_the_first() -> None:
    told = {("phone", "a", "offered"): 5, ("phone", "b", "offered"): 7, ("phone", "c", "offered"): 1}
    recounted = {("phone", "a", "offered"): 5, ("phone", "b", "offered"): 9, ("phone", "d", "handled"): 1_000}
    assert compare(told, recounted)[:3] == (1_003, 4, "phone b offered 7, not 9")


def known(last: Compared | None, *, in_step: bool) -> Known:
    faults = {"kill": 12, "freeze": 10, "store": 11, "broker": 10, "double": 13, "ended": 1}
    now = "worker frozen for 12.2 s, a second one took over, caught up after 16.7 s"
    return Known({"applied": 1_234_567, "duplicate": 23_456}, faults, now, last, in_step, 1_234, OFFERED)


EQUAL, WRONG = Compared(0, 74, "", "12:00:03"), Compared(3, 75, "phone x offered 3, not 0", "12:00:03")


@pytest.mark.parametrize(
    ("last", "in_step", "said", "style"),
    [
        (None, False, "catching up, 1,234 behind · not compared to a recount yet", "yellow"),
        (EQUAL, True, "difference to an independent recount: 0 · 74 figures at 12:00:03", "green"),
        (EQUAL, False, "catching up, 1,234 behind · difference to the recount at 12:00:03: 0", "yellow"),
        (WRONG, True, "difference to the recount: 3 · phone x offered 3, not 0", "bold red"),
        (WRONG, False, "difference to the recount: 3 · phone x offered 3, not 0", "bold red"),
    ],
)
def test_the_line_says_zero_only_of_now_and_what_is_wrong_always(
    last: Compared | None, in_step: bool, said: str, style: str
) -> None:
    assert difference(known(last, in_step=in_step)) == (said, style)


def test_each_line_fits_eighty_columns_whole_and_any_other_width_cut() -> None:
    for width, cut in ((80, False), (40, True)):
        console = Console(width=width, force_terminal=False)
        with console.capture() as captured:
            console.print(Group(*lines(known(WRONG, in_step=True))))
        shown = captured.get().splitlines()
        assert len(shown) == 5
        assert all(len(line) <= width for line in shown)
        assert ("…" in captured.get()) is cut


def test_in_a_log_it_is_one_line() -> None:
    assert one_line(known(EQUAL, in_step=True)) == (
        "chaos: records applied 1,234,567 · duplicates dropped 23,456 · faults so far: kill 12, freeze 10, store 11, "
        "broker 10, double 13, ended 1 · worker frozen for 12.2 s, a second one took over, caught up after 16.7 s · "
        "difference to an independent recount: 0 · 74 figures at 12:00:03"
    )
