"""Histories of threads: responses, resolutions, reopenings. Thresholds: email 8 h, social 1 h, chat 60 s."""

from __future__ import annotations

from tests.core.by_hand import History

HISTORIES: dict[str, History] = {
    "an email is assigned, answered and resolved": History(
        "email",
        """
        09:00:00 started
        09:00:00 message customer
        09:00:00 queued mail
        11:00:00 answered anna
        11:30:00 message agent
        12:00:00 ended agent resolved=yes
        12:05:00 wrapped_up anna
        """,
        """
        09:00:00 mail: offered; *: started offered
        11:00:00 mail: answered in_threshold wait=2h; *: answered
        11:30:00 mail: first_response=2h30m first_response_in_threshold
        12:00:00 mail: handled talk=1h wrap_up=5m handle=1h5m ended resolution=3h resolved_known resolved
        12:00:00 *: unidentified
        """,
        "mail/anna",
    ),
    "a first response after exactly the threshold is in it, one millisecond later is not": History(
        "social",
        """
        09:00:00 social/1 started
        10:00:00 social/1 message agent
        11:00:00 social/2 started
        12:00:00.001 social/2 message agent
        """,
        """
        09:00:00 *: started
        10:00:00 -: first_response=1h first_response_in_threshold
        11:00:00 *: started
        12:00:00.001 -: first_response=1h0.001s
        """,
    ),
    "next responses are measured from the oldest message that nobody has answered": History(
        "chat",
        """
        10:00:00 queued chats
        10:00:20 answered anna
        10:00:30 message agent
        10:01:00 message customer
        10:01:30 message customer
        10:02:00 message agent
        10:02:10 message agent
        10:03:00 message customer
        10:03:15 message agent
        10:05:20 ended customer
        """,
        """
        10:00:00 chats: offered; *: started offered
        10:00:20 chats: answered in_threshold wait=20s; *: answered
        10:00:30 chats: first_response=30s first_response_in_threshold
        10:02:00 chats: next_response=1m
        10:03:15 chats: next_response=15s
        10:05:20 chats: handled talk=5m handle=5m ended resolution=5m20s; *: unidentified
        """,
        "chats/anna",
    ),
    "private notes, bots and systems answer nothing": History(
        "chat",
        """
        10:00:00 queued chats
        10:00:20 answered anna
        10:00:25 message agent private
        10:00:26 message system
        10:00:50 message agent
        10:01:00 message customer
        10:01:10 message agent private
        10:01:20 message bot
        10:01:40 message agent
        10:05:20 ended customer
        """,
        """
        10:00:00 chats: offered; *: started offered
        10:00:20 chats: answered in_threshold wait=20s; *: answered
        10:00:50 chats: first_response=50s first_response_in_threshold
        10:01:40 chats: next_response=40s
        10:05:20 chats: handled talk=5m handle=5m ended resolution=5m20s; *: unidentified bot_interactions
        """,
        "chats/anna",
    ),
    "the end stops the clock of a message that nobody answers": History(
        "chat",
        """
        10:00:00 queued chats
        10:00:20 answered anna
        10:00:30 message agent
        10:01:00 message customer
        10:05:20 ended agent
        10:10:00 message agent
        """,
        """
        10:00:00 chats: offered; *: started offered
        10:00:20 chats: answered in_threshold wait=20s; *: answered
        10:00:30 chats: first_response=30s first_response_in_threshold
        10:05:20 chats: handled talk=5m handle=5m ended resolution=5m20s; *: unidentified
        """,
        "chats/anna",
    ),
    "closed without an answer, reopened on Friday at 14:00, first reply at 14:10: ten minutes": History(
        "email",
        """
        Mon 09:00:00 started
        Mon 09:00:00 message customer
        Mon 10:00:00 ended system
        Fri 14:00:00 reopened
        Fri 14:00:00 message customer
        Fri 14:10:00 message agent
        Fri 15:00:00 ended agent resolved=yes
        """,
        """
        Mon 09:00:00 *: started
        Mon 10:00:00 -: ended closed_unanswered resolution=1h
        Fri 14:00:00 -: reopened
        Fri 14:10:00 -: first_response=10m first_response_in_threshold
        Fri 15:00:00 -: ended resolution=1h resolved_known resolved
        """,
    ),
    "answered, reopened, answered again: the second reply is a next response": History(
        "email",
        """
        Mon 09:00:00 started
        Mon 09:30:00 message agent
        Mon 10:00:00 ended agent resolved=yes
        Mon 11:00:00 ended agent
        Tue 09:00:00 message customer
        Tue 09:00:01 reopened
        Tue 09:10:00 message agent
        Tue 09:30:01 ended agent resolved=no
        """,
        """
        Mon 09:00:00 *: started
        Mon 09:30:00 -: first_response=30m first_response_in_threshold
        Mon 10:00:00 -: ended resolution=1h resolved_known resolved
        Tue 09:00:01 -: reopened
        Tue 09:10:00 -: next_response=10m
        Tue 09:30:01 -: ended resolution=30m resolved_known
        """,
    ),
    "reopened while it is open counts nothing": History(
        "email",
        """
        09:00:00 started
        09:10:00 reopened
        09:30:00 message agent
        10:00:00 ended agent
        """,
        """
        09:00:00 *: started
        09:30:00 -: first_response=30m first_response_in_threshold
        10:00:00 -: ended resolution=1h
        """,
    ),
    "an end that told nothing is corrected by a later one, where it happened": History(
        "email",
        """
        09:00:00 queued mail
        09:10:00 answered anna
        10:10:00 ended agent
        12:00:00 ended system resolved=yes
        13:00:00 ended system resolved=no
        """,
        """
        09:00:00 mail: offered; *: started offered
        09:10:00 mail: answered in_threshold wait=10m; *: answered
        10:10:00 mail: handled talk=1h handle=1h ended closed_unanswered resolution=1h10m resolved_known
        10:10:00 *: unidentified
        """,
        "mail/anna",
    ),
    "a parked thread is nobody's work: its hold is measured, but not handled": History(
        "email",
        """
        09:00:00 queued mail
        09:10:00 answered anna
        09:20:00 held anna
        09:50:00 resumed anna
        10:10:00 ended agent
        10:15:00 wrapped_up anna
        """,
        """
        09:00:00 mail: offered; *: started offered
        09:10:00 mail: answered in_threshold wait=10m; *: answered
        10:10:00 mail: handled held talk=30m hold=30m wrap_up=5m handle=35m
        10:10:00 mail: ended closed_unanswered resolution=1h10m; *: unidentified
        """,
        "mail/anna",
    ),
    "a customer who leaves the chat's queue has no resolution": History(
        "chat",
        """
        10:00:00 queued chats
        10:00:40 abandoned
        """,
        """
        10:00:00 chats: offered; *: started offered
        10:00:40 chats: abandoned abandoned_in_threshold ended; *: lost
        """,
        "chats/-",
    ),
    "an outbound thread has no first response": History(
        "email",
        """
        09:00:00 started direction=outbound
        09:00:00 message agent
        10:00:00 message customer
        10:30:00 message agent
        11:00:00 ended agent
        """,
        """
        09:00:00 outbound *: started
        10:30:00 outbound -: next_response=30m
        11:00:00 outbound -: ended resolution=2h
        """,
    ),
    "a reply before the told start took 0": History(
        "chat",
        """
        10:00:05 started
        10:00:00 message agent
        10:01:05 ended agent
        """,
        """
        10:00:00 -: first_response=0s first_response_in_threshold
        10:00:05 *: started
        10:01:05 -: ended resolution=1m
        """,
    ),
    "mail waits for ever, a chat for a day": History(
        "email",
        """
        Mon 09:00:00 email/1 queued mail
        Mon 09:00:00 chat/2 queued chats
        2026-03-30 09:00:00 now
        """,
        """
        Mon 09:00:00 mail: offered; *: started offered; chat chats: offered; chat *: started offered
        Tue 09:00:00 chat chats: timed_out
        """,
        "mail/- chats/-",
    ),
}
