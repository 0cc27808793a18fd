"""Zendesk's events of tickets → our events, by webhook or through EventBridge; of agents and users by `zendesk_people`.

A ticket waits in its group until someone is its assignee. What one action does comes as several events in no order:
where two of them say the same of ours, they say it with one id. A group that changes under an assignee says nothing:
who has the ticket is told by the assignment.
"""

from __future__ import annotations

from collections.abc import Callable

from schemas import events as e
from schemas.rejected import Skipped
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.payload import Node, read
from schemas.sources.threads import NEXT, ROUTED, Thread
from schemas.sources.zendesk_people import agent_state, ratings, user
from schemas.sources.zendesk_reading import DONE, PARKED, Happening, person, word

_TO_QUEUE, _TO_AGENT, _LAST = NEXT, 2 * NEXT, 3 * NEXT
"""After the second of an action: what waits, is taken, is parked or over, in the order in which that makes sense."""

_TICKET = "zen:event-type:ticket."
_BRIDGED = "Support Ticket"


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    node = read(payload)
    kind = node.text("detail-type", "type") or ""
    if kind.startswith((_TICKET, _BRIDGED)) or node.node("ticket_event"):
        return _ticket(node, options)
    if kind == "zen:event-type:agent.unified_state_changed":
        return agent_state(node, options)
    if kind.startswith("zen:event-type:user."):
        return user(node, options)
    if "satisfaction_rating" in node or "satisfaction_ratings" in node:
        return ratings(node, options)
    return [] if kind == "zen:event-type:agent.state_changed" else Skipped(node.needed("type", "detail-type")[:100])


def _ticket(node: Node, options: Options) -> Converted:
    it = Happening(node, options)
    handler = _KINDS.get(it.kind)
    if handler is None:
        return [] if it.kind in _OF_NO_MATTER else Skipped(f"ticket.{it.kind}"[:100])
    thread = it.thread()
    handler(it, thread)
    return thread.events


def _created(it: Happening, thread: Thread) -> None:
    direction, initiation = ("outbound", "agent") if it.outbound else (None, "customer")
    thread.tell(e.Started, "started", it.at, direction=direction, initiation=initiation)
    if it.group is not None and not it.outbound:
        _queued(it, thread)
    if it.agent is not None:
        _answered(it, thread, it.agent)
    if it.status in DONE:
        _ended(it, thread, it.by)
    elif it.status in PARKED and it.agent is not None:
        _held(it, thread, it.agent)


def _status_changed(it: Happening, thread: Thread) -> None:
    before, after = word(it.told, "previous"), word(it.told, "current")
    if before is None or after is None or before == after:
        return
    if after in DONE:
        if before not in DONE:
            _ended(it, thread, it.by)
    elif before in DONE:
        _reopened(it, thread)
        if after in PARKED and it.agent is not None:
            _held(it, thread, it.agent)
    elif after in PARKED and before not in PARKED:
        _held(it, thread, it.agent)
    elif before in PARKED and after not in PARKED:
        thread.tell(e.Resumed, f"resumed/{it.stamp}", it.at, agent_id=it.agent)


def _agent_changed(it: Happening, thread: Thread) -> None:
    """A done ticket has an assignee: who becomes its first one does so by solving it, another one is on paper alone.

    Taken from its assignee and given to nobody, it goes to a group: mostly another one, which an event of its own says.
    """
    before, after = it.change()
    done = it.status in DONE
    if before is not None and done:
        return
    if before is not None:
        thread.tell(e.Transferred, f"transferred/{it.stamp}", it.at, agent_id=before, to_queue=it.group, to_agent=after)
    if after is not None:
        _answered(it, thread, after)
        if it.status in PARKED:
            _held(it, thread, after)
    elif not done:
        _queued(it, thread)


def _group_changed(it: Happening, thread: Thread) -> None:
    """Another group while nobody has it; at once after the beginning, it is the first group that is told anew."""
    if it.agent is not None or it.group is None or it.status in DONE:
        return
    began_at = it.began_at
    if began_at is not None and it.at - began_at <= ROUTED:
        name = f"queued/{int(began_at.timestamp())}"
        thread.tell(e.Queued, name, began_at + _TO_QUEUE, revision=1, queue=it.group)
    else:
        _queued(it, thread)


def _requester_changed(it: Happening, thread: Thread) -> None:
    thread.tell(e.Updated, f"requester/{it.stamp}", it.at)


def _comment_added(it: Happening, thread: Thread) -> None:
    """A comment; an agent's public one to a ticket that is nobody's takes it, as an assignment does."""
    comment = it.told.node("comment")
    author, writer = _author(it, comment)
    public = comment.flag("is_public", "public") is not False
    agent = writer if author == "agent" else None
    name = f"comment/{comment.needed('id')}"
    if agent is not None and public and it.agent is None and it.status not in DONE:
        thread.tell(e.Answered, f"{name}/answered", it.at, queue=it.group, agent_id=agent)
    thread.tell(
        e.Message, name, it.at,
        agent_id=agent, author=author, public=public,
    )  # fmt: skip


def _comment_made_private(it: Happening, thread: Thread) -> None:
    """It answers nobody any more: the comment is told again."""
    comment = it.told.node("comment") or it.told
    number = comment.text("id", "comment_id")
    if number is not None:
        author, writer = _author(it, comment)
        agent = writer if author == "agent" else None
        thread.tell(
            e.Message, f"comment/{number}", it.at, revision=1, agent_id=agent, author=author, public=False
        )  # fmt: skip


def _author(it: Happening, comment: Node) -> tuple[e.Author, str | None]:
    """Who wrote. An agent who asks for help is a customer in that ticket; whoever is nobody is a rule."""
    writer = person(comment, "author.id", "author_id")
    staff = comment.flag("author.is_staff")
    if writer is None and not staff:
        return "system", None
    if staff is False or (writer == it.requester != it.agent):
        return "customer", writer
    return "agent", writer


def _gone(it: Happening, thread: Thread) -> None:
    _ended(it, thread, "system", "gone")


def _undeleted(it: Happening, thread: Thread) -> None:
    if it.status not in DONE:
        _reopened(it, thread)


def _queued(it: Happening, thread: Thread) -> None:
    thread.tell(e.Queued, f"queued/{it.stamp}", it.at + _TO_QUEUE, queue=it.group)


def _answered(it: Happening, thread: Thread, agent: str) -> None:
    thread.tell(e.Answered, f"answered/{it.stamp}/{agent}", it.at + _TO_AGENT, queue=it.group, agent_id=agent)


def _held(it: Happening, thread: Thread, agent: str | None) -> None:
    thread.tell(e.Held, f"held/{it.stamp}", it.at + _LAST, agent_id=agent)


def _ended(it: Happening, thread: Thread, by: e.EndedBy, name: str = "ended") -> None:
    thread.tell(e.Ended, f"{name}/{it.stamp}", it.at + _LAST, agent_id=it.agent, by=by)


def _reopened(it: Happening, thread: Thread) -> None:
    thread.tell(e.Reopened, f"reopened/{it.stamp}", it.at)
    if it.agent is not None:
        _answered(it, thread, it.agent)
    elif it.group is not None:
        _queued(it, thread)


_KINDS: dict[str, Callable[[Happening, Thread], None]] = {
    "created": _created,
    "status_changed": _status_changed,
    "agent_assignment_changed": _agent_changed,
    "group_assignment_changed": _group_changed,
    "requester_changed": _requester_changed,
    "comment_added": _comment_added,
    "comment_made_private": _comment_made_private,
    "undeleted": _undeleted,
    **dict.fromkeys(("merged", "soft_deleted", "permanently_deleted", "marked_as_spam"), _gone),
}
_OF_NO_MATTER = frozenset({
    "attachment_linked_to_comment", "attachment_redacted_from_comment", "brand_changed", "ccs_changed",
    "comment_redacted", "custom_field_changed", "custom_status_changed", "description_changed", "email_ccs_changed",
    "external_id_changed", "followers_changed", "form_changed", "organization_changed", "priority_changed",
    "problem_link_changed", "subject_changed", "submitter_changed", "tags_changed", "task_due_at_changed",
    "type_changed",
})  # fmt: skip
