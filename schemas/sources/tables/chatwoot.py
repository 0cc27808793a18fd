"""What is to be known of Chatwoot before it is connected."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="Chatwoot",
    ways=(
        (
            "An account webhook (Settings, Integrations, Webhooks) to `POST /in/chatwoot`, with the events "
            "conversation created, status changed, updated, message created, message updated and, for aliases, "
            "contact updated. One of an API inbox may call too: what both tell counts once."
        ),
        (
            "Names of agents are their ids, of teams their names (or `team:<id>`), of inboxes their ids, since "
            "not every payload has more: map them in `agents` and `queues`."
        ),
    ),
    identity=(
        "An interaction is `<inbox id>-<conversation id>`, with `<instance>-` before it where that is set: no "
        "account is told in every payload, and an inbox is in one account. A message is known by its id, a "
        "change by its instant (the new `updated_at`) and what it does, a rating by its message, with the "
        "instant of the answer as revision. The id of a delivery is not looked at."
    ),
    guarantees=(
        "Each webhook is called once, by a job of its own and in no order, and waited for 5 s; older versions "
        "do not try again. A payload shows the conversation as it is when the job runs, so what stands beside a"
        " change may be newer."
    ),
    types=(
        Row(
            "conversation_created",
            ("interaction.started, interaction.queued, interaction.answered, interaction.ended, customer.identified"),
            (
                "queued when it is open, not when it is pending (a bot has it) or an agent's message began it; "
                "answered when it had an assignee at once; ended at once when the contact is blocked"
            ),
        ),
        Row(
            "conversation_updated",
            "interaction.answered, interaction.transferred, interaction.queued, interaction.held",
            (
                "of assignee and team alone, while it is open or snoozed: nobody to X answers, X to Y "
                "transfers, X to nobody queues again, another team queues (or transfers, with an assignee), "
                "within 5 s of the beginning as the next revision of the first queue; who gets it snoozed holds "
                "it. One that lists every column is a conversation_created"
            ),
        ),
        Row(
            "conversation_status_changed",
            (
                "interaction.ended, interaction.reopened, interaction.queued, interaction.answered, "
                "interaction.held, interaction.resumed, interaction.transferred, interaction.flowed_out"
            ),
            (
                "resolved ends; resolved to open reopens, and goes on with its assignee, or queues; pending to "
                "open queues (the bot's hand-off); snoozed holds; open to pending gives it back to the bot. "
                "The conversation_updated of the same change is not counted"
            ),
        ),
        Row(
            "message_created",
            "interaction.message, interaction.answered, customer.identified",
            (
                "incoming is the customer's, outgoing an agent's or a bot's, by its sender; templates and what "
                "a rule sends are the system's; private ones are not public. An agent's public reply to a "
                "conversation without an assignee answers it"
            ),
        ),
        Row(
            "message_updated",
            "customer.survey_answered",
            "of an answered survey (`input_csat`) alone; answered again, it replaces the answer",
        ),
        Row(
            "contact_updated",
            "customer.identified",
            "with an identifier or a mail address",
        ),
        Row(
            "contact_created",
            "nothing",
            "it has no time",
        ),
        Row(
            "conversation_typing_on",
            "nothing",
        ),
        Row(
            "webwidget_triggered",
            "nothing",
        ),
    ),
    fields=(
        Row(
            "inbox_id, id",
            "interaction_id",
        ),
        Row(
            "channel",
            "channel",
            (
                "Email is email; Whatsapp, FacebookPage, Instagram, Telegram, Line, Tiktok, TwitterProfile are "
                "social; Voice is phone; WebWidget, Api, Sms, TwilioSms and all others chat. `channels` says "
                "otherwise, by type"
            ),
        ),
        Row(
            "meta.team, else inbox_id",
            "queue",
        ),
        Row(
            "meta.assignee, assignee_id, sender.id",
            "agent_id",
            "users, not bots",
        ),
        Row(
            "meta.sender",
            "customer_id",
            "identifier, else email, phone_number, the network's own id, `chatwoot:<id>`",
        ),
        Row(
            "messages",
            "direction",
            "outbound when a user's message began it",
        ),
        Row(
            "created_at",
            "time",
            "of beginnings and messages, seconds and ISO 8601",
        ),
        Row(
            "updated_at",
            "time",
            "of changes, seconds with a fraction; the changed attribute where it is there",
        ),
        Row(
            "csat_survey_response.rating",
            "score",
        ),
    ),
    lacks=(
        Lack(
            "customers who give up",
            ("abandoned", "abandonment"),
            (
                "nobody leaves a conversation: an open one without an agent waits until it is resolved, and has"
                " flowed out"
            ),
        ),
        Lack(
            "who ends a conversation",
            (),
            "no payload names who resolved it: its assignee is taken for it",
        ),
        Lack(
            "an opening that auto-assignment takes at once",
            ("offered", "answered", "reopened"),
            (
                "Chatwoot tells the new assignee alone, and no change of status: the bot's hand-off is handled and "
                "never waited, and what was resolved goes on without a reopening"
            ),
        ),
        Lack(
            "an unassigned conversation that an agent reopens",
            ("wait_ms",),
            "it is opened first and assigned by the next save: it waits for some ms",
        ),
        Lack(
            "teams, where nobody is assigned",
            ("transferred",),
            "an agent who only replies is no assignee: another team takes the conversation without a transfer",
        ),
        Lack(
            "offers",
            ("declined",),
            "conversations are assigned, not offered",
        ),
        Lack(
            "work afterwards",
            ("wrap_up_ms",),
            "it ends with the status",
        ),
        Lack(
            "agents' states",
            ("occupancy",),
            "availability is told by no webhook",
        ),
        Lack(
            "whether it was resolved",
            ("resolution_rate",),
            "resolved is the only way to close",
        ),
    ),
)
