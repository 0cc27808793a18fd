"""Histories of agents: ring-all, declined offers, holds, wrap-ups. Wrap-up cap: 30 minutes."""

from __future__ import annotations

from tests.core.by_hand import History

HISTORIES: dict[str, History] = {
    "ring-all to four of whom one answers is one answer and three declined offers": History(
        "phone",
        """
        10:00:00 queued support
        10:00:02 offered anna
        10:00:02 offered bert
        10:00:02 offered carl
        10:00:02 offered dora
        10:00:12 answered carl
        10:00:13 declined anna no_answer
        10:00:14 declined bert no_answer
        10:00:15 declined dora busy
        10:01:12 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:12 support: answered in_threshold wait=12s; *: answered
        10:00:13 support: declined=no_answer
        10:00:14 support: declined=no_answer
        10:00:15 support: declined=busy
        10:01:12 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/carl",
    ),
    "a declined offer says its queue itself, or nothing of why": History(
        "phone",
        """
        10:00:00 queued support
        10:00:02 declined anna rejected queue=sales
        10:00:03 declined bert
        10:00:30 abandoned
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:02 sales: declined=rejected
        10:00:03 support: declined
        10:00:30 support: abandoned ended; *: lost
        """,
        "support/-",
    ),
    "a hold, and one that is never resumed": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 held anna
        10:01:40 resumed anna
        10:03:10 held anna
        10:04:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:04:10 support: handled held talk=2m30s hold=1m30s handle=4m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a second held changes nothing, and a resumed without a held neither": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:00:20 resumed anna
        10:01:10 held anna
        10:01:30 held anna
        10:02:10 resumed anna
        10:04:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:04:10 support: handled held talk=3m hold=1m handle=4m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a source that knows only the sum of the holds": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:04:10 ended customer hold=45s
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:04:10 support: handled held talk=3m15s hold=45s handle=4m ended; *: unidentified
        """,
        "support/anna",
    ),
    "of told holds one millisecond is a hold, none is none, and more than the part is the part": History(
        "phone",
        """
        10:00:00 phone/1 answered anna
        10:01:00 phone/1 ended customer hold=0.001s
        11:00:00 phone/2 answered anna
        11:01:00 phone/2 ended customer hold=0s
        12:00:00 phone/3 answered anna
        12:01:00 phone/3 ended customer hold=2m
        """,
        """
        10:00:00 *: started
        10:01:00 -: handled held talk=59.999s hold=0.001s handle=1m ended; *: unidentified
        11:00:00 *: started
        11:01:00 -: handled talk=1m handle=1m ended; *: unidentified
        12:00:00 *: started
        12:01:00 -: handled held hold=1m handle=1m ended; *: unidentified
        """,
        "-/anna -/anna -/anna",
    ),
    "a wrap-up before the end is 0": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:00 wrapped_up anna
        10:01:10 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a wrap-up after three hours is capped": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 ended customer
        13:01:10 wrapped_up anna
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled talk=1m wrap_up=30m handle=31m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a wrap-up of which only the length is known, and the whole work as the source reports it": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 ended customer
        10:01:11 wrapped_up anna wrap_up=50s handle=2m
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled talk=1m wrap_up=50s handle=2m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a wrap-up that never arrives is 0, and so is the hold of a call without one": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 ended agent
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "of two parts of one agent each has its wrap-up": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:01:10 transferred anna to_queue=support
        10:01:30 wrapped_up anna
        10:02:00 queued support
        10:02:10 answered anna
        10:04:10 ended customer
        10:04:50 wrapped_up anna
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled transferred talk=1m wrap_up=20s handle=1m20s
        10:02:00 support: offered
        10:02:10 support: answered in_threshold wait=10s
        10:04:10 support: handled talk=2m wrap_up=40s handle=2m40s ended; *: unidentified
        """,
        "support/anna support/anna",
    ),
    "a wrap-up that names its segment is that one's": History(
        "phone",
        """
        10:00:00 queued support segment=a
        10:00:10 answered anna
        10:01:10 transferred anna
        10:02:00 queued support segment=b
        10:02:10 answered anna
        10:04:10 ended customer
        10:04:50 wrapped_up anna segment=a wrap_up=5s
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled transferred talk=1m wrap_up=5s handle=1m5s
        10:02:00 support: offered
        10:02:10 support: answered in_threshold wait=10s
        10:04:10 support: handled talk=2m handle=2m ended; *: unidentified
        """,
        "support/anna support/anna",
    ),
}
