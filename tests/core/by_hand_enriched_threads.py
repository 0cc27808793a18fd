"""Histories of threads, and what services hear of each event. See `enriched_words`."""

from __future__ import annotations

from tests.core.by_hand import Hours
from tests.core.by_hand_enriched import Row

OFFICE = Hours("Mon-Fri")

TABLES: dict[str, Row] = {
    "a chat waits in a queue: that is what counts, and not who writes": (
        "chat",
        """
        10:00:00 started            | - of 0: ok/1m
        10:00:50 message customer   | - of 0: at_risk/1m
        10:01:00 queued support     | 0/support of 1: ok/1m
        10:01:46 message customer   | 0/support of 1: at_risk/1m
        10:02:00 answered anna      | 0/support of 1: met/1m wait=1m
        10:09:00 message agent      | 0/support of 1: met/1m wait=1m first=9m/9m
        10:10:00 message customer   | 0/support of 1: met/1m wait=1m first=9m/9m
        10:10:10 message customer   | 0/support of 1: met/1m wait=1m first=9m/9m
        10:10:30 message agent      | 0/support of 1: met/1m wait=1m first=9m/9m next=1*30s/30s
        10:11:00 message customer   | 0/support of 1: met/1m wait=1m first=9m/9m next=1*30s/30s
        10:12:02 message agent      | 0/support of 1: met/1m wait=1m first=9m/9m next=2*1m32s/1m32s
        10:13:00 ended customer
            | 0/support of 1: met/1m handled=1 wait=1m talk=11m handle=11m first=9m/9m next=2*1m32s/1m32s
        = answered 10:00:00-10:13:00 met/1m first=9m/9m next=2*1m32s/1m32s
        ; 0/support/anna answered in ended wait=1m talk=11m handle=11m
        """,
        {},
        {},
    ),
    "a chat without a queue is about the response, up to its threshold and beyond": (
        "chat",
        """
        10:00:00.000 message customer  | - of 0: ok/1m
        10:00:45.000 offered anna      | - of 0: ok/1m
        10:00:45.001 offered bert      | - of 0: at_risk/1m
        10:01:00.000 offered carl      | - of 0: at_risk/1m
        10:01:00.001 offered dora      | - of 0: breached/1m
        10:01:10.000 answered dora     | 0/- of 1: breached/1m
        10:01:20.000 message agent     | 0/- of 1: missed/1m first=1m20s/1m20s
        10:02:00.000 message customer  | 0/- of 1: ok/1m first=1m20s/1m20s
        10:03:00.000 message agent     | 0/- of 1: met/1m first=1m20s/1m20s next=1*1m/1m
        10:04:00.000 message customer  | 0/- of 1: ok/1m first=1m20s/1m20s next=1*1m/1m
        10:05:00.001 message agent     | 0/- of 1: missed/1m first=1m20s/1m20s next=2*2m0.001s/2m0.001s
        """,
        {},
        {},
    ),
    "a bot speaks first: nobody is waited for until it hands off": (
        "chat",
        """
        10:00:00 message customer    | - of 0: ok/1m
        10:00:50 message bot         | - of 0: ok/1m
        10:05:00 message customer    | - of 0: ok/1m
        10:06:00 answered anna       | 0/- of 1: ok/1m
        10:06:50 message agent private | 0/- of 1: at_risk/1m
        10:07:00 message agent       | 0/- of 1: met/1m first=1m/1m
        10:08:00 ended agent         | 0/- of 1: met/1m handled=1 talk=2m handle=2m first=1m/1m
        = answered 10:00:00-10:08:00 bot met/1m first=1m/1m; 0/-/anna direct ended talk=2m handle=2m
        """,
        {},
        {},
    ),
    "an email of Friday afternoon is due on Monday morning, whoever it is assigned to; it is reopened on Tuesday": (
        "email",
        """
        Fri 16:30:00 started                                  | - of 0: ok/8h
        Fri 16:30:00 queued mail                              | 0/mail of 1: ok/1h
        Fri 16:50:00 answered anna                            | 0/mail of 1: ok/1h wait=20m
        2026-03-08 12:00:00 message agent private             | 0/mail of 1: ok/1h wait=20m
        2026-03-09 09:15:00 message agent private             | 0/mail of 1: ok/1h wait=20m
        2026-03-09 09:15:00.001 message agent private         | 0/mail of 1: at_risk/1h wait=20m
        2026-03-09 09:30:00 message agent private             | 0/mail of 1: at_risk/1h wait=20m
        2026-03-09 09:30:00.001 message agent private         | 0/mail of 1: breached/1h wait=20m
        2026-03-09 09:30:00.001 message agent
            | 0/mail of 1: missed/1h wait=20m first=65h0.001s/1h0.001s
        2026-03-09 16:50:00 ended agent
            | 0/mail of 1: missed/1h handled=1 wait=20m talk=72h handle=72h first=65h0.001s/1h0.001s
        = answered 16:30:00-16:50:00 missed/1h first=65h0.001s/1h0.001s
        ; 0/mail/anna answered in ended wait=20m talk=72h handle=72h
        2026-03-10 08:00:00 reopened
            | 0/mail of 1: missed/1h handled=1 wait=20m talk=72h handle=72h first=65h0.001s/1h0.001s
        2026-03-10 08:00:00 message customer
            | 0/mail of 1: ok/1h handled=1 wait=20m talk=72h handle=72h first=65h0.001s/1h0.001s
        2026-03-10 09:46:00 answered bert
            | 1/- of 2: ok/8h handled=1 wait=20m talk=72h handle=72h first=65h0.001s/1h0.001s
        2026-03-10 10:00:00 message agent
            | 1/- of 2: met/8h handled=1 wait=20m talk=72h handle=72h first=65h0.001s/1h0.001s next=1*2h/2h
        2026-03-10 10:46:00 ended agent resolved=yes
            | 1/- of 2: met/8h handled=2 wait=20m talk=73h handle=73h first=65h0.001s/1h0.001s next=1*2h/2h
        = answered 16:30:00-10:46:00 closings=2 reopened=1 resolved=yes met/8h first=65h0.001s/1h0.001s next=1*2h/2h
        ; 0/mail/anna answered in ended wait=20m talk=72h handle=72h; 1/-/bert direct ended talk=1h handle=1h
        """,
        {"mail": "1h"},
        {"mail": OFFICE},
    ),
    "an email that nobody answers is missed when it ends beyond the threshold; then its clock stands still": (
        "email",
        """
        Fri 16:30:00 queued mail                  | 0/mail of 1: ok/1h
        2026-03-09 09:30:00.001 ended system      | 0/mail of 1: missed/1h wait=65h0.001s
        = flowed_out 16:30:00-09:30:00.001 missed/1h; 0/mail/- other wait=65h0.001s
        """,
        {"mail": "1h"},
        {"mail": OFFICE},
    ),
    "an email that nobody answers is not missed yet when it ends in time, whatever comes after": (
        "email",
        """
        Fri 16:30:00 queued mail                  | 0/mail of 1: ok/1h
        2026-03-09 09:30:00 ended system          | 0/mail of 1: ok/1h wait=65h
        = flowed_out 16:30:00-09:30:00 ok/1h; 0/mail/- other wait=65h
        2026-03-09 14:00:00 message customer      | 0/mail of 1: ok/1h wait=65h
        2026-03-09 15:00:00 reopened              | 0/mail of 1: ok/1h wait=65h
        2026-03-09 16:00:01 message customer      | 0/mail of 1: breached/1h wait=65h
        """,
        {"mail": "1h"},
        {"mail": OFFICE},
    ),
    "a post is answered; messages come late, each as it stood at its own time": (
        "social",
        """
        10:00:00 started                     | - of 0: ok/1h
        12:00:00 message agent id=r          | - of 0: missed/1h first=2h/2h
        10:50:00 message customer id=c       | - of 0: at_risk/1h first=2h/2h
        13:00:00 ended agent id=e            | - of 0: missed/1h first=2h/2h
        = unanswered 10:00:00-13:00:00 missed/1h first=2h/2h
        11:30:00 message customer id=d       | - of 0: breached/1h first=2h/2h
        10:55:00 message agent id=a          | - of 0: met/1h first=55m/55m next=1*30m/30m
        = unanswered 10:00:00-13:00:00 met/1h first=55m/55m next=1*30m/30m
        10:40:00 message customer id=f       | - of 0: ok/1h first=55m/55m next=1*30m/30m
        """,
        {},
        {},
    ),
    "outbound there is no first response, and who writes back is answered": (
        "email",
        """
        10:00:00 started direction=outbound    | - of 0: ok/8h
        10:00:00 message agent                 | - of 0: ok/8h
        12:00:00 message customer              | - of 0: ok/8h
        19:00:00 message agent private         | - of 0: at_risk/8h
        20:00:00 message agent                 | - of 0: met/8h next=1*8h/8h
        """,
        {},
        {},
    ),
}  # fmt: skip
