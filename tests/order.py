"""Where files run side by side: how many at once, and the longest first, so that all end together.

What a file takes is no law: one that is missing here, or has become short, makes the whole a little longer at worst.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

AT_MOST = 6
"""Processes: each may have a Kafka, a browser and workers of its own, a gigabyte in all."""

LONGEST = (
    "e2e/test_rebuild.py",
    "e2e/test_once.py",
    "e2e/test_once_again.py",
    "e2e/test_once_at_random.py",
    "cli/test_try.py",
    "e2e/test_acceptance.py",
    "e2e/test_kill.py",
    "e2e/test_pauses.py",
    "agents/test_worker.py",
    "e2e/test_subscribe.py",
    "e2e/test_bad_input.py",
    "e2e/test_sources.py",
    "cli/test_tail.py",
    "core/test_compiled.py",
    "serve/test_inbox_kafka.py",
    "serve/test_subscription.py",
    "serve/test_subscription_faults.py",
    "e2e/test_privacy.py",
    "cli/test_commands.py",
    "cli/test_chaos.py",
    "e2e/test_sources_rebuilt.py",
    "e2e/test_alerts_to_webhook.py",
    "e2e/test_prometheus.py",
    "cli/test_demo.py",
    "e2e/test_story.py",
    "serve/test_inbox.py",
    "serve/test_alerts_away.py",
    "e2e/test_million.py",
    "page/test_wall.py",
    "e2e/test_insights.py",
    "e2e/test_alerts.py",
    "e2e/test_mapped.py",
    "e2e/test_agents.py",
    "e2e/test_asterisk.py",
)
"""Twenty seconds and more."""


def processes() -> int:
    """One more than there are cores: most tests wait for other programs most of the time."""
    return min((os.cpu_count() or 1) + 1, AT_MOST)


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The same tests, those of one file still in their order."""
    places = {f"tests/{name}": place for place, name in enumerate(LONGEST)}
    return sorted(items, key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))
