"""Twilio TaskRouter's events, as event callbacks or from Event Streams, → ours. See `tables.twilio`.

A task is an interaction, a reservation one agent's segment of it. What both ways tell is the same happening: ids come
from the event's own `EV…`, and where TaskRouter tells one happening by several events, from what they are about.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.twilio_event import Happening
from schemas.sources.twilio_payload import told
from schemas.sources.twilio_task import Task
from schemas.sources.twilio_workers import activity, gone

OF_NO_MATTER = frozenset(
    {
        "task.updated", "task.transfer-initiated", "task.transfer-attempt-failed", "workflow.entered",
        "workflow.target-matched", "workflow.timeout", "workflow.skipped", "workflow.created", "workflow.updated",
        "workflow.deleted", "task-queue.created", "task-queue.deleted", "task-queue.expression.updated",
        "task-channel.created", "task-channel.updated", "task-channel.deleted", "worker.created",
        "worker.attributes.update", "worker.capacity.update", "worker.channel.availability.update",
        "activity.created", "activity.updated", "activity.deleted", "workspace.created", "workspace.updated",
        "workspace.deleted",
    }
)  # fmt: skip
"""Kinds that say nothing that another event does not say."""

_LONGEST_KIND = 100
_HUNG_UP = re.compile(r"hang|hung|abandon|disconnect|(?:customer|caller) (?:left|gone|ended)", re.IGNORECASE)
_REASONS: tuple[tuple[re.Pattern[str], e.FlowOutcome], ...] = (
    (re.compile(r"voice ?mail", re.IGNORECASE), "voicemail"),
    (re.compile(r"call ?-?back", re.IGNORECASE), "callback"),
    (re.compile(r"time ?d? ?-?out|ttl|expired", re.IGNORECASE), "timeout"),
    (re.compile(r"overflow", re.IGNORECASE), "overflow"),
)
_NOT_AT_ALL, _WRAPPED, _COMPLETED, _TAKEN_OVER = 3, 2, 1, 0
"""Revisions of the one leaving of an agent whom the customer outstays: the first of them that is told counts; none if
the task was completed with the agent's reservation, so nobody was left to serve the customer. That another one has
taken over says least of when: in a warm transfer the first agent stays on, in a cold one that agent was gone before.
"""


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    found = told(payload)
    if isinstance(found, Skipped):
        return found
    kind, node = found[0][:_LONGEST_KIND], found[1]
    if kind in _OF_WORKERS:
        return _OF_WORKERS[kind](Happening(node, options))
    step = _OF_TASKS.get(kind)
    if step is None:
        return [] if kind in OF_NO_MATTER else Skipped(kind)
    return step(Happening(node, options), Task(node, options))


def _created(event: Happening, task: Task) -> list[e.Event]:
    conversation = {"conversation_id": task.conversation} if task.conversation else None
    data = task.told(initiation=task.initiation, attributes=conversation)
    return [e.Started(**event.envelope(), data=data), *_identified(event, task)]


def _identified(event: Happening, task: Task) -> list[e.Event]:
    if task.own_id is None or not task.aliases:
        return []
    data = e.IdentifiedData(customer_id=task.own_id, aliases=task.aliases)
    return [e.Identified(**event.envelope(f"{event.sid}:identified"), data=data)]


def _queued(event: Happening, task: Task) -> list[e.Event]:
    return [e.Queued(**event.envelope(event.stay("queued")), data=task.told(queue=event.queue()))]


def _left(event: Happening, task: Task, outcome: e.FlowOutcome, revision: int) -> e.Event:
    data = task.told(e.FlowedOutData, queue=event.queue(), outcome=outcome)
    return e.FlowedOut(**event.envelope(event.stay("left"), revision), data=data)


def _timed_out(event: Happening, task: Task) -> list[e.Event]:
    return [_left(event, task, "timeout", 0)]


def _offered(event: Happening, task: Task) -> list[e.Event]:
    return [e.Offered(**event.envelope(), data=task.told(e.ByAgent, **event.by_agent(), queue=event.queue()))]


def _declined(result: e.DeclineResult) -> Callable[[Happening, Task], list[e.Event]]:
    def step(event: Happening, task: Task) -> list[e.Event]:
        told = {**event.by_agent(), "queue": event.queue(), "result": result}
        return [e.Declined(**event.envelope(), data=task.told(e.DeclinedData, **told))]

    return step


def _offer_canceled(event: Happening, task: Task) -> list[e.Event]:
    """A caller who hangs up while it rings was not declined by the agent."""
    return _declined("error")(event, task) if event.goes_on() else []


def _accepted(event: Happening, task: Task) -> list[e.Event]:
    return [e.Answered(**event.envelope(), data=task.told(e.ByAgent, **event.by_agent(), queue=event.queue()))]


def _agent_left(event: Happening, task: Task, revision: int) -> e.Event:
    by_agent = event.by_agent()
    id_ = f"{by_agent['segment_id'] or event.sid}:transferred"
    return e.Transferred(**event.envelope(id_, revision), data=task.told(e.TransferredData, **by_agent))


def _outstayed_nobody(event: Happening, task: Task) -> e.Event:
    """Takes back what the wrap-up may have looked like, where TaskRouter still called the task assigned."""
    id_ = f"{event.by_agent()['segment_id'] or event.sid}:transferred"
    data = e.Told(interaction_id=task.interaction_id, channel=task.channel)
    return e.Updated(**event.envelope(id_, _NOT_AT_ALL), data=data)


def _reservation_wrapup(event: Happening, task: Task) -> list[e.Event]:
    if event.goes_on():
        return [_agent_left(event, task, _WRAPPED)]
    return [_end(event, task, task.hung_up_by, 3)]


def _reservation_completed(event: Happening, task: Task) -> list[e.Event]:
    over: list[e.Event] = []
    if event.goes_on():
        over = [_agent_left(event, task, _COMPLETED)]
    elif (event.node.text("TaskAssignmentStatus") or "").lower() == "completed":
        over = [_end(event, task, task.hung_up_by, 1), _outstayed_nobody(event, task)]
    disposition = task.said("conversations.outcome") or None
    data = task.told(e.WrappedUpData, **event.by_agent(), disposition=disposition)
    return [*over, e.WrappedUp(**event.envelope(), data=data)]


def _transfer_completed(event: Happening, task: Task) -> list[e.Event]:
    node = event.node
    reservation = node.text("TransferInitiatingReservationSid")
    to, worker = node.text("TransferTo"), node.text("TransferInitiatingWorkerSid")
    of_queue = (node.text("TransferType") or "").upper() == "QUEUE"
    data = task.told(
        e.TransferredData, segment_id=reservation,
        agent_id=worker if worker in event.options.agents else None,
        to_queue=(event.queue() if to == node.text("TaskQueueSid") else to) if of_queue else None,
        to_agent=None if of_queue else event.agent() if to == node.text("WorkerSid") else to,
        kind="blind" if (node.text("TransferMode") or "").upper() == "COLD" else "attended",
    )  # fmt: skip
    id_ = f"{reservation}:transferred" if reservation else None
    return [e.Transferred(**event.envelope(id_, _TAKEN_OVER), data=data)]


def _transfer_failed(event: Happening, task: Task) -> list[e.Event]:
    """Of a queue that was to take the customer over: whoever waits there waits no longer."""
    if (event.node.text("TransferType") or "").upper() != "QUEUE":
        return []
    return [_left(event, task, "other", 0)]


def _end(event: Happening, task: Task, by: e.EndedBy | None, revision: int) -> e.Event:
    """Several events tell the one end of a task: the sooner after it one comes, the higher its revision."""
    return e.Ended(**event.envelope(f"{task.sid}:ended", revision), data=task.told(e.EndedData, by=by))


def _wrapup(event: Happening, task: Task) -> list[e.Event]:
    return [_end(event, task, task.hung_up_by, 2)]


def _completed(event: Happening, task: Task) -> list[e.Event]:
    return [_end(event, task, task.hung_up_by, 0), *_identified(event, task)]


def _deleted(event: Happening, task: Task) -> list[e.Event]:
    """Tasks that are over are deleted as well, some time later: that ends nothing."""
    return [_end(event, task, "system", 0)] if event.goes_on() else []


def _canceled(event: Happening, task: Task) -> list[e.Event]:
    reason = event.node.words("TaskCanceledReason", "Reason")
    outcome = _outcome_of(reason, event.options)
    if outcome is None:
        abandoned = e.Abandoned(**event.envelope(), data=task.told(queue=event.queue()))
        return [abandoned, _end(event, task, "customer", 3), *_identified(event, task)]
    left = [_left(event, task, outcome, 1)] if event.queue() else []
    return [*left, _end(event, task, "system", 3), *_identified(event, task)]


def _outcome_of(reason: str, options: Options) -> e.FlowOutcome | None:
    """Why a task was canceled; None: the customer left."""
    for name, outcome in options.outcomes.items():
        if name.lower() == reason.lower():
            return outcome
    if _HUNG_UP.search(reason):
        return None
    return next((outcome for words, outcome in _REASONS if words.search(reason)), "other")


_OF_WORKERS: dict[str, Callable[[Happening], list[e.Event]]] = {
    "worker.activity.update": activity, "worker.deleted": gone,
}  # fmt: skip
_OF_TASKS: dict[str, Callable[[Happening, Task], list[e.Event]]] = {
    "task.created": _created, "task-queue.entered": _queued, "task-queue.moved": _queued,
    "task-queue.timeout": _timed_out, "reservation.created": _offered, "reservation.timeout": _declined("no_answer"),
    "reservation.rejected": _declined("rejected"), "reservation.rescinded": _declined("no_answer"),
    "reservation.failed": _declined("error"), "reservation.canceled": _offer_canceled,
    "reservation.accepted": _accepted, "reservation.wrapup": _reservation_wrapup,
    "reservation.completed": _reservation_completed, "task.transfer-completed": _transfer_completed,
    "task.transfer-failed": _transfer_failed, "task.transfer-canceled": _transfer_failed, "task.wrapup": _wrapup,
    "task.completed": _completed, "task.canceled": _canceled, "task.deleted": _deleted,
    "task.system-deleted": _deleted,
}  # fmt: skip
