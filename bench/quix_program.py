"""Quix Streams, as its documentation has it: interactions in a stateful `apply`, figures in a tumbling window.

`python -m bench.quix_program ADDRESS TOPIC FIGURES RECORDS FOLDER`, in an environment of its own. FIGURES
`window`: what events count goes by `group_by` to the partition of its queue, and into a window of ten seconds there.
FIGURES `apply`: no window; the figures are sums in memory, which would not survive the process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import msgspec
from quixstreams import Application, State

from bench.process import peak_bytes
from bench.steps import BUCKET_MS, MEASURES, Interaction, cell, decode_event, step

STATE = "interaction"
GRACE_MS = 24 * 3_600_000
"""A wrap-up counts when the call was over, and partitions are read unevenly: no window may close before the end."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Interaction).decode


class Clock:
    """From the first record on until so many have been read, and all is counted; then the report, and the end."""

    def __init__(self, records: int) -> None:
        self._records, self._to_count = records, 0
        self._began: tuple[float, float] | None = None
        self.cells: dict[str, dict[str, int]] = {}

    def read(self, counts: int) -> None:
        """One record more, and how many things it counts."""
        if self._began is None:
            self._began = (time.perf_counter(), time.process_time())
        self._records -= 1
        self._to_count += counts
        self._look()

    def counted(self) -> None:
        """One of these things has been."""
        self._to_count -= 1
        self._look()

    def _look(self) -> None:
        if self._records or self._to_count or self._began is None:
            return
        seconds, cpu = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
        told = {"seconds": seconds, "cpu": cpu, "peak_bytes": peak_bytes(), "cells": self.cells}
        print(json.dumps(told), flush=True)
        os._exit(0)


def interactions(clock: Clock) -> Any:
    """The steps, on state that Quix keeps by the record's key, which is the interaction's. Returns what to count."""

    def take(value: bytes, state: State) -> list[dict[str, Any]]:
        event: Any = decode_event(value)
        stored = state.get_bytes(STATE)
        interaction = Interaction() if stored is None else _decode(stored)
        counted = step(interaction, event)
        if interaction.settled:
            state.delete(STATE)
        else:
            state.set_bytes(STATE, _encode(interaction))
        clock.read(int(counted is not None))
        if counted is None:
            return []
        return [{"of": f"{event.data.channel}|{counted.queue}", "at": counted.at, **counted.measures}]

    return take


def begin(told: dict[str, Any]) -> dict[str, int]:
    """A window's sums from the first that it counts."""
    return {name: told.get(name, 0) for name in MEASURES}


def add(sums: dict[str, int], told: dict[str, Any]) -> dict[str, int]:
    """And from each other."""
    for name in told.keys() - {"of", "at"}:
        sums[name] += told[name]
    return sums


def main(address: str, topic: str, figures: str, records: int, folder: str) -> None:
    """Run until all is counted."""
    clock = Clock(records)
    app = Application(
        broker_address=address, consumer_group=Path(folder).name, auto_offset_reset="earliest", state_dir=folder,
        loglevel="WARNING",
    )  # fmt: skip
    source = app.topic(topic, key_deserializer="bytes", value_deserializer="bytes")
    stream = app.dataframe(source).apply(interactions(clock), stateful=True, expand=True)
    if figures == "window":

        def keep(result: dict[str, Any], key: Any, _: int, __: Any) -> None:
            clock.cells[f"{key}|{result['start']}"] = result["value"]
            clock.counted()

        stream = stream.set_timestamp(lambda told, *_: told["at"]).group_by("of")
        window = stream.tumbling_window(BUCKET_MS, GRACE_MS).reduce(add, begin)
        window.current().update(keep, metadata=True)
    else:
        sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
        clock.cells = sums  # type: ignore[assignment]

        def sum_up(told: dict[str, Any]) -> None:
            channel, _, queue = told.pop("of").partition("|")
            sums[cell(channel, queue, told.pop("at"))].update(told)
            clock.counted()

        stream.update(sum_up)
    app.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
