"""What a customer's shard hears of an interaction once it has ended: by hand. Wrap-up cap: 30 minutes."""

from __future__ import annotations

from typing import Any

import pytest

from stream.core.rules import MINUTE, SECOND
from tests.core.by_hand import History, steps
from tests.core.test_interaction import digests

SAID: dict[str, tuple[str, dict[str, Any]]] = {
    "answered and resolved": (
        """
        10:00:00 queued support customer=c
        10:00:20 answered anna
        10:01:20 ended customer resolved=yes
        10:01:50 wrapped_up anna
        """,
        {"outcome": "answered", "queue": "support", "agent_id": "anna", "wait_ms": 20 * SECOND, "handled": 1,
         "handle_ms": 90 * SECOND, "served": True, "resolved": True},
    ),
    "abandoned": (
        """
        10:00:00 queued support customer=c
        10:00:30 abandoned
        """,
        {"outcome": "abandoned", "queue": "support", "wait_ms": 30 * SECOND},
    ),
    "left a queue by rule: it waited to its end": (
        """
        10:00:00 queued support customer=c
        10:00:30 flowed_out voicemail
        10:01:00 ended customer
        """,
        {"outcome": "flowed_out", "queue": "support", "wait_ms": MINUTE},
    ),
    "left a queue by rule for another one, and gave up there: it waited from the first one on": (
        """
        10:00:00 queued support customer=c
        10:00:30 flowed_out overflow
        10:00:31 queued sales
        10:01:00 abandoned
        """,
        {"outcome": "abandoned", "queue": "sales", "wait_ms": MINUTE},
    ),
    "a bot resolved it": (
        """
        10:00:00 started customer=c
        10:00:10 message bot
        10:00:30 ended bot resolved=yes
        """,
        {"outcome": "contained", "bot": True, "contained": True, "served": True, "resolved": True},
    ),
    "a bot ended it, and said nothing or no": (
        """
        10:00:00 started customer=c
        10:00:10 message bot
        10:00:30 ended bot
        """,
        {"outcome": "contained", "bot": True, "contained": True},
    ),
    "a bot ended it unresolved": (
        """
        10:00:00 started customer=c
        10:00:30 ended bot resolved=no
        """,
        {"outcome": "contained", "bot": True, "contained": True, "resolved": False},
    ),
    "the customer left a bot": (
        """
        10:00:00 started customer=c
        10:00:10 message bot
        10:00:30 ended customer
        """,
        {"outcome": "unanswered", "bot": True},
    ),
    "a bot ended it after an agent was on": (
        """
        10:00:00 started customer=c
        10:00:10 message bot
        10:00:20 answered anna
        10:00:30 ended bot resolved=yes
        """,
        {"outcome": "answered", "bot": True, "agent_id": "anna", "handled": 1, "handle_ms": 10 * SECOND,
         "served": True, "resolved": True},
    ),
    "nobody was there": (
        """
        10:00:00 started customer=c
        10:00:30 ended customer resolved=no
        """,
        {"outcome": "unanswered", "resolved": False},
    ),
    "passed on: both worked on it, the first answer ended the wait": (
        """
        10:00:00 queued support customer=c
        10:00:20 answered anna
        10:01:20 transferred anna to_queue=sales
        10:01:30 queued sales
        10:01:50 answered bert
        10:02:50 ended customer
        """,
        {"outcome": "answered", "queue": "sales", "agent_id": "bert", "wait_ms": 20 * SECOND, "handled": 2,
         "handle_ms": 2 * MINUTE, "transferred": 1, "served": True},
    ),
    "passed on to a queue where nobody came: an agent was on all the same": (
        """
        10:00:00 answered anna customer=c
        10:01:00 transferred anna to_queue=sales
        10:01:00 queued sales
        10:03:00 abandoned
        """,
        {"outcome": "answered", "queue": "sales", "agent_id": "anna", "wait_ms": 0, "handled": 1,
         "handle_ms": MINUTE, "transferred": 1, "served": True},
    ),
    "no queue, no wait": (
        """
        10:00:00 answered anna customer=c
        10:01:00 ended agent
        """,
        {"outcome": "answered", "agent_id": "anna", "handled": 1, "handle_ms": MINUTE, "served": True},
    ),
    "opened again, and answered only then": (
        """
        10:00:00 queued support customer=c
        10:00:30 abandoned
        10:10:00 reopened
        10:10:05 queued sales
        10:10:15 answered anna
        10:11:15 ended customer
        """,
        {"outcome": "answered", "queue": "sales", "agent_id": "anna", "wait_ms": 615 * SECOND, "handled": 1,
         "handle_ms": MINUTE, "served": True},
    ),
    "in the agent's hands at its first end: this work is not over, and not counted": (
        """
        10:00:00 queued support customer=c
        10:00:30 abandoned
        10:10:00 reopened
        10:10:15 answered anna
        """,
        {"outcome": "answered", "agent_id": "anna", "wait_ms": 615 * SECOND},
    ),
}  # fmt: skip
NOTHING = {"outcome": None, "queue": None, "agent_id": None, "wait_ms": None, "handled": 0, "handle_ms": 0,
           "transferred": 0, "served": False, "resolved": None, "bot": False, "contained": False}  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), SAID.values(), ids=SAID)
def test_a_digest_says_how_it_went(told: str, expected: dict[str, Any]) -> None:
    heard = [digest for digest, _ in digests(steps(History("phone", told, "")))]
    assert {name: getattr(heard[-1], name) for name in NOTHING} == NOTHING | expected
    before = [digest for digest in heard if not digest.ended_at]
    assert all({name: getattr(digest, name) for name in NOTHING} == NOTHING for digest in before)


def test_an_interaction_without_a_customer_says_nothing_until_one_is_known() -> None:
    told = "10:00:00 queued support\n10:00:30 abandoned\n10:01:00 updated customer=c\n10:02:00 updated customer=d"
    heard = [(digest.customer_id, digest.withdrawn) for digest, _ in digests(steps(History("phone", told, "")))]
    assert heard == [("c", False), ("c", True), ("d", False)]
