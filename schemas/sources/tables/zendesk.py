"""What is to be known of Zendesk before it is connected."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="Zendesk",
    ways=(
        (
            "An event webhook (Admin Center, Webhooks, Zendesk events) to `POST /in/zendesk`, for ticket "
            "events, agent availability events and user events. Triggers and automations send bodies of your "
            "own: those need a mapping."
        ),
        (
            "The events connector to Amazon EventBridge, whose records are put into the topic as they are. An "
            "account that sends both ways counts once."
        ),
        (
            "Satisfaction ratings as the REST API gives them (`satisfaction_rating`, or a page of "
            "`satisfaction_ratings`), put into the topic; `instance` then says the account's number."
        ),
    ),
    identity=(
        "An interaction is `<account id>-<ticket id>`. An event is known by the ticket, what it does, and the "
        "second of the ticket's update: what two events of one action say alike, or webhook and EventBridge, "
        "has one id. A comment is known by its id, a rating by its id, with its update as revision. The event's"
        " own id is not looked at."
    ),
    guarantees=(
        "An event may come more than once, and is tried again on time-outs and on 409, 429 and 503. One action "
        "gives several events, in no order that is promised."
    ),
    types=(
        Row(
            "ticket.created",
            "interaction.started, interaction.queued, interaction.answered, interaction.held, interaction.ended",
            (
                "queued when it has a group, answered when it has an assignee, held when it is pending or on "
                "hold, ended when it is solved at once; outbound, and not queued, when an agent opened it by "
                "hand"
            ),
        ),
        Row(
            "ticket.agent_assignment_changed",
            "interaction.answered, interaction.transferred, interaction.queued, interaction.held",
            (
                "nobody to X answers, X to Y transfers, X to nobody transfers to the group; who gets a parked ticket "
                "holds it. Of a solved ticket only its first assignee counts, who solved it"
            ),
        ),
        Row(
            "ticket.group_assignment_changed",
            "interaction.queued",
            "while nobody has the ticket; within 5 s of the beginning as the next revision of the first queue",
        ),
        Row(
            "ticket.status_changed",
            (
                "interaction.held, interaction.resumed, interaction.ended, interaction.reopened, "
                "interaction.answered, interaction.queued"
            ),
            (
                "pending and hold park it; solved (or closed at once) ends it, closed after "
                "solved is nothing new; from solved back reopens it, with its assignee or in its group"
            ),
        ),
        Row(
            "ticket.comment_added",
            "interaction.message, interaction.answered",
            (
                "by an agent when the author is staff, and not the one who asks. An agent's public comment on a"
                " ticket without an assignee answers it"
            ),
        ),
        Row(
            "ticket.comment_made_private",
            "interaction.message",
            "the comment again, not public, as its next revision",
        ),
        Row(
            "ticket.requester_changed",
            "interaction.updated",
        ),
        Row(
            "ticket.merged",
            "interaction.ended",
            "by the system; likewise soft_deleted, permanently_deleted, marked_as_spam",
        ),
        Row(
            "ticket.undeleted",
            "interaction.reopened, interaction.queued, interaction.answered",
            "when it is not solved",
        ),
        Row(
            "agent.unified_state_changed",
            "agent.state_changed",
            "online is available, offline logged out, all others not ready, with the status as the reason",
        ),
        Row(
            "agent.state_changed",
            "nothing",
            "the unified status of all channels is told too, by omnichannel routing",
        ),
        Row(
            "user.created",
            "customer.identified",
            "and other user events: end users with an external id or a mail address",
        ),
        Row(
            "satisfaction_rating",
            "customer.survey_answered",
            "good is 5, bad is 1 of 5: the share of the satisfied is Zendesk's, the mean is of no scale",
        ),
        Row(
            "ticket.tags_changed",
            "nothing",
            "likewise subject, priority, custom status, custom fields and all else of a ticket",
        ),
    ),
    fields=(
        Row(
            "account_id, detail.id",
            "interaction_id",
            "through EventBridge: the account in `source`, ticket.id",
        ),
        Row(
            "via.channel",
            "channel",
            (
                "native_messaging, chat, sms are chat; voice and phone_call_… phone; whatsapp, facebook, "
                "twitter_dm, instagram_dm, line and other networks social; web, email, api and all others "
                "email. `channels` says otherwise"
            ),
        ),
        Row(
            "group_id",
            "queue",
            "an id: map it in `queues`",
        ),
        Row(
            "assignee_id, comment.author.id",
            "agent_id",
            "an id: map it in `agents`",
        ),
        Row(
            "requester_id",
            "customer_id",
            "`zendesk:<id>`, which user events join with the external id and the mail address",
        ),
        Row(
            "updated_at, time",
            "time",
            (
                "the second of updated_at; time, without its fraction, where the ticket is shown as it was "
                "later. After that second 1 ms: queued, 2 ms: answered, 3 ms: held and ended, so that what one "
                "action does comes in the order of life"
            ),
        ),
        Row(
            "actor_id",
            "by",
            "the requester is the customer, nobody or -1 a rule",
        ),
        Row(
            "comment.is_public",
            "public",
        ),
        Row(
            "event.new_unified_state.name",
            "presence",
        ),
        Row(
            "score",
            "score",
        ),
    ),
    lacks=(
        Lack(
            "customers who give up",
            ("abandoned", "abandonment"),
            (
                "nobody leaves a ticket: one without an assignee waits until it is solved, merged or deleted. "
                "Only a customer who solves it in the group's queue counts as gone"
            ),
        ),
        Lack(
            "offers",
            ("declined",),
            "tickets are assigned; work items of omnichannel routing are not read",
        ),
        Lack(
            "work afterwards",
            ("wrap_up_ms",),
            "it ends with the status",
        ),
        Lack(
            "the time a ticket waited for a group",
            ("waiting",),
            "a ticket without a group is in no queue",
        ),
        Lack(
            "who only gives a ticket back",
            ("transferred",),
            "an assignee who is taken away is a transfer: whether the group is another one is told apart from it",
        ),
        Lack(
            "a group that changes under an assignee",
            ("transferred",),
            "the agent keeps the ticket, in the queue where it was",
        ),
        Lack(
            "satisfaction, by webhook",
            ("csat",),
            "no webhook has it: the records of the API must be brought",
        ),
        Lack(
            "whether it was resolved",
            ("resolution_rate",),
            "solved is the only way to end it",
        ),
        Lack(
            "fractions of seconds",
            ("first_response_seconds", "next_response_seconds"),
            "a ticket's update has whole seconds",
        ),
    ),
)
