"""Histories of customers over all channels, and of bots: first contacts, repeats, containment. Repeats: in 7 days."""

from __future__ import annotations

from tests.core.by_hand import History

HISTORIES: dict[str, History] = {
    "a bot hands off, and the first response is measured from there": History(
        "chat",
        """
        10:00:00 started
        10:00:05 message bot
        10:00:30 message customer
        10:01:00 queued chats
        10:01:30 answered anna
        10:01:50 message agent
        10:05:30 ended customer
        """,
        """
        10:00:00 *: started
        10:01:00 chats: offered; *: offered
        10:01:30 chats: answered in_threshold wait=30s; *: answered
        10:01:50 chats: first_response=50s first_response_in_threshold
        10:05:30 chats: handled talk=4m handle=4m ended resolution=5m30s; *: unidentified bot_interactions
        """,
        "chats/anna",
    ),
    "contained: a bot ends it as resolved, and nobody hears of the customer for a day": History(
        "chat",
        """
        Mon 10:00:00 started customer=c
        Mon 10:00:05 message bot
        Mon 10:02:00 ended bot resolved=yes
        """,
        """
        Mon 10:00:00 *: started identified
        Mon 10:02:00 -: ended closed_unanswered resolution=2m resolved_known resolved
        Mon 10:02:00 *: bot_interactions bot_contained first_contacts resolved_contacts
        """,
    ),
    "not contained: the customer calls within 24 hours": History(
        "chat",
        """
        Mon 10:00:00 chat/1 started customer=c
        Mon 10:02:00 chat/1 ended bot resolved=yes
        Tue 10:02:00 phone/2 started customer=c
        Tue 10:03:00 phone/2 abandoned
        """,
        """
        Mon 10:00:00 *: started identified
        Mon 10:02:00 -: ended closed_unanswered resolution=2m resolved_known resolved
        Mon 10:02:00 *: bot_interactions first_contacts repeated_contacts
        Tue 10:02:00 phone *: started identified repeats; chat -: repeats_caused
        Tue 10:03:00 phone -: ended
        """,
    ),
    "contained: the customer calls a millisecond later than that, which is a repeat all the same": History(
        "chat",
        """
        Mon 10:00:00 chat/1 started customer=c
        Mon 10:02:00 chat/1 ended bot resolved=yes
        Tue 10:02:00.001 phone/2 started customer=c
        Tue 10:03:00 phone/2 abandoned
        """,
        """
        Mon 10:00:00 *: started identified
        Mon 10:02:00 -: ended closed_unanswered resolution=2m resolved_known resolved
        Mon 10:02:00 *: bot_interactions bot_contained first_contacts repeated_contacts
        Tue 10:02:00.001 phone *: started identified repeats; chat -: repeats_caused
        Tue 10:03:00 phone -: ended
        """,
    ),
    "not contained: the customer gives up on the bot": History(
        "chat",
        """
        10:00:00 started customer=c
        10:00:05 message bot
        10:02:00 ended customer
        """,
        """
        10:00:00 *: started identified
        10:02:00 -: ended closed_unanswered resolution=2m; *: bot_interactions
        """,
    ),
    "a bot is met once, however often it is over": History(
        "chat",
        """
        10:00:00 started
        10:00:05 message bot
        10:02:00 ended customer
        10:05:00 reopened
        10:06:00 ended customer
        """,
        """
        10:00:00 *: started
        10:02:00 -: ended closed_unanswered resolution=2m; *: bot_interactions
        10:05:00 -: reopened
        10:06:00 -: ended resolution=1m
        """,
    ),
    "a bot in the queue takes the call over: it met a bot, and was lost to the agents": History(
        "phone",
        """
        10:00:00 queued support
        10:01:00 flowed_out bot
        10:02:00 ended bot resolved=yes
        """,
        """
        10:00:00 support: offered; *: started offered
        10:01:00 support: flowed_out=bot
        10:02:00 support: ended resolved_known resolved
        10:02:00 *: lost bot_interactions bot_contained bot_unidentified unidentified
        """,
        "support/-",
    ),
    "a phone call after a chat that solved nothing lowers the chat's first-contact resolution": History(
        "chat",
        """
        Mon 10:00:00 chat/1 started customer=c
        Mon 10:00:00 chat/1 answered anna
        Mon 10:10:00 chat/1 ended customer
        Thu 15:00:00 phone/2 started customer=c
        Thu 15:00:00 phone/2 answered bert
        Thu 15:10:00 phone/2 ended customer
        """,
        """
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: handled talk=10m handle=10m ended closed_unanswered resolution=10m
        Mon 10:10:00 *: first_contacts repeated_contacts
        Thu 15:00:00 phone *: started identified repeats; chat -: repeats_caused
        Thu 15:10:00 phone -: handled talk=10m handle=10m ended
        """,
        "-/anna -/bert",
    ),
    "exactly seven days after the end is a repeat, one millisecond later a first contact of its own": History(
        "phone",
        """
        2026-03-02 10:00:00 phone/1 answered anna customer=c
        2026-03-02 10:10:00 phone/1 ended customer
        2026-03-09 10:10:00 phone/2 answered anna customer=c
        2026-03-09 10:20:00 phone/2 ended customer
        2026-03-02 12:00:00 phone/3 answered anna customer=d
        2026-03-02 12:10:00 phone/3 ended customer
        2026-03-09 12:10:00.001 phone/4 answered anna customer=d
        2026-03-09 12:20:00.001 phone/4 ended customer
        """,
        """
        2026-03-02 10:00:00 *: started identified
        2026-03-02 10:10:00 -: handled talk=10m handle=10m ended; *: first_contacts repeated_contacts
        2026-03-09 10:10:00 *: started identified repeats; -: repeats_caused
        2026-03-09 10:20:00 -: handled talk=10m handle=10m ended
        2026-03-02 12:00:00 *: started identified
        2026-03-02 12:10:00 -: handled talk=10m handle=10m ended; *: first_contacts resolved_contacts
        2026-03-09 12:10:00.001 *: started identified
        2026-03-09 12:20:00.001 -: handled talk=10m handle=10m ended; *: first_contacts resolved_contacts
        """,
        "-/anna -/anna -/anna -/anna",
    ),
    "another matter is no repeat": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=c reason=billing
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=c reason=fault
        Tue 10:10:00 phone/2 ended customer
        """,
        """
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: handled talk=10m handle=10m ended; *: first_contacts resolved_contacts
        Tue 10:00:00 *: started identified
        Tue 10:10:00 -: handled talk=10m handle=10m ended; *: first_contacts resolved_contacts
        """,
        "-/anna -/anna",
    ),
    "the customer whom an update tells late is the customer": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=tel:+391
        Mon 10:10:00 phone/1 ended customer resolved=no
        Mon 10:20:00 phone/1 updated customer=c
        Tue 10:00:00 phone/2 answered anna customer=c
        Tue 10:10:00 phone/2 ended customer
        """,
        """
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: handled talk=10m handle=10m ended resolved_known; *: first_contacts repeated_contacts
        Tue 10:00:00 *: started identified repeats; -: repeats_caused
        Tue 10:10:00 -: handled talk=10m handle=10m ended
        """,
        "-/anna -/anna",
    ),
    "outbound calls are nobody's repeat": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=c
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=c direction=outbound
        Tue 10:10:00 phone/2 ended customer
        """,
        """
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: handled talk=10m handle=10m ended; *: first_contacts resolved_contacts
        Tue 10:00:00 outbound *: started
        Tue 10:10:00 outbound -: handled talk=10m handle=10m ended
        """,
        "-/anna -/anna",
    ),
}
