"""The board *Live queues*: which queue needs somebody now."""

from __future__ import annotations

from deploy.grafana import level, table, words
from deploy.grafana.board import OF_QUEUES, Board, Rows, alerts, by_queue, filled, frame, over
from deploy.grafana.panels import QUEUE, THIS_QUEUE, Query, Said, dashed, lines, number, sized, states, wallboard
from deploy.grafana.promql import now
from deploy.grafana.table import Column
from stream.core.sla.state import AT_RISK, BREACHED

UID, TITLE, QUESTION = "centralino-queues", "Live queues", "Which queue needs somebody now, and why?"
STATE = now("contact_center_queue_sla_state")
OPEN = words.mapped((0, "closed", words.OFF), (1, "open", words.GOOD))
FLAG = words.mapped((0, "-", words.NO_COLOUR), (1, "yes", words.WARNING))
LATE = words.from_first(words.WARNING)
SERIES = wallboard("This queue on the wallboard", THIS_QUEUE)
ROW = wallboard(
    "This queue on the wallboard",
    "/#/queue/${__data.fields.Channel:percentencode}/${__data.fields.Queue:percentencode}",
)


def board() -> Board:
    """The board."""
    made = by_queue(frame(UID, TITLE, QUESTION, hours=1, refresh="5s"))
    made = over(made, "window", "Window", "contact_center_abandonment_ratio", "30m")
    made = alerts(made, "Alerts of queues", *OF_QUEUES)
    return Board(UID, TITLE, QUESTION, filled(made, _rows()))


def _rows() -> Rows:
    return (("Now", _now()), ("Who waits", _waiting()), ("Who could answer", _people()), ("What comes", _forecast()))


def _now() -> list[object]:
    counts = Said(
        "Queues whose state is this one now: of `contact_center_queue_sla_state`, which is decided once, for alerts,"
        " for `queues.alerts` and for the wallboard. Nothing here: nobody decides, look at *Pipeline health*.",
        "Begin with the breached ones, then with those at risk that have the longest waits.",
    )
    waiting = Said(
        "Segments in queues that nobody has answered yet, over all queues chosen.",
        "Rising while agents are available: look for a queue that nobody is assigned to.",
    )
    longest = Said(
        "The longest of the waits that go on now: now - queued, over all queues chosen.",
        "Find the queue in the table below, and who waits there on the wallboard.",
    )
    past = Said(
        "Segments that have waited for longer than their queue's threshold, and wait still: misses already.",
        "These are who to answer first: each minute more makes an abandon likelier.",
    )
    return [
        sized(number("Breached", "short", counts, Query(f"sum({STATE} == bool {BREACHED})", "breached"),
                     at=words.steps((None, words.GOOD), (1, words.BAD))), 4, 4),
        sized(number("At risk", "short", counts, Query(f"sum({STATE} == bool {AT_RISK})", "at risk"),
                     at=words.steps((None, words.GOOD), (1, words.WARNING))), 4, 4),
        sized(number("Waiting", "short", waiting, Query(f"sum({now('contact_center_queue_waiting')})", "waiting")),
              5, 4),
        sized(number("Past the threshold", "short", past,
                     Query(f"sum({now('contact_center_queue_waiting_past_threshold')})", "past"),
                     at=words.steps((None, words.GOOD), (1, words.WARNING))), 5, 4),
        sized(number("Longest wait", "s", longest,
                     Query(f"max({now('contact_center_queue_longest_wait_seconds')})", "longest wait")), 6, 4),
        sized(_table(), 24, 11),
        sized(states("State of the service level", _state_said(), words.sla_states(), Query(STATE))
              .data_links([SERIES]), 24, 10),
    ]  # fmt: skip


def _state_said() -> Said:
    return Said(
        "The one state of each queue. At risk: somebody has waited for more than 75 % of the threshold, or the live"
        " level is less than 0.05 above its target. Breached: it is below the target, of a sample of 20 or more."
        " Better shows after 60 s of better, worse at once. Closed: by its calendar. The numbers are settings.",
        "A queue that changes every few minutes is staffed on the edge: move somebody before it stays breached.",
    )


def _table() -> object:
    columns = (
        Column("State", STATE, "none", words.sla_states()),
        Column("Level", level.LEVEL, "percentunit"),
        Column("Over target", level.MARGIN, "percentunit", at=words.good_above(0, 0.05)),
        Column("Waiting", now("contact_center_queue_waiting"), "short"),
        Column("Past threshold", now("contact_center_queue_waiting_past_threshold"), "short", at=LATE),
        Column("Longest wait", now("contact_center_queue_longest_wait_seconds"), "s"),
        Column("Threads past due", now("contact_center_threads_past_due"), "short", at=LATE),
        Column("Open work", now("contact_center_interactions_open", only='queue!=""'), "short"),
        Column("Staffed", now("contact_center_queue_agents", state="staffed"), "short"),
        Column("Available", now("contact_center_queue_agents", state="available"), "short"),
        Column("Free slots", now("contact_center_queue_slots", state="free"), "short"),
        Column("Hours", now("contact_center_queue_open"), "none", OPEN),
        Column("Muted", now("contact_center_queue_muted"), "none", FLAG),
        Column("Acknowledged", now("contact_center_queue_acknowledged"), "none", FLAG),
    )
    said = Said(
        "Each queue as it is now. Level: the live service level, of email and social the response level, over the"
        " window chosen. Over target: level - target. Open work: interactions that are not over. Agents of several"
        " queues stand in each of them: the columns of agents have no sum.",
        "From the top, where most misses wait: a breached queue with people available is one of routing, without any"
        " one of staffing."
        " A queue's name leads to who waits there. Muted and nobody has acknowledged: ask why.",
    )
    return table.queues("Queues", said, columns, ROW, "Past threshold")


def _waiting() -> list[object]:
    thresholds = Query(now("contact_center_service_level_threshold_seconds"), "threshold of {{channel}} {{queue}}")
    return [
        sized(lines("Waiting by queue", "short", Said(
            "Segments that wait now, by queue: offered and not yet answered, abandoned, flowed out or timed out.",
            "A slope that lasts is a lack of people; a step is an event: ask what happened then.",
        ), Query(now("contact_center_queue_waiting"))).data_links([SERIES]), 8),
        sized(lines("Waiting past the threshold", "short", Said(
            "Of those who wait now, who have for longer than the queue's threshold. They count as misses already in"
            " the live level.",
            "Above 0 for minutes: take people from a queue whose line is at 0.",
        ), Query(now("contact_center_queue_waiting_past_threshold"))).data_links([SERIES]), 8),
        sized(dashed(lines("Longest wait by queue", "s", Said(
            "now - queued of who has waited longest, by queue; dashed: the queue's threshold.",
            "A saw whose teeth reach over the dashed line is a queue that answers too late, whatever its average says.",
        ), Query(now("contact_center_queue_longest_wait_seconds")), thresholds), 1).data_links([SERIES]), 8),
        sized(lines("Threads that wait", "short", Said(
            "Email, social and chat threads whose customer waits for a response: all, those past due in business time,"
            " and those that are due in the next hour.",
            "Plan the hour by what is due in it; what is past due is answered first, the oldest before.",
        ), Query(now("contact_center_threads_waiting"), f"{QUEUE} waiting"),
            Query(now("contact_center_threads_past_due"), f"{QUEUE} past due"),
            Query(now("contact_center_threads_due_within_hour"), f"{QUEUE} due in an hour")), 12),
        sized(lines("Threads by age", "short", Said(
            "Threads that wait for a response, over all queues chosen, by the business hours that they have waited.",
            "The oldest band must not grow: what is in it is nobody's.",
        ), Query(f"sum by (band) ({now('contact_center_thread_age_threads')})", "{{band}}"), stacked=True), 12),
    ]  # fmt: skip


def _people() -> list[object]:
    return [
        sized(lines("Agents of each queue", "short", Said(
            "Agents who are logged in for the queue, and of these those who are available. One of several queues"
            " counts in each of them: never add up queues.",
            "Staffed and nobody available while people wait: occupancy is at its end. Available while people wait:"
            " look at routing and at slots.",
        ), Query(now("contact_center_queue_agents", state="staffed"), f"{QUEUE} staffed"),
            Query(now("contact_center_queue_agents", state="available"), f"{QUEUE} available")), 12),
        sized(lines("Open work", "short", Said(
            "Interactions that are not over, where they wait or had their last segment.",
            "Growing over hours: more comes in than is finished. For threads that is tomorrow's breach.",
        ), Query(now("contact_center_interactions_open"))), 12),
    ]  # fmt: skip


def _forecast() -> list[object]:
    made = (
        "Erlang A, from what was measured of arrivals, handle time, patience and agents (docs/decisions/forecasts.md),"
        " for the next 15 and 30 minutes; nothing while the queue is closed, too small, or past forecasts were far off."
    )
    name = "contact_center_queue_forecast_"
    ahead = f"{QUEUE} in {{{{horizon}}}}"
    return [
        sized(dashed(lines("Forecast of the service level", "percentunit", Said(
            f"Share of callers who will be answered in time. {made} Dashed: the target.",
            "Below the target while the level now is above: the time to act is now, not at the alert.",
        ), Query(now(f"{name}service_level_ratio"), ahead), level.TARGETS), 1).max(1), 8),
        sized(lines("Forecast of the wait", "s", Said(
            f"Mean wait that those who are answered will have. {made}",
            "Tell callers, or offer a callback, before the wait is there.",
        ), Query(now(f"{name}wait_seconds"), ahead)), 8),
        sized(lines("Agents short", "short", Said(
            f"Agents that are missing for the target, shared ones in parts; 0: there are enough. {made}",
            "Move so many for the half-hour, call a break off, or accept the breach knowingly.",
        ), Query(now(f"{name}agents_short"), ahead)), 8),
    ]  # fmt: skip
