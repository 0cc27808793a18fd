"""What journeys count: a life by hand, and any lives in any order against a naive recount."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import partial
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import decode
from schemas.events import Digest, Said
from schemas.topics import TOPICS
from stream.core.books.ledger import Ledger
from stream.core.books.room import Room
from stream.core.customers.customer import Customers
from stream.core.customers.journey_scopes import read_scope
from stream.core.customers.journeys import stamps
from stream.core.customers.person import Person
from stream.core.figures.sketch import bin_of
from stream.core.measures import CODES, GAP_BINS, TOUCH_CODES
from stream.core.rules import DAY, HOUR, MINUTE, Rules
from stream.core.times.window import zone_of
from tests.core.memory_shard import MemoryShard
from tests.core.naive_journeys import recount
from tests.core.one_life import DAY_0, at, person

RULES = Rules(high_value={"EUR": 10_000})
NAMES = {code: name for name, code in CODES.items()} | {code: f"as_{name}" for name, code in TOUCH_CODES.items()}


def measure(code: int) -> str:
    return f"gap_{code - GAP_BINS}" if code >= GAP_BINS else NAMES[code]


def by_segment(counted):
    """(day, scope, code) -> n, as the naive recount tells it: by each segment, and `all`."""
    found = Counter()
    for (day, scope, code), n in counted.items():
        read = read_scope(scope)
        if read is not None:
            for segment in ("all", *read.segments):
                found[day, read.kind, segment, read.phase, read.names, measure(code)] += n
    return {key: n for key, n in found.items() if n}


def test_a_life_by_hand():
    life = """
        0 10:00 chat h1 queue=web for=10m wait=10s
        0 11:00 phone p1 queue=support for=6m wait=90s
        0 11:30 survey_answered csat is=1 interaction_id=p1
        1 11:06 touched site outcome=completed
        50 10:00 purchased o1 amount=100 currency=EUR
    """
    found = defaultdict(dict)
    for instant, scope, n in stamps(person(life), RULES):
        found[instant, scope[5:]] |= {measure(code): n for code, n in zip(n[::2], n[1::2], strict=True)}
    chat, call, site, buys = at("0 10:00"), at("0 11:00"), at("1 11:06"), at("50 10:00")
    assert found == {
        (chat, "t|new||chat/web"): {
            "touches": 1, "as_answered": 1, "touches_waited": 1, "wait_ms": 10_000, "handled": 1,
            "handle_ms": 10 * MINUTE,
        },
        (chat, "f|new||repeated_on_another_channel|chat/web"): {"frictions": 1, "journeys_broken": 1},
        (chat, "f|new||repeated_on_another_channel|"): {"journeys_broken": 1},
        (call, "f|new||long_wait|phone/support"): {"frictions": 1},
        (call, "f|new||low_score|phone/support"): {"frictions": 1},
        # a journey is counted at its first touchpoint, once for each way in which it was broken, and where
        (chat, "f|new||long_wait|phone/support"): {"journeys_broken": 1},
        (chat, "f|new||long_wait|"): {"journeys_broken": 1},
        (chat, "f|new||low_score|phone/support"): {"journeys_broken": 1},
        (chat, "f|new||low_score|"): {"journeys_broken": 1},
        (call, "t|new||phone/support"): {
            "touches": 1, "as_answered": 1, "touches_waited": 1, "wait_ms": 90_000, "handled": 1,
            "handle_ms": 6 * MINUTE, "csat_answers": 1, "csat_sum": 1, "csat_squares": 1,
        },
        (call, "m|new||chat|phone"): {"transitions": 1, f"gap_{bin_of(50 * MINUTE)}": 1},
        (site, "t|new||site"): {"touches": 1, "as_completed": 1},
        (site, "m|new||phone|site"): {"transitions": 1, f"gap_{bin_of(DAY)}": 1},
        (buys, "t|new|during|purchase"): {"touches": 1, "as_bought": 1},
        (buys, "j|new|during"): {"journeys": 1},
        (chat, "j|new|"): {"journeys": 1, "journeys_broken": 1},
    }  # fmt: skip


def lives(seed: int, events: int, days: int) -> tuple[dict[str, list[Digest]], dict[str, list[Said]]]:
    """Three customers; few instants, so that edges and ties are met."""
    random = Random(seed)
    digests, said = {name: [] for name in "abc"}, {name: [] for name in "abc"}

    def instant() -> int:
        return DAY_0 + random.randrange(days) * DAY + random.randrange(3) * HOUR + random.randrange(2) * 10 * MINUTE

    for number in range(events):
        who, kind = random.choice("abc"), random.choice(("call", "call", "touched", "order", "felt", "updated"))
        now, ident = instant(), f"{number:03d}"
        common = (now, random.choice(("crm", "shop")), ident, 0)
        if kind == "call":
            outcome = random.choice(("answered", "answered", "abandoned", "contained"))
            ends = random.choice(((), (now + 10 * MINUTE,), (now + HOUR, now + DAY)))
            digests[who].append(
                Digest(
                    customer_id=who, channel=random.choice(("phone", "chat", "email")), interaction_id=ident,
                    started_at=now, inbound=random.random() < 0.9, reason=random.choice((None, "bill", "login")),
                    served=outcome == "answered", ended_at=ends, outcome=outcome if ends else None,
                    queue=random.choice((None, "q", "r|100%")), wait_ms=random.choice((None, 0, 60_000, 60_001)),
                    handled=random.choice((0, 1, 2)), handle_ms=random.randrange(9), transferred=random.randrange(3),
                )
            )  # fmt: skip
        elif kind == "touched":
            name, outcome = random.choice(("site", "shop", "moon", None)), random.choice((None, "completed", "other"))
            phase = random.choice((None, None, "before"))
            said[who].append(Said("touched", *common, name=name, outcome=outcome, phase=phase))
        elif kind == "order":
            order, bought = f"o{random.randrange(4)}", random.random() < 0.7
            money = {"amount": 6000, "currency": random.choice(("EUR", "CHF"))} if bought else {}
            said[who].append(Said("purchased" if bought else "returned", *common, order_id=order, **money))
        elif kind == "felt":
            kind, scores = random.choice(
                (("complained", None), ("reviewed", None), ("csat", 5), ("nps", 10), ("ces", 7))
            )
            about = random.choice((None, f"{random.randrange(events):03d}"))
            channel = random.choice((None, "phone"))
            if kind == "complained":
                said[who].append(Said(kind, *common, channel=channel))
            elif kind == "reviewed":
                said[who].append(Said(kind, *common, score=random.randint(1, 5)))
            else:
                score = random.randint(1, scores)
                told = {"survey": kind, "score": score, "channel": channel, "interaction_id": about}
                said[who].append(Said("survey_answered", *common, **told))
        else:
            said[who].append(Said("updated", *common, name=random.choice(("private", "gold"))))
    return digests, said


def naive(digests, said):
    found = Counter()
    for who in digests:
        if digests[who] or said[who]:
            found += recount(digests[who], said[who], RULES)
    return dict(found)


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 100_000), events=st.integers(1, 40), days=st.sampled_from((2, 40, 200)))
def test_stamps_are_what_a_naive_recount_counts(seed, events, days):
    digests, said = lives(seed, events, days)
    counted = Counter()
    for who in digests:
        for instant, scope, n in stamps(Person(who, digests[who], said[who], RULES.repeat_window_ms), RULES):
            for code, increment in zip(n[::2], n[1::2], strict=True):
                counted[instant // DAY, scope, code] += increment
    assert by_segment(counted) == naive(digests, said)


def event(one, revision: int):
    """A digest, or an event, as it comes from the topic."""
    if isinstance(one, Digest):
        value = {"id": f"{one.channel}/{one.interaction_id}", "type": "interaction.digest", "source": "centralino",
                 "time": moment(one.started_at), "revision": revision, "data": one}  # fmt: skip
        return key(one.customer_id, value)
    who, said = one
    words = {"updated": "segment", "touched": "touchpoint", "complained": "about", "reviewed": "site"}
    data = {"customer_id": who, "score": said.score, "rating": said.score, words.get(said.kind, "x"): said.name}
    for name in ("survey", "channel", "interaction_id", "order_id", "amount", "currency", "outcome", "phase"):
        data[name] = getattr(said, name)
    value = {"id": said.id, "type": f"customer.{said.kind}", "source": said.source, "time": moment(said.at),
             "revision": revision, "data": {name: told for name, told in data.items() if told is not None}}  # fmt: skip
    return key(who, value)


def key(who: str, value):
    packed = msgspec.json.encode({"specversion": "1.0", **value})
    return decode(TOPICS["customers.timeline"], who.encode(), packed, 2**53)


def moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 100_000), events=st.integers(1, 40), cut=st.integers(1, 50), doubled=st.floats(0, 1))
def test_cells_are_that_in_whatever_order_batches_and_repetition(seed, events, cut, doubled):
    digests, said = lives(seed, events, 40)
    random = Random(seed)
    log = [event(d, 2) for own in digests.values() for d in own]
    log += [event(msgspec.structs.replace(d, wait_ms=99, queue="gone"), 1) for own in digests.values() for d in own]
    log += [event((who, one), 0) for who, own in said.items() for one in own]
    log += [one for one in log if random.random() < doubled]
    random.shuffle(log)
    ledger, shard = Ledger(Customers(RULES), partial(zone_of, RULES), Room(12_000)), MemoryShard()
    offset = 0
    while offset < len(log):
        batch = list(enumerate(log[offset : offset + cut], offset))
        shard.fold(ledger, batch)
        offset += len(batch)
    counted = Counter()
    for field, cell in shard.cells(ledger.stream_time).items():
        ring, start, scope = field.split("|", 2)
        if read_scope(scope) is not None:
            assert ring == "cd", "journeys are counted by day alone"
            for code, n in cell.items():
                counted[int(start) * 1000 // DAY, scope, code] += n
    assert by_segment(counted) == naive(digests, said)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_days_are_those_of_the_center(zone):
    rules = Rules(zone=zone)
    scopes = {scope for _, scope, _ in stamps(person("0 10:00 phone p1 queue=q for=5m"), rules)}
    assert {zone_of(rules, scope) for scope in scopes} == {zone}
