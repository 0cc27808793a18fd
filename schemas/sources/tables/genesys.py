"""Genesys Cloud, as docs/sources.md tells it."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="genesys",
    ways=(
        (
            "EventBridge: a rule that puts the topics `v2.detail.events.conversation.{id}.*` into "
            "`sources.genesys`, or calls `POST /in/genesys`; the envelope may stay."
        ),
        "A notification channel (WebSocket): put what it sends into the topic as it comes.",
        (
            "Analytics: answers of `POST /api/v2/analytics/conversations/details/query`, or single records of it, "
            "polled or from a data lake; again and again, as they are revised."
        ),
        "Both together are best: events for what is going on, records for what was. What both tell counts once.",
    ),
    identity=(
        "Ids are made of session and happening (`<sessionId>:queued`), the end's of the conversation. A record's "
        "revision is the latest instant in it, in µs, so that it replaces what events said, and a later record an "
        "earlier one. No payload tells its organization everywhere: the source is `/genesys/<instance>` as set."
    ),
    guarantees=(
        "Nothing is promised on loss, repetition or order. Events of one moment come some ms apart, in any order: a "
        "customer's end before that of the queue or of the agent."
    ),
    types=(
        Row(
            "`customer.start`",
            "interaction.started, customer.identified",
            "the second where it tells a contact and an address",
        ),
        Row("`acd.start`", "interaction.queued"),
        Row("`user.start`", "interaction.offered", "it rings: never an answer; nothing for outbound"),
        Row(
            "`acd.end`",
            "interaction.answered, interaction.abandoned, interaction.flowed_out",
            (
                "by `acdOutcome`: ANSWERED, with `answeredUserId`; ABANDON; FLOW_OUT is overflow (TIMEOUT timeout, "
                "or as `[sources.genesys.outcomes]` says of `disconnectType`); UNKNOWN is abandoned when the other "
                "side left, else `other`"
            ),
        ),
        Row(
            "`user.end`",
            (
                "interaction.ended, interaction.transferred, interaction.held, interaction.resumed, "
                "interaction.declined, interaction.answered"
            ),
            (
                "declined when it never connected, unless the customer left. Transferred by `disconnectType`, its "
                "hold told as one at the end. Answered, too, where no queue led to it: direct, transferred to an "
                "agent, outbound"
            ),
        ),
        Row("`customer.end`", "interaction.ended", "the same end as the last agent's, which replaces it"),
        Row("`acw`", "interaction.wrapped_up"),
        Row(
            "`voicemail.start`",
            "interaction.flowed_out",
            "`voicemail`, where the queue's end was not told before; records tell it always",
        ),
        Row("`v2.detail.events.agent` … `.state`, `v2.users` … `.activity`", "agent.state_changed"),
        Row(
            "`conversationStart` (a record)",
            (
                "interaction.started, interaction.queued, interaction.offered, interaction.answered, "
                "interaction.declined, interaction.held, interaction.resumed, interaction.transferred, "
                "interaction.abandoned, interaction.flowed_out, interaction.ended, interaction.wrapped_up, "
                "interaction.updated, customer.identified"
            ),
            "all that happened until then; `updated` takes back an agent who only gave advice",
        ),
        Row(
            "`surveys` (of a record)",
            "customer.survey_answered",
            "nps from `surveyPromoterScore`, when the customer is known",
        ),
        Row(
            "`flow.start`",
            "nothing",
            "nor flow.end, flow.outcome, wrapup, voicemail.end, outbound, contact, attributes",
        ),
    ),
    fields=(
        Row("`conversationId`", "interaction_id"),
        Row("`sessionId`", "segment_id", "of the queue's or the agent's session"),
        Row(
            "`mediaType`, `messageType`",
            "channel",
            (
                "voice and callback are phone, chat, email, video; web messaging and SMS are chat, other messages "
                "are social; or as `[sources.genesys.channels]` says. Cobrowse, screen share and monitoring are "
                "nothing"
            ),
        ),
        Row("`queueId`", "queue", "in `[sources.genesys.queues]`; no name is told"),
        Row("`userId`, `answeredUserId`", "agent_id", "in `[sources.genesys.agents]`; no name is told"),
        Row(
            "`ani`, `addressFrom` (outbound `dnis`, `addressTo`), `callbackNumbers`",
            "customer_id",
            "as an alias; else the contact, as `genesys:<externalContactId>`",
        ),
        Row("`externalContactId`, `conversationExternalContactIds`", "aliases"),
        Row("`direction`, `originatingDirection`", "direction"),
        Row("`eventTime`", "time", "ms; the envelope's is later"),
        Row("`heldDurationMs`", "hold_ms"),
        Row("`wrapupDurationMs`, metric `tAcw`", "wrap_up_ms"),
        Row("metric `tHandle`", "handle_ms"),
        Row("`wrapupCode`, `wrapUpCode`", "disposition", "its id"),
        Row("`disconnectType`", "by", "the customer's own, or the agent's"),
    ),
    lacks=(
        Lack(
            "Single holds, in events",
            ("held", "hold_rate"),
            (
                "only their sum is told, at the end: `hold_ms` of the end, or one hold before a transfer. Records "
                "have each"
            ),
        ),
        Lack(
            "Advice among agents, in events",
            ("offered", "answered", "handled", "talk_ms", "handle_ms"),
            (
                "who was asked looks like one who took over, and the queue that led there like one that the customer "
                "was in, until the record comes"
            ),
        ),
        Lack(
            "Messages",
            ("first_response", "next_response", "response_level"),
            "neither events nor records have them one by one",
        ),
        Lack("Whether it was resolved", ("resolution_rate",), "a wrap-up code may mean it: only you know which"),
        Lack("Satisfaction", ("csat", "csat_mean"), "a survey's total is a share of points of a form of your own"),
        Lack("What a bot did", ("containment",), "flows are not told apart from bots"),
    ),
)
