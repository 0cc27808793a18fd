"""What customers' shards keep, and for how long, when stream time moves far ahead."""

from __future__ import annotations

from functools import partial

import pytest

from stream.core.rules import DAY, Rules
from tests.core.center import PARTITIONS, TIMELINE, Center, call, said

MON = 1_772_438_400_000
"""2026-03-02T08:00:00Z"""
PAST = [
    *call("i1", "guest", MON), *call("i2", "member", MON), *call("i3", "tel:1", MON), said("joined", "member", MON),
    said("purchased", "guest", MON, order_id="o", amount=100, currency="EUR"),
    said("survey_answered", "member", MON, survey="nps", score=9),
    said("identified", "holder", MON, aliases=["tel:1"]), said("complained", "member", MON),
]  # fmt: skip
order = partial(said, "purchased", amount=100, currency="EUR")


def moved(center: Center, at: int) -> Center:
    """An event in each partition of the timeline, and of the first stage."""
    for number in range(8 * PARTITIONS):
        center.send(said("touched", f"later-{number}-{at}", at, touchpoint="site"), *call(f"l{number}-{at}", None, at))
    return center.run()


def states(center: Center, topic: str = TIMELINE) -> set[str]:
    return {name for (of, _), shard in center.shards.items() if of == topic for name in shard.states
            if not name.startswith(("later", "l"))}  # fmt: skip


def oldest_cell(center: Center, topic: str) -> int:
    return min(int(name.split("|")[1]) * 1000 for (of, _), shard in center.shards.items() if of == topic
               for name in shard.fields if name[0] == "c")  # fmt: skip


@pytest.mark.parametrize("days", [400, 90])
def test_what_is_past_its_keep_is_gone_and_membership_and_claims_stay(days: int) -> None:
    center = Center(Rules(keep_customers_ms=days * DAY)).send(*PAST).run()
    moved(center, MON + (days - 1) * DAY)
    assert states(center) == {"guest", "member", "holder", "tel:1"}
    assert states(center, "interactions.phone") == set()
    moved(center, MON + (days + 9) * DAY)
    assert states(center) == {"member", "holder", "tel:1"}
    member, holder, alias = (center.state(name) for name in ("member", "holder", "tel:1"))
    assert (member.heard, [one.said.kind for one in member.told.values()]) == ({}, ["joined"])
    assert (holder.heard, [one.said.kind for one in holder.told.values()]) == ({}, ["identified"])
    assert (alias.heard, alias.told, alias.holder()) == ({}, {}, "holder")
    if days == 400:
        for topic in (TIMELINE, "interactions.phone"):
            assert oldest_cell(center, topic) > MON + DAY, topic
    for (topic, _), shard in center.shards.items():
        assert all(name[1:] in (shard.states if name[0] == "s" else shard.fields) for name in shard.expiry), topic


def test_orders_are_kept_a_year_longer_of_whom_is_still_known() -> None:
    center = Center(Rules(keep_customers_ms=90 * DAY)).send(order("member", MON, order_id="o"), *PAST).run()
    moved(center, MON + 300 * DAY)
    assert {one.said.kind for one in center.state("member").told.values()} == {"joined", "purchased"}
    moved(center, MON + 470 * DAY)
    assert {one.said.kind for one in center.state("member").told.values()} == {"joined"}


def test_what_a_short_keep_lets_go_stays_counted_and_what_comes_too_late_is_expired() -> None:
    center = Center(Rules(keep_customers_ms=30 * DAY)).send(*PAST).run()
    figures = {name: cell for name, cell in center.figures().items() if name.startswith("t|") and "|i|" in name}
    moved(center, MON + 60 * DAY)
    after = center.figures()
    of_now = {name: cell for name, cell in figures.items() if "phone" not in name}
    assert {name: after[name] for name in of_now} == of_now
    center.send(said("complained", "member", MON + DAY)).run()
    assert center.counts()["anomaly.expired"] == 1
