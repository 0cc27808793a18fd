"""Histories of live channels, and what services hear of each event. See `enriched_words`."""

from __future__ import annotations

from tests.core.by_hand import Hours

Row = tuple[str, str, dict[str, str], dict[str, Hours]]
"""Channel, table, thresholds and hours of queues that do not have the defaults."""

TABLES: dict[str, Row] = {
    "a call waits to 75 % of the threshold, a ms more, to the threshold, a ms more, and is answered late": (
        "phone",
        """
        10:00:00.000 started             | - of 0: ok/20s
        10:00:05.000 queued support      | 0/support of 1: ok/20s
        10:00:20.000 offered anna        | 0/support of 1: ok/20s
        10:00:20.001 offered bert        | 0/support of 1: at_risk/20s
        10:00:25.000 offered carl        | 0/support of 1: at_risk/20s
        10:00:25.001 offered dora        | 0/support of 1: breached/20s
        10:00:25.001 answered dora       | 0/support of 1: missed/20s wait=20.001s
        10:01:25.001 ended customer      | 0/support of 1: missed/20s handled=1 wait=20.001s talk=1m handle=1m
        = answered 10:00:00-10:01:25.001 missed/20s; 0/support/dora answered late ended wait=20.001s talk=1m handle=1m
        """,
        {},
        {},
    ),
    "a call is answered at the threshold, held, transferred, answered late there, and both wrap up": (
        "phone",
        """
        10:00:00 queued support                    | 0/support of 1: ok/20s
        10:00:20 answered anna                     | 0/support of 1: met/20s wait=20s
        10:01:00 held                              | 0/support of 1: met/20s wait=20s
        10:01:30 resumed                           | 0/support of 1: met/20s wait=20s
        10:03:00 transferred anna to_queue=billing
            | 0/support of 1: met/20s handled=1 transferred=1 wait=20s talk=2m10s hold=30s handle=2m40s
        10:03:00 queued billing
            | 1/billing of 2: ok/10s handled=1 transferred=1 wait=20s talk=2m10s hold=30s handle=2m40s
        10:03:08 offered bert
            | 1/billing of 2: at_risk/10s handled=1 transferred=1 wait=20s talk=2m10s hold=30s handle=2m40s
        10:03:11 answered bert
            | 1/billing of 2: missed/10s handled=1 transferred=1 wait=31s talk=2m10s hold=30s handle=2m40s
        10:03:40 wrapped_up anna
            | 0/support of 2: met/20s handled=1 transferred=1 wait=31s talk=2m10s hold=30s wrap_up=40s handle=3m20s
        10:05:11 ended agent resolved=yes
            | 1/billing of 2: missed/10s handled=2 transferred=1 wait=31s talk=4m10s hold=30s wrap_up=40s handle=5m20s
        = answered 10:00:00-10:05:11 resolved=yes missed/10s
        ; 0/support/anna answered in transferred wait=20s talk=2m10s hold=30s wrap_up=40s handle=3m20s
        ; 1/billing/bert answered late ended wait=11s talk=2m handle=2m
        10:05:21 wrapped_up bert
            | 1/billing of 2: missed/10s handled=2 transferred=1 wait=31s talk=4m10s hold=30s wrap_up=50s handle=5m30s
        = answered 10:00:00-10:05:11 resolved=yes missed/10s
        ; 0/support/anna answered in transferred wait=20s talk=2m10s hold=30s wrap_up=40s handle=3m20s
        ; 1/billing/bert answered late ended wait=11s talk=2m wrap_up=10s handle=2m10s
        """,
        {"billing": "10s"},
        {},
    ),
    "an abandoned call: within the threshold nothing was promised that was not kept": (
        "phone",
        """
        10:00:00 queued support  | 0/support of 1: ok/20s
        10:00:20 abandoned       | 0/support of 1: ok/20s wait=20s
        = abandoned 10:00:00-10:00:20 ok/20s; 0/support/- abandoned in wait=20s
        """,
        {},
        {},
    ),
    "a call that is abandoned a ms later was missed": (
        "phone",
        """
        10:00:00 queued support     | 0/support of 1: ok/20s
        10:00:20.001 ended customer | 0/support of 1: missed/20s wait=20.001s
        = abandoned 10:00:00-10:00:20.001 missed/20s; 0/support/- abandoned late wait=20.001s
        """,
        {},
        {},
    ),
    "a queue lets a call go to the next one, which lets it go to voicemail": (
        "phone",
        """
        10:00:00 queued support      | 0/support of 1: ok/20s
        10:00:20 flowed_out overflow | 0/support of 1: ok/20s wait=20s
        10:00:20 queued sales        | 1/sales of 2: ok/1m wait=20s
        10:00:20 offered anna        | 1/sales of 2: ok/1m wait=20s
        10:01:21 flowed_out voicemail | 1/sales of 2: missed/1m wait=1m21s
        10:01:30 ended system         | 1/sales of 2: missed/1m wait=1m21s
        = flowed_out 10:00:00-10:01:30 missed/1m; 0/support/- overflow wait=20s; 1/sales/- voicemail wait=1m1s
        """,
        {"sales": "1m"},
        {},
    ),
    "a bot keeps a caller who never waited": (
        "phone",
        """
        10:00:00 started      | - of 0: ok/20s
        10:00:05 message bot  | - of 0: ok/20s
        10:01:00 ended bot    | - of 0: ok/20s
        = contained 10:00:00-10:01:00 bot contained ok/20s
        """,
        {},
        {},
    ),
    "a video call has its own threshold, and goes straight on to another agent, who knows of no queue": (
        "video",
        """
        10:00:00 queued                  | 0/- of 1: ok/30s
        10:00:30 answered anna           | 0/- of 1: met/30s wait=30s
        10:01:00 transferred anna        | 0/- of 1: met/30s handled=1 transferred=1 wait=30s talk=30s handle=30s
        10:01:00 answered bert           | 1/- of 2: met/30s handled=1 transferred=1 wait=30s talk=30s handle=30s
        10:01:30 ended customer          | 1/- of 2: met/30s handled=2 transferred=1 wait=30s talk=1m handle=1m
        = answered 10:00:00-10:01:30 met/30s; 0/-/anna answered in transferred wait=30s talk=30s handle=30s
        ; 1/-/bert direct ended talk=30s handle=30s
        """,
        {},
        {},
    ),
    "a call that is dialled directly has waited for nobody": (
        "phone",
        """
        10:00:00 answered anna queue=sales | 0/sales of 1: ok/1m
        10:01:00 ended customer            | 0/sales of 1: ok/1m handled=1 talk=1m handle=1m
        = answered 10:00:00-10:01:00 ok/1m; 0/sales/anna direct ended talk=1m handle=1m
        """,
        {"sales": "1m"},
        {},
    ),
    "an outbound call; its customer is known late, and the records go to them from then on": (
        "phone",
        """
        10:00:00 started direction=outbound initiation=agent | - of 0: ok/20s
        10:00:10 answered anna                               | 0/- of 1: ok/20s
        10:00:20 updated customer=c reason=bill              | 0/- of 1: ok/20s key=c
        10:01:10 ended agent                                 | 0/- of 1: ok/20s handled=1 talk=1m handle=1m key=c
        = answered 10:00:00-10:01:10 outbound customer_id=c initiation=agent reason=bill ok/20s
        ; 0/-/anna direct ended talk=1m handle=1m key=c
        """,
        {},
        {},
    ),
    "events come late: each is told with all that is known by then, as it stood at its own time": (
        "phone",
        """
        10:00:00 queued support id=q         | 0/support of 1: ok/20s
        10:02:00 ended customer id=e         | 0/support of 1: missed/20s wait=2m
        = abandoned 10:00:00-10:02:00 missed/20s; 0/support/- abandoned late wait=2m
        10:00:16 offered anna id=o           | 0/support of 1: at_risk/20s wait=2m
        10:00:18 answered anna id=a          | 0/support of 1: met/20s handled=1 wait=18s talk=1m42s handle=1m42s
        = answered 10:00:00-10:02:00 met/20s; 0/support/anna answered in ended wait=18s talk=1m42s handle=1m42s
        10:00:17 offered bert id=p           | 0/support of 1: at_risk/20s handled=1 wait=18s talk=1m42s handle=1m42s
        10:01:00 transferred anna id=t
            | 0/support of 1: met/20s handled=1 transferred=1 wait=18s talk=42s handle=42s
        = answered 10:00:00-10:02:00 met/20s; 0/support/anna answered in transferred wait=18s talk=42s handle=42s
        10:01:00 queued billing id=r
            | 1/billing of 2: ok/20s handled=1 transferred=1 wait=1m18s talk=42s handle=42s
        = answered 10:00:00-10:02:00 missed/20s; 0/support/anna answered in transferred wait=18s talk=42s handle=42s
        ; 1/billing/- abandoned late wait=1m
        10:00:30 held anna id=h
            | 0/support of 2: met/20s handled=1 transferred=1 wait=1m18s talk=12s hold=30s handle=42s
        = answered 10:00:00-10:02:00 missed/20s
        ; 0/support/anna answered in transferred wait=18s talk=12s hold=30s handle=42s
        ; 1/billing/- abandoned late wait=1m
        """,
        {},
        {},
    ),
    "what is said twice is told once; what is corrected is told again, and only what is newer": (
        "phone",
        """
        10:00:00 queued support id=q            | 0/support of 1: ok/20s
        10:00:00 queued support id=q            | nothing
        10:00:25 answered anna id=a             | 0/support of 1: missed/20s wait=25s
        10:00:12 answered bert id=a revision=2  | 0/support of 1: met/20s wait=12s
        10:00:19 answered carl id=a revision=1  | nothing
        10:01:12 ended customer id=e            | 0/support of 1: met/20s handled=1 wait=12s talk=1m handle=1m
        = answered 10:00:00-10:01:12 met/20s; 0/support/bert answered in ended wait=12s talk=1m handle=1m
        10:01:12 ended customer id=e            | nothing
        10:01:12 ended agent id=e revision=1    | 0/support of 1: met/20s handled=1 wait=12s talk=1m handle=1m
        10:01:42 ended agent id=e revision=2    | 0/support of 1: met/20s handled=1 wait=12s talk=1m30s handle=1m30s
        = answered 10:00:00-10:01:42 met/20s; 0/support/bert answered in ended wait=12s talk=1m30s handle=1m30s
        """,
        {},
        {},
    ),
    "a closed call is queued again and closed again; what changes nothing of it tells nothing more": (
        "phone",
        """
        10:00:00 answered anna           | 0/- of 1: ok/20s
        10:01:00 ended customer          | 0/- of 1: ok/20s handled=1 talk=1m handle=1m
        = answered 10:00:00-10:01:00 ok/20s; 0/-/anna direct ended talk=1m handle=1m
        10:01:30 message customer        | 0/- of 1: ok/20s handled=1 talk=1m handle=1m
        10:02:00 queued support          | 1/support of 2: ok/20s handled=1 talk=1m handle=1m
        10:02:20 wrapped_up anna         | 0/- of 2: ok/20s handled=1 talk=1m wrap_up=1m20s handle=2m20s
        10:02:30 abandoned
            | 1/support of 2: missed/20s handled=1 wait=30s talk=1m wrap_up=1m20s handle=2m20s
        = answered 10:00:00-10:02:30 closings=2 missed/20s; 0/-/anna direct ended talk=1m wrap_up=1m20s handle=2m20s
        ; 1/support/- abandoned late wait=30s
        10:03:00 ended system resolved=no
            | 1/support of 2: missed/20s handled=1 wait=30s talk=1m wrap_up=1m20s handle=2m20s
        = answered 10:00:00-10:02:30 closings=2 resolved=no missed/20s
        ; 0/-/anna direct ended talk=1m wrap_up=1m20s handle=2m20s; 1/support/- abandoned late wait=30s
        """,
        {},
        {},
    ),
    "the source names the segments": (
        "phone",
        """
        10:00:00 queued support segment=a  | 0/support of 1: ok/20s
        10:00:10 answered anna segment=a   | 0/support of 1: met/20s wait=10s
        10:01:00 transferred anna
            | 0/support of 1: met/20s handled=1 transferred=1 wait=10s talk=50s handle=50s
        10:01:00 queued sales segment=b    | 1/sales of 2: ok/1m handled=1 transferred=1 wait=10s talk=50s handle=50s
        10:01:50 offered anna segment=a
            | 0/support of 2: met/20s handled=1 transferred=1 wait=10s talk=50s handle=50s
        10:01:50 offered bert segment=z
            | 1/sales of 2: at_risk/1m handled=1 transferred=1 wait=10s talk=50s handle=50s
        10:00:30 declined bert segment=b   | 1/sales of 2: ok/1m handled=1 transferred=1 wait=10s talk=50s handle=50s
        10:02:00 answered anna segment=b
            | 1/sales of 2: met/1m handled=1 transferred=1 wait=1m10s talk=50s handle=50s
        10:02:20 wrapped_up anna segment=a
            | 0/support of 2: met/20s handled=1 transferred=1 wait=1m10s talk=50s wrap_up=1m20s handle=2m10s
        10:02:30 held anna
            | 1/sales of 2: met/1m handled=1 transferred=1 wait=1m10s talk=50s wrap_up=1m20s handle=2m10s
        10:00:40 held anna
            | 0/support of 2: met/20s handled=1 transferred=1 wait=1m10s talk=30s hold=20s wrap_up=1m20s handle=2m10s
        """,
        {"sales": "1m"},
        {},
    ),
    "events of one instant come in a bad order: each is about the segment that it changes": (
        "phone",
        """
        10:00:00 queued support              | 0/support of 1: ok/20s
        10:00:10 answered anna               | 0/support of 1: met/20s wait=10s
        10:01:00 queued sales id=q           | 1/sales of 2: ok/1m handled=1 wait=10s talk=50s handle=50s
        10:01:00 transferred id=t
            | 0/support of 2: met/20s handled=1 transferred=1 wait=10s talk=50s handle=50s
        10:01:50 queued billing id=b
            | 2/billing of 3: ok/20s handled=1 transferred=1 wait=1m talk=50s handle=50s
        10:01:50 flowed_out full id=f
            | 1/sales of 3: ok/1m handled=1 transferred=1 wait=1m talk=50s handle=50s
        10:02:00 answered bert id=z
            | 2/billing of 3: met/20s handled=1 transferred=1 wait=1m10s talk=50s handle=50s
        10:03:00 answered carl id=y
            | 3/- of 4: met/20s handled=2 transferred=1 wait=1m10s talk=1m50s handle=1m50s
        10:03:00 wrapped_up bert id=w
            | 2/billing of 4: met/20s handled=2 transferred=1 wait=1m10s talk=1m50s handle=1m50s
        10:03:00 resumed bert id=v
            | 2/billing of 4: met/20s handled=2 transferred=1 wait=1m10s talk=1m50s handle=1m50s
        10:02:59.999 offered dora id=u
            | 2/billing of 4: met/20s handled=2 transferred=1 wait=1m10s talk=1m50s handle=1m50s
        09:59:59 offered dora id=s
            | - of 4: ok/20s handled=2 transferred=1 wait=1m10s talk=1m50s handle=1m50s
        """,
        {"sales": "1m"},
        {},
    ),
    "an agent has the same call again, is put on hold at once, and wraps up the first part": (
        "phone",
        """
        10:00:00 answered anna   | 0/- of 1: ok/20s
        10:01:00 transferred     | 0/- of 1: ok/20s handled=1 transferred=1 talk=1m handle=1m
        10:01:00 queued sales    | 1/sales of 2: ok/1m handled=1 transferred=1 talk=1m handle=1m
        10:02:00 answered anna   | 1/sales of 2: met/1m handled=1 transferred=1 wait=1m talk=1m handle=1m
        10:02:00 held anna       | 1/sales of 2: met/1m handled=1 transferred=1 wait=1m talk=1m handle=1m
        10:02:30 wrapped_up anna
            | 0/- of 2: ok/20s handled=1 transferred=1 wait=1m talk=1m wrap_up=1m30s handle=2m30s
        """,
        {"sales": "1m"},
        {},
    ),
    "a queue is told of after its answer, and the wait is none": (
        "phone",
        """
        10:00:00 started                     | - of 0: ok/20s
        10:00:05 answered anna queue=sales   | 0/sales of 1: ok/1m
        10:00:07 queued sales                | 0/sales of 1: met/1m
        10:00:06 held anna                   | 0/sales of 1: met/1m
        10:00:04 offered anna                | - of 1: ok/20s
        10:00:26 ended                       | 0/sales of 1: met/1m handled=1 talk=1s hold=20s handle=21s
        = answered 10:00:00-10:00:26 met/1m; 0/sales/anna answered in ended talk=1s hold=20s handle=21s
        """,
        {"sales": "1m"},
        {},
    ),
}  # fmt: skip
