"""A size that the committed model was not made of, measured now: how far the model is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cost import model, workload
from bench.cost.child import driven
from bench.cost.drive import Task
from bench.cost.sizes import ALL_AT_ONCE
from stream.capacity.plan import measured

if TYPE_CHECKING:
    from bench.surroundings import Surroundings

HEADINGS = ("the cost model", "it says", "measured", "off by")


def rows(where: Surroundings) -> tuple[list[list[str]], str]:
    """The rows, and what is said below them."""
    told = measured()
    found = driven(Task(redis_url=where.redis_url, size=ALL_AT_ONCE))[workload.TOPIC]
    lines = [
        [what, f"{said:,.1f}", f"{now:,.1f}", f"{said / now - 1:+.1%}"]
        for what, (said, now) in model.said(model.of(told), ALL_AT_ONCE, found).items()
    ]
    return lines, f"of {ALL_AT_ONCE.words()}; the model is of {told.made}, the goal is 20 %"
