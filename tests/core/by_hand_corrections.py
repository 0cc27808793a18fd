"""Histories of silence and of second thoughts: time-outs taken back, revisions, what is learnt late."""

from __future__ import annotations

from tests.core.by_hand import History

HISTORIES: dict[str, History] = {
    "who waits through four hours of silence has timed out": History(
        "phone",
        """
        10:00:00 queued support
        10:30:00 offered anna
        14:30:00 now
        """,
        """
        10:00:00 support: offered; *: started offered
        14:30:00 support: timed_out
        """,
        "support/-",
    ),
    "and one millisecond earlier has not": History(
        "phone",
        """
        10:00:00 queued support
        10:30:00 offered anna
        14:29:59.999 now
        """,
        """
        10:00:00 support: offered; *: started offered
        """,
        "support/-",
    ),
    "who is connected through four hours of silence has timed out connected, and is never handled": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        15:00:00 now
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        14:00:10 support: timed_out_connected
        """,
        "support/anna",
    ),
    "a late event takes a time-out back": History(
        "phone",
        """
        10:00:00 queued support
        14:00:00 now
        13:00:00 answered anna
        13:01:00 ended customer
        14:00:01 now
        """,
        """
        10:00:00 support: offered; *: started offered
        13:00:00 support: answered wait=3h; *: answered
        13:01:00 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "an event after the time-out takes it back as well": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        15:00:00 now
        16:00:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        16:00:10 support: handled talk=6h handle=6h ended; *: unidentified
        """,
        "support/anna",
    ),
    "a higher revision replaces what was said, a lower one is dropped": History(
        "phone",
        """
        10:00:00 queued support id=q
        10:00:25 answered anna id=a
        10:00:12 answered bert id=a revision=2
        10:00:19 answered carl id=a revision=1
        10:01:12 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:12 support: answered in_threshold wait=12s; *: answered
        10:01:12 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/bert",
    ),
    "a revision may move a segment to another queue": History(
        "phone",
        """
        10:00:00 queued support id=q
        10:00:30 abandoned
        10:00:00 queued sales id=q revision=1
        """,
        """
        10:00:00 sales: offered; *: started offered
        10:00:30 sales: abandoned ended; *: lost
        """,
        "sales/-",
    ),
    "of two different events of one name the earlier stands": History(
        "phone",
        """
        10:00:00 queued support
        10:00:30 abandoned id=x
        10:00:28 abandoned id=x
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:28 support: abandoned ended; *: lost
        """,
        "support/-",
    ),
    "a queue learnt late takes everything with it": History(
        "phone",
        """
        10:00:00 queued support
        10:00:15 answered anna
        10:02:15 ended customer
        10:20:00 updated queue=vip
        """,
        """
        10:00:00 vip: offered; *: started offered
        10:00:15 vip: answered wait=15s; *: answered
        10:02:15 vip: handled talk=2m handle=2m ended; *: unidentified
        """,
        "vip/anna",
        thresholds={"vip": "10s"},
    ),
    "a direction learnt late takes everything with it": History(
        "phone",
        """
        10:00:00 answered anna
        10:02:00 ended agent
        10:20:00 updated direction=outbound
        """,
        """
        10:00:00 outbound *: started
        10:02:00 outbound -: handled talk=2m handle=2m ended
        """,
        "-/anna",
    ),
    "a started that comes late, and lies before, is the start": History(
        "phone",
        """
        10:00:30 queued support
        10:01:00 abandoned
        10:00:00 started
        """,
        """
        10:00:00 *: started
        10:00:30 support: offered; *: offered
        10:01:00 support: abandoned ended; *: lost
        """,
        "support/-",
    ),
    "a wrap-up of a segment before anybody is on is nobody's, also when the agent's part is prolonged": History(
        "phone",
        """
        10:00:00 queued support segment=a
        10:00:05 wrapped_up bert segment=a wrap_up=7s
        10:00:10 answered bert
        10:01:10 answered carl
        10:02:10 transferred bert
        10:03:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:02:10 support: handled transferred talk=2m handle=2m
        10:03:10 -: handled talk=2m handle=2m ended; *: unidentified
        """,
        "support/bert -/carl",
    ),
}
