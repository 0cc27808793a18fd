"""The board *Agents*: who is there, what they do, and whether it is enough."""

from __future__ import annotations

from deploy.grafana.board import OF_QUEUES, Board, Rows, alerts, by_queue, filled, frame, over
from deploy.grafana.panels import QUEUE, THIS_QUEUE, Query, Said, figure, lines, number, sized, wallboard
from deploy.grafana.promql import now
from stream.core.figures import agents as figures

UID, TITLE, QUESTION = "centralino-agents", "Agents", "Who is there, what do they do, and is it enough?"
NEVER = "An agent of several queues counts in each of them: never add up queues."


def board() -> Board:
    """The board."""
    made = by_queue(frame(UID, TITLE, QUESTION, hours=4, refresh="10s"))
    made = over(made, "window", "Window", "contact_center_abandonment_ratio", "30m")
    made = alerts(made, "Alerts of queues", *OF_QUEUES)
    return Board(UID, TITLE, QUESTION, filled(made, _rows()))


def _rows() -> Rows:
    return (("All agents", _everybody()), ("How busy", _busy()), ("By queue", _queues()))


def _everybody() -> list[object]:
    agents, link = now("contact_center_agents"), wallboard("Agents on the wallboard", "/agents")
    present = 'presence!~"logged_out|unknown"'
    return [
        sized(number("Logged in", "short", Said(
            "Agents whose presence is known and who are not logged out; each once, whatever their queues.",
            "Against the plan of the half-hour: who is missing?",
        ), Query(f"sum({now('contact_center_agents', only=present)})", "logged in")).data_links([link]), 4, 8),
        sized(lines("By presence and activity", "short", Said(
            "Agents, each once: what they told of themselves, and what the interactions say that they do. Not ready"
            " and yet at work is possible.",
            "Available shrinks while wrapping up grows: ask what takes so long after the talk.",
        ), Query(f"{agents} > 0", "{{presence}}: {{activity}}"), stacked=True).data_links([link]), 12),
        sized(lines("Not ready, by reason", "short", Said(
            "Agents whose presence is not ready, by the reason they gave; those that the setting `not_ready_reasons`"
            " does not name are other.",
            "Breaks that pile up before a peak: move them.",
        ), Query(now("contact_center_agents_not_ready"), "{{reason}}"), stacked=True), 8),
    ]  # fmt: skip


def _busy() -> list[object]:
    return [
        sized(lines("Occupancy", "percentunit", figure(
            figures.occupancy,
            "Over 85 to 90 % for hours wears people out, and queues grow fast. Under 60 %: lend some.",
        ), Query(now("contact_center_occupancy_ratio"), "{{channel}}"),
            Query(now("contact_center_occupancy_ratio", channel=""), "all channels")).max(1), 12),
        sized(lines("Concurrency", "short", figure(
            figures.concurrency, "Chats: near the slots that agents have, answers slow down; near 1, there is room.",
        ), Query(now("contact_center_concurrency"), "{{channel}}"),
            Query(now("contact_center_concurrency", channel=""), "all channels")), 12),
    ]  # fmt: skip


def _queues() -> list[object]:
    agents, slots = "contact_center_queue_agents", "contact_center_queue_slots"
    used, free = now(slots, state="used"), now(slots, state="free")
    queue = wallboard("This queue on the wallboard", THIS_QUEUE)
    return [
        sized(lines("Staffed", "short", Said(
            f"Agents who are logged in and have the queue. {NEVER}",
            "0 while the queue is open: nobody would ever answer. Compare with *Agents short* of *Live queues*.",
        ), Query(now(agents, state="staffed"))).data_links([queue]), 8),
        sized(lines("What they do", "short", Said(
            f"Agents of each queue by what they do, staffed left out. {NEVER}",
            "Choose one queue above: who rings and is never on a call does not hear it ring.",
        ), Query(now(agents, only='state!="staffed"') + " > 0", f"{QUEUE} {{{{state}}}}")), 8),
        sized(lines("Slots in use", "percentunit", Said(
            "used / (used + free) of the queue's agents whose presence is available, on its channel. Free slots are"
            " those that routing could fill now.",
            "100 % while customers wait: more slots or more people. Far below while they wait: routing.",
        ), Query(f"{used} / ({used} + {free} > 0)")).max(1), 8),
    ]  # fmt: skip
