"""What is to be known of Intercom before it is connected."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="Intercom",
    ways=(
        (
            "A webhook of an app (Developer Hub, Webhooks) to `POST /in/intercom`, with the topics "
            "conversation.user.created, user.replied, admin.single.created, admin.replied, admin.assigned, "
            "admin.open.assigned, admin.opened, admin.closed, admin.snoozed, admin.unsnoozed, admin.noted, "
            "operator.replied and rating.added; for aliases contact.* too."
        ),
    ),
    identity=(
        "An interaction is `<app id>-<conversation id>`. What a part tells is known by the part's id, a rating "
        "by its conversation, with the notification's second as revision. The notification's own id is not "
        "looked at: a retry has the same parts."
    ),
    guarantees=(
        "A notification that is not answered is tried again, with the same id and a higher `delivery_attempts`;"
        " an endpoint that fails for long is suspended, and what happens then is lost. No order is promised."
    ),
    types=(
        Row(
            "conversation.user.created",
            ("interaction.started, interaction.queued, interaction.answered, interaction.message, customer.identified"),
            ("queued with its team, or in `unassigned`, unless a bot has it; answered when it has an admin at once"),
        ),
        Row(
            "conversation.admin.single.created",
            "interaction.started, interaction.answered, interaction.message, customer.identified",
            "outbound, and not queued",
        ),
        Row(
            "conversation.admin.assigned",
            "interaction.answered, interaction.transferred, interaction.queued, interaction.held",
            (
                "to an admin answers, to a team or to nobody queues; to a team by a rule, within 5 s of the "
                "beginning, as the next revision of the first queue. An admin who assigns it to another or to a"
                " team is taken for who had it: that transfers. Who gets it snoozed holds it. Nothing on a closed one"
            ),
        ),
        Row(
            "conversation.admin.replied",
            (
                "interaction.message, interaction.answered, interaction.reopened, interaction.resumed, "
                "interaction.transferred"
            ),
            (
                "and whatever else the part does: `part_type` open reopens, assignment assigns. A reply to a "
                "conversation that no admin has answers it"
            ),
        ),
        Row(
            "conversation.admin.opened",
            "interaction.reopened, interaction.resumed, interaction.answered, interaction.queued",
            (
                "with its admin, or queued; admin.open.assigned: with the new one. A snoozed one is opened by the "
                "same part: it goes on, and is not counted as reopened"
            ),
        ),
        Row(
            "conversation.admin.closed",
            "interaction.ended, interaction.message, interaction.answered",
            "by an admin or a bot; a last comment is a message",
        ),
        Row(
            "conversation.admin.snoozed",
            "interaction.held",
            "when an admin has it",
        ),
        Row(
            "conversation.admin.unsnoozed",
            "interaction.resumed",
            "when an admin has it",
        ),
        Row(
            "conversation.admin.noted",
            "interaction.message",
            "not public",
        ),
        Row(
            "conversation.user.replied",
            "interaction.message, interaction.reopened, interaction.resumed, interaction.answered, customer.identified",
            "`part_type` open reopens",
        ),
        Row(
            "conversation.operator.replied",
            "interaction.message",
            (
                "a bot's, as is what an admin's name stands on and an AI agent wrote; a rule's while an admin or a "
                "team has the conversation"
            ),
        ),
        Row(
            "conversation.rating.added",
            "customer.survey_answered, customer.identified",
            "1 to 5; rated again, it replaces the rating",
        ),
        Row(
            "contact.user.created",
            "customer.identified",
            "and other topics of contacts, with an external id or a mail address",
        ),
        Row(
            "conversation.read",
            "nothing",
            "likewise priorities, tags, companies, deletions",
        ),
        Row(
            "ping",
            "nothing",
        ),
    ),
    fields=(
        Row(
            "app_id, item.id",
            "interaction_id",
        ),
        Row(
            "source.type",
            "channel",
            (
                "email is email; whatsapp, facebook, instagram, twitter are social; phone_call, phone_switch "
                "phone; conversation, sms, push and all others chat, as are older payloads, which tell none. "
                "`channels` says otherwise"
            ),
        ),
        Row(
            "team_assignee_id, assigned_to",
            "queue",
            ("an id, else `unassigned`: map them in `queues`. Older payloads tell a team only while no admin has it"),
        ),
        Row(
            "assigned_to.id, author.id, admin_assignee_id",
            "agent_id",
            "an id: map it in `agents`",
        ),
        Row(
            "user, contacts",
            "customer_id",
            "external_id or user_id, else email, phone, `intercom:<id>`",
        ),
        Row(
            "part_type",
            "type",
            "of the event, before the topic",
        ),
        Row(
            "conversation_parts.created_at",
            "time",
            (
                "whole seconds. After that second 1 ms: queued, 2 ms: answered, 3 ms: held and ended, so that "
                "what a workflow does in one second comes in the order of life"
            ),
        ),
        Row(
            "conversation_rating.rating",
            "score",
        ),
    ),
    lacks=(
        Lack(
            "customers who give up",
            ("abandoned", "abandonment"),
            ("nobody leaves a conversation: an open one without an admin waits until it is closed, and has flowed out"),
        ),
        Lack(
            "who had it before an assignment",
            ("transferred", "transfer_rate"),
            (
                "an assignment names who did it and to whom: one by a rule, or by somebody else, ends the "
                "agent's part without a transfer"
            ),
        ),
        Lack(
            "an unassigned conversation that is snoozed",
            ("offered", "flowed_out"),
            "the part that opens it is that of a closed one: it waits a second time",
        ),
        Lack(
            "offers",
            ("declined",),
            "conversations are assigned, not offered",
        ),
        Lack(
            "work afterwards",
            ("wrap_up_ms",),
            "it ends when it is closed",
        ),
        Lack(
            "agents' states",
            ("occupancy",),
            "being away is no topic of conversations",
        ),
        Lack(
            "whether it was resolved",
            ("resolution_rate",),
            "to close is the only way to end it",
        ),
        Lack(
            "a bot and a rule that closes",
            ("containment",),
            "both are the operator: what a rule closes counts as closed by a bot",
        ),
        Lack(
            "a snooze that a customer's reply ends",
            ("hold_ms",),
            "where no part says so, it lasts until the agent's part is over",
        ),
    ),
)
