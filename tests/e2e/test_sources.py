"""Platforms' own payloads, as they come, through Kafka to figures that were worked out by hand from them."""

from __future__ import annotations

import asyncio
import json
import random
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

import pytest

from schemas.sources.asterisk_lines import wrapped
from schemas.sources.vendors import VENDORS
from schemas.topics import TOPICS
from tests.e2e.agreement import differences
from tests.e2e.plant import RESULTS, Plant, until
from tests.schemas.copies import Copies
from tests.schemas.days import DAYS, Day, day_of
from tests.schemas.payloads import OPTIONS, PayloadFile, Taker, all_files, folder_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.e2e.plant import Running, Sent

IN_ORDER = {"asterisk"}
"""Vendors whose payloads lie in one partition, in the order in which they were written."""
DOUBLED = 0.3
COPIES = 60
KILLED = ("asterisk", "twilio")


def spread(name: str, payloads: Sequence[bytes], partitions: int) -> list[list[Sent]]:
    """Payloads as bad transport brings them: in any order, anywhere, some of them twice."""
    if name in IN_ORDER:
        return [[(b"host", payload, None) for payload in payloads]]
    draw = random.Random(name)
    told = [*payloads, *(payload for payload in payloads if draw.random() < DOUBLED)]
    draw.shuffle(told)
    found: list[list[Sent]] = [[] for _ in range(partitions)]
    for payload in told:
        found[draw.randrange(partitions)].append((None, payload, None))
    return found


def put(plant: Plant, name: str, payloads: Sequence[bytes]) -> int:
    """Put payloads into the vendor's topic; how many records they are."""
    logs = spread(name, payloads, int(str(plant.settings["partitions"])))
    for partition, records in enumerate(logs):
        asyncio.run(plant.produce(VENDORS[name].topic, partition, records))
    return sum(map(len, logs))


def until_taken(worker: Running) -> None:
    """Wait until the topics are there, and somebody reads them."""
    until(lambda: worker.lives() or "partitions taken" in worker.said(), 30, worker.said)


@pytest.mark.parametrize("name", DAYS)
def test_a_days_work_on_a_platform_gives_the_figures_worked_out_by_hand(real_plant: Plant, name: str) -> None:
    plant, day = real_plant, day_of(name)
    plant.settings |= {"sources": json.dumps({name: day.wanted["options"]})}
    with plant.worker() as worker, plant.service() as service:
        until_taken(worker)
        sent = put(plant, name, day.payloads)
        plant.until_applied(worker)
        plant.until_shown(service)
        counts = plant.counts(day.vendor.topic)
        assert sum(counts[result] for result in RESULTS) == sent
        assert service.records()["rejected"] == 0
        for by, rows in (("channel,queue", day.rows("by_queue")), ("channel", day.rows("by_channel"))):
            got = service.kpis(window=day.wanted["window"], by=by, at=day.wanted["at"])
            own = {(row["channel"], row.get("queue")): row for row in got}
            assert len(own) == len(got)
            found = [
                line
                for row in rows
                for labels in [(row["channel"], row.get("queue"))]
                for line in differences(own.get(labels, {}), row, f"{name} {labels}")
            ]
            assert found == []
            measured = {labels for labels, row in own.items() if row["offered"] + row["handled"]}
            known = {(row["channel"], row.get("queue")) for row in rows}
            assert measured <= known or by == "channel", "a row too many"


def test_a_payload_at_fault_lands_in_the_dead_letters_bytes_unchanged(real_plant: Plant) -> None:
    plant = real_plant
    by_vendor: dict[str, list[tuple[PayloadFile, bytes]]] = {name: [] for name in VENDORS}
    for file in all_files("rejected"):
        by_vendor[file.vendor.name] += [(file, payload) for payload in file.payloads()]
    wanted = {}
    options = {name: folder_of(vendor) / OPTIONS for name, vendor in VENDORS.items()}
    told = {name: json.loads(path.read_bytes()) for name, path in options.items() if path.exists()}
    plant.settings |= {"sources": json.dumps(told)}
    with plant.worker("--processors", "intake") as worker:
        until_taken(worker)
        for name, own in by_vendor.items():
            asyncio.run(plant.produce(VENDORS[name].topic, 1, [(b"some key", payload, None) for _, payload in own]))
            for offset, (file, payload) in enumerate(own):
                wanted[VENDORS[name].topic, offset] = (file.reason, b"some key", payload)
        until(lambda: worker.lives() or plant.counts("sources.*")["rejected"] == len(wanted), 30, plant.counts)
    got = asyncio.run(dead_letters(plant))
    assert len(got) == len(wanted) == plant.results()
    assert {place: letter[:3] for place, letter in got.items()} == wanted
    assert all(detail for *_, detail in got.values())


def test_payloads_laid_aside_for_want_of_a_setting_count_once_it_is_there_and_they_are_sent_again(
    real_plant: Plant,
) -> None:
    plant, day = real_plant, day_of("surveys")
    options = day.wanted["options"]
    lacking = {**options, "questions": {name: each for name, each in options["questions"].items() if name != "ces"}}
    plant.settings |= {"sources": json.dumps({"surveys": lacking})}
    with plant.worker() as worker:
        until_taken(worker)
        put(plant, "surveys", day.payloads)
        plant.until_applied(worker)
        assert plant.counts("sources.*")["rejected"] > 0
    plant.settings |= {"sources": json.dumps({"surveys": options})}
    with plant.worker() as worker, plant.service() as service:
        plant.run("dlq", "replay", "--topic", "sources.surveys")
        plant.until_applied(worker)
        plant.until_shown(service)
        assert "again" in plant.run("dlq", "list", "--topic", "sources.surveys")
        wanted = {row["channel"]: row for row in day.rows("by_channel")}
        got = service.kpis(window=day.wanted["window"], by="channel", at=day.wanted["at"])
        assert [
            line for row in got if row["channel"] in wanted for line in differences(row, wanted[row["channel"]])
        ] == []


async def dead_letters(plant: Plant) -> dict[tuple[str, int], tuple[str, bytes | None, bytes, str]]:
    """Reason, key, value and detail of each, by the topic (without prefix) and offset that it had."""
    found = {}
    async for record in plant.log_of("dead-letters"):
        told = {name: value.decode() for name, value in record.headers}
        assert told["partition"] == "1"
        place = told["topic"].removeprefix(plant.topic_prefix), int(told["offset"])
        assert place not in found
        found[place] = (told["reason"], record.key, record.value or b"", told["detail"])
    return found


@pytest.mark.parametrize("name", [name for name in KILLED if name in DAYS])
def test_a_worker_that_is_killed_while_payloads_come_in_counts_everything_once(real_plant: Plant, name: str) -> None:
    plant, day = real_plant, day_of(name)
    payloads = copies(day)
    plant.settings |= {"sources": json.dumps({name: day.wanted["options"]}), "max_poll_records": 100}
    plant.run("topics", "apply")
    sent = put(plant, name, payloads)
    with plant.worker() as worker:
        until(lambda: worker.lives() or taken_in(plant) > sent // 20, 30, worker.said)
        worker.kill()
    assert taken_in(plant) < sent * 0.9, "the kill came too late to show anything"
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        assert taken_in(plant) == sent
        assert service.records()["rejected"] == 0
        assert asyncio.run(logged(plant)) == converted(day, payloads)
        got = service.kpis(window=day.wanted["window"], by="channel,queue", at=day.wanted["at"])
        own = {(row["channel"], row["queue"]): row for row in got}
        for row in day.rows("by_queue"):
            assert differences(own[row["channel"], row["queue"]], times(row, COPIES)) == []


def copies(day: Day) -> list[bytes]:
    """The day's payloads, many times over; of a log as one long file."""
    payloads = day.payloads
    if day.vendor.name == "asterisk":
        payloads = [json.loads(each)["line"].encode() if each.startswith(b"{") else each for each in payloads]
    of = Copies(Taker(day.vendor, day.options), payloads)
    assert of.ids
    found = list(chain.from_iterable(of.copy(number) for number in range(COPIES)))
    if day.vendor.name == "asterisk":
        offsets = accumulate((len(line) + 1 for line in found), initial=0)
        found = [wrapped("pbx", "f", offset, line) for offset, line in zip(offsets, found, strict=False)]
    return found


def times(row: dict[str, Any], n: int) -> dict[str, Any]:
    """A row's measures, so many times as many."""
    return {
        key: times(value, n) if isinstance(value, dict) else value * n if type(value) is int else value
        for key, value in row.items()
        if not isinstance(value, float | None)
    }


async def logged(plant: Plant) -> set[tuple[str, bytes, bytes]]:
    """Topic, key and value of each record that intakes have sent."""
    found = set()
    for spec in TOPICS.values():
        if spec.role == "in":
            found |= {(spec.name, record.key, record.value) async for record in plant.log_of(spec.name)}
    return found


def taken_in(plant: Plant) -> int:
    """How many payloads have a result."""
    counts = plant.counts("sources.*")
    return sum(counts[result] for result in RESULTS)


def converted(day: Day, payloads: Sequence[bytes]) -> set[tuple[str, bytes, bytes]]:
    """Topic, key and value of each record that payloads give, without a worker."""
    found = Taker(day.vendor, day.options).take_all(payloads)
    return {(each.topic, each.key, each.value) for each in found}
