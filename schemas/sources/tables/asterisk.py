"""What is to be known of Asterisk's queue_log before it is connected."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="asterisk",
    ways=(
        "`centralino tail queue_log FILE --host pbx1 --state FILE`, on the PBX or where the file is mounted.",
        (
            "A shipper of log files into `sources.asterisk` under one key a host: JSON with `message` (Filebeat, "
            "Vector) or `log` (Fluent Bit), the host in `host` or `host.name`, the byte in `offset` or `log.offset`. A "
            "bare line is a payload too; its host is the setting `instance`, else nobody's."
        ),
        (
            "`centralino replay FILE --source asterisk --host pbx1` for old files: what was followed live counts once "
            "all the same. The log must be a file; the realtime database variant writes local times, and is not read."
        ),
    ),
    identity=(
        "The source is `/asterisk/<host>`, an interaction `<host>-<uniqueid>`. What a line tells is known by its file "
        "(a hash of the first line, which stays over rotations) and byte; where the file is not told, by the line "
        "itself and its byte if that is: two equal lines of one second without a byte, such as two RINGNOANSWER of "
        "one agent, then count once, and a call that enters and leaves queues within a second may be taken to be "
        "over. A call's start and its assumed end have one identity a call. Take one way a host: a line that comes by "
        "two of them has two identities."
    ),
    guarantees=(
        "The file repeats nothing and is in order, but for lines of one second by several threads; a crash may lose "
        "or halve the last one. Times are whole seconds, so a wait or a talk may be wrong by one. Calls may be "
        "shuffled and repeated at will; what is told of agents is taken in the order of one partition, and what lies "
        "before it is dropped."
    ),
    types=(
        Row(
            "ENTERQUEUE",
            "interaction.started, interaction.queued, interaction.updated",
            "the start is when the uniqueid says that the call was made, if within a day: the IVR before it counts. "
            "The update says nothing but that an end assumed before does not hold",
        ),
        Row("DID", "interaction.updated", "the attribute `did`; written by the dialplan, not by Asterisk"),
        Row("RINGNOANSWER, RINGCANCELED", "interaction.declined", "no_answer; one an agent and ring, also in ringall"),
        Row("AGENTDUMP, SYSCOMPAT", "interaction.declined", "rejected, error"),
        Row("CONNECT", "interaction.answered"),
        Row("COMPLETEAGENT, COMPLETECALLER", "interaction.ended", "by agent, customer"),
        Row(
            "BLINDTRANSFER, TRANSFER, ATTENDEDTRANSFER",
            "interaction.transferred, interaction.ended",
            "the call is taken to be over; entering a queue later takes that back",
        ),
        Row("ABANDON", "interaction.abandoned"),
        Row("EXITWITHTIMEOUT", "interaction.flowed_out, interaction.ended", "timeout; over unless it enters one later"),
        Row("EXITEMPTY", "interaction.flowed_out, interaction.ended", "no_agents; the same"),
        Row(
            "EXITWITHKEY",
            "interaction.flowed_out, interaction.ended",
            "what `outcomes` says of the key, else other; the same",
        ),
        Row(
            "WITHDRAW",
            "interaction.flowed_out, interaction.ended",
            "what `outcomes` says of its text; else callback or voicemail where the text has the word, else other; "
            "the same",
        ),
        Row("ADDMEMBER, REMOVEMEMBER", "agent.state_changed", "logged out once in no queue"),
        Row(
            "PAUSE, UNPAUSE, PAUSEALL, UNPAUSEALL",
            "agent.state_changed",
            "not ready once paused in every queue, with the reason",
        ),
        Row("AGENTLOGIN, AGENTLOGOFF", "agent.state_changed", "and AGENTCALLBACKLOGIN, AGENTCALLBACKLOGOFF"),
        Row("QUEUESTART, CONFIGRELOAD, PENALTY, RINGINUSE", "nothing"),
        Row("SURVEY, INFO", "nothing", "what a dialplan writes by QueueLog(), except DID, is skipped by its name"),
    ),
    fields=(
        Row("uniqueid", "interaction_id", "behind the host's name; several systems may have one and the same"),
        Row("epoch", "time"),
        Row("queue", "queue", "`queues` says otherwise"),
        Row("agent", "agent_id", "the member's name or interface, as it is logged; `agents` says otherwise"),
        Row("ENTERQUEUE's callerid", "customer_id", "`tel:`; none when withheld or no number"),
        Row("reason of PAUSE", "reason"),
        Row("extension and context of a transfer", "attributes.transferred_to"),
    ),
    lacks=(
        Lack("holds", ("hold_ms", "hold_rate"), "the log has none: they count as talk"),
        Lack("wrap-up", ("wrap_up_ms",), "only a queue's `wrapuptime` knows of it"),
        Lack("ringing", (), "RINGNOANSWER tells of a ring when it is over; an answer does not say since when it rang"),
        Lack(
            "what becomes of a call that left the queue", ("resolution_rate",),
            "a colleague's talk after a transfer and what a voicemail or an IVR does are not in the log",
        ),
        Lack(
            "the end of a call that was cut off", (),
            "a crash or an old version writes none: it times out after the idle limit",
        ),
        Lack(
            "who is there before the log tells of them", ("occupancy",),
            "members of queues.conf are never added, so they are seen at their first pause only; add members at run "
            "time",
        ),
        Lack(
            "the order of lines within a second, where they come bare",
            ("offered", "answered", "flowed_out"),
            "who leaves a queue in the second of entering it and enters the next one then may be counted amiss; send "
            "lines with the host and offset",
        ),
        Lack("calls that enter no queue", (), "outbound and direct calls are in the CDR, not in the queue_log"),
    ),
)  # fmt: skip
