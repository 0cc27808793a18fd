"""The families of agents: who does what, by queue too, slots, occupancy and concurrency. No agent is ever a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from stream.core.figures import agents as agent_figures
from stream.core.scope import ALL
from stream.core.times.window import Window
from stream.serve import agents_live
from stream.serve.families import Run, Samples
from stream.serve.staffing import Staffing

if TYPE_CHECKING:
    from stream.serve.view import View

_STATES, _SLOTS = (
    Run([("", (state,), ()) for state in states]) for states in (agents_live.STATES, agents_live.SLOT_STATES)
)


def agent_families(
    samples: Samples, view: View, queues: Iterable[agents_live.Queue], windows: Iterable[Window], now: int
) -> None:
    """Put the samples of all agents. `queues`: those that are exported, by their labels."""
    found = agents_live.rows(view.snapshot, now)
    for (presence, activity), n in agents_live.by_activity(found, now).items():
        samples.put("contact_center_agents", (presence, activity), n)
    for reason, n in agents_live.not_ready(found, view.settings.not_ready_reasons, now).items():
        samples.put("contact_center_agents_not_ready", (reason,), n)
    channels = agents_live.channels_of(view.snapshot, view.rules)
    by_queue = agents_live.by_queue(found, channels, now)
    slots = agents_live.slots(found, channels, now)
    nobody: Counter[str] = Counter()
    for queue in queues:
        own = by_queue.get(queue, nobody)
        samples.run("contact_center_queue_agents", queue, _STATES, [own[state] for state in agents_live.STATES])
        own = slots.get(queue, nobody)
        samples.run("contact_center_queue_slots", queue, _SLOTS, [own[state] for state in agents_live.SLOT_STATES])
    for of in windows:
        staffing = Staffing(view.snapshot, view.rules, of, now, now)
        for channel in (ALL, *staffing.levels.channels):
            times = staffing.of(channel, None)
            labels = ("" if channel == ALL else channel, of.name)
            samples.put("contact_center_occupancy_ratio", labels, agent_figures.occupancy(times))
            samples.put("contact_center_concurrency", labels, agent_figures.concurrency(times))
