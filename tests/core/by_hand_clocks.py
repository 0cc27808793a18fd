"""Histories of clocks: order of arrival, equal instants, clocks that disagree."""

from __future__ import annotations

from tests.core.by_hand import History

HISTORIES: dict[str, History] = {
    "the answer arrives before the queue": History(
        "phone",
        """
        10:00:12 answered anna
        10:00:00 queued support
        10:01:12 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:12 support: answered in_threshold wait=12s; *: answered
        10:01:12 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "nobody replies to a system": History(
        "chat",
        """
        10:00:00 started
        10:00:10 message agent
        10:00:20 message system
        10:00:40 message agent
        10:01:00 ended agent
        """,
        """
        10:00:00 *: started
        10:00:10 -: first_response=10s first_response_in_threshold
        10:01:00 -: ended resolution=1m
        """,
    ),
    "everything arrives backwards": History(
        "phone",
        """
        10:02:00 wrapped_up anna
        10:01:12 ended customer
        10:00:42 resumed anna
        10:00:32 held anna
        10:00:12 answered anna
        10:00:02 queued support
        10:00:00 started
        """,
        """
        10:00:00 *: started
        10:00:02 support: offered; *: offered
        10:00:12 support: answered in_threshold wait=10s; *: answered
        10:01:12 support: handled held talk=50s hold=10s wrap_up=48s handle=1m48s ended; *: unidentified
        """,
        "support/anna",
    ),
    "all in one instant: what fits goes first": History(
        "phone",
        """
        10:00:00 ended customer
        10:00:00 answered anna
        10:00:00 queued support
        10:00:00 started
        """,
        """
        10:00:00 support: offered answered in_threshold handled ended; *: started offered answered unidentified
        """,
        "support/anna",
    ),
    "transferred, queued and answered in one instant": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:05:00 answered bert
        10:05:00 queued sales
        10:05:00 transferred anna
        10:06:00 ended customer
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:05:00 support: handled transferred talk=4m50s handle=4m50s; sales: offered answered in_threshold
        10:06:00 sales: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna sales/bert",
    ),
    "a clock that runs ahead: queued 2 s after its own answer waited 0": History(
        "phone",
        """
        10:00:03 answered anna queue=support
        10:00:05 queued support
        10:01:03 ended customer
        """,
        """
        10:00:03 support: answered in_threshold; *: started answered
        10:00:05 support: offered; *: offered
        10:01:03 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "5 s after the answer is still that, 5.001 s is a queue of its own": History(
        "phone",
        """
        10:00:00 phone/1 answered anna queue=support
        10:00:05 phone/1 queued support
        10:01:00 phone/1 ended customer
        11:00:00 phone/2 answered anna queue=support
        11:00:05.001 phone/2 queued support
        11:01:00 phone/2 ended customer
        """,
        """
        10:00:00 support: answered in_threshold; *: started answered
        10:00:05 support: offered; *: offered
        10:01:00 support: handled talk=1m handle=1m ended; *: unidentified
        11:00:00 *: started answered
        11:00:05.001 support: handled talk=5.001s handle=5.001s offered; *: offered
        11:01:00 support: abandoned ended; *: unidentified
        """,
        "support/anna support/anna support/-",
    ),
    "an answer that names no queue does not wait for one": History(
        "phone",
        """
        10:00:00 answered anna
        10:00:02 queued support
        10:00:10 answered bert
        10:01:10 ended customer
        """,
        """
        10:00:00 *: started answered
        10:00:02 -: handled talk=2s handle=2s; support: offered; *: offered
        10:00:10 support: answered in_threshold wait=8s
        10:01:10 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "-/anna support/bert",
    ),
    "the segment's name ties a late queue to its answer": History(
        "phone",
        """
        10:00:03 answered anna segment=leg7
        10:00:05 queued support segment=leg7
        10:01:03 ended customer
        """,
        """
        10:00:03 support: answered in_threshold; *: started answered
        10:00:05 support: offered; *: offered
        10:01:03 support: handled talk=1m handle=1m ended; *: unidentified
        """,
        "support/anna",
    ),
    "ended twice is ended once, and the second may say that it was resolved": History(
        "phone",
        """
        10:00:00 queued support
        10:00:10 answered anna
        10:05:10 ended customer resolved=no
        10:06:00 ended system resolved=yes
        """,
        """
        10:00:00 support: offered; *: started offered
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:05:10 support: handled talk=5m handle=5m ended resolved_known resolved; *: unidentified
        """,
        "support/anna",
    ),
    "of one instant, the start goes first: what the queue knows of the customer is later": History(
        "phone",
        """
        10:00:00 queued support customer=c
        10:00:00 started customer=tel:+391
        10:00:10 answered anna
        10:01:10 ended customer
        11:00:00 phone/2 started customer=c
        11:00:30 phone/2 abandoned
        """,
        """
        10:00:00 support: offered; *: started offered identified
        10:00:10 support: answered in_threshold wait=10s; *: answered
        10:01:10 support: handled talk=1m handle=1m ended; *: first_contacts repeated_contacts
        11:00:00 *: started identified repeats; support: repeats_caused
        11:00:30 -: ended
        """,
        "support/anna",
    ),
    "a clock runs ahead, and the call has entered another queue by then": History(
        "phone",
        """
        10:00:00 answered anna queue=support
        10:00:01 queued sales
        10:00:02 queued support
        10:00:12 answered bert
        10:01:02 ended customer
        """,
        """
        10:00:00 support: answered in_threshold; *: started answered
        10:00:01 support: handled talk=1s handle=1s; sales: offered; *: offered
        10:00:02 support: offered
        10:00:12 sales: answered in_threshold wait=11s
        10:01:02 sales: handled talk=50s handle=50s ended; *: unidentified
        """,
        "support/anna sales/bert",
    ),
    "a clock runs ahead, and the end comes before the queue is known: it is of that queue too": History(
        "phone",
        """
        10:00:00 answered anna segment=a
        10:00:03 ended customer
        10:00:04 queued support segment=a
        """,
        """
        10:00:00 *: started answered; support: answered in_threshold
        10:00:03 support: handled talk=3s handle=3s ended; *: unidentified
        10:00:04 support: offered; *: offered
        """,
        "support/anna",
    ),
}
