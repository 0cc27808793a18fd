"""Damaged records, seeded: each becomes an event, is skipped, or is rejected for a reason of the list; nothing else."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from schemas.codec import Rejected, Skipped, decode, encode
from schemas.rejected import REASONS
from schemas.topics import TOPICS
from tests.schemas.records import Example, examples

RECORDS = [example for example in examples() if len(example.value) < 5000]
INPUTS = [spec for spec in TOPICS.values() if spec.family != "none"]
SCRAPS = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"null", b"true", b"NaN", b"-", b"1e999", b"9" * 40,
    b"\xff", b"\x00", b"\n", b"\\ud800", b"\xf0\x9f\x98\x80",
]  # fmt: skip
VALUES: list[Any] = [None, True, -1, 2**80, 0.5, 1e308, "", "phone", "\u0000", "\U0001f600", [], {}, [[]], {"": None}]


def random_bytes(draw: random.Random, _: bytes) -> bytes:
    return draw.randbytes(draw.randint(0, 300))


def flipped(draw: random.Random, value: bytes) -> bytes:
    if not value:
        return value
    damaged = bytearray(value)
    for _ in range(draw.randint(1, 4)):
        damaged[draw.randrange(len(damaged))] = draw.randrange(256)
    return bytes(damaged)


def cut(draw: random.Random, value: bytes) -> bytes:
    return value[: draw.randint(0, len(value))]


def spliced(draw: random.Random, value: bytes) -> bytes:
    place = draw.randint(0, len(value))
    return value[:place] + draw.choice(SCRAPS) * draw.randint(1, 3) + value[place + draw.randint(0, 2) :]


def doubled(draw: random.Random, value: bytes) -> bytes:
    start = draw.randint(0, len(value))
    stop = draw.randint(start, len(value))
    return value[:stop] + value[start:stop] + value[stop:]


def changed(draw: random.Random, value: bytes) -> bytes:
    """A field somewhere has another value, is gone, or is new; still JSON."""
    try:
        told = json.loads(value)
    except ValueError:
        return value
    place = told
    while isinstance(place, dict) and place and draw.random() < 0.6:
        inner = place[draw.choice(list(place))]
        if not isinstance(inner, dict):
            break
        place = inner
    if isinstance(place, dict) and place:
        name = draw.choice([*place, "other"])
        if draw.random() < 0.3:
            place.pop(name, None)
        else:
            place[name] = draw.choice(VALUES)
    return json.dumps(told, ensure_ascii=draw.random() < 0.5).encode(errors="surrogatepass")


DAMAGES: list[Callable[[random.Random, bytes], bytes]] = [random_bytes, flipped, cut, spliced, doubled, changed]


def damaged(draw: random.Random) -> tuple[Example, bytes | None, bytes]:
    example = draw.choice(RECORDS)
    value = draw.choice(DAMAGES)(draw, example.value)
    key = draw.choice([example.key] * 8 + [None, b"", b"\xff", draw.randbytes(5)])
    return example, key, value


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_record_raises_nothing_but_rejected(seed: int) -> None:
    draw = random.Random(seed)
    results: Counter[str] = Counter()
    for _ in range(10_000):
        example, key, value = damaged(draw)
        spec = TOPICS[example.topic] if draw.random() < 0.9 else draw.choice(INPUTS)
        timestamp_ms = draw.choice([example.timestamp_ms, -1, 0, 2**62])
        try:
            event = decode(spec, key, value, timestamp_ms)
        except Rejected as rejected:
            results[rejected.reason] += 1
            rejected.detail.encode()  # it becomes a header
            continue
        results["skipped" if isinstance(event, Skipped) else "taken"] += 1
        if not isinstance(event, Skipped):
            assert decode(spec, key, encode(event), timestamp_ms) == event
    assert set(results) <= {*REASONS, "taken", "skipped"}
    assert min(results[name] for name in ("taken", "skipped", "not_json", "invalid_field", "missing_field")) > 50
