"""Histories in business hours: weekends, holidays, days of 23 and 25 hours. Elapsed/business time."""

from __future__ import annotations

from tests.core.by_hand import History, Hours

OFFICE = Hours("Mon-Fri")
NIGHT_SHIFT = Hours("Sun", (("01:00", "05:00"),), "Europe/Rome")
WHOLE_DAYS = Hours("Mon-Sun", (("00:00", "24:00"),), "Europe/Rome")

HISTORIES: dict[str, History] = {
    "asked on Friday at 16:30, answered on Monday at 09:30: one hour, in the threshold of one hour": History(
        "email",
        """
        2026-03-06 16:30:00 queued mail
        2026-03-09 09:30:00 message agent
        """,
        """
        2026-03-06 16:30:00 mail: offered; *: started offered
        2026-03-09 09:30:00 mail: first_response=65h/1h first_response_in_threshold
        """,
        "mail/-",
        thresholds={"mail": "1h"},
        hours={"mail": OFFICE},
    ),
    "one millisecond later is late": History(
        "email",
        """
        2026-03-06 16:30:00 queued mail
        2026-03-09 09:30:00.001 message agent
        """,
        """
        2026-03-06 16:30:00 mail: offered; *: started offered
        2026-03-09 09:30:00.001 mail: first_response=65h0.001s/1h0.001s
        """,
        "mail/-",
        thresholds={"mail": "1h"},
        hours={"mail": OFFICE},
    ),
    "reopened on Friday at 14:00, reply at 14:10: ten minutes of business too": History(
        "email",
        """
        Mon 09:00:00 queued mail
        Mon 10:00:00 ended system
        Fri 14:00:00 reopened
        Fri 14:10:00 message agent
        """,
        """
        Mon 09:00:00 mail: offered; *: started offered
        Mon 10:00:00 mail: flowed_out=other ended closed_unanswered resolution=1h; *: lost
        Fri 14:00:00 mail: reopened
        Fri 14:10:00 mail: first_response=10m first_response_in_threshold
        """,
        "mail/-",
        hours={"mail": OFFICE},
    ),
    "a question on Saturday answered on Sunday takes no business time": History(
        "email",
        """
        Fri 15:00:00 queued mail
        Fri 16:00:00 message agent
        Sat 10:00:00 message customer
        Sun 10:00:00 message agent
        """,
        """
        Fri 15:00:00 mail: offered; *: started offered
        Fri 16:00:00 mail: first_response=1h first_response_in_threshold
        Sun 10:00:00 mail: next_response=24h/0s
        """,
        "mail/-",
        hours={"mail": OFFICE},
    ),
    "a holiday is closed": History(
        "email",
        """
        Tue 16:00:00 queued mail
        Thu 10:00:00 message agent
        """,
        """
        Tue 16:00:00 mail: offered; *: started offered
        Thu 10:00:00 mail: first_response=42h/2h first_response_in_threshold
        """,
        "mail/-",
        hours={"mail": Hours("Mon-Fri", holidays=("2026-03-04",))},
    ),
    "a lunch break, and the local clock of the queue's zone": History(
        "email",
        """
        Mon 07:00:00 queued mail
        Mon 15:00:00 message agent
        """,
        """
        Mon 07:00:00 mail: offered; *: started offered
        Mon 15:00:00 mail: first_response=8h/6h first_response_in_threshold
        """,
        "mail/-",
        hours={"mail": Hours("Mon-Fri", (("09:00", "12:00"), ("13:00", "17:00")), "Europe/Rome")},
    ),
    "in the night in which the clock skips an hour, 01:00 to 05:00 is three hours": History(
        "email",
        """
        2026-03-28 12:00:00 queued mail
        2026-03-29 12:00:00 ended agent
        """,
        """
        2026-03-28 12:00:00 mail: offered; *: started offered
        2026-03-29 12:00:00 mail: flowed_out=other ended closed_unanswered resolution=24h/3h; *: lost
        """,
        "mail/-",
        hours={"mail": NIGHT_SHIFT},
    ),
    "in the night in which the clock repeats an hour, 01:00 to 05:00 is five hours": History(
        "email",
        """
        2026-10-24 12:00:00 queued mail
        2026-10-25 12:00:00 ended agent
        """,
        """
        2026-10-24 12:00:00 mail: offered; *: started offered
        2026-10-25 12:00:00 mail: flowed_out=other ended closed_unanswered resolution=24h/5h; *: lost
        """,
        "mail/-",
        hours={"mail": NIGHT_SHIFT},
    ),
    "a local day of 23 hours and one of 25, always open": History(
        "email",
        """
        2026-03-28 23:00:00 email/1 queued mail
        2026-03-29 22:00:00 email/1 ended agent
        2026-10-24 22:00:00 email/2 queued mail
        2026-10-25 23:00:00 email/2 ended agent
        """,
        """
        2026-03-28 23:00:00 mail: offered; *: started offered
        2026-03-29 22:00:00 mail: flowed_out=other ended closed_unanswered resolution=23h; *: lost
        2026-10-24 22:00:00 mail: offered; *: started offered
        2026-10-25 23:00:00 mail: flowed_out=other ended closed_unanswered resolution=25h; *: lost
        """,
        "mail/- mail/-",
        hours={"mail": WHOLE_DAYS},
    ),
}
