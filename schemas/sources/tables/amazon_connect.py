"""Amazon Connect, as people want to know it before they connect it."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="amazon_connect",
    ways=(
        (
            "contact events: an EventBridge rule for `Amazon Connect Contact Event`, with its envelope or bare, "
            "into the topic"
        ),
        "contact records and agent events: Kinesis Data Streams or Firehose, by a connector, into the topic",
        (
            "contact events alone will do, contact records too; each feed tells what the others cannot, and what two "
            "of them tell counts once"
        ),
    ),
    identity=(
        "`source` is `/amazon_connect/<instance id>`. An event's id is the contact's id and the fact's name, so "
        "that all three feeds, in an envelope or bare, name a fact alike. Which of them stands is said by "
        "`revision`: a contact event (0) before an agent event (-1), and both before a record's instants, which are"
        " cut to whole seconds and stand in for what was lost (far below zero). That a contact was passed on comes "
        "from the contact after it (1 to 3). What only a record knows, holds, transfers, questions and answers, has"
        " its `LastUpdateTimestamp` in seconds since 1970, and replaces what live feeds said; a later record "
        "replaces an earlier one."
    ),
    guarantees=(
        "Contact events: best effort, in any order, perhaps twice. Each tells again all that is known of its "
        "contact, so that the next one makes up for a lost one. Agent events: at least once, in order of each "
        "agent; heartbeats repair. Contact records: at least once, and again whenever anything changes, for 24 "
        "months."
    ),
    types=(
        Row(
            "INITIATED",
            "interaction.started",
            "of a first contact; MONITOR, EXTERNAL_OUTBOUND, FLOW and guides of agents (connect:Guide) give nothing",
        ),
        Row(
            "`INITIATED` of `TRANSFER`",
            "interaction.transferred, interaction.updated",
            "of the parent: an agent passed it on, its end is taken back",
        ),
        Row(
            "`INITIATED` of `QUEUE_TRANSFER`",
            "interaction.flowed_out, interaction.updated",
            "of the parent, which waited: overflow",
        ),
        Row(
            "`INITIATED` of `CALLBACK`",
            "interaction.flowed_out, interaction.updated",
            "of the parent, which waited: callback, though the customer hung up",
        ),
        Row("QUEUED", "interaction.queued"),
        Row("CONNECTED_TO_AGENT", "interaction.answered"),
        Row("PAUSED", "interaction.held", "tasks only: phone holds are in agent events, and as a sum in records"),
        Row("RESUMED", "interaction.resumed", "tasks only"),
        Row(
            "`DISCONNECTED` with an agent",
            "interaction.ended",
            "and `interaction.transferred` when the agent's work after it began earlier",
        ),
        Row("`DISCONNECTED` in a queue", "interaction.abandoned", "the customer's reasons, or none told"),
        Row(
            "`DISCONNECTED` in a queue, otherwise",
            "interaction.flowed_out, interaction.ended",
            "EXPIRED and IDLE_DISCONNECT: timeout; else other, or what `outcomes` says of the reason",
        ),
        Row("`DISCONNECTED` in a flow", "interaction.ended", "by a bot when the flow did it"),
        Row("`DISCONNECTED` of `AGENT_REPLY`", "interaction.message", "of the mail's thread, unless DISCARDED"),
        Row("COMPLETED", "interaction.wrapped_up", "at once when there was no after-contact work"),
        Row("CONTACT_DATA_UPDATED", "nothing"),
        Row("CONNECTED_TO_SYSTEM", "nothing"),
        Row("AMD_DISABLED", "nothing"),
        Row("WEBRTC_API", "nothing"),
        Row(
            "`AWSContactTraceRecordFormatVersion` (contact records)",
            (
                "interaction.started, interaction.queued, interaction.answered, interaction.transferred, "
                "interaction.message, interaction.abandoned, interaction.flowed_out, interaction.ended, "
                "interaction.wrapped_up, interaction.updated, customer.survey_answered, customer.identified"
            ),
            (
                "one of TRANSFER with at most 2 s of the customer's time was only asked: all that was told of it is"
                " taken back"
            ),
        ),
        Row("LOGIN", "agent.state_changed"),
        Row("LOGOUT", "agent.state_changed", "and the end of what the agent had"),
        Row("`STATE_CHANGE` of a status", "agent.state_changed", "or of queues or slots"),
        Row(
            "`STATE_CHANGE` of a contact",
            (
                "interaction.queued, interaction.offered, interaction.declined, interaction.answered, "
                "interaction.held, interaction.resumed, interaction.ended, interaction.wrapped_up"
            ),
            (
                "INCOMING, PENDING, CONNECTING: offered; MISSED, REJECTED, ERROR: declined; gone from `Contacts`: "
                "wrapped up"
            ),
        ),
        Row("HEART_BEAT", "agent.heartbeat, agent.state_changed", "and all that its snapshot says of contacts, again"),
    ),
    fields=(
        Row("initialContactId, contactId", "interaction_id", "the first contact of the chain"),
        Row("contactId", "segment_id", "its parent is `previousContactId`, else `initialContactId`"),
        Row(
            "channel",
            "channel",
            (
                "VOICE phone, CHAT and SMS chat, EMAIL and TASK email; `channels` says otherwise, also of a "
                "`connect:Subtype`"
            ),
        ),
        Row(
            "queueInfo.queueArn, Queue.ARN",
            "queue",
            "the ARN's last part, `agent/<id>` for an agent's own; `queues` maps it, or a name where feeds tell one",
        ),
        Row(
            "agentInfo.agentArn, Agent.ARN, AgentARN",
            "agent_id",
            "the ARN's last part; `agents` maps it, or a user name",
        ),
        Row(
            "customerId, customerEndpoint.address",
            "customer_id",
            "`tel:` or `mailto:`; `customerId` first, with a `customer.identified`",
        ),
        Row(
            "initiationMethod",
            "direction, initiation",
            "OUTBOUND, CALLBACK, CAMPAIGN_PREVIEW and API on the phone go out; `connect:Direction` first",
        ),
        Row("disconnectReason", "by"),
        Row("agentInitiatedHoldDuration, CustomerHoldDuration", "hold_ms", "in s"),
        Row(
            "AgentInteractionDuration, CustomerHoldDuration, AfterContactWorkDuration",
            "handle_ms, wrap_up_ms",
            "of contacts that were passed on: the vendor's own sums",
        ),
        Row(
            "ChatMetrics.ContactMetrics.AgentFirstResponseTimestamp",
            "author: agent",
            "the first response, and no other message",
        ),
        Row("Attributes", "survey, score", "those that `questions` names; the answer is the interaction's"),
        Row("RoutingProfile.Concurrency", "slots"),
        Row("RoutingProfile.InboundQueues", "queues", "without the agent's own"),
        Row(
            "AgentStatus.Type, AgentStatus.Name",
            "presence, reason",
            "ROUTABLE available, OFFLINE logged out, CUSTOM not ready, with the name as its reason",
        ),
    ),
    lacks=(
        Lack(
            "whether a problem was solved",
            ("resolution_rate",),
            "no feed has a word for it",
        ),
        Lack(
            "why the customer came",
            ("fcr",),
            "all contacts of a customer count as about one matter",
        ),
        Lack(
            "messages of a thread",
            ("next_response_seconds",),
            "records count them, and tell the instant of the first response alone",
        ),
        Lack(
            "first responses of mails without AGENT_REPLY contacts",
            ("first_response_seconds", "response_level"),
            "tasks have none at all, and count as closed unanswered",
        ),
        Lack(
            "single holds, without agent events",
            ("hold_ms",),
            "the sum is told, and belongs to talk where a contact was passed on",
        ),
        Lack(
            "whether an agent who was called was only asked",
            ("transfer_rate", "wrap_up_ms"),
            "until the contact records come, it looks like a transfer; handle is right all the same",
        ),
        Lack(
            "that the first agent of a conference goes on after the second has left",
            ("talk_ms",),
            "one agent is on at a time; handle is the vendor's sum",
        ),
        Lack(
            "transfers of transfers, where only agent events come",
            ("transfer_rate", "talk_ms"),
            "agent events tell the first contact of a chain, not the one before",
        ),
        Lack(
            "customers whom no agent took, where only agent events come",
            ("offered", "abandoned", "flowed_out", "ended", "service_level"),
            "an agent's contacts are those that rang at the agent: who left the queue before is in no snapshot",
        ),
        Lack(
            "when an agent left who had called another one, where only contact events come",
            ("talk_ms", "wrap_up_ms"),
            "the part ends as the other one is called, and the rest of it counts as wrap-up, or as handle alone",
        ),
        Lack(
            "video",
            (),
            "agent events call it VOICE: it is phone in all feeds, unless `channels` names its `connect:Subtype`",
        ),
    ),
)
