"""Twilio TaskRouter, as docs/sources.md tells it."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="twilio",
    ways=(
        "Event callbacks: the workspace's `EventCallbackUrl` is `POST /in/twilio`; a form an event.",
        (
            "Event Streams: a webhook sink to `POST /in/twilio`, or Kinesis into `sources.twilio`; CloudEvents, one "
            "or a list. Subscribe to all `com.twilio.taskrouter.*` types of task, reservation, task-queue and "
            "worker."
        ),
        "Both at once do no harm: what both tell counts once.",
    ),
    identity=(
        "The source is `/twilio/<AccountSid>`, the id the event's own `EV…`, which callbacks and streams share. "
        "What TaskRouter tells by several events has an id of what it is about: a stay in a queue (task, queue and "
        "`TaskQueueEnteredDate`), an agent's leaving (reservation), the end of a task."
    ),
    guarantees=(
        "Event callbacks are sent once: what fails is lost. Event Streams repeats for up to four hours, at least "
        "once. Neither promises an order; instants are TaskRouter's own, in ms."
    ),
    types=(
        Row(
            "`task.created`",
            "interaction.started, customer.identified",
            "the second where the attributes know the customer's id in your systems",
        ),
        Row("`task-queue.entered`", "interaction.queued"),
        Row("`task-queue.moved`", "interaction.queued", "one stay, should both of them tell it"),
        Row("`task-queue.timeout`", "interaction.flowed_out", "`timeout`; a cancelation of that stay replaces it"),
        Row("`reservation.created`", "interaction.offered", "it rings: never an answer"),
        Row("`reservation.timeout`", "interaction.declined", "`no_answer`"),
        Row("`reservation.rejected`", "interaction.declined", "`rejected`"),
        Row(
            "`reservation.rescinded`",
            "interaction.declined",
            "`no_answer`: another of several who were offered it was faster",
        ),
        Row("`reservation.failed`", "interaction.declined", "`error`"),
        Row(
            "`reservation.canceled`",
            "interaction.declined",
            "`error` while the task goes on; with the task it is nobody's: the customer left",
        ),
        Row("`reservation.accepted`", "interaction.answered"),
        Row(
            "`task.transfer-completed`",
            "interaction.transferred",
            "of the agent who began the transfer; WARM is attended, COLD is blind",
        ),
        Row(
            "`reservation.wrapup`",
            "interaction.ended, interaction.transferred",
            (
                "transferred while the task is still pending, reserved, assigned or transferring: then it tells "
                "when that agent really left"
            ),
        ),
        Row("`task.wrapup`", "interaction.ended"),
        Row(
            "`reservation.completed`",
            "interaction.wrapped_up, interaction.ended, interaction.transferred, interaction.updated",
            (
                "ended where the task went straight to completed; transferred where it goes on and nothing else told "
                "it; updated, which takes a transferred back, where the task was completed with this reservation"
            ),
        ),
        Row("`task.completed`", "interaction.ended, customer.identified", "where nothing told the end before"),
        Row(
            "`task.canceled`",
            "interaction.abandoned, interaction.flowed_out, interaction.ended",
            (
                "by `TaskCanceledReason`: hung up, abandoned or disconnected is abandoned; else flowed out, "
                "`[sources.twilio.outcomes]` first, then voicemail, callback, timeout, overflow by their words, "
                "else `other`"
            ),
        ),
        Row("`task.deleted`", "interaction.ended", "only of a task that was not over"),
        Row("`task.system-deleted`", "interaction.ended", "the same"),
        Row("`task.transfer-failed`", "interaction.flowed_out", "`other`, of a queue that was to take over"),
        Row("`task.transfer-canceled`", "interaction.flowed_out", "the same"),
        Row(
            "`worker.activity.update`",
            "agent.state_changed",
            (
                "by the flag of the activity where it is told, else by its name: Available, Idle, Ready, Online; "
                "Offline and the like are logged out; all else is not ready, the name the reason"
            ),
        ),
        Row("`worker.deleted`", "agent.state_changed", "logged out"),
        Row("`task.updated`", "nothing", "every later event repeats the attributes"),
        Row("`workflow.timeout`", "nothing", "the cancelation that follows tells it"),
    ),
    fields=(
        Row(
            "`TaskSid`",
            "interaction_id",
            (
                "on phone and video the attributes' `conversations.conversation_id` where it is set, behind the "
                "account where it is no SID"
            ),
        ),
        Row(
            "`TaskChannelUniqueName`, attribute `channelType`",
            "channel",
            (
                "voice is phone, chat, web and sms are chat, email, video; whatsapp, messenger and the like are "
                "social. Others as `[sources.twilio.channels]` says, the attribute first"
            ),
        ),
        Row("`TaskQueueName`, `TaskQueueSid`", "queue", "by SID or name in `[sources.twilio.queues]`, else the name"),
        Row("`WorkerName`, `WorkerSid`", "agent_id", "by SID or name in `[sources.twilio.agents]`, else the name"),
        Row("`ReservationSid`", "segment_id"),
        Row(
            "attributes `customers.customer_id`, `customers.external_id`",
            "customer_id",
            "the customer's id in your systems",
        ),
        Row(
            "attributes `from`, `caller`, `customerAddress`, `customers.phone`, `customers.email`",
            "customer_id",
            (
                "as an alias, where there is no such id; of an outbound call `outbound_to`, `to`. The numbers that "
                "stand for withheld ones are nobody"
            ),
        ),
        Row("attribute `direction`", "direction"),
        Row("attribute `taskType` callback", "initiation", "callback: it counts as inbound"),
        Row("attribute `conversations.outcome`", "disposition"),
        Row("attribute `conversations.hang_up_by`", "by"),
        Row("attribute `conversations.conversation_id`", "attributes"),
    ),
    lacks=(
        Lack(
            "Holds",
            ("hold_ms", "held", "hold_rate"),
            "they are events of Voice conferences, not of TaskRouter: talk includes them",
        ),
        Lack(
            "Messages of a chat or thread",
            ("first_response", "next_response", "response_level"),
            "they are events of Conversations",
        ),
        Lack(
            "Whether it was resolved, and surveys",
            ("resolution_rate", "csat", "nps", "ces"),
            "TaskRouter does not ask",
        ),
        Lack(
            "That a chat's transfer is one",
            ("transferred", "interactions_offered"),
            (
                "in writing a transfer makes a second task while the first is wrapped up: it is an interaction of "
                "its own, with initiation transfer"
            ),
        ),
        Lack(
            "That an agent who wraps up longer than all who came after had passed the customer on",
            ("transferred", "talk_ms", "wrap_up_ms"),
            "the task is completed with that agent's reservation, as it is where nobody came after",
        ),
        Lack(
            "A stay that began in the second of another one in the same queue",
            ("offered", "answered", "flowed_out"),
            "`TaskQueueEnteredDate` tells stays apart, and has whole seconds",
        ),
        Lack(
            "Who leaves before the flow has made a task",
            ("ended", "containment"),
            "to TaskRouter such a call never was",
        ),
        Lack(
            "The rest of an agent's talk after a transfer to a queue that came to nothing",
            ("talk_ms", "handle_ms"),
            "the agent goes on without another event",
        ),
        Lack(
            "Who went offline after a reservation had timed out",
            ("presence",),
            "TaskRouter does that itself where the workspace says so; it looks like a worker who logged out",
        ),
        Lack(
            "What a failed callback carried",
            ("answered", "abandoned"),
            "an answer that was lost looks like a customer who waited until the end; Event Streams repeats",
        ),
    ),
)
