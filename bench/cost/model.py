"""The model's coefficients, from measurements at several sizes; and what it says of a size, beside what was found."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from bench.cost import workload
from bench.cost.fit import least_squares
from stream.capacity.cost import (
    TIMELINES,
    At,
    Held,
    Shape,
    Units,
    cells,
    counted,
    memory,
    spent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.cost.size import Found, Size
    from stream.capacity.plan import Measured as Coefficients

    Measured = Sequence[tuple[Size, Found]]

EVERY = Units.__struct_fields__
_FOUND = {"commit": "commits", "record": "records"}


class Fitted(Struct, frozen=True, kw_only=True):
    """Of one stage on one log. `redis`, `worker`: seconds of CPU; `net_in`, `net_out`: bytes to and from Redis."""

    shape: Shape
    held: Held
    worker: Units
    redis: Units
    net_in: Units
    net_out: Units


def of(told: Coefficients) -> Fitted:
    """The model that is committed, of a worker in pure Python."""
    return Fitted(
        shape=told.shape, held=told.held, worker=told.worker["pure"], redis=told.redis, net_in=told.net_in,
        net_out=told.net_out,
    )  # fmt: skip


def at(size: Size) -> At:
    """One of the size's partitions, all alike."""
    return At(
        rate=size.rate / size.partitions, batch=size.batch, shares=workload.shares(size.queues), past_s=size.seconds,
        keep_s=size.keep_s, cache=size.cache,
    )  # fmt: skip


def fitted(measured: Measured) -> Fitted:
    """The coefficients."""
    shape, founds = _shape(measured), [found for _, found in measured]
    held = _held(measured)
    return Fitted(
        shape=shape, held=held, worker=worker_units(founds), redis=redis_units(founds),
        net_in=_units(founds, lambda found: found.net_in),
        net_out=_units(founds, lambda found: found.net_out, ("commit", "loaded", "expired", "cell")),
    )  # fmt: skip


def worker_units(founds: Sequence[Found]) -> Units:
    """CPU seconds of the worker."""
    return _units(founds, lambda found: found.cpu)


def redis_units(founds: Sequence[Found]) -> Units:
    """CPU seconds of Redis: it sees no records."""
    return _units(founds, lambda found: found.redis_cpu, [name for name in EVERY if name != "record"])


def point(found: Found) -> dict[str, float]:
    """What is drawn of a size: an event's costs, and what all shards hold."""
    return {
        "worker": found.cpu / found.records, "redis": found.redis_cpu / found.records,
        "net_in": found.net_in / found.records, "net_out": found.net_out / found.records,
        "memory": sum(found.memory.values()), "cells": sum(found.cells[ring] for ring in ("cf", "cm", "ch", "cd")),
    }  # fmt: skip


def _shape(measured: Measured) -> Shape:
    size, _ = measured[0]
    each, gaps = workload.lives(workload.events(size.rate, size.seconds))
    founds = [found for _, found in measured]
    opened = [found.open * each / size.rate for size, found in measured if size.seconds >= 2 * size.warm_s]
    again = [(found.records / each, found.written - found.records / each) for found in founds]

    def both(of: Callable[[Found], int]) -> tuple[float, float]:
        first, second = least_squares(again, [of(found) for found in founds])
        return first, second

    topics = [topic for topic in TIMELINES if founds[0].told.get(topic)]
    shape = Shape(
        each=each, gaps=tuple(gaps), alive_s=sum(opened) / len(opened),
        record_bytes=founds[0].record_bytes / founds[0].records, stamps=0.5, again=0.0, back_s=1.0, whole=1 / each,
        views=both(lambda found: found.touched["w"]),
        told={topic: both(lambda found, topic=topic: found.told[topic]) for topic in topics},  # type: ignore[misc]
        told_bytes={topic: founds[0].told_bytes[topic] / founds[0].told[topic] for topic in topics},
    )  # fmt: skip

    def fine(size: Size, found: Found, shape: Shape) -> tuple[float, float]:
        return cells(shape, at(size))["f"] * size.partitions, found.cells["cf"]

    def stirred(size: Size, found: Found, shape: Shape) -> tuple[float, float]:
        told = counted(shape, at(size)).touched
        return told["f"] / told["d"], found.touched["cf"] / found.touched["cd"]

    shape = _nearest(shape, "stamps", (0.01, 3.0), measured, fine)
    for _ in range(8):
        shape = _nearest(shape, "again", (0.0, 3.0), measured, stirred)
        shape = _nearest(shape, "back_s", (1.0, 600.0), measured, stirred)
    return shape


def _nearest(
    shape: Shape, name: str, within: tuple[float, float], measured: Measured,
    of: Callable[[Size, Found, Shape], tuple[float, float]],
) -> Shape:  # fmt: skip
    """The shape with one coefficient such that what it says comes nearest to what was found: golden section."""

    def error(value: float) -> float:
        tried = structs.replace(shape, **{name: value})
        return sum(log(said / found) ** 2 for said, found in (of(*each, tried) for each in measured))

    low, high = within
    while high - low > 1e-3 * high:
        a, b = low + (high - low) * 0.382, low + (high - low) * 0.618
        low, high = (low, b) if error(a) < error(b) else (a, high)
    return structs.replace(shape, **{name: (low + high) / 2})


def _cells(found: Found) -> int:
    return sum(n for name, n in found.touched.items() if name != "w")


def drawn(model: Fitted, size: Size) -> dict[str, float]:
    """The same, as the model says it."""
    of = at(size)
    a_second = counted(model.shape, of)
    return {
        **{name: spent(getattr(model, name), a_second) / of.rate for name in ("worker", "redis", "net_in", "net_out")},
        "memory": sum(memory(model.shape, model.held, of).values()) * size.partitions,
        "cells": sum(cells(model.shape, of).values()) * size.partitions,
    }


def _units(founds: Sequence[Found], of: Callable[[Found], float], names: Sequence[str] = EVERY) -> Units:
    rows = [[_cells(found) if name == "cell" else getattr(found, _FOUND.get(name, name)) for name in names]
            for found in founds]  # fmt: skip
    return Units(**dict(zip(names, least_squares(rows, [of(each) for each in founds]), strict=True)))


def _held(measured: Measured) -> Held:
    """Bytes of each member of a key, shared out to what has members there."""
    founds = [found for _, found in measured]

    def each(key: str) -> float:
        return sum(found.memory[key] for found in founds) / max(sum(found.held[key] for found in founds), 1)

    def total(of: Callable[[Found], int]) -> int:
        return sum(map(of, founds))

    blobs = total(lambda f: f.open_bytes + f.closed_bytes)
    beside = (total(lambda f: f.memory["state"]) - blobs) / total(lambda f: f.held["state"])
    opened = total(lambda f: f.open_bytes) / total(lambda f: f.open)
    closed = total(lambda f: f.closed_bytes) / total(lambda f: f.held["state"] - f.open)
    sizes: dict[int, tuple[int, int]] = {}
    for found in founds:
        for power, (n, size) in found.by_stamps.items():
            known = sizes.get(power, (0, 0))
            sizes[power] = (known[0] + n, known[1] + size)
    points = tuple((round(power * 1.4), size / n) for power, (n, size) in sorted(sizes.items()) if n >= 10 and power)
    name = 34.0
    return Held(
        open=opened + beside + each("expiry") + each("due") + each("changed") + 140,
        closed=closed + beside + each("expiry"),
        cell=each("changed") + each("expiry") + name + 48, total=each("changed") + name + 48 + 600,
        tombstone=each("gone"), cells=points,
    )  # fmt: skip


def said(model: Fitted, size: Size, found: Found) -> dict[str, tuple[float, float]]:
    """By quantity: what the model says, and what was found."""
    of = at(size)
    a_second = counted(model.shape, of)
    seconds = found.seconds * size.partitions
    held = memory(model.shape, model.held, of)
    answer = {
        "commits": (a_second.commits * seconds, found.commits),
        "interactions written": (a_second.written * seconds, found.written),
        "interactions loaded": (a_second.loaded * seconds, found.loaded),
        "cells touched": (a_second.cells * seconds, _cells(found)),
        "rows of open ones": (a_second.touched["w"] * seconds, found.touched["w"]),
        "bytes to Redis": (spent(model.net_in, a_second) * seconds, found.net_in),
        "bytes from Redis": (spent(model.net_out, a_second) * seconds, found.net_out),
        "memory": (sum(held.values()) * size.partitions, sum(found.memory.values())),
        "cells kept": (
            sum(cells(model.shape, of).values()) * size.partitions,
            sum(found.cells[ring] for ring in ("cf", "cm", "ch", "cd")),
        ),
        "CPU of the worker": (spent(model.worker, a_second) * seconds, found.cpu),
        "CPU of Redis": (spent(model.redis, a_second) * seconds, found.redis_cpu),
    }
    for topic in model.shape.told:
        answer[f"records to {topic}"] = (a_second.told[topic] * seconds, found.told[topic])
    return answer
