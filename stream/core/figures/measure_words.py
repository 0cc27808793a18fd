"""What each measure of a row counts, in a line, and at which event's time: the contract's tables in words."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What a measure counts, and the event whose time decides into which bucket it goes."""

    what: str
    stamped_at: str


_START = "the start, a bot's hand-off or a reopening, the latest"
_PART = "the end of the agent's part"
_ANSWER, _LEVEL = "the answer", "nothing: it is counted at an instant"

MEASURES: dict[str, Words] = {
    "offered": Words("Segments that entered their queue; a re-queue is a new segment", "queued"),
    "answered": Words("Segments that an agent answered out of a queue", "answered"),
    "in_threshold": Words("Of the answered, those that waited no longer than the queue's threshold", "answered"),
    "abandoned": Words("Segments whose customer left while waiting", "abandoned"),
    "short_abandoned": Words("Of the abandoned, those within the short-abandon threshold", "abandoned"),
    "abandoned_in_threshold": Words("Of the abandoned, those within the queue's threshold", "abandoned"),
    "flowed_out": Words("Segments that left their queue by rule", "flowed out"),
    "flowed_out_by": Words("Segments that left their queue by rule, by outcome", "flowed out"),
    "timed_out": Words("Segments that waited when silence ended the interaction", "the last event + the idle limit"),
    "timed_out_connected": Words(
        "Segments with an agent on when silence ended the interaction; never handled", "the last event + the idle limit"
    ),
    "wait_ms": Words("Queued to answered, ring included, of answered segments", "answered"),
    "handled": Words("Segments with an agent whose part is over", _PART),
    "talk_ms": Words("Answered to the end of the agent's part, without holds", _PART),
    "hold_ms": Words("Holds within the agent's part", _PART),
    "wrap_up_ms": Words("The end of the agent's part to wrapped up, capped; 0 until known", _PART),
    "handle_ms": Words(
        "Talk, hold and wrap-up of handled segments (email and social: without hold), or the whole work as told", _PART
    ),
    "transferred": Words("Handled segments ended by their own transfer", _PART),
    "held": Words("Handled segments with at least one hold", _PART),
    "declined": Words("Offers that were not taken: offers, not segments", "declined"),
    "declined_by": Words("Offers that were not taken, by result", "declined"),
    "ended": Words("Closings of interactions", "the closing"),
    "reopened": Words("Reopenings of closed interactions", "reopened"),
    "closed_unanswered": Words("Threads whose first end came before any first response", "ended"),
    "first_response": Words("First public messages ever of an agent; not for outbound", "the message"),
    "first_response_in_threshold": Words(
        "First responses within the queue's threshold, in business time", "the message"
    ),
    "first_response_ms": Words(f"Elapsed time to the first response, from {_START}", "the message"),
    "first_response_business_ms": Words(f"Business time to the first response, from {_START}", "the message"),
    "next_response": Words(
        "Public replies of an agent after the first response, to a customer's unanswered message", "the reply"
    ),
    "next_response_ms": Words("Elapsed time from the oldest unanswered customer message to that reply", "the reply"),
    "next_response_business_ms": Words(
        "Business time from the oldest unanswered customer message to that reply", "the reply"
    ),
    "resolution": Words("Closings of threads by an end", "ended"),
    "resolution_ms": Words("Elapsed time from the start, or the latest reopening, to the end", "ended"),
    "resolution_business_ms": Words("Business time from the start, or the latest reopening, to the end", "ended"),
    "resolved_known": Words("Closings that said whether the matter was resolved", "the closing"),
    "resolved": Words("Closings that said that the matter was resolved", "the closing"),
    "interactions_started": Words("Interactions", "their start"),
    "interactions_offered": Words("Interactions that were queued, each once", "first queued"),
    "interactions_answered": Words("Interactions that were queued and answered by any agent", "first answered"),
    "interactions_lost": Words("Interactions that were queued and closed without ever an agent", "the closing"),
    "bot_interactions": Words("Closed interactions that met a bot", "the first end"),
    "bot_contained": Words(
        "Of these, those that a bot ended without an agent and whose customer did not come back in 24 h",
        "the first end",
    ),
    "bot_unidentified": Words("Of the contained, those without a customer", "the first end"),
    "identified": Words("Inbound interactions with a customer", "their start"),
    "repeats_caused": Words(
        "Repeats, by the queue of the contact that had not been enough: the served one that ended last before",
        "the repeat's start",
    ),
    "repeats": Words("Of the identified, those that repeat an earlier served one of the customer", "their start"),
    "first_contacts": Words("Issues, counted by their first contact", "its first end"),
    "resolved_contacts": Words("First contacts that resolved the issue", "its first end"),
    "repeated_contacts": Words(
        "First contacts after which the customer had to come back, or which were reopened", "its first end"
    ),
    "unidentified": Words("Served inbound interactions without a customer: of no issue that we know", "the first end"),
    "nps_answers": Words("Answers to surveys of recommendation, 0 to 10", _ANSWER),
    "nps_promoters": Words("Of these, 9 and 10", _ANSWER),
    "nps_detractors": Words("Of these, 0 to 6", _ANSWER),
    "csat_answers": Words("Answers to surveys of satisfaction, 1 to 5", _ANSWER),
    "csat_satisfied": Words("Of these, 4 and 5", _ANSWER),
    "csat_sum": Words("These, added up", _ANSWER),
    "ces_answers": Words("Answers to surveys of effort, 1 to 7", _ANSWER),
    "ces_sum": Words("These, added up", _ANSWER),
    "complaints": Words("Complaints", "the complaint"),
    "public_complaints": Words("Of these, those made in public", "the complaint"),
    "customers_at_start": Words("Customers at the start of the window: who has joined, and not left since", _LEVEL),
    "customers_at_end": Words("Customers at the end of the window", _LEVEL),
    "customers_joined": Words("Customers who joined; again, who had left", "joined"),
    "customers_left": Words("Customers who left", "left"),
    "customers_kept": Words("Customers at the start who have not left in the window", _LEVEL),
    "left_early": Words("Of those who joined, those who left within 90 days", "joined"),
    "orders": Words("Orders, each once", "bought"),
    "orders_returned": Words("Of the orders, those that ever came back", "bought"),
    "buyers": Words("Customers with an order in the 365 days up to the window's end", _LEVEL),
    "repeat_buyers": Words("Of these, those with two orders or more in these days", _LEVEL),
    "reviews": Words("Reviews", "the review"),
    "reviews_sum": Words("Their stars, 1 to 5, added up", "the review"),
    "bad_reviews": Words("Of the reviews, those of 1 or 2 stars", "the review"),
}

WORDS: dict[str, str] = {name: f"{of.what}. Stamped at: {of.stamped_at}." for name, of in MEASURES.items()}
"""The same as one text."""

TIMES: dict[str, str] = {
    "session_ms": "Time of sessions: one runs from the answer to the end of the wrap-up, or to its cap",
    "engaged_ms": "Time of agents with at least one session",
    "idle_ms": "Time of agents who are available on a live channel, without a session and without a ringing offer",
    "staffed_ms": "Time of agents who are logged in and heard of",
    "not_ready_ms": "Time of agents who are not ready, without a session and without a ringing offer",
}
"""Agents' time in a window, on live channels, as milliseconds: what is open counts up to the end of the window."""

NOW: dict[str, str] = {
    "waiting": "Segments that wait in their queue; in rows of threads: those whose customer waits for a reply",
    "waiting_past_threshold": "Of the waiting segments, those that wait longer than the queue's threshold",
    "longest_wait_ms": "How long the longest has waited; `null` when nothing waits",
    "interactions_open": "Interactions that are not over, where they wait or where their last segment was",
    "threads_waiting": "Threads whose customer waits for a reply",
    "threads_past_due": "Of these, those past the threshold, in business time",
    "waiting_for_first_response": "Of the threads that wait, those that no agent has ever answered",
    "waiting_for_next_response": "Of the threads that wait, the others",
    "past_due": "Of the threads that wait, those past the threshold, in business time",
    "due_within_hour": "Of the threads that wait, those whose threshold is over within the next hour",
    "age_bands": "The threads that wait by age, in business time since the oldest unanswered message",
    "inflow": "Over the window: `interactions_started` + `reopened`; by queue `offered` + `reopened`, where a thread"
    " that is moved comes in again and one that only a bot had does not come in",
    "outflow": "Over the window: `ended`, in the queue of the last segment",
    "threshold_ms": "The queue's threshold, a setting",
    "target": "The queue's target of the service level, a setting",
    "open": "Whether the queue is open by its calendar; always, without one",
    "agents": "Who serves the queue: `staffed`, logged in and heard of, and of these how many do what, by `activity`;"
    " an agent of several queues counts in each",
    "slots": "How many more those of these take on the queue's channel whose `presence` is `available`, at work or not:"
    " `free`, beside `used`",
    "presence": "Of an agent: what the platform said last, or `unknown` when nothing was heard for the limit",
    "activity": "Of an agent, the first that holds: `on_interaction`, `wrap_up`, `ringing`, `not_ready`, `available`;"
    " `none` without work and presence",
    "next_change_at": "When it next opens or closes; `null`: never",
}
"""What is counted at an instant, or belongs to the moment: live keys of the API."""
