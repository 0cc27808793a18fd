"""Histories of queues: waits, thresholds, abandons, flow-outs, re-queues. Phone: threshold 20 s, short 5 s."""

from __future__ import annotations

from tests.core.by_hand import History

HISTORIES: dict[str, History] = {
    "a call is answered in time, ends, and is wrapped up": History(
        "phone",
        """
        10:00:00 started
        10:00:05 queued support
        10:00:20 answered anna
        10:03:20 ended customer
        10:04:00 wrapped_up anna
        """,
        """
        10:00:00 *: started
        10:00:05 support: offered; *: offered
        10:00:20 support: answered in_threshold wait=15s; *: answered
        10:03:20 support: handled talk=3m wrap_up=40s handle=3m40s ended; *: unidentified
        """,
        "support/anna",
    ),
    "a contact from 05:23 to 06:15 counts where each thing happens, and nothing in between": History(
        "phone",
        """
        05:23:00 queued support
        05:23:15 answered anna
        06:15:00 ended customer
        """,
        """
        05:23:00 support: offered; *: started offered
        05:23:15 support: answered in_threshold wait=15s; *: answered
        06:15:00 support: handled talk=51m45s handle=51m45s ended; *: unidentified
        """,
        "support/anna",
    ),
    "a wait of exactly the threshold is in it": History(
        "phone",
        """
        10:00:00 queued support
        10:00:20 answered anna
        10:01:20 ended agent
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:20 support: answered in_threshold wait=20s; *: answered
        10:01:20 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a wait of one millisecond more is not": History(
        "phone",
        """
        10:00:00 queued support
        10:00:20.001 answered anna
        10:01:20.001 ended agent
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:20.001 support: answered wait=20.001s; *: answered
        10:01:20.001 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "a queue's own threshold is its own": History(
        "phone",
        """
        10:00:00 queued vip
        10:00:11 answered anna
        10:01:11 ended agent
        """,
        """
        10:00:00 vip: offered; *: started offered
        10:00:11 vip: answered wait=11s; *: answered
        10:01:11 vip: handled talk=1m handle=1m ended; *: unidentified
        """,
        "vip/anna",
        thresholds={"vip": "10s"},
    ),
    "an abandon after exactly the short threshold is short": History(
        "phone",
        """
        10:00:00 queued support
        10:00:05 abandoned
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:05 support: abandoned short_abandoned abandoned_in_threshold ended; *: lost
        """,
        "support/-",
    ),
    "an abandon one millisecond later is not short": History(
        "phone",
        """
        10:00:00 queued support
        10:00:05.001 abandoned
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:05.001 support: abandoned abandoned_in_threshold ended; *: lost
        """,
        "support/-",
    ),
    "an abandon after exactly the threshold is still in it, and one millisecond later is not": History(
        "phone",
        """
        10:00:00 phone/1 queued support
        10:00:20 phone/1 abandoned
        11:00:00 phone/2 queued support
        11:00:20.001 phone/2 abandoned
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:20 support: abandoned abandoned_in_threshold ended; *: lost
        11:00:00 support: offered; *: started offered
        11:00:20.001 support: abandoned ended; *: lost
        """,
        "support/- support/-",
    ),
    "who ends it while waiting decides: customer or nobody told is an abandon, a rule is a flow-out": History(
        "phone",
        """
        10:00:00 phone/1 queued support
        10:00:30 phone/1 ended customer
        11:00:00 phone/2 queued support
        11:00:30 phone/2 ended
        12:00:00 phone/3 queued support
        12:00:30 phone/3 ended system
        13:00:00 phone/4 queued support
        13:00:30 phone/4 ended bot
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:30 support: abandoned ended; *: lost
        11:00:00 support: offered; *: started offered
        11:00:30 support: abandoned ended; *: lost
        12:00:00 support: offered; *: started offered
        12:00:30 support: flowed_out=other ended; *: lost
        13:00:00 support: offered; *: started offered
        13:00:30 support: flowed_out=bot ended; *: lost bot_interactions bot_contained bot_unidentified
        """,
        "support/- support/- support/- support/-",
    ),
    "abandoned, and then also ended, is one end": History(
        "phone",
        """
        10:00:00 queued support
        10:00:40 abandoned
        10:00:41 ended system
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:40 support: abandoned ended; *: lost
        """,
        "support/-",
    ),
    "every way to flow out is counted by its name": History(
        "phone",
        """
        10:00:00 queued support
        10:01:00 flowed_out voicemail
        10:02:00 queued support
        10:03:00 flowed_out callback
        10:04:00 queued support
        10:05:00 flowed_out overflow
        10:06:00 queued support
        10:07:00 flowed_out timeout
        10:08:00 queued support
        10:09:00 flowed_out closed
        10:10:00 queued support
        10:11:00 flowed_out full
        10:12:00 queued support
        10:13:00 flowed_out no_agents
        10:14:00 queued support
        10:15:00 flowed_out other
        10:16:00 ended system
        """,
        """
        10:00:00 support: offered; *: started offered
        10:01:00 support: flowed_out=voicemail
        10:02:00 support: offered
        10:03:00 support: flowed_out=callback
        10:04:00 support: offered
        10:05:00 support: flowed_out=overflow
        10:06:00 support: offered
        10:07:00 support: flowed_out=timeout
        10:08:00 support: offered
        10:09:00 support: flowed_out=closed
        10:10:00 support: offered
        10:11:00 support: flowed_out=full
        10:12:00 support: offered
        10:13:00 support: flowed_out=no_agents
        10:14:00 support: offered
        10:15:00 support: flowed_out=other
        10:16:00 support: ended; *: lost
        """,
        "support/- support/- support/- support/- support/- support/- support/- support/-",
    ),
    "a second flow-out of one stay counts nothing": History(
        "phone",
        """
        10:00:00 queued support
        10:01:00 flowed_out voicemail
        10:01:01 flowed_out timeout
        10:02:00 ended
        """,
        """
        10:00:00 support: offered; *: started offered
        10:01:00 support: flowed_out=voicemail
        10:02:00 support: ended; *: lost
        """,
        "support/-",
    ),
    "into another queue while waiting: the first flows out as other, the interaction is one": History(
        "phone",
        """
        10:00:00 queued support
        10:00:30 queued sales
        10:00:40 answered bert
        10:05:40 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:30 support: flowed_out=other; sales: offered
        10:00:40 sales: answered in_threshold wait=10s; *: answered
        10:05:40 sales: handled talk=5m handle=5m ended; *: unidentified
        """,
        "support/- sales/bert",
    ),
    "abandoned and queued again: not lost after all, two ends and no reopening": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 abandoned
        10:00:15 queued support
        10:00:25 answered anna
        10:02:25 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: abandoned abandoned_in_threshold ended; *: unidentified
        10:00:15 support: offered
        10:00:25 support: answered in_threshold wait=10s; *: answered
        10:02:25 support: handled talk=2m handle=2m ended
        """,
        "support/- support/anna",
    ),
}
