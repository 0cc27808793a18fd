"""Histories of more than one agent, or of none that a queue sent: transfers, consults, direct dialling, outbound."""

from __future__ import annotations

from tests.core.by_hand import History

HISTORIES: dict[str, History] = {
    "transferred after 90 s, and the caller talks on for an hour": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:40 transferred anna to_queue=sales
        10:01:40 queued sales
        10:02:00 wrapped_up anna
        10:02:10 answered bert
        11:02:10 ended customer
        11:02:40 wrapped_up bert
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:40 support: handled transferred talk=1m30s wrap_up=20s handle=1m50s; sales: offered
        10:02:10 sales: answered wait=30s
        11:02:10 sales: handled talk=1h wrap_up=30s handle=1h30s ended; *: unidentified
        """,
        "support/anna sales/bert",
    ),
    "an attended transfer: the first agent stays until the transferred, although the next is on": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 held anna
        10:01:30 answered bert
        10:02:10 transferred anna to_agent=bert kind=attended
        10:05:30 ended customer
        10:05:50 wrapped_up bert
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:02:10 support: handled transferred held talk=1m hold=1m handle=2m
        10:05:30 -: handled talk=4m wrap_up=20s handle=4m20s ended; *: unidentified
        """,
        "support/anna -/bert",
    ),
    "a consult after which the first agent comes back": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 answered bert
        10:02:10 answered anna
        10:03:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled talk=1m handle=1m
        10:02:10 -: handled talk=1m handle=1m
        10:03:10 -: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna -/bert -/anna",
    ),
    "straight to an agent of another queue: their work is that queue's, but nothing was offered": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 transferred anna to_agent=bert to_queue=sales
        10:01:20 answered bert
        10:03:20 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled transferred talk=1m handle=1m
        10:03:20 sales: handled talk=2m handle=2m ended; *: unidentified
        """,
        "support/anna sales/bert",
    ),
    "sent back to the queue without a word: the part ends where the next begins, untransferred": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 queued support
        10:01:20 answered bert
        10:03:20 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled talk=1m handle=1m offered
        10:01:20 support: answered in_threshold wait=10s
        10:03:20 support: handled talk=2m handle=2m ended; *: unidentified
        """,
        "support/anna support/bert",
    ),
    "dialled directly: handled work and nothing else, in the queue that the answer names": History(
        "phone",
        """
        10:00:00 phone/1 answered anna
        10:02:00 phone/1 ended customer
        11:00:00 phone/2 answered anna queue=vip
        11:02:00 phone/2 ended customer
        """,
        """
        10:00:00 *: started
        10:02:00 -: handled talk=2m handle=2m ended; *: unidentified
        11:00:00 *: started
        11:02:00 vip: handled talk=2m handle=2m ended; *: unidentified
        """,
        "-/anna vip/anna",
    ),
    "an outbound call counts apart, a call back as inbound": History(
        "phone",
        """
        10:00:00 phone/1 started direction=outbound initiation=agent
        10:00:10 phone/1 answered anna
        10:02:10 phone/1 ended customer
        11:00:00 phone/2 started direction=outbound initiation=callback
        11:00:10 phone/2 answered anna
        11:02:10 phone/2 ended customer
        """,
        """
        10:00:00 outbound *: started
        10:02:10 outbound -: handled talk=2m handle=2m ended
        11:00:00 *: started
        11:02:10 -: handled talk=2m handle=2m ended; *: unidentified
        """,
        "-/anna -/anna",
    ),
    "gone in the menu, before any queue: an end of no queue, offered to nobody and not lost": History(
        "phone",
        """
        10:00:00 started
        10:00:30 abandoned
        """,
        """
        10:00:00 *: started
        10:00:30 -: ended
        """,
    ),
    "an abandon while an agent is on counts nowhere": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:00 abandoned
        10:02:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:02:10 support: handled talk=2m handle=2m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a hold in the instant of the transfer comes after it, and is none": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:05:10 held anna
        10:05:10 transferred anna
        10:06:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:05:10 support: handled transferred talk=5m handle=5m
        10:06:10 support: ended; *: unidentified
        """,
        "support/anna",
    ),
    "a transfer told after the re-queue prolongs the part, and a wrap-up before it is the earlier part's": History(
        "phone",
        """
        10:00:00 answered anna
        10:00:10 transferred anna
        10:00:20 answered anna
        10:00:40 queued sales
        10:00:50 wrapped_up anna
        10:01:00 transferred anna
        10:02:00 abandoned
        """,
        """
        10:00:00 *: started answered
        10:00:10 -: handled transferred talk=10s wrap_up=40s handle=50s
        10:00:40 sales: offered; *: offered
        10:01:00 -: handled transferred talk=40s handle=40s
        10:02:00 sales: abandoned ended; *: unidentified
        """,
        "-/anna -/anna sales/-",
    ),
}
